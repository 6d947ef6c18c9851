"""What physically happened in an episode: the beginning and the obvious moment of each event, at 500 Hz."""

import math
from typing import Final

import numpy as np
from pick_place_sim import constants as c
from pick_place_sim.objects import THINGS
from pick_place_sim.rotations import quat_conjugate, quat_multiply, rotation_vector, tilt_from_upright
from pick_place_sim.simulation import Log, at_goal, in_hand
from pick_place_sim.truth import runs

Event = tuple[int, int]  # rows of onset and obvious
HZ: Final = c.PHYSICS_HZ
TOUCH: Final = 0.2  # N by the object on each fingertip that counts as holding
SLIDE_SPEED: Final = 0.005  # m/s in the hand
SLIDE_WINDOW: Final = 0.02  # s over which that speed is taken
SETTLED: Final = 0.3  # s after first touch, when the object's orientation in the hand is taken
TURN_START: Final = math.radians(3)
UNSTABLE: Final = math.radians(15)
TOPPLED: Final = math.radians(45)
FALL: Final = 0.035  # m an object must fall after the fingers opened to be dropped, not set down
FALL_TIME: Final = 0.13  # s for that; to topple takes longer
CARRIED: Final = 0.05  # m sideways from which a loss is a drop and no slip any more
DROP_DELAY: Final = 0.1  # s
ALOFT: Final = 0.004  # m above its final height: still being lowered
GAP: Final = 0.1  # s; holds closer than this are one
SHUT: Final = 0.002  # m
LAG: Final = 0.02  # m between command and hand: tracking error
AWAY: Final = 0.03  # m between command and hand: cannot go there
LAG_START: Final = 0.008  # m; free motion stays below
AT_STOP: Final = math.radians(1)
STUCK: Final = 0.3  # s that the hand stays away
JOINT_LIMITS: Final = np.array([
    (-2.8973, 2.8973), (-1.7628, 1.7628), (-2.8973, 2.8973), (-3.0718, -0.0698), (-2.8973, 2.8973), (-0.0175, 3.7525),
    (-2.8973, 2.8973),
])  # fmt: skip


def touching(log: Log) -> np.ndarray:
    """Both fingertips touch the object."""
    return np.asarray(log["grip"].min(axis=1) > TOUCH)


def holds(log: Log) -> list[tuple[int, int]]:
    """Intervals in which the object is held."""
    return [(a, b) for a, b in runs(touching(log), gap=round(GAP * HZ)) if b - a > 0.05 * HZ]


def placed(log: Log) -> np.ndarray:
    """Per step: the object is within 3 cm of the goal, upright if it can stand, not touched by a finger, at rest."""
    stands = bool(THINGS[log.layout.thing].profiles)
    upright = (tilt_from_upright(log["qpos"][:, 12:16]) < c.UPRIGHT_LIMIT) | (not stands)
    slow = np.linalg.norm(log["qvel"][:, 9:12], axis=1) < c.REST_SPEED
    return np.asarray((at_goal(log) < c.GOAL_RADIUS) & upright & slow & (log["finger_object"] == 0))


def missed_grasp(log: Log) -> Event | None:
    """The fingers close fully without ever holding; what is done after the object stands at the goal is no grasp."""
    width = THINGS[log.layout.thing].grip_width
    held, done = touching(log), placed(log)
    for start, end in runs(log["cmd_closed"] > 0):
        if held[start : end + 1].any() or done[start]:
            continue
        passed = np.flatnonzero(log["aperture"][start : end + 1] < width - 0.001)
        shut = np.flatnonzero(log["aperture"][start : end + 1] < SHUT)
        if len(passed) and len(shut):
            return start + int(passed[0]), start + int(shut[0])
    return None


def _is_lost(log: Log, end: int) -> bool:
    """Whether a hold that ends at row `end` ended by loss and not by setting down."""
    after = slice(end + 1, end + 1 + round(0.1 * HZ))
    if len(log) - end < 0.1 * HZ:
        return False
    if log["cmd_closed"][after].all():
        return True
    later = log["qpos"][end : end + round(FALL_TIME * HZ), 11]
    falls = bool(log["qpos"][end, 11] - later.min() > FALL)
    return falls and not log["object_support"][max(0, end - 5) : end + 1].any()


def loss_of_hold(log: Log) -> tuple[str, Event] | None:
    """The object slides out of the hand: slip, or drop once it has been carried 5 cm sideways."""
    for start, end in holds(log):
        if not _is_lost(log, end):
            continue
        width = round(SLIDE_WINDOW * HZ)
        where = in_hand(log)
        speed = np.zeros(len(where))
        speed[width:] = np.linalg.norm(where[width:] - where[:-width], axis=1) / SLIDE_WINDOW
        still = np.flatnonzero(speed[start : end + 1] < SLIDE_SPEED)
        onset = start + int(still[-1]) + 1 if len(still) else start
        carried = float(np.linalg.norm(log["qpos"][onset, 9:11] - log["qpos"][start, 9:11]))
        if carried < CARRIED:
            return "slip_during_lift", (onset, end + 1)
        return "dropped_in_transport", (onset, min(end + 1 + round(DROP_DELAY * HZ), len(log) - 1))
    return None


def turn_in_hand(log: Log) -> Event | None:
    """The held object turns by more than 15 degrees against the hand."""
    for start, end in holds(log):
        first = start + round(SETTLED * HZ)
        rows = np.arange(first, end + 1)
        rows = rows[(log["cmd_closed"][rows] > 0) & touching(log)[rows]] if len(rows) else rows
        if not len(rows):
            continue
        fixed = _relative(log, int(rows[0]))
        angles = np.array([np.linalg.norm(rotation_vector(fixed, _relative(log, int(row)))) for row in rows])
        over = np.flatnonzero(angles >= UNSTABLE)
        if len(over):
            before = np.flatnonzero(angles[: over[0]] < TURN_START)
            return int(rows[before[-1] + 1 if len(before) else 0]), int(rows[over[0]])
    return None


def _relative(log: Log, row: int) -> np.ndarray:
    return quat_multiply(quat_conjugate(log["ee_quat"][row]), log["qpos"][row, 12:16])


def release(log: Log) -> int | None:
    """Row at which the fingers last let go of the object on purpose."""
    ends = [end for _, end in holds(log) if not _is_lost(log, end) and end < len(log) - 1]
    return ends[-1] + 1 if ends else None


def missed_target(log: Log) -> Event | None:
    """Set down more than 3 cm from the goal."""
    let_go = release(log)
    if let_go is None or at_goal(log)[-1] < c.GOAL_RADIUS:
        return None
    height = log["qpos"][:let_go, 11]
    aloft = np.flatnonzero(height > log["qpos"][-1, 11] + ALOFT)
    if not len(aloft):
        return None
    touches = np.flatnonzero(log["object_support"][aloft[-1] : let_go] > 0)
    return (int(aloft[-1] + touches[0]) if len(touches) else let_go), let_go


def toppled(log: Log, first: int = 12) -> Event | None:
    """A standing thing falls over; `first` is the column of its quaternion in qpos."""
    quats = log["qpos"][:, first : first + 4]
    tilt = tilt_from_upright(quats)
    over = np.flatnonzero(tilt > TOPPLED)
    if not len(over):
        return None
    let_go = release(log) if first == 12 else None
    free = let_go if let_go is not None and let_go < over[0] else 0
    before = np.flatnonzero(tilt[: over[0]] < tilt[free] + TURN_START)
    return max(int(before[-1]) + 1 if len(before) else 0, free), int(over[0])


def collision(log: Log) -> tuple[str, Event] | None:
    """The robot touches an obstacle or the table; a link above the hand, or the hand."""
    touch = np.flatnonzero((log["robot_obstacle"] > 0) | (log["robot_table"] > 0))
    if not len(touch):
        return None
    first = int(touch[0])
    by_link = (log["link_contact"] > 0)[first : first + round(0.1 * HZ)].any()
    return ("arm_environment" if by_link else "gripper_obstacle"), (first, first)


def lag(log: Log) -> np.ndarray:
    """Distance of the hand from its command, m."""
    return np.asarray(np.linalg.norm(log["cmd_pos"] - log["ee_pos"], axis=1))


def at_stop(log: Log) -> np.ndarray:
    """Whether any joint is within a degree of its stop, per row."""
    q = log["qpos"][:, : c.N_ARM]
    return np.asarray(((q - JOINT_LIMITS[:, 0] < AT_STOP) | (JOINT_LIMITS[:, 1] - q < AT_STOP)).any(axis=1))


def _runs_away(log: Log, size: float) -> Event | None:
    """The command runs away from the hand: start, and the row at which it is `size` ahead for good."""
    away = lag(log)
    for start, end in runs(away > size, gap=round(GAP * HZ)):
        if end - start < STUCK * HZ:
            continue
        before = np.flatnonzero(away[:start] < LAG_START)
        return (int(before[-1]) + 1 if len(before) else 0), start
    return None


def lagging(log: Log) -> Event | None:
    """The robot itself does not follow, though it could."""
    found = _runs_away(log, LAG)
    # The weakness begins before the lag does.
    return found if found and log["disturbed"][max(0, found[0] - HZ) : found[1] + 1].any() else None


def out_of_reach(log: Log) -> tuple[str, Event] | None:
    """The commanded pose cannot be reached: a joint at its stop, or no posture at all."""
    found = _runs_away(log, AWAY)
    if found is None or log["disturbed"].any():
        return None
    stop = at_stop(log)
    near = slice(found[1], found[1] + round(0.5 * HZ))
    if not stop[near].mean() > 0.4:
        return "infeasible_approach", found
    arrived = np.flatnonzero(~stop[: found[1] + int(np.argmax(stop[near])) + 1])
    arrival = int(arrived[-1]) + 1 if len(arrived) else 0
    return "joint_limit", (min(found[0], arrival), found[1])


def disturbances(log: Log) -> list[tuple[int, int, str]]:
    """Shaking and emergency stops of the command."""
    return sorted((a, b, name) for name in ("shake", "estop") for a, b in runs(log["mark"] == name))


def dead_stops(log: Log) -> list[int]:
    """Rows at which the command stands still within 10 ms out of a speed of more than 5 cm/s."""
    speed = np.append(0.0, np.linalg.norm(np.diff(log["cmd_pos"], axis=0), axis=1) * HZ)
    found = np.flatnonzero((speed[:-5] > 0.05) & (speed[5:] < 0.02))
    return [int(start) for start, _ in runs(np.isin(np.arange(len(speed)), found), gap=50)]


def find_events(log: Log) -> dict[str, Event]:
    """Every event by its subcategory."""
    found: dict[str, Event | None] = {
        "missed_grasp": missed_grasp(log), "unstable_grasp": turn_in_hand(log), "other_planning": lagging(log),
    }  # fmt: skip
    for pair in (loss_of_hold(log), collision(log), out_of_reach(log)):
        if pair:
            found[pair[0]] = pair[1]
    stands = bool(THINGS[log.layout.thing].profiles)
    fall = toppled(log) if stands else None
    held = holds(log)
    if fall:
        found["tipped_after_release" if held and held[0][0] < fall[0] else "object_knocked_over"] = fall
    elif not any(name in found for name in ("slip_during_lift", "dropped_in_transport")):
        found["missed_target"] = missed_target(log)
    if log.layout.bystander in {"bottle", "can"}:
        other = toppled(log, first=19)
        if other and (fall is None or other[0] < fall[0]):
            found["object_knocked_over"] = other
    return {name: event for name, event in found.items() if event is not None}
