"""The truth record of an episode, by stated rules only."""

from typing import Any, Final

import numpy as np
from pick_place_sim import constants as c
from pick_place_sim.objects import THINGS
from pick_place_sim.recorder import frame_rows
from pick_place_sim.simulation import Log, at_goal
from pick_place_sim.truth import CONTACTS, contact_intervals, phase_intervals, runs, to_frame

from evaluation_set import events
from evaluation_set.variants import Variant

EARLIEST: Final = 0.3  # s; what begins before was there before the record
LONG_ENOUGH: Final = 0.1  # s that a tracking error must last
CATEGORIES: Final = {
    "missed_grasp": "grasp", "slip_during_lift": "grasp", "unstable_grasp": "grasp", "missed_target": "placement",
    "dropped_in_transport": "placement", "tipped_after_release": "placement", "gripper_obstacle": "collision",
    "arm_environment": "collision", "object_knocked_over": "collision", "infeasible_approach": "planning",
    "joint_limit": "planning", "other_planning": "planning",
}  # fmt: skip
RULES: Final = {
    "frames": "first frame at or after the physical instant; frame k is at k / 20 s; intervals are inclusive",
    "which": "the event with the earliest onset is the failure; the others are in event_onset_frames",
    "missed_grasp": "onset: closing fingers 1 mm past the width at which they should have met; obvious: below 2 mm",
    "slip_during_lift": "onset: start of the slide in the hand (> 5 mm/s) that ends in the loss; obvious: contact lost",
    "dropped_in_transport": "the same after 5 cm sideways, or opened in the air; obvious: contact lost + 0.1 s",
    "unstable_grasp": "onset: 3 deg of the turn in the hand that reaches 15 deg; obvious: 15 deg",
    "missed_target": "onset: the object touches down, or is let go, > 3 cm from the goal; obvious: let go",
    "tipped_after_release": "onset: start (3 deg) of the topple, not before it is let go; obvious: 45 deg",
    "object_knocked_over": "onset: start (3 deg) of the topple; obvious: 45 deg; of any object, not only the target",
    "collision": "onset and obvious: first contact of the robot with obstacle or table; arm_environment: by a link",
    "joint_limit": "onset: a joint within 1 deg of its stop, or the command 8 mm ahead on its way; obvious: 3 cm",
    "infeasible_approach": "onset: the command 8 mm ahead on its way to 3 cm for 0.3 s; obvious: 3 cm",
    "other_planning": "tracking error: onset: the command 8 mm ahead on its way to 2 cm; obvious: 2 cm",
    "jerky": "onset and obvious: first disturbance of the command; no failure subcategory",
    "outcome": "success: within 3 cm of the goal and let go; after a failure partial_success; otherwise failure",
    "recovery": "start: a new approach after the failure; end: object 3 cm above its rest in the new grip",
    "tracking_error_intervals": "command more than 2 cm ahead of the hand for 0.1 s or longer",
}


def tracking_intervals(log: Log) -> list[dict[str, Any]]:
    """Where the hand is more than 2 cm from its command."""
    away, found = events.lag(log), []
    for start, end in runs(away > events.LAG):
        if end - start + 1 >= LONG_ENOUGH * c.PHYSICS_HZ:
            frames = {"start_frame": to_frame(start, log), "end_frame": to_frame(end, log)}
            found.append(frames | {"peak_m": round(float(away[start : end + 1].max()), 4)})
    return found


def jerk_intervals(log: Log) -> list[dict[str, Any]]:
    """Where the command was disturbed."""
    return [
        {"start_frame": to_frame(start, log), "end_frame": to_frame(end, log), "type": name}
        for start, end, name in events.disturbances(log)
    ]


def recovery(log: Log, obvious: int | None, outcome: str) -> dict[str, Any]:
    """Whether the operator went back for the object, and how that ended."""
    nothing = {"recovery_attempted": False, "recovery_start_frame": None, "recovery_end_frame": None}
    begins = np.flatnonzero((log["phase"][1:] == "approach") & (log["phase"][:-1] != "approach")) + 1
    again = begins[begins > obvious] if obvious is not None else begins[:0]
    if not len(again):
        return nothing | {"recovery_outcome": "no_attempt"}
    first = int(again[0])
    high = THINGS[log.layout.thing].half_height + 0.03
    lifted = np.flatnonzero(events.touching(log)[first:] & (log["qpos"][first:, 11] > high))
    end = first + int(lifted[0]) if len(lifted) else len(log) - 1
    good = bool(len(lifted)) and outcome != "failure"
    return {
        "recovery_attempted": True, "recovery_start_frame": to_frame(first, log),
        "recovery_end_frame": to_frame(end, log), "recovery_outcome": "recovered" if good else "failed_recovery",
    }  # fmt: skip


def is_ambiguous(log: Log) -> bool:
    """Whether the rules disagree with each other or with a stricter reading: such episodes are not kept."""
    early = any(onset < EARLIEST * c.PHYSICS_HZ for onset, _ in events.find_events(log).values())
    early = early or bool(log["object_obstacle"][: c.STEPS_PER_FRAME].any())
    good = _reached(log)
    held = events.touching(log)
    robot = np.flatnonzero((log["robot_obstacle"] > 0) | (log["robot_table"] > 0))
    thing = np.flatnonzero((log["object_obstacle"] > 0) & held)
    first_robot = int(robot[0]) if len(robot) else len(log)
    object_first = bool(len(thing)) and int(thing[0]) < first_robot - c.STEPS_PER_FRAME
    return early or object_first or good != bool(events.placed(log)[-1])


def _reached(log: Log) -> bool:
    return bool(at_goal(log)[-1] < c.GOAL_RADIUS and not events.touching(log)[-1])


def episode_truth(log: Log, variant: Variant) -> dict[str, Any]:
    """The truth record of one episode."""
    found = events.find_events(log)
    name = min(found, key=lambda key: found[key][0]) if found else None
    outcome = "failure" if not _reached(log) else ("success" if name is None else "partial_success")
    jerks = events.disturbances(log)
    event = found[name] if name else ((jerks[0][0], jerks[0][0]) if jerks else None)
    let_go = events.release(log)
    also = variant.also_outcomes if outcome != "failure" else frozenset()
    return {
        "kind": variant.kind, "variant": variant.name, "object": log.layout.thing,
        "outcome": outcome, "outcome_acceptable": [outcome, *sorted(also - {outcome})],
        "failure_category": CATEGORIES.get(name or ""), "failure_subcategory": name,
        "subcategory_acceptable": [name, *(item for item in _also(variant) if item != name)],
        "failure_onset_frame": to_frame(event[0], log) if event else None,
        "failure_obvious_frame": to_frame(event[1], log) if event else None,
        "failure_onset_s": round(event[0] / c.PHYSICS_HZ, 3) if event else None,
        "failure_obvious_s": round(event[1] / c.PHYSICS_HZ, 3) if event else None,
        **recovery(log, event[1] if name and event else None, outcome),
        "attribution": variant.attribution,
        "event_onset_frames": {key: to_frame(value[0], log) for key, value in sorted(found.items())},
        "abnormal_jerk_intervals": jerk_intervals(log),
        "abrupt_command_stop_frames": [to_frame(row, log) for row in events.dead_stops(log)],
        "tracking_error_intervals": tracking_intervals(log),
        "num_frames": len(frame_rows(log)), "final_distance_m": round(float(at_goal(log)[-1]), 4),
        "moved_after_release_m": _moved(log, let_go),
        "mass_kg": round(THINGS[log.layout.thing].mass * log.layout.mass_scale, 3),
        "peak_grip_force_n": round(float(log["grip"].mean(axis=1).max()), 2),
        "peak_tip_force_n": round(float(log["tips"].mean(axis=1).max()), 2),
        "peak_external_torque_nm": round(float(np.abs(log["external"]).max()), 2),
        "obstacle_present": bool(log.layout.post_xy or log.layout.posts), "bystander": log.layout.bystander,
        "contacts": contact_intervals(log, (*CONTACTS, "robot_bystander")),
        "phases": phase_intervals(log), "notes": variant.make.__doc__,
    }  # fmt: skip


def _also(variant: Variant) -> tuple[str | None, ...]:
    """Every subcategory that counts as right beside the true one."""
    planning = variant.subcategories if variant.kind == "joint_limit" else ()
    return (*planning, *variant.also_subcategories)


def _moved(log: Log, let_go: int | None) -> float:
    """How far the object was moved after it was let go, m."""
    return 0.0 if let_go is None else round(float(np.linalg.norm(log["qpos"][-1, 9:11] - log["qpos"][let_go, 9:11])), 4)
