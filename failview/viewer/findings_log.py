"""Logs what the detectors found: a lane of events per detector, and the raw arrays behind them as curves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import rerun as rr

from failview.model.detection import Detection, EpisodeFindings
from failview.model.episode import Episode
from failview.model.roles import Role
from failview.model.signals import Signal, Values
from failview.session.desk.event_words import DETECTOR_TITLES, hue_of, kind_words
from failview.viewer import entity_paths as paths
from failview.viewer.signal_log import MM_PER_M, log_curves
from failview.viewer.time_columns import frame_columns, num_rows, signal_columns

_NOTHING = ""
"""A state of a lane that leaves a gap."""

_GRASP_STATES = (
    ("open", paths.DARK),
    ("closing", paths.MUTED),
    ("holding", paths.TEAL),
    ("closed on nothing", paths.AMBER),
    ("lost", paths.RED),
    ("released", paths.BLUE),
)
"""Words and colours of the codes in "grasp.state", in their order."""


@dataclass(frozen=True)
class ArrayPlot:
    """How a raw array is drawn.

    Attributes:
        array: Its name, or what its name begins with.
        detector: Which detector gives it.
        title: Words above it.
        unit: Unit on the screen; empty where the array's name has to tell it.
        curve: Name of a single curve.
        factor: From the array's unit to that of the screen.
        needs: Sets of signals, one of which it needs whatever else the detector sees.
        needs_with_model: What is enough where there is a model of the robot.
        joints_of: Role whose columns name its columns; None when it has one.
    """

    array: str
    detector: str
    title: str
    unit: str
    curve: str
    factor: float = 1.0
    needs: tuple[frozenset[Role], ...] = (frozenset(),)
    needs_with_model: frozenset[Role] | None = None
    joints_of: Role | None = None


ARRAY_PLOTS: Mapping[str, ArrayPlot] = {
    "torque_residual": ArrayPlot(
        "collision.residual_nm",
        "collision",
        "Torque residual",
        "Nm",
        "residual",
        needs=(frozenset({Role.EXTERNAL_TORQUE}),),
        needs_with_model=frozenset({Role.JOINT_TORQUE, Role.JOINT_POSITION}),
        joints_of=Role.JOINT_TORQUE,
    ),
    "goal_distance": ArrayPlot(
        "task_success.distance_m",
        "task_success",
        "Object to goal",
        "mm",
        "distance",
        MM_PER_M,
        (frozenset({Role.OBJECT_POSITION, Role.GOAL_POSITION}),),
    ),
    "tracking_error": ArrayPlot("tracking.error_m", "tracking", "Behind command", "mm", "behind command", MM_PER_M),
    "jerk": ArrayPlot("smoothness.jerk_", "smoothness", "Jerk", "", "jerk"),
    "object_lean": ArrayPlot(
        "workspace.object_lean_deg",
        "workspace",
        "Object lean",
        "°",
        "lean",
        needs=(frozenset({Role.OBJECT_ORIENTATION}),),
    ),
}
"""View of a layout file → raw array that it draws."""

_TARED_FORCE, _STATE = "grasp.tared_force_n", "grasp.state"


def log_findings(stream: rr.RecordingStream, episode: Episode, findings: EpisodeFindings) -> None:
    """Log everything that the layouts show of what was found."""
    for detector in dict.fromkeys(event.detector for event in findings.detections):
        events = [event for event in findings.detections if event.detector == detector]
        _log_lane(stream, episode, detector, events)
    for view, plot in ARRAY_PLOTS.items():
        for name, values in findings.arrays.items():
            if name.startswith(plot.array):
                log_curves(stream, episode, paths.array_path(view), _signal(episode, findings, plot, name, values))
    tared = findings.arrays.get(_TARED_FORCE)
    if tared is not None and Role.GRIPPER_FORCE in episode.signals:
        signal = Signal(_TARED_FORCE, _columns(tared), "N", ("without its offset",), findings.array_times_ns)
        log_curves(stream, episode, paths.TARED_FORCE, signal, colors=[paths.MUTED])
    if (states := findings.arrays.get(_STATE)) is not None:
        _log_grasp_states(stream, episode, findings, states)


def lane_changes(events: Sequence[Detection], num_frames: int) -> dict[int, str]:
    """Kind of the event that a lane shows from each frame on where that changes; empty where there is none.

    Where events overlap the one that began last is seen, of several at once the surest.
    """
    borders = {0, *(event.start_frame for event in events), *(event.end_frame + 1 for event in events)}
    changes: dict[int, str] = {}
    shown = None
    for frame in sorted(border for border in borders if 0 <= border < num_frames):
        here = [event for event in events if event.start_frame <= frame <= event.end_frame]
        event = max(here, key=lambda item: (item.start_frame, item.confidence), default=None)
        if frame == 0 or event is not shown:
            changes[frame] = _NOTHING if event is None else event.kind
        shown = event
    return changes


def _log_lane(stream: rr.RecordingStream, episode: Episode, detector: str, events: Sequence[Detection]) -> None:
    path = paths.detector_lane(DETECTOR_TITLES.get(detector, detector))
    by_kind = {event.kind: event for event in events}
    colors = [paths.HUES[hue_of(event)] for event in by_kind.values()]
    labels = [kind_words(kind) for kind in by_kind]
    stream.log(path, rr.StateConfiguration(values=list(by_kind), labels=labels, colors=colors), static=True)
    changes = lane_changes(events, episode.num_frames)
    frames = np.fromiter(changes, dtype=np.int64)
    states = rr.StateChange.columns(state=list(changes.values()))
    stream.send_columns(path, frame_columns(episode.clock, frames), states)


def _log_grasp_states(stream: rr.RecordingStream, episode: Episode, findings: EpisodeFindings, states: Values) -> None:
    signal = Signal(_STATE, _columns(states), "", ("state",), findings.array_times_ns)
    codes = signal.values[: num_rows(episode.clock, signal), 0]
    if codes.size == 0:
        return
    words = [_word(code) for code in codes]
    changes = [row for row, word in enumerate(words) if row == 0 or word != words[row - 1]]
    values, colors = zip(*_GRASP_STATES, strict=True)
    stream.log(paths.GRASP_STATE_LANE, rr.StateConfiguration(values=values, colors=colors), static=True)
    columns = signal_columns(episode.clock, signal, np.asarray(changes, dtype=np.int64))
    stream.send_columns(paths.GRASP_STATE_LANE, columns, rr.StateChange.columns(state=[words[row] for row in changes]))


def _word(code: float) -> str:
    known = np.isfinite(code) and 0 <= int(code) < len(_GRASP_STATES)
    return _GRASP_STATES[int(code)][0] if known else _NOTHING


def _signal(episode: Episode, findings: EpisodeFindings, plot: ArrayPlot, name: str, values: Values) -> Signal:
    columns = _columns(values) * plot.factor
    labels = tuple(_labels(episode, plot, name, columns.shape[1]))
    return Signal(name, columns, plot.unit, labels, findings.array_times_ns)


def _labels(episode: Episode, plot: ArrayPlot, name: str, count: int) -> Iterable[str]:
    """Names of the joints where there is a column for each; the unit where the title does not say it."""
    named = None if plot.joints_of is None else episode.signals.get(plot.joints_of)
    if named is not None and len(named.labels) == count:
        return named.labels
    curve = plot.curve if plot.unit else f"{plot.curve} {name.removeprefix(plot.array).replace('_s3', '/s³')}"
    return (curve,) if count == 1 else (f"{curve} {number + 1}" for number in range(count))


def _columns(values: Values) -> Values:
    return np.asarray(values, dtype=np.float64).reshape(len(values), -1)
