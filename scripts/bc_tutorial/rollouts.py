"""Lets a trained policy act in the simulation."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import mujoco
import numpy as np
from pick_place_sim import constants as c
from pick_place_sim.kinds import make_episode
from pick_place_sim.recorder import succeeded
from pick_place_sim.rotations import axis_angle, quat_multiply
from pick_place_sim.scene import Layout
from pick_place_sim.script import Command, Script
from pick_place_sim.simulation import Simulation

from bc_tutorial.observations import of_simulation
from bc_tutorial.training import prepare_torchvision

LONGEST: Final = 16 * c.FRAME_HZ  # frames
FIRST_SEED: Final = 900_000_000  # no demonstration has such a one
GRIP_N: Final = 20.0


def roll_out(checkpoint: Path, count: int, thing: str) -> list[bool]:
    """Whether each of so many attempts from new places succeeded."""
    prepare_torchvision()
    import torch  # noqa: PLC0415
    from robomimic.utils.file_utils import policy_from_checkpoint  # noqa: PLC0415 - after torchvision

    torch.set_num_threads(1)
    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002 - robomimic's
    policy, _ = policy_from_checkpoint(ckpt_path=str(checkpoint), device=torch.device("cpu"), verbose=False)
    return [attempt(policy, FIRST_SEED + number, thing) for number in range(count)]


def attempt(policy: Any, seed: int, thing: str) -> bool:
    """One attempt: the object stands at its goal, let go, at some moment."""
    layout, _, rng = make_episode("success", thing, seed)
    simulation = Simulation(layout, rng)
    policy.start_episode()

    def act(script: Script, _layout: Layout) -> Iterator[Command]:
        pos, quat = script.command.pos.copy(), script.command.quat.copy()
        for _ in range(LONGEST):
            action = np.clip(policy(ob=of_simulation(simulation)), -1.0, 1.0)
            step = c.ACTION_POSITION_SCALE * action[:3] / c.STEPS_PER_FRAME
            turn = _turn(c.ACTION_ROTATION_SCALE * action[3:6] / c.STEPS_PER_FRAME)
            aperture = 0.0 if action[6] > 0 else c.APERTURE_MAX
            for _ in range(c.STEPS_PER_FRAME):
                pos, quat = pos + step, quat_multiply(turn, quat)
                yield replace(script.command, pos=pos, quat=quat, aperture=aperture, grip_force=GRIP_N)

    mujoco.set_mju_user_warning(lambda _: None)
    log = simulation.run(act)
    return bool(log.is_sound and succeeded(log).any())


def _turn(vector: np.ndarray) -> np.ndarray:
    angle = float(np.linalg.norm(vector))
    return axis_angle(tuple(vector / angle), angle) if angle > 1e-9 else np.array([1.0, 0.0, 0.0, 0.0])
