"""Derives the truth of an episode from simulator contacts and poses at the physics rate, by stated rules only."""

import itertools
import math
from typing import Any, Final

import numpy as np

from pick_place_sim import constants as c
from pick_place_sim.kinds import KINDS, Kind
from pick_place_sim.objects import THINGS
from pick_place_sim.recorder import frame_rows, succeeded
from pick_place_sim.rotations import quat_conjugate, quat_multiply, rotation_vector, tilt_from_upright
from pick_place_sim.simulation import Log, at_goal, in_hand

TOUCH: Final = 0.2  # N on each fingertip that counts as holding
SLIDE_SPEED: Final = 0.005  # m/s in the hand: the slide that ends in the loss
SLIDE_WINDOW: Final = 0.02  # s over which that speed is taken
TURN_START: Final = math.radians(3)  # where a turn or a topple begins
UNSTABLE: Final = math.radians(15)  # the taxonomy's definition of an unstable grasp
TOPPLED: Final = math.radians(45)  # past any recovery
TRACKING_OBVIOUS: Final = 0.02  # m between command and hand: the hand visibly stopped
DROP_DELAY: Final = 0.1  # s after the loss of contact, when the gap can be seen
ALOFT: Final = 0.004  # m above its final height: still being lowered
CONTACTS: Final = ("robot_obstacle", "robot_table", "palm_object", "finger_object", "object_obstacle")
GAP: Final = 0.1  # s; contacts closer than this are one
CATEGORIES: Final = {kind.subcategory: kind.category for kind in KINDS.values()}
Event = tuple[int, int]  # rows of onset and obvious

RULES: Final = {
    "frames": "first frame at or after the physical instant; frame k is at k / 20 s",
    "missed_grasp": "onset: closing fingers 3 mm past the object's width without touch; obvious: aperture < 2 mm",
    "slip_during_lift": "onset: start of the in-hand slide (> 5 mm/s) that ends in the loss; obvious: contact lost",
    "dropped_in_transport": "onset: start of the in-hand slide that ends in the loss; obvious: contact lost + 0.1 s",
    "unstable_grasp": "onset: in-hand turn of 3 deg on the way to 15 deg; obvious: 15 deg",
    "missed_target": "onset: the object touches down > 3 cm from the goal; obvious: let go",
    "tipped_after_release": "onset: let go, or the 3 deg start of the topple if later; obvious: tilt 45 deg",
    "object_knocked_over": "onset: 3 deg start of the topple; obvious: tilt 45 deg",
    "gripper_obstacle": "onset: first contact with the obstacle; obvious: hand 2 cm behind its command, or +0.3 s",
    "outcome": "success: object within 3 cm of the goal, upright, let go, at rest; partial_success: after a failure",
    "recovery": "start: a new approach after the failure; end: object 3 cm above its rest in the new grip",
}


def to_frame(row: int, log: Log) -> int:
    """First frame at or after a log row."""
    return min(math.ceil(row / c.STEPS_PER_FRAME), len(frame_rows(log)) - 1)


def runs(flags: np.ndarray, gap: int = 0) -> list[tuple[int, int]]:
    """Intervals [first, last] where `flags` holds, joined across gaps of at most `gap` rows."""
    rows = np.flatnonzero(flags)
    if not len(rows):
        return []
    breaks = np.flatnonzero(np.diff(rows) > gap + 1)
    first, last = rows[np.append(0, breaks + 1)], rows[np.append(breaks, len(rows) - 1)]
    return list(zip(first.tolist(), last.tolist(), strict=True))


def _held(log: Log) -> np.ndarray:
    return np.asarray((log["tips"].min(axis=1) > TOUCH) & (log["cmd_closed"] > 0))


def missed_grasp(log: Log) -> Event | None:
    """A closing command after which the fingers never hold anything."""
    width = THINGS[log.layout.thing].grip_width
    for start, end in runs(log["cmd_closed"] > 0):
        if _held(log)[start : end + 1].any():
            continue
        passed = np.flatnonzero(log["aperture"][start : end + 1] < width - 0.003)
        shut = np.flatnonzero(log["aperture"][start : end + 1] < 0.002)
        if len(passed) and len(shut):
            return start + int(passed[0]), start + int(shut[0])
    return None


def loss_of_hold(log: Log) -> Event | None:
    """The object slides out of closed fingers: onset of the slide and the moment contact ends."""
    held = _held(log)
    for start, end in runs(log["cmd_closed"] > 0):
        holding = np.flatnonzero(held[start : end + 1])
        if not len(holding):
            continue
        last = start + int(holding[-1])
        if last > end - round(0.1 * c.PHYSICS_HZ):
            continue
        width = round(SLIDE_WINDOW * c.PHYSICS_HZ)
        where = in_hand(log)
        speed = np.zeros(len(where))
        speed[width:] = np.linalg.norm(where[width:] - where[:-width], axis=1) / SLIDE_WINDOW
        still = np.flatnonzero(speed[: last + 1] < SLIDE_SPEED)
        return int(still[-1]) + 1, last + 1
    return None


def turn_in_hand(log: Log) -> Event | None:
    """The held object turns by more than 15 degrees against the hand while it is off the table."""
    held = _held(log) & (log["object_support"] == 0)
    rows = np.flatnonzero(held & np.isin(log["phase"], ("lift", "transport")))
    if not len(rows):
        return None
    relative = [_relative(log, row) for row in rows]
    first = _relative(log, int(np.flatnonzero(log["phase"] == "lift")[0]))
    angles = np.array([np.linalg.norm(rotation_vector(first, quat)) for quat in relative])
    over = np.flatnonzero(angles >= UNSTABLE)
    if not len(over):
        return None
    before = np.flatnonzero(angles[: over[0]] < TURN_START)
    return int(rows[before[-1] + 1 if len(before) else 0]), int(rows[over[0]])


def _relative(log: Log, row: int) -> np.ndarray:
    return quat_multiply(quat_conjugate(log["ee_quat"][row]), log["qpos"][row, 12:16])


def _release(log: Log) -> int | None:
    """Row at which the fingers last let go of an object that they had been told to release."""
    held = np.flatnonzero(_held(log))
    if not len(held) or log["cmd_closed"][-1]:
        return None
    touching = np.flatnonzero(log["tips"].max(axis=1) > 0)
    return int(touching[-1]) + 1


def missed_target(log: Log) -> Event | None:
    """Set down more than 3 cm from the goal."""
    release = _release(log)
    if release is None or at_goal(log)[-1] < c.GOAL_RADIUS or loss_of_hold(log):
        return None
    height = log["qpos"][:release, 11]
    aloft = np.flatnonzero(height > log["qpos"][-1, 11] + ALOFT)
    if not len(aloft):
        return None
    touches = np.flatnonzero(log["object_support"][aloft[-1] : release] > 0)
    return (int(aloft[-1] + touches[0]) if len(touches) else release), release


def toppled(log: Log) -> Event | None:
    """The object falls over: start of the topple (not before it is let go) and 45 degrees."""
    tilt = tilt_from_upright(log["qpos"][:, 12:16])
    over = np.flatnonzero(tilt > TOPPLED)
    if not len(over) or log.layout.thing not in {"can", "bottle"}:
        return None
    release = _release(log) or 0
    base = tilt[release] if release < over[0] else 0.0
    before = np.flatnonzero(tilt[: over[0]] < base + TURN_START)
    onset = int(before[-1]) + 1 if len(before) else 0
    return max(onset, release if release < over[0] else 0), int(over[0])


def collision(log: Log) -> Event | None:
    """First touch of the robot and the obstacle."""
    touch = np.flatnonzero(log["robot_obstacle"] > 0)
    if not len(touch):
        return None
    behind = np.linalg.norm(log["cmd_pos"] - log["ee_pos"], axis=1) > TRACKING_OBVIOUS
    late = np.flatnonzero(behind[touch[0] :])
    limit = round(0.3 * c.PHYSICS_HZ)
    return int(touch[0]), int(touch[0]) + min(limit, int(late[0]) if len(late) else limit)


def find_event(log: Log) -> tuple[str | None, Event | None]:
    """The first failure, by physics alone, whatever the script intended."""
    loss = loss_of_hold(log)
    found: list[tuple[str, Event | None]] = [
        ("gripper_obstacle", collision(log)),
        ("missed_grasp", missed_grasp(log)),
        ("unstable_grasp", turn_in_hand(log)),
    ]
    if loss:
        lifting = log["phase"][loss[0]] == "lift"
        late = min(loss[1] + round(DROP_DELAY * c.PHYSICS_HZ), len(log) - 1)
        found.append(("slip_during_lift", loss) if lifting else ("dropped_in_transport", (loss[0], late)))
    fall = toppled(log)
    if fall and not loss:
        found.append(("tipped_after_release" if _held(log).any() else "object_knocked_over", fall))
    if not fall:
        found.append(("missed_target", missed_target(log)))
    events = [(name, event) for name, event in found if event is not None]
    return min(events, key=lambda item: item[1][0]) if events else (None, None)


def recovery(log: Log, event: Event | None, outcome: str) -> dict[str, Any]:
    """Whether the operator went back for the object after the failure, and how that ended."""
    result: dict[str, Any] = {
        "recovery_attempted": False, "recovery_start_frame": None, "recovery_end_frame": None,
        "recovery_outcome": None if event is None else "no_attempt",
    }  # fmt: skip
    if event is None:
        return result
    begins = np.flatnonzero((log["phase"][1:] == "approach") & (log["phase"][:-1] != "approach")) + 1
    again = begins[begins > event[1]]
    if not len(again):
        return result
    rest = THINGS[log.layout.thing].half_height + 0.03
    lifted = np.flatnonzero(_held(log)[again[0] :] & (log["qpos"][again[0] :, 11] > rest))
    end = int(again[0] + lifted[0]) if len(lifted) else len(log) - 1
    good = bool(len(lifted)) and outcome != "failure"
    return {
        "recovery_attempted": True, "recovery_start_frame": to_frame(int(again[0]), log),
        "recovery_end_frame": to_frame(end, log), "recovery_outcome": "recovered" if good else "failed_recovery",
    }  # fmt: skip


def contact_intervals(log: Log, kinds: tuple[str, ...] = CONTACTS) -> list[dict[str, Any]]:
    """Every contact that matters, in frames, with peak forces and external torques."""
    found = []
    for kind in kinds:
        for start, end in runs(log[kind] > 0, gap=round(GAP * c.PHYSICS_HZ)):
            part = slice(start, end + 1)
            found.append({
                "kind": kind, "start_frame": to_frame(start, log), "end_frame": to_frame(end, log),
                "start_s": round(start / c.PHYSICS_HZ, 3), "end_s": round(end / c.PHYSICS_HZ, 3),
                "peak_force_n": round(float(log[kind][part].max()), 2),
                "peak_external_torque_nm": round(float(np.abs(log["external"][part]).max()), 2),
            })  # fmt: skip
    return sorted(found, key=lambda item: item["start_s"])


def phase_intervals(log: Log) -> list[dict[str, Any]]:
    """Phases in frames, inclusive."""
    names = log["phase"][frame_rows(log)]
    cuts = [0, *(np.flatnonzero(names[1:] != names[:-1]) + 1).tolist(), len(names)]
    return [{"phase": str(names[a]), "start_frame": a, "end_frame": b - 1} for a, b in itertools.pairwise(cuts)]


def episode_truth(log: Log, kind: Kind) -> dict[str, Any]:
    """The truth record of one episode."""
    name, event = find_event(log)
    good = bool(succeeded(log)[-1])
    outcome = "failure" if not good else ("success" if event is None else "partial_success")
    return {
        "kind": kind.name, "outcome": outcome,
        "failure_category": CATEGORIES.get(name), "failure_subcategory": name,
        "failure_onset_frame": to_frame(event[0], log) if event else None,
        "failure_obvious_frame": to_frame(event[1], log) if event else None,
        "failure_onset_s": round(event[0] / c.PHYSICS_HZ, 3) if event else None,
        "failure_obvious_s": round(event[1] / c.PHYSICS_HZ, 3) if event else None,
        **recovery(log, event, outcome),
        "num_frames": len(frame_rows(log)), "final_distance_m": round(float(at_goal(log)[-1]), 4),
        "peak_grip_force_n": round(float(log["tips"].mean(axis=1).max()), 2),
        "peak_external_torque_nm": round(float(np.abs(log["external"]).max()), 2),
        "object": log.layout.thing, "obstacle_present": log.layout.post_xy is not None,
        "contacts": contact_intervals(log), "phases": phase_intervals(log), "notes": kind.note,
    }  # fmt: skip
