"""Whether a recorded end effector and the one computed from the joints are the same point."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from failview.model.robot import Values

TOLERANCE_M = 0.005
"""Recorded and computed positions that are nearer are one point: the lag of a controller is smaller, a wrong frame is
farther off."""

_LONGEST_TOOL_M = 0.3
"""A point that stays this near in the axes of a hand belongs to a tool in it; farther away the base differs."""

_LEAST_PATH_M = 0.02
"""Standard deviation along the second direction of a path from which a turned base can be told."""


@dataclass(frozen=True)
class Agreement:
    """The result.

    Attributes:
        agrees: Both are the same point, or two points of one rigid body.
        frame: The frame of the model that fits best.
        warning: What to do about a difference; "" for none.
        base: Pose of the model's base with which both would be one, as a profile gives it; empty when none does.
    """

    agrees: bool
    frame: str
    warning: str = ""
    base: tuple[float, ...] = ()


def compare(recorded_m: Values, poses: Mapping[str, Values], frame: str, base_from_model: Values) -> Agreement:
    """Compare positions of the same moments.

    Args:
        recorded_m: (samples, 3) recorded end effector, m.
        poses: (samples, 7) computed positions in m and quaternions x y z w, per frame of the model.
        frame: The frame in use.
        base_from_model: (4, 4) base pose in use.
    """
    known = np.isfinite(recorded_m).all(axis=1) & np.isfinite(poses[frame]).all(axis=1)
    if known.sum() < 2:
        return Agreement(agrees=False, frame=frame)
    recorded = recorded_m[known]
    away_m = {name: _middle(recorded - pose[known, :3]) for name, pose in poses.items()}
    if away_m[frame] <= TOLERANCE_M:
        return Agreement(agrees=True, frame=frame)
    nearest = min(away_m, key=lambda name: away_m[name])
    differs = f"the recorded ee_position is {away_m[frame] * 1000:.0f} mm from frame {frame} of the robot model"
    if away_m[nearest] <= TOLERANCE_M:
        return Agreement(
            False, nearest, f'{differs}, but fits frame {nearest}: write ee_frame = "{nearest}" in [robot]'
        )
    tool_m = _in_axes(recorded - poses[frame][known, :3], poses[frame][known, 3:])
    step_m = np.median(tool_m, axis=0)
    if _widest(tool_m - step_m) <= TOLERANCE_M and np.linalg.norm(step_m) < _LONGEST_TOOL_M:
        where = f"always by [{_numbers(step_m)}] m in its own axes: a point of the tool without a frame in the model"
        return Agreement(True, frame, f"{differs}, {where}")
    base = _base(recorded, poses[frame][known, :3], base_from_model)
    if base:
        shown = _numbers(base)
        how = f"by a fixed offset: if its base stands elsewhere, write base = [{shown}] in [robot] of the profile"
        return Agreement(False, frame, f"{differs}, {how}", base)
    return Agreement(
        False, frame, f"{differs}, and not by a fixed offset: model, joint order, unit or ee_frame do not fit"
    )


def _middle(differences_m: Values) -> float:
    return float(np.median(np.linalg.norm(differences_m, axis=1)))


def _base(recorded: Values, computed: Values, base_from_model: Values) -> tuple[float, ...]:
    """The base pose that makes both one, for the profile; empty when no fixed one does."""
    step = np.median(recorded - computed, axis=0)
    if _widest(recorded - computed - step) <= TOLERANCE_M:
        return _pose(base_from_model[:3, 3] + step, base_from_model[:3, :3])
    middle_r, middle_c = recorded.mean(axis=0), computed.mean(axis=0)
    left, strength, right = np.linalg.svd((computed - middle_c).T @ (recorded - middle_r))
    if np.sqrt(strength[1] / len(recorded)) < _LEAST_PATH_M:
        return ()
    # Kabsch: the rotation that fits best, kept from being a reflection
    turn = right.T @ np.diag([1, 1, np.sign(np.linalg.det(right.T @ left.T))]) @ left.T
    shift = middle_r - turn @ middle_c
    if _widest(recorded - computed @ turn.T - shift) > TOLERANCE_M:
        return ()
    return _pose(turn @ base_from_model[:3, 3] + shift, turn @ base_from_model[:3, :3])


def _widest(differences_m: Values) -> float:
    return float(np.percentile(np.linalg.norm(differences_m, axis=1), 90))


def _in_axes(vectors: Values, orientations_xyzw: Values) -> Values:
    """(samples, 3) vectors as seen from turned axes."""
    back, scalar = -orientations_xyzw[:, :3], orientations_xyzw[:, 3:]
    return np.asarray(vectors + 2 * np.cross(back, np.cross(back, vectors) + scalar * vectors))


def _pose(position_m: Values, turn: Values) -> tuple[float, ...]:
    """Three numbers, and four more where the base is turned."""
    turned = () if np.allclose(turn, np.eye(3), atol=1e-6) else _quaternion(turn)
    return tuple(map(float, (*position_m, *turned)))


def _numbers(values: Iterable[float]) -> str:
    return ", ".join(f"{round(float(value), 4) + 0.0:g}" for value in values)


def _quaternion(turn: Values) -> Values:
    """Quaternion x y z w: Bar-Itzhack's eigenvector, good for every rotation."""
    (a, b, c), (d, e, f), (g, h, i) = turn
    matrix = np.array(
        [
            [a - e - i, d + b, g + c, h - f],
            [d + b, e - a - i, h + f, c - g],
            [g + c, h + f, i - a - e, d - b],
            [h - f, c - g, d - b, a + e + i],
        ]
    )
    largest = np.linalg.eigh(matrix)[1][:, -1]
    return np.asarray(largest if largest[3] >= 0 else -largest)
