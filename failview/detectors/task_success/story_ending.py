"""Way 5: what the gripper did tells a little about success: gripped, carried, set down, left.

The confidences say how much: whoever never held the object has failed at a task of grasping; whoever set it down as low
as it was picked up, and left it, has probably done it, but where the goal was is not known.
"""

from enum import StrEnum

import numpy as np

from failview.detectors.detector import Case
from failview.detectors.grasping.grasp_story import GraspAttempt, GraspEnd
from failview.detectors.task_success.release import clear_row, last_hold
from failview.detectors.task_success.verdict import NoVerdict, Verdict, Way
from failview.model.roles import Role

_SAME_HEIGHT_M = 0.08
"""An object put on something low, or one that has turned in the hand, is let go up to this higher than it was gripped;
a hand that carries moves higher."""
_LEFT_M = 0.05
"""A hand that has gone this far has left what it set down."""


class Ending(StrEnum):
    """How the story ended."""

    NEVER_CLOSED = "never_closed"
    NEVER_HELD = "never_held"
    LOST = "lost"
    STILL_HELD = "still_held"
    SET_DOWN = "set_down"
    DROPPED_HIGH = "dropped_high"
    NOT_CARRIED = "not_carried"
    NOT_LEFT = "not_left"
    UNKNOWN_PLACE = "unknown_place"


_READ: dict[Ending, tuple[bool, float, str]] = {
    Ending.NEVER_CLOSED: (False, 0.7, "the gripper never closed"),
    Ending.NEVER_HELD: (False, 0.8, "the gripper closed, but never held anything"),
    Ending.LOST: (False, 0.85, "what it held got out of the gripper, and was not gripped again"),
    Ending.STILL_HELD: (False, 0.5, "the gripper still holds the object at the end"),
    Ending.SET_DOWN: (True, 0.65, "gripped, carried {carried:.2f} m, set down {height} and left"),
    Ending.DROPPED_HIGH: (False, 0.6, "let go {height} after {carried:.2f} m"),
    Ending.NOT_CARRIED: (False, 0.6, "gripped and let go again after only {carried:.2f} m"),
    Ending.NOT_LEFT: (True, 0.55, "gripped, carried {carried:.2f} m and let go {height}; the hand did not leave"),
    Ending.UNKNOWN_PLACE: (True, 0.5, "gripped and let go; where is not known"),
}
"""(reached, confidence, words) of each ending."""


def judge_story(case: Case) -> Verdict | NoVerdict:
    """Judge by what the gripper did."""
    if case.story.not_judged:
        return NoVerdict(case.story.not_judged)
    attempt = last_hold(case.story)
    carried_m, raised_m = _carried(case, attempt)
    ending = _ending(case, attempt, carried_m, raised_m)
    reached, confidence, words = _READ[ending]
    height = "at the height of the grip"
    if abs(raised_m) > _SAME_HEIGHT_M:
        height = f"{abs(100 * raised_m):.0f} cm {'higher' if raised_m > 0 else 'lower'} than gripped"
    evidence = words.format(carried=carried_m, height=height)
    start, obvious = _rows(case, attempt, reached)
    measures = {"ending": float(list(Ending).index(ending))}
    if attempt is not None:
        measures["released"] = float(attempt.end is not GraspEnd.HELD)
    if np.isfinite(carried_m):
        measures["carried_m"] = carried_m
    return Verdict(Way.STORY, reached, confidence, evidence, start, obvious, measures)


def _ending(case: Case, attempt: GraspAttempt | None, carried_m: float, raised_m: float) -> Ending:
    if attempt is None:
        return Ending.NEVER_HELD if case.story.attempts else Ending.NEVER_CLOSED
    if attempt.end is GraspEnd.HELD:
        return Ending.STILL_HELD
    if attempt.end is not GraspEnd.RELEASED or attempt.commanded_end is False:
        return Ending.LOST
    return _released(case, attempt, carried_m, raised_m)


def _released(case: Case, attempt: GraspAttempt, carried_m: float, raised_m: float) -> Ending:
    if not np.isfinite(carried_m):
        return Ending.UNKNOWN_PLACE
    if carried_m < case.settings["success.carried_m"]:
        return Ending.NOT_CARRIED
    if raised_m > _SAME_HEIGHT_M:
        return Ending.DROPPED_HIGH
    return Ending.SET_DOWN if _left(case, attempt) else Ending.NOT_LEFT


def _carried(case: Case, attempt: GraspAttempt | None) -> tuple[float, float]:
    """Sideways distance from grip to end of the hold, and how much higher the hand then was, m; NaN when unknown."""
    hand_m = case.conditioned.get(Role.EE_POSITION)
    if hand_m is None or attempt is None or attempt.hold_row is None:
        return float("nan"), 0.0
    way_m = hand_m[min(attempt.end_row, len(hand_m) - 1)] - hand_m[attempt.hold_row]
    return float(np.hypot(way_m[0], way_m[1])), float(way_m[2])


def _left(case: Case, attempt: GraspAttempt) -> bool:
    hand_m = case.conditioned.get(Role.EE_POSITION)
    if hand_m is None:
        return False
    after_m = hand_m[min(attempt.end_row, len(hand_m) - 1) :]
    return bool(np.linalg.norm(after_m - after_m[0], axis=1).max() > _LEFT_M)


def _rows(case: Case, attempt: GraspAttempt | None, reached: bool) -> tuple[int, int | None]:
    """Where it begins: the release of what was held; the end of the episode when nothing was."""
    last = case.conditioned.rows - 1
    if attempt is None or attempt.end is GraspEnd.HELD:
        return last, None
    start = min(attempt.end_row, last)
    return start, None if reached else min(clear_row(case, attempt), last)
