"""Slips and drops: what was held got out of the hand."""

import math

import numpy as np

from failview.detectors.confidence import from_margin
from failview.detectors.detector import Case
from failview.detectors.grasping.grasp_story import GraspEnd
from failview.detectors.grasping.object_in_hand import ObjectPoses
from failview.model.detection import Detection
from failview.model.roles import Role
from failview.model.signals import Values

SLIP, DROP = "grasp.slip", "grasp.drop"

_SLIDE_M_S = 0.005
"""Speed in the hand above which an object slides: an inspector sees 5 mm in a second."""

_SLIDE_S = 0.1
"""Before the contact ends, where no pose tells: an object of 4 cm falls out of the fingers in 0.06 to 0.1 s."""

_SEEN_FALLING_S = 0.1
"""The taxonomy's rule for a drop: the gap is seen a tenth of a second after the fingers lost it."""

_FALL_S = 0.5
"""Within this time what was let go has landed: a fall from 1 m takes 0.45 s."""

_BY_HAND = 0.9
_AT_REST = 0.45
"""A hand that stops, opens high up and leaves may have set something down on a higher support, or something long."""

_MOVES_M_S = 0.03
"""A hand that places something is slower when it opens."""

_HEIGHT_SPREAD_M = 0.01
"""How far two supports on a table differ, and a hand's height at grasp and release with them."""


def loss(case: Case, poses: ObjectPoses | None, number: int) -> Detection | None:
    """The slip or drop by which an attempt ended; None when it was set down, or is still held."""
    attempt = case.story.attempts[number]
    if attempt.hold_row is None or attempt.end is GraspEnd.HELD:
        return None
    height_m, by_pose = _height_above_support(case, poses, attempt.hold_row, attempt.end_row)
    lost = attempt.end is GraspEnd.LOST
    if not lost and not math.isfinite(height_m):
        return None
    limit_m = case.settings["grasp.drop_height_m"]
    aloft = from_margin(height_m, limit_m, 0.3 * _HEIGHT_SPREAD_M if by_pose else _HEIGHT_SPREAD_M)
    if not by_pose:
        aloft *= _BY_HAND if _hand_moves(case, attempt.end_row) else _AT_REST
    if not lost and aloft < 0.5:
        return None
    if lost and _set_down(case, poses, attempt.hold_row, attempt.end_row, height_m):
        return None
    return _detection(case, poses, number, height_m, aloft if not lost else max(aloft, 0.9))


def _detection(case: Case, poses: ObjectPoses | None, number: int, height_m: float, confidence: float) -> Detection:
    story, clock = case.story, case.conditioned.clock
    attempt = story.attempts[number]
    assert attempt.hold_row is not None
    lost = attempt.end_row
    onset = max(attempt.hold_row, lost - clock.rows(_SLIDE_S)) if attempt.end is GraspEnd.LOST else lost
    if poses is not None:
        onset = poses.slide_start(lost, attempt.hold_row, clock.rate_hz, _SLIDE_M_S)
    carried_m = _carried(case, attempt.hold_row, onset)
    dropped = carried_m > case.settings["grasp.carried_m"]
    measures = {"attempt": float(number), "carried_m": carried_m, "lost_frame": float(clock.frame_from(lost))}
    if math.isfinite(height_m):
        measures["height_m"] = height_m
    obvious = min(lost + (clock.rows(_SEEN_FALLING_S) if dropped else 0), case.conditioned.rows - 1)
    return Detection(
        "grasp",
        DROP if dropped else SLIP,
        clock.frame_from(onset),
        clock.frame_from(lost),
        min(confidence, attempt.confidence),
        _evidence(case, number, height_m, carried_m),
        obvious_frame=clock.frame_from(obvious),
        measures=measures,
    )


def _evidence(case: Case, number: int, height_m: float, carried_m: float) -> str:
    story, clock = case.story, case.conditioned.clock
    attempt = story.attempts[number]
    assert attempt.hold_row is not None
    words = [f"held from frame {clock.frame_from(attempt.hold_row)}"]
    lost = clock.frame_from(attempt.end_row)
    if story.force is not None:
        peak_row = attempt.hold_row + int(np.argmax(story.force.force_n[attempt.hold_row : attempt.end_row + 1]))
        peak_n = float(story.force.force_n[peak_row])
        words.append(f"force peaked at {peak_n:.1f} N at frame {clock.frame_from(peak_row)}, gone by {lost}")
    if story.aperture_m is not None:
        after = min(attempt.end_row + clock.rows(0.5), len(story.aperture_m) - 1)
        words.append(
            f"aperture {attempt.hold_aperture_m * 1e3:.0f} mm, then {max(story.aperture_m[after], 0.0) * 1e3:.0f} mm"
        )
    told = {True: "opening was commanded", False: "opening was not commanded"}.get(bool(attempt.commanded_end))
    if attempt.commanded_end is not None and told:
        words.append(told)
    if math.isfinite(height_m):
        words.append(f"{height_m * 1e2:.1f} cm above its support, {carried_m * 1e2:.0f} cm from where it was gripped")
    return "; ".join(words)


def _height_above_support(case: Case, poses: ObjectPoses | None, hold_row: int, end_row: int) -> tuple[float, bool]:
    """(height at the end of the hold above where it lands or was gripped, m; whether the object's pose tells it)."""
    rows = case.conditioned.rows
    if poses is not None:
        height = poses.position_m[:, 2]
        after = min(end_row + case.conditioned.clock.rows(_FALL_S), rows - 1)
        fall_m = float(height[end_row] - height[end_row : after + 1].min())
        risen_m = float(height[end_row] - height[hold_row])
        # an object that topples lowers its middle without having been in the air
        return min(fall_m, max(risen_m, 0.0)) if _toppled(poses, end_row, after) else fall_m, True
    hand = case.conditioned.get(Role.EE_POSITION)
    if hand is None:
        return float("nan"), False
    return float(hand[end_row, 2] - hand[hold_row, 2]), False


def _toppled(poses: ObjectPoses, before: int, after: int) -> bool:
    if poses.orientation is None:
        return False
    turned = poses.orientation[before].inv() * poses.orientation[after]
    return bool(np.degrees(turned.magnitude()) > 30.0)


def _set_down(case: Case, poses: ObjectPoses | None, hold_row: int, lost_row: int, height_m: float) -> bool:
    """Whether a hold that ended without a command ended on a support: the fingers only let loose what stood already."""
    low = height_m < case.settings["grasp.drop_height_m"]
    if poses is None:
        return low and _carried(case, hold_row, lost_row) > case.settings["grasp.carried_m"]
    after = min(lost_row + case.conditioned.clock.rows(_FALL_S), case.conditioned.rows - 1)
    moved_m = float(np.linalg.norm(poses.position_m[after] - poses.position_m[lost_row]))
    was_carried = float(np.linalg.norm((poses.position_m[lost_row] - poses.position_m[hold_row])[:2]))
    return low and moved_m < 0.01 and was_carried > case.settings["grasp.carried_m"]


def _hand_moves(case: Case, row: int) -> bool:
    hand, clock = case.conditioned.get(Role.EE_POSITION), case.conditioned.clock
    if hand is None:
        return False
    around = hand[max(0, row - clock.rows(0.1)) : row + clock.rows(0.1) + 1]
    seconds = (len(around) - 1) / clock.rate_hz
    return seconds > 0 and float(np.linalg.norm(around[-1] - around[0])) / seconds > _MOVES_M_S


def _carried(case: Case, hold_row: int, row: int) -> float:
    """Horizontal way of the hand since the hold began, m; 0 where it is not recorded."""
    hand: Values | None = case.conditioned.get(Role.EE_POSITION)
    return 0.0 if hand is None else float(np.linalg.norm((hand[row] - hand[hold_row])[:2]))
