"""What training code gets: an episode, or a window of one, as arrays."""

from typing import Literal, TypedDict

import numpy as np
import numpy.typing as npt

from failview.errors import DatasetError
from failview.model.annotation import Annotation, Outcome
from failview.model.episode import Episode
from failview.model.frame_phases import onset_flags
from failview.model.frame_values import values_at_frames
from failview.model.signals import Signal
from failview.proposals.labelled_dataset import LabelledEpisode

Filter = Literal["success_only", "failure_only", "all", "with_recovery"]

Floats = npt.NDArray[np.float32]


class Trajectory(TypedDict):
    """Consecutive frames of one episode; k of them, or all.

    Attributes:
        episode_id: The episode.
        frames: (k,) their indices in the episode.
        signals: (k, columns) float32 by role or stream, in SI units where it has a role; NaN where there is no sample.
        detectors: (k, columns) float32 raw arrays of the detectors by name with unit; NaN where there is none.
        failure_phase: (k,) uint8 codes: positions in `PHASES`, 0 without a label.
        is_failure_onset: (k,) true at the onset alone.
        pictures: (k, height, width, 3) uint8 RGB by camera.
        outcome: "success", "partial_success" or "failure"; "" without a label.
        failure_category: Id of the taxonomy; "" for none.
        failure_subcategory: Id of the taxonomy; "" for none.
    """

    episode_id: str
    frames: npt.NDArray[np.int64]
    signals: dict[str, Floats]
    detectors: dict[str, Floats]
    failure_phase: npt.NDArray[np.uint8]
    is_failure_onset: npt.NDArray[np.bool_]
    pictures: dict[str, npt.NDArray[np.uint8]]
    outcome: str
    failure_category: str
    failure_subcategory: str


def passes(label: Annotation | None, wanted: Filter) -> bool:
    """Whether an episode with this label is wanted.

    `with_recovery` are episodes in which a recovery was attempted, whatever came of it; `all` are all, labelled or not.
    """
    if wanted == "all":
        return True
    if label is None:
        return False
    if wanted == "with_recovery":
        return label.recovery_attempted is True
    return label.outcome is (Outcome.SUCCESS if wanted == "success_only" else Outcome.FAILURE)


def all_signals(episode: Episode) -> dict[str, Signal]:
    """Signals by role, then those without one by stream."""
    return {role.value: signal for role, signal in episode.signals.items()} | dict(episode.other_signals)


def numbers_of(labelled: LabelledEpisode, signals: tuple[str, ...], detectors: dict[str, int]) -> Trajectory:
    """A whole episode, without pictures.

    Args:
        labelled: The episode.
        signals: Names of the signals to take.
        detectors: Width of each array to take, by name.

    Raises:
        DatasetError: It lacks a signal.
    """
    episode, label = labelled.episode, labelled.annotation or Annotation()
    found = all_signals(episode)
    missing = [name for name in signals if name not in found]
    if missing:
        hint = f"Name signals that all have (signals=…); it has {', '.join(found)}"
        raise DatasetError(f"has no signal {missing[0]}", where=episode.episode_id, hint=hint)
    return Trajectory(
        episode_id=episode.episode_id,
        frames=np.arange(episode.num_frames),
        signals={name: _at_frames(found[name], episode) for name in signals},
        detectors={name: _array_at_frames(labelled, name, width) for name, width in detectors.items()},
        failure_phase=labelled.phases,
        is_failure_onset=onset_flags(labelled.annotation, episode.num_frames),
        pictures={},
        outcome=label.outcome.value if label.outcome is not None else "",
        failure_category=label.failure_category or "",
        failure_subcategory=label.failure_subcategory or "",
    )


def cut(whole: Trajectory, start: int, stop: int) -> Trajectory:
    """Frames start to stop - 1 of an episode, as copies that nobody else holds."""
    return Trajectory(
        episode_id=whole["episode_id"],
        frames=whole["frames"][start:stop].copy(),
        signals={name: values[start:stop].copy() for name, values in whole["signals"].items()},
        detectors={name: values[start:stop].copy() for name, values in whole["detectors"].items()},
        failure_phase=whole["failure_phase"][start:stop].copy(),
        is_failure_onset=whole["is_failure_onset"][start:stop].copy(),
        pictures={},
        outcome=whole["outcome"],
        failure_category=whole["failure_category"],
        failure_subcategory=whole["failure_subcategory"],
    )


def size_of(whole: Trajectory) -> int:
    """Bytes of its arrays."""
    arrays = [*whole["signals"].values(), *whole["detectors"].values()]
    return sum(values.nbytes for values in arrays) + whole["frames"].nbytes + 2 * len(whole["frames"])


def _at_frames(signal: Signal, episode: Episode) -> Floats:
    return values_at_frames(signal.values, signal.times_ns, episode.clock).astype(np.float32)


def _array_at_frames(labelled: LabelledEpisode, name: str, width: int) -> Floats:
    findings, episode = labelled.findings, labelled.episode
    if findings is None or name not in findings.arrays:
        return np.full((episode.num_frames, width), np.nan, dtype=np.float32)
    return values_at_frames(findings.arrays[name], findings.array_times_ns, episode.clock).astype(np.float32)
