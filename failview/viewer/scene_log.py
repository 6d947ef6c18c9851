"""Logs the 3D scene: executed and commanded trails, the current pose, object and goal."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import rerun as rr

from failview.model.episode import Episode
from failview.model.roles import Role
from failview.model.signals import Signal, Values
from failview.viewer import entity_paths as paths
from failview.viewer.time_columns import num_rows, signal_columns

MAX_TRAIL_POINTS = 1500
"""More cannot be told apart on a screen."""

_TRAIL_START = np.array([58, 82, 139])
_TRAIL_MIDDLE = np.array(paths.TEAL)
_TRAIL_END = np.array([253, 231, 76])

_POINT_SHARE = 0.012
_AXIS_SHARE = 0.09
_SMALLEST_SPAN_M = 0.05

_VIEW_FROM = np.array([0.78, -0.42, 0.46])
"""Unit vector: before the robot, a little to its right, from above, when the robot looks along x."""

_VIEW_DISTANCE = 1.15
"""In spans; fits a sphere of that diameter into Rerun's field of view (55° high)."""


_EYE_FRAMES = 5
_ROBOT_SPAN = 2.5
"""Spans of the trail that a robot may take on the screen; a larger one is not shown in whole."""


def has_scene(episode: Episode) -> bool:
    """Whether there is an end effector to show in 3D."""
    signal = episode.signals.get(Role.EE_POSITION)
    return signal is not None and bool(np.any(np.isfinite(signal.values).all(axis=1)))


@dataclass(frozen=True)
class Eye:
    """A viewpoint, in m.

    Attributes:
        position_m: Where the eye is.
        target_m: Middle of what it looks at.
        span_m: Size of what it looks at.
    """

    position_m: tuple[float, float, float]
    target_m: tuple[float, float, float]
    span_m: float


def eye_for(episode: Episode, earlier: Eye | None) -> Eye | None:
    """A viewpoint that sees the whole scene; the earlier one while it still does. None without a scene.

    Rerun's own choice cuts off what lies near the eye, often the goal.
    """
    if not has_scene(episode):
        return earlier
    points_m = np.concatenate([episode.signals[role].values for role in paths.SCENE_ROLES if role in episode.signals])
    points_m = _with_robot(points_m, episode)
    points_m = points_m[np.isfinite(points_m).all(axis=1)]
    span_m, middle_m = _span(points_m), (points_m.min(axis=0) + points_m.max(axis=0)) / 2
    if earlier is not None:
        away_m = float(np.linalg.norm(middle_m - np.array(earlier.target_m)))
        if away_m < earlier.span_m / 4 and earlier.span_m / 2 < span_m < earlier.span_m * 1.2:
            return earlier
    eye_m = middle_m + _VIEW_FROM * (_VIEW_DISTANCE * span_m)
    return Eye(_rounded(eye_m), _rounded(middle_m), round(span_m, 3))


def _with_robot(points_m: Values, episode: Episode) -> Values:
    """The points, and the robot's links unless these would make the rest small."""
    if episode.robot is None:
        return points_m
    frames = np.unique(np.linspace(0, episode.num_frames - 1, _EYE_FRAMES).astype(np.int64))
    both_m = np.concatenate([points_m, episode.robot.link_poses(frames).positions_m.reshape(-1, 3)])
    return both_m if _span(both_m) <= _ROBOT_SPAN * _span(points_m) else points_m


def _rounded(point_m: Values) -> tuple[float, float, float]:
    x, y, z = (round(float(value), 3) for value in point_m)
    return x, y, z


def log_scene(stream: rr.RecordingStream, episode: Episode) -> None:
    """Log everything that has a place in space."""
    ee = episode.signals[Role.EE_POSITION]
    span_m = _span(_with_robot(ee.values, episode))
    stream.log(paths.SCENE, rr.ViewCoordinates.RIGHT_HAND_Z_UP, static=True)
    _log_trail(stream, ee.values)
    if Role.EE_COMMAND in episode.signals:
        _log_command(stream, episode.signals[Role.EE_COMMAND].values)
    _log_pose(stream, episode, span_m)
    radius_m = span_m * _POINT_SHARE
    for role, path, color, label in (
        (Role.OBJECT_POSITION, paths.OBJECT, paths.AMBER, "object"),
        (Role.GOAL_POSITION, paths.GOAL, paths.GREEN, "goal"),
    ):
        if role in episode.signals:
            style = rr.Points3D.from_fields(colors=[color], radii=[radius_m * 1.6], labels=[label], show_labels=True)
            stream.log(path, style, static=True)
            _log_points(stream, episode, episode.signals[role], path)


def _span(points_m: Values) -> float:
    """Diagonal of the box around the points, in m."""
    finite = points_m[np.isfinite(points_m).all(axis=1)]
    return max(_SMALLEST_SPAN_M, float(np.linalg.norm(finite.max(axis=0) - finite.min(axis=0))))


def _thinned(points_m: Values) -> Values:
    step = max(1, -(-len(points_m) // MAX_TRAIL_POINTS))
    rows = np.unique(np.append(np.arange(0, len(points_m), step), len(points_m) - 1))
    return np.asarray(points_m[rows])


def _segments(points_m: Values) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """(segments, 2, 3) pieces between neighbouring finite points, and the number of the point each one starts at."""
    finite = np.asarray(np.isfinite(points_m).all(axis=1))
    starts = np.flatnonzero(np.logical_and(finite[:-1], finite[1:]))
    return np.stack([points_m[starts], points_m[starts + 1]], axis=1), starts


def _log_trail(stream: rr.RecordingStream, points_m: Values) -> None:
    """The executed trail, dark blue at the start to yellow at the end."""
    points = _thinned(points_m)
    if len(points) < 2:
        return
    pieces, starts = _segments(points)
    share = (starts / max(1, len(points) - 2))[:, None]
    early = _TRAIL_START + (_TRAIL_MIDDLE - _TRAIL_START) * np.clip(share * 2, 0, 1)
    colors = early + (_TRAIL_END - _TRAIL_MIDDLE) * np.clip(share * 2 - 1, 0, 1)
    strips = rr.LineStrips3D(pieces.astype(np.float32), colors=colors.astype(np.uint8), radii=rr.Radius.ui_points(2.0))
    stream.log(paths.EE_TRAIL, strips, static=True)


def _log_command(stream: rr.RecordingStream, points_m: Values) -> None:
    """The commanded trail, in grey."""
    pieces, _ = _segments(_thinned(points_m))
    strips = rr.LineStrips3D(pieces.astype(np.float32), colors=[paths.MUTED], radii=rr.Radius.ui_points(1.0))
    stream.log(paths.COMMAND_TRAIL, strips, static=True)


def _log_pose(stream: rr.RecordingStream, episode: Episode, span_m: float) -> None:
    """The current pose: a point, and three axes where the orientation is known."""
    ee = episode.signals[Role.EE_POSITION]
    style = rr.Points3D.from_fields(colors=[(255, 255, 255)], radii=[span_m * _POINT_SHARE])
    stream.log(paths.EE, style, static=True)
    _log_points(stream, episode, ee, paths.EE)
    turn = episode.signals.get(Role.EE_ORIENTATION)
    if turn is None or turn.num_samples != ee.num_samples:
        return
    good = np.logical_and(_finite_rows(episode, ee), _finite_rows(episode, turn))
    rows = np.flatnonzero(good)
    if rows.size == 0:
        return
    poses = rr.Transform3D.columns(translation=ee.values[rows], quaternion=turn.values[rows])
    axes_path = f"{paths.EE}/axes"
    stream.log(axes_path, rr.TransformAxes3D(span_m * _AXIS_SHARE), static=True)
    stream.send_columns(axes_path, signal_columns(episode.clock, ee, rows), poses)


def _finite_rows(episode: Episode, signal: Signal) -> npt.NDArray[np.bool_]:
    return np.asarray(np.isfinite(signal.values[: num_rows(episode.clock, signal)]).all(axis=1))


def _log_points(stream: rr.RecordingStream, episode: Episode, signal: Signal, path: str) -> None:
    """One point that moves. It is gone where the file has no position."""
    finite = _finite_rows(episode, signal)
    if not finite.any():
        return
    counts = finite.astype(np.int64)
    points = rr.Points3D.columns(positions=signal.values[: len(finite)][finite]).partition(counts)
    stream.send_columns(path, signal_columns(episode.clock, signal), points)
