"""Unstable grasps where no pose tells: a weight whose moment the fingertips cannot hold.

Two flat fingertips resist a turn about the line between them by friction alone: a pad of radius R under the grip force
F holds 2/3 mu F R (uniform pressure), two of them 4/3 mu F R. With mu = 0.6 (rubber on plastics and wood: 0.5 to 0.7)
and R = 8 mm (the pads of parallel grippers are 15 to 22 mm wide) that is F times 6.5 mm. An object gripped away
from its middle pulls with its weight times that distance; the wrist's torque sensor shows the moment when the object
leaves its support. A moment larger than the pads can hold has turned the object, or is about to.
"""

import numpy as np

from failview.detectors.conditioning.conditioned import ConditionedEpisode, Flags
from failview.detectors.conditioning.medians import column_medians, median
from failview.detectors.confidence import from_ratio
from failview.detectors.detector import Case
from failview.detectors.grasping.turning import UNSTABLE
from failview.model.detection import Detection
from failview.model.roles import Role
from failview.model.signals import Values

_TARED_OVER_S = 0.3
"""Before the fingers close: gripper and hand alone pull on the sensor."""

_SEEN_OVER_S = 0.5
"""After the lift-off: long enough to average the lift's acceleration out."""

_LIFTED_M = 0.02
_SAME_TILT_DEG = 5.0
"""While the hand leans as it did when it was tared, its own weight cancels out."""

_MOST_ARM = 5.0
"""A moment so many times beyond the limit is no weight: the hand touches something else."""

_SWUNG = 0.75
_SHARPNESS = 4.0
_MOST = 0.75


def turning_moment(case: Case, number: int) -> Detection | None:
    """The unstable grasp that the wrist shows; None where it does not, or cannot."""
    attempt, conditioned, force = case.story.attempts[number], case.conditioned, case.story.force
    wrench, hand = conditioned.get(Role.WRENCH), conditioned.get(Role.EE_POSITION)
    if attempt.hold_row is None or force is None or hand is None:
        return None
    if wrench is None or wrench.shape[1] < 6:
        return None
    clock = conditioned.clock
    before = slice(max(0, attempt.close_row - clock.rows(_TARED_OVER_S)), max(1, attempt.close_row))
    high = np.flatnonzero(hand[attempt.hold_row : attempt.end_row, 2] > hand[attempt.hold_row, 2] + _LIFTED_M)
    if not high.size:
        return None
    lifted = attempt.hold_row + int(high[0])
    rows = np.arange(lifted, min(lifted + clock.rows(_SEEN_OVER_S), attempt.end_row))
    rows = rows[_leans_alike(conditioned, before.start)[rows]]
    if rows.size < clock.rows(0.2) or not attempt.hold_force_n > 0.0:
        return None
    arm_m = _moment_nm(wrench, before, rows) / attempt.hold_force_n
    limit_m = case.settings["grasp.turning_arm_m"]
    if not limit_m < arm_m < _MOST_ARM * limit_m:
        return None
    onset = clock.frame_from(_begin(wrench, before, rows, attempt.end_row))
    return Detection(
        "grasp",
        UNSTABLE,
        onset,
        max(onset, clock.frame_from(int(rows[-1]))),
        from_ratio(arm_m, limit_m, sharpness=_SHARPNESS, most=_MOST),
        f"the object's weight turns with {arm_m * attempt.hold_force_n * 1e3:.0f} mNm about the fingers, which hold "
        f"about {limit_m * attempt.hold_force_n * 1e3:.0f} mNm at {attempt.hold_force_n:.1f} N",
        obvious_frame=max(onset, clock.frame_from(int(rows[-1]))),
        measures={"attempt": float(number), "arm_m": arm_m},
    )


def _moment_nm(wrench: Values, before: slice, rows: np.ndarray) -> float:
    """Moment across the sensor's axis that the object added, Nm."""
    added = column_medians(wrench[rows, 3:5]) - column_medians(wrench[before, 3:5])
    return float(np.linalg.norm(added))


def _begin(wrench: Values, before: slice, rows: np.ndarray, end_row: int) -> int:
    """First row of the turn: a weight that swings down below the fingers loses its arm, and the moment falls."""
    rest = column_medians(wrench[before, 3:5])
    moment = np.linalg.norm(wrench[rows[0] : end_row, 3:5] - rest, axis=1)
    usual = median(moment[: len(rows)])
    falls = np.flatnonzero(moment < _SWUNG * usual)
    return int(rows[0]) + (int(falls[0]) if falls.size else 0)


def _leans_alike(conditioned: ConditionedEpisode, row: int) -> Flags:
    """(rows,) True while the hand leans as it did at a row; all True where its orientation is not recorded."""
    hand = conditioned.hand_rotations
    if hand is None:
        return np.ones(conditioned.rows, dtype=np.bool_)
    down = hand.inv().apply(np.array([0.0, 0.0, -1.0]))
    return np.asarray(down @ down[row] > np.cos(np.radians(_SAME_TILT_DEG)))
