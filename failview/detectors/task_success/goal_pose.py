"""Way 1: how far the object is from the goal when the episode ends.

Success: within success.goal_distance_m of the goal (in three dimensions), let go and at rest. The threshold decides,
as the definition does; the confidence is the chance that the true distance lies on the same side of it, for a pose
that is as noisy as this one is at rest, and never less than _POSE_NOISE_M.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from failview.detectors.detector import Case
from failview.detectors.grasping.grasp_story import GraspEnd
from failview.detectors.task_success.release import last_hold, left_away
from failview.detectors.task_success.verdict import NoVerdict, Verdict, Way
from failview.model.clock import NS_PER_S
from failview.model.roles import Role
from failview.model.signals import Values

_LAST_KNOWN_S = 0.5
"""An object last seen longer before the end may be anywhere by then."""
_REST_WINDOW_S = 0.3
_POSE_NOISE_M = 0.002
"""Trackers of objects on a table, and the point of the object that they report, are hardly better."""
_OTHER_FRAME_M = 3.0
"""No table-top task spans this: object and goal are then given in different frames or units."""
_CARRIED_BLIND_M = 0.05
"""A hand that moves this far with an object whose pose stays the same to the last bit: the pose is dead."""
_STAYED_M = 0.01
_SURE = 0.98
_LET_GO_UNKNOWN = 0.85
_HEIGHT_ALONE = 0.7
_STILL_MOVING = 0.6
_STILL_HELD = 0.6
_THERE_FROM_THE_START = 0.6


@dataclass(frozen=True, eq=False)
class GoalPose:
    """What way 1 says.

    Attributes:
        verdict: The verdict, or why there is none.
        distance_m: (rows,) distance between object and goal, NaN where unknown; None without poses.
    """

    verdict: Verdict | NoVerdict
    distance_m: Values | None = None


@dataclass(frozen=True, eq=False)
class _Ending:
    """Numbers at the last row where the object is known."""

    row: int
    object_m: Values
    distances_m: Values
    offset_m: Values
    limit_m: float
    noise_m: float
    speed_m_s: float
    resting: bool
    held: bool | None

    @property
    def distance_m(self) -> float:
        return float(self.distances_m[self.row])

    @property
    def horizontal_m(self) -> float:
        return float(np.hypot(self.offset_m[0], self.offset_m[1]))


def judge_goal_pose(case: Case) -> GoalPose:
    """Judge by the poses of object and goal."""
    conditioned = case.conditioned
    object_m, goal_m = conditioned.get(Role.OBJECT_POSITION), conditioned.get(Role.GOAL_POSITION)
    for role, values in ((Role.OBJECT_POSITION, object_m), (Role.GOAL_POSITION, goal_m)):
        if values is None:
            return GoalPose(NoVerdict(conditioned.unusable.get(role, f"{role.value} is not recorded")))
    assert object_m is not None
    assert goal_m is not None
    known = conditioned.known[Role.OBJECT_POSITION] & conditioned.known[Role.GOAL_POSITION]
    distances_m = np.where(known, np.linalg.norm(object_m - goal_m, axis=1), np.nan)
    row = _last_known_row(case, known)
    reason = _implausible(case, object_m, goal_m, distances_m, row)
    if reason or row is None:
        return GoalPose(NoVerdict(reason), distances_m)
    return GoalPose(_verdict(case, _ending(case, object_m, goal_m, distances_m, row)), distances_m)


def _last_known_row(case: Case, known: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> int | None:
    """Last row at which the file itself holds the object's position."""
    rows = np.flatnonzero(known)
    signal = case.conditioned.episode.signals[Role.OBJECT_POSITION]
    samples = np.flatnonzero(np.isfinite(signal.values).all(axis=1))
    if not rows.size or not samples.size:
        return None
    clock = case.conditioned.clock
    if signal.times_ns is None:
        last = clock.row_of(min(int(samples[-1]), len(clock.frame_times_s) - 1))
    else:
        last = int(np.searchsorted(clock.times_s, signal.times_ns[samples[-1]] / NS_PER_S, side="right")) - 1
    return min(int(rows[-1]), max(last, 0))


def _implausible(case: Case, object_m: Values, goal_m: Values, distances_m: Values, row: int | None) -> str:
    """Why these poses cannot be judged; empty when they can."""
    times_s = case.conditioned.clock.times_s
    if row is None or times_s[-1] - times_s[row] > _LAST_KNOWN_S:
        missing_s = times_s[-1] - (times_s[row] if row is not None else times_s[0])
        return f"object_position is unknown in the last {missing_s:.1f} s"
    if not np.any(goal_m):
        return "goal_position is 0, 0, 0 in every frame: no goal"
    nearest_m = float(np.nanmin(distances_m))
    if nearest_m > _OTHER_FRAME_M:
        return f"object and goal are never nearer than {nearest_m:.1f} m: they are given in different frames or units"
    return _dead(case, object_m, row)


def _dead(case: Case, object_m: Values, row: int) -> str:
    """An object whose pose stands still, to the last bit, while the hand carries it, is no longer tracked."""
    hand_m = case.conditioned.get(Role.EE_POSITION)
    changes = np.flatnonzero(np.any(np.diff(object_m[: row + 1], axis=0) != 0.0, axis=1))
    frozen = int(changes[-1]) + 1 if changes.size else 0
    if hand_m is None:
        return ""
    for attempt in case.story.attempts:
        first = max(frozen, attempt.hold_row if attempt.hold_row is not None else row)
        held_m = hand_m[first : attempt.end_row + 1]
        if attempt.hold_row is None or not len(held_m):
            continue
        moved_m = float(np.linalg.norm(held_m - held_m[0], axis=1).max())
        if moved_m > _CARRIED_BLIND_M:
            frame = case.conditioned.clock.frame_from(frozen)
            return f"object_position stands still from frame {frame} on, while the hand carries it {moved_m:.2f} m"
    return ""


def _ending(case: Case, object_m: Values, goal_m: Values, distances_m: Values, row: int) -> _Ending:
    window = case.conditioned.clock.rows(_REST_WINDOW_S)
    tail_m = object_m[max(0, row - window) : row + 1]
    speed_m_s = float(np.linalg.norm(tail_m[-1] - tail_m[0])) / _REST_WINDOW_S
    steps_m = np.diff(tail_m, axis=0)
    noise_m = float(np.sqrt(np.mean(steps_m**2) / 2)) if steps_m.size else 0.0
    resting = speed_m_s < case.settings["success.rest_speed_m_s"]
    attempt = last_hold(case.story)
    held = None if case.story.not_judged else attempt is not None and attempt.end is GraspEnd.HELD
    return _Ending(
        row=row,
        object_m=object_m,
        distances_m=distances_m,
        offset_m=object_m[row] - goal_m[row],
        limit_m=case.settings.success.distance_m or case.settings["success.goal_distance_m"],
        noise_m=max(_POSE_NOISE_M, noise_m if resting else 0.0),
        speed_m_s=speed_m_s,
        resting=resting,
        held=held,
    )


def _verdict(case: Case, ending: _Ending) -> Verdict:
    margin_m = abs(ending.distance_m - ending.limit_m)
    confidence = min(NormalDist().cdf(margin_m / ending.noise_m), _SURE)
    inside = ending.distance_m <= ending.limit_m
    height_m = float(ending.offset_m[2])
    where = (
        f"object {_cm(ending.distance_m)} from the goal at the end ({_cm(ending.horizontal_m)} sideways, "
        f"{_cm(abs(height_m))} {'above' if height_m >= 0 else 'below'}), limit {_cm(ending.limit_m)}"
    )
    if inside:
        reached, most, why = _doubts_inside(ending)
        start, obvious = _inside_since(case, ending), None
    else:
        reached = False
        start, obvious, most, why = _outside(case, ending)
    measures = {
        "final_distance_m": ending.distance_m,
        "horizontal_m": ending.horizontal_m,
        "height_m": height_m,
        "closest_m": float(np.nanmin(ending.distances_m)),
        "resting": float(ending.resting),
    }
    if ending.held is not None:
        measures["released"] = float(not ending.held)
    return Verdict(Way.GOAL_POSE, reached, min(confidence, most), "; ".join([where, *why]), start, obvious, measures)


def _doubts_inside(ending: _Ending) -> tuple[bool, float, list[str]]:
    """(reached, highest confidence, words) of an object within the limit."""
    moved_m = float(np.nanmax(np.linalg.norm(ending.object_m - ending.object_m[0], axis=1)))
    if ending.held:
        return False, _STILL_HELD, ["the gripper still holds it"]
    if moved_m < _STAYED_M:
        return True, _THERE_FROM_THE_START, ["it was there from the start"]
    if not ending.resting:
        return True, _STILL_MOVING, [f"it still moves at {100 * ending.speed_m_s:.0f} cm/s"]
    if ending.held is None:
        return True, _LET_GO_UNKNOWN, ["at rest; whether it was let go is not known"]
    return True, 1.0, ["let go and at rest"]


def _outside(case: Case, ending: _Ending) -> tuple[int, int | None, float, list[str]]:
    """(start row, obvious row, highest confidence, words) of an object beyond the limit."""
    clock = case.conditioned.clock
    inside = _let_go_inside(case, ending)
    if inside is not None:
        start = min(inside + 1, ending.row)
        return start, None, 1.0, [f"it was there at frame {clock.frame_from(inside)} and left again"]
    found = left_away(case, ending.object_m, ending.row)
    attempt = last_hold(case.story)
    if attempt is not None and attempt.end is GraspEnd.RELEASED:
        said = [f"let go at frame {clock.frame_from(attempt.end_row)}"]
    else:
        said = ["the gripper still holds it"] if ending.held else []
    if ending.horizontal_m <= ending.limit_m:
        said.append("only its height is off: the goal's may be that of another point")
        return found.start_row, found.obvious_row, _HEIGHT_ALONE, said
    return found.start_row, found.obvious_row, 1.0, said


def _let_go_inside(case: Case, ending: _Ending) -> int | None:
    """Last row at which the object, let go, was within the limit, before it left again; None without."""
    free = ~case.story.holding(len(ending.distances_m))
    attempt = last_hold(case.story)
    if attempt is None or attempt.end is GraspEnd.HELD:
        return None
    free[: attempt.end_row] = False
    rows = np.flatnonzero(free & (ending.distances_m <= ending.limit_m))
    return int(rows[-1]) if rows.size else None


def _inside_since(case: Case, ending: _Ending) -> int:
    """First row from which the object stays within the limit, let go."""
    away = (ending.distances_m[: ending.row + 1] > ending.limit_m) | case.story.holding(len(ending.distances_m))[
        : ending.row + 1
    ]
    rows = np.flatnonzero(away)
    return min(int(rows[-1]) + 1, ending.row) if rows.size else 0


def _cm(length_m: float) -> str:
    return f"{100 * length_m:.1f} cm"
