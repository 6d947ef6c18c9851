"""The truth of an episode, from simulator contacts and poses at 500 Hz, by stated rules only."""

from typing import Any, Final

import numpy as np
from pick_place_sim import constants as c
from pick_place_sim import truth as physics
from pick_place_sim.kinds import KINDS
from pick_place_sim.simulation import Log

from evaluation_set.variants import Variant

TRACKING: Final = 0.02  # m between command and hand that counts as a tracking error
TRACKING_SHORTEST: Final = 0.1  # s that it must last
RULES: Final = physics.RULES | {
    "gripper_obstacle": "onset and obvious: first contact of the robot with the obstacle or the table",
    "tracking_error_intervals": "command more than 2 cm ahead of the hand for 0.1 s or longer",
}


def tracking_intervals(log: Log) -> list[dict[str, Any]]:
    """Where the hand is more than 2 cm from its command."""
    away = np.linalg.norm(log["cmd_pos"] - log["ee_pos"], axis=1)
    found = []
    for start, end in physics.runs(away > TRACKING):
        if end - start + 1 >= TRACKING_SHORTEST * c.PHYSICS_HZ:
            frames = {"start_frame": physics.to_frame(start, log), "end_frame": physics.to_frame(end, log)}
            found.append(frames | {"peak_m": round(float(away[start : end + 1].max()), 4)})
    return found


def episode_truth(log: Log, variant: Variant) -> dict[str, Any]:
    """The truth record of one episode."""
    found = physics.episode_truth(log, KINDS[variant.source])
    if found["failure_subcategory"] == "gripper_obstacle":
        found |= {"failure_obvious_frame": found["failure_onset_frame"], "failure_obvious_s": found["failure_onset_s"]}
    if found["recovery_outcome"] is None:
        found["recovery_outcome"] = "no_attempt"
    outcomes = {found["outcome"]} | (variant.also_outcomes if found["outcome"] != "failure" else set())
    return found | {
        "kind": variant.kind, "variant": variant.name,
        "outcome_acceptable": sorted(outcomes),
        "subcategory_acceptable": [found["failure_subcategory"], *variant.also_subcategories],
        "attribution": variant.attribution, "abnormal_jerk_intervals": [],
        "tracking_error_intervals": tracking_intervals(log),
    }  # fmt: skip
