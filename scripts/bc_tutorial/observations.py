"""What the policy sees of the simulation, the same in the demonstrations and when it acts."""

from typing import Final

import numpy as np
from pick_place_sim import constants as c
from pick_place_sim.recorder import Episode
from pick_place_sim.scene import goal_position
from pick_place_sim.simulation import Simulation

RECORDED: Final = ("ee_position", "gripper_aperture", "object_position", "goal_position")
"""m, in the base frame; what failview judges and shows."""

INPUT: Final = "policy_input"
"""Those and their differences, in decimetres."""

APERTURE: Final = 3
"""Column of the gripper's aperture in the input."""

_PER_M: Final = 10.0


def of_recording(episode: Episode) -> dict[str, np.ndarray]:
    """(frames, columns) by name."""
    found = {name: episode.features[f"observation.{name}"].reshape(episode.num_frames, -1) for name in RECORDED}
    return found | {INPUT: _input(found)}


def of_simulation(simulation: Simulation) -> dict[str, np.ndarray]:
    """(columns,) by name, as things are now."""
    data = simulation.data
    now = {
        "ee_position": data.xpos[simulation.eef],
        "gripper_aperture": np.array([np.clip(data.qpos[c.N_ARM : c.N_ARM + 2].sum(), 0.0, c.APERTURE_MAX)]),
        "object_position": data.qpos[9:12],
        "goal_position": goal_position(simulation.layout),
    }
    return {INPUT: _input(now)}


def _input(found: dict[str, np.ndarray]) -> np.ndarray:
    differences = (
        found["object_position"] - found["ee_position"],
        found["goal_position"] - found["object_position"],
    )
    return _PER_M * np.concatenate([*(found[name] for name in RECORDED), *differences], axis=-1)
