"""Logs signals as curves and lanes."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import rerun as rr

from failview.model.episode import Episode
from failview.model.roles import ARBITRARY_UNIT, Role
from failview.model.signals import Signal
from failview.viewer import entity_paths as paths
from failview.viewer.time_columns import frame_columns, num_rows, signal_columns

MM_PER_M = 1000.0
"""Apertures are drawn in mm: Rerun puts hardly a tick on an axis from 0 to 0.08."""

_ALWAYS_IN_VIEW = {Role.GRIPPER_APERTURE: (0.0, 50.0), Role.GRIPPER_FORCE: (0.0, 5.0)}
"""Values in mm and N that an axis reaches at least, or a twitch of 0.1 mm would look like a grasp."""

_SHORT_NAMES = {Role.GRIPPER_APERTURE: "aperture", Role.GRIPPER_FORCE: "grip force"}
_PHASE_COLORS = (paths.DARK, paths.BLUE, paths.VIOLET, paths.TEAL, paths.AMBER, paths.GREEN)


def log_signal(stream: rr.RecordingStream, episode: Episode, role: Role) -> None:
    """Log the curves of one role; a wrench becomes two sets, force and torque."""
    signal = episode.signals[role]
    if role is Role.WRENCH:
        log_curves(stream, episode, paths.WRENCH_FORCE, _columns(signal, slice(0, 3)))
        if signal.values.shape[1] > 3:
            log_curves(stream, episode, paths.WRENCH_TORQUE, _columns(signal, slice(3, 6)))
        return
    if role is Role.GRIPPER_APERTURE and signal.unit == "m":
        signal = replace(signal, values=signal.values * MM_PER_M, unit="mm")
    if role in _SHORT_NAMES and signal.values.shape[1] == 1:
        signal = replace(signal, labels=(_SHORT_NAMES[role],))
    log_curves(stream, episode, paths.plot_path(role), signal)
    if role in _ALWAYS_IN_VIEW and signal.unit != ARBITRARY_UNIT:
        _log_anchors(stream, episode, f"{paths.plot_path(role)}/scale", _ALWAYS_IN_VIEW[role])


def log_other(stream: rr.RecordingStream, episode: Episode, name: str, signal: Signal) -> None:
    """Log the curves of a stream without a role."""
    log_curves(stream, episode, paths.other_path(name), signal)


def _log_anchors(stream: rr.RecordingStream, episode: Episode, path: str, values: tuple[float, ...]) -> None:
    """Invisible points that the axis of a plot must reach."""
    style = rr.SeriesLines(colors=[(0, 0, 0, 0)] * len(values), widths=[0.1] * len(values))
    stream.log(path, style, static=True)
    points = rr.Scalars.columns(scalars=np.array(values)).partition([len(values)])
    stream.send_columns(path, frame_columns(episode.clock, np.zeros(1, dtype=np.int64)), points)


def _columns(signal: Signal, columns: slice) -> Signal:
    return replace(signal, values=signal.values[:, columns], labels=signal.labels[columns])


def log_curves(
    stream: rr.RecordingStream,
    episode: Episode,
    path: str,
    signal: Signal,
    colors: Sequence[paths.Rgb] = paths.SERIES_COLORS,
) -> None:
    """One entity with a curve per column. NaN makes a gap."""
    count = signal.values.shape[1]
    style = rr.SeriesLines(
        names=list(signal.labels),
        colors=[colors[column % len(colors)] for column in range(count)],
        widths=[1.5] * count,
        aggregation_policy=rr.components.AggregationPolicy.MinMax,  # the average would hide how high a force peaked
    )
    stream.log(path, style, static=True)
    rows = np.ascontiguousarray(signal.values[: num_rows(episode.clock, signal)])
    if rows.size == 0:
        return
    scalars = rr.Scalars.columns(scalars=rows.ravel())
    if count > 1:
        scalars = scalars.partition(np.full(len(rows), count))
    stream.send_columns(path, signal_columns(episode.clock, signal), scalars)


def log_phase(stream: rr.RecordingStream, episode: Episode) -> None:
    """Log the recorded phase as a lane: a state at each change."""
    signal = episode.signals[Role.PHASE]
    codes = signal.values[: num_rows(episode.clock, signal), 0]
    if codes.size == 0:
        return
    words = [_phase_word(signal, code) for code in codes]
    changes = [row for row, word in enumerate(words) if row == 0 or word != words[row - 1]]
    known = list(dict.fromkeys(word for word in words if word))
    colors = [_PHASE_COLORS[index % len(_PHASE_COLORS)] for index in range(len(known))]
    stream.log(paths.PHASE_LANE, rr.StateConfiguration(values=known, colors=colors), static=True)
    columns = signal_columns(episode.clock, signal, np.asarray(changes, dtype=np.int64))
    stream.send_columns(paths.PHASE_LANE, columns, rr.StateChange.columns(state=[words[row] for row in changes]))


def _phase_word(signal: Signal, code: float) -> str:
    """The word of a phase code; empty (a gap in the lane) where the file has none."""
    if np.isnan(code):
        return ""
    index = int(code)
    return signal.text_values[index] if 0 <= index < len(signal.text_values) else f"{code:g}"
