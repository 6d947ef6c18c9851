"""What the signals of one episode say, asked frame by frame."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from failview.detectors.grasping.grasp_story import GraspState
from failview.detectors.task_success.verdict import Way
from failview.model.detection import Detection, EpisodeFindings
from failview.model.episode import Episode
from failview.model.roles import ARBITRARY_UNIT, Role
from failview.model.signals import Values
from failview.model.taxonomy import Taxonomy
from failview.settings.thresholds import DetectorSettings

STATE, GRIP_FORCE, DISTANCE = "grasp.state", "grasp.tared_force_n", "task_success.distance_m"
RESIDUAL, WRIST = "collision.residual_nm", "collision.wrist_n"
TRACKING, LEAN = "tracking.error_m", "workspace.object_lean_deg"


@dataclass(frozen=True)
class Peak:
    """A largest value and the frame where it is reached."""

    value: float
    frame: int


@dataclass(frozen=True)
class Span:
    """Frames from the first to the last, inclusive."""

    first: int
    last: int


@dataclass(frozen=True, eq=False)
class Yardstick:
    """What labels are measured by.

    Attributes:
        settings: Thresholds in force.
        taxonomy: Which events bear on which subcategory.
    """

    settings: DetectorSettings
    taxonomy: Taxonomy


class SignalEvidence:
    """Answers questions about signals. What needs the episode itself reads it once, when first asked.

    Args:
        findings: What the detectors found, with raw arrays.
        yardstick: What labels are measured by.
        num_frames: Frames of the episode.
        rate_hz: Frames per second; a nominal pace where nothing tells it.
        read_episode: Reads the episode; None where it cannot be read.
    """

    def __init__(
        self,
        findings: EpisodeFindings,
        yardstick: Yardstick,
        num_frames: int,
        rate_hz: float,
        read_episode: Callable[[], Episode | None],
    ) -> None:
        self.findings = findings
        self.settings = yardstick.settings
        self.taxonomy = yardstick.taxonomy
        self.num_frames = num_frames
        self.rate_hz = rate_hz
        self._read_episode = read_episode

    @cached_property
    def episode(self) -> Episode | None:
        """The episode; None where it cannot be read."""
        return self._read_episode()

    def around(self, frame: int | None) -> Span:
        """The frames that belong to a moment; the whole episode where it is not known."""
        if frame is None:
            return Span(0, self.num_frames - 1)
        near = round(self.settings["label.near_s"] * self.rate_hz)
        return Span(max(0, frame - near), min(self.num_frames - 1, frame + near))

    def events(self, *kinds: str, within: Span | None = None) -> list[Detection]:
        """Events of some kinds, those that touch a span where one is given."""
        found = [item for item in self.findings.detections if item.kind in kinds]
        if within is not None:
            found = [item for item in found if item.start_frame <= within.last and item.end_frame >= within.first]
        return found

    def why_not(self, detector: str, needed: str) -> str:
        """Why a signal that a detector would have worked out is not there."""
        return self.findings.not_judged.get(detector) or f"{needed} is not recorded"

    def peak(self, name: str, within: Span | None = None) -> Peak | None:
        """Largest magnitude of an array in a span, over all its columns; None where it is not there."""
        values, frames = self._magnitudes(name), self._frames_of_rows
        if values is None or frames is None or len(values) != len(frames):
            return None
        if within is not None:
            chosen = (frames >= within.first) & (frames <= within.last)
            values, frames = values[chosen], frames[chosen]
        if not np.isfinite(values).any():
            return None
        row = int(np.nanargmax(values))
        return Peak(float(values[row]), int(frames[row]))

    @cached_property
    def holds(self) -> tuple[Span, ...] | None:
        """Stretches in which something was held; None where the gripper tells nothing."""
        return self._stretches(GraspState.HOLDING)

    @cached_property
    def empty_grips(self) -> tuple[Span, ...] | None:
        """Stretches in which the gripper was closed on nothing; None where it tells nothing."""
        return self._stretches(GraspState.EMPTY)

    @cached_property
    def goal_distance(self) -> Values | None:
        """(frames,) from the object to the goal, m, NaN where unknown; None where these poses do not tell of success.

        The detector that knows the whole dataset decides whether they do.
        """
        told = any(item.measures.get("way") == Way.GOAL_POSE for item in self.findings.detections)
        values, frames = self._magnitudes(DISTANCE), self._frames_of_rows
        if not told or values is None or frames is None or len(values) != len(frames):
            return None
        first_rows = np.searchsorted(frames, np.arange(self.num_frames))
        return np.asarray(values[np.minimum(first_rows, len(values) - 1)])

    @cached_property
    def end_distance(self) -> Peak | None:
        """Distance between object and goal where it is known last, m."""
        distance = self.goal_distance
        known = np.zeros(0) if distance is None else np.flatnonzero(np.isfinite(distance))
        if distance is None or not known.size:
            return None
        return Peak(float(distance[known[-1]]), int(known[-1]))

    def per_frame(self, role: Role) -> Values | None:
        """(frames, columns) of a signal in SI units; None where it is not recorded, or its scale is unknown."""
        episode = self.episode
        signal = None if episode is None else episode.signals.get(role)
        if episode is None or signal is None or signal.unit == ARBITRARY_UNIT or not signal.num_samples:
            return None
        assignment = episode.assignments.get(role)
        if assignment is not None and assignment.dead:
            return None
        if signal.times_ns is None or episode.clock.times_ns is None:
            rows = np.arange(episode.num_frames)
        else:
            rows = np.searchsorted(signal.times_ns, episode.clock.times_ns, side="right") - 1
        return np.asarray(signal.values[np.clip(rows, 0, signal.num_samples - 1)])

    def _magnitudes(self, name: str) -> Values | None:
        values = self.findings.arrays.get(name)
        if values is None or not values.size:
            return None
        sizes = np.abs(values)
        return np.asarray(sizes if sizes.ndim == 1 else np.max(sizes, axis=1))

    @cached_property
    def _frames_of_rows(self) -> npt.NDArray[np.int64] | None:
        """Frame at or after each row of the arrays; None where only the episode's clock could tell."""
        times_ns = self.findings.array_times_ns
        if times_ns is None:
            return np.arange(self.num_frames, dtype=np.int64)
        episode = self.episode
        if episode is None or episode.clock.times_ns is None:
            return None
        found = np.searchsorted(episode.clock.times_ns, times_ns - 1000)
        return np.asarray(np.minimum(found, self.num_frames - 1), dtype=np.int64)

    def _stretches(self, state: GraspState) -> tuple[Span, ...] | None:
        values, frames = self.findings.arrays.get(STATE), self._frames_of_rows
        if values is None or frames is None or len(values) != len(frames):
            return None
        inside = np.concatenate([[False], np.round(values) == state.value, [False]])
        edges = np.flatnonzero(inside[1:] != inside[:-1])
        return tuple(
            Span(int(frames[first]), int(frames[stop - 1])) for first, stop in zip(edges[::2], edges[1::2], strict=True)
        )


def touches(spans: Iterable[Span], other: Span) -> bool:
    """Whether any of the spans shares a frame with another one."""
    return any(span.first <= other.last and span.last >= other.first for span in spans)
