"""Lets a trained policy act in the simulation."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import mujoco
import numpy as np
import torch
from pick_place_sim import constants as c
from pick_place_sim.kinds import make_episode
from pick_place_sim.recorder import succeeded
from pick_place_sim.rotations import axis_angle, quat_multiply
from pick_place_sim.scene import Layout
from pick_place_sim.script import Command, Script
from pick_place_sim.simulation import Simulation

from bc_tutorial.observations import INPUT, of_simulation
from bc_tutorial.training import Policy

LONGEST: Final = 15 * c.FRAME_HZ  # frames
FIRST_SEED: Final = 900_000_000  # no demonstration has such a one
GRIP_N: Final = 20.0
FARTHEST: Final = 0.03  # m that the command may run ahead of the hand


def attempt(policy: Policy, number: int, thing: str) -> bool:
    """Attempt a place that no demonstration has: does the object stand at its goal, let go, at some moment?"""
    mujoco.set_mju_user_warning(lambda _: None)
    layout, _, rng = make_episode("success", thing, FIRST_SEED + number)
    simulation = Simulation(layout, rng)

    def act(script: Script, _layout: Layout) -> Iterator[Command]:
        pos, quat = script.command.pos.copy(), script.command.quat.copy()
        for _ in range(LONGEST):
            seen = torch.from_numpy(of_simulation(simulation)[INPUT]).float()
            action = np.clip(policy.act(seen), -1.0, 1.0)
            step = c.ACTION_POSITION_SCALE * action[:3] / c.STEPS_PER_FRAME
            turn = _turn(c.ACTION_ROTATION_SCALE * action[3:6] / c.STEPS_PER_FRAME)
            aperture = 0.0 if action[6] > 0 else c.APERTURE_MAX
            for _ in range(c.STEPS_PER_FRAME):
                pos, quat = pos + step, quat_multiply(turn, quat)
                yield replace(script.command, pos=pos, quat=quat, aperture=aperture, grip_force=GRIP_N)
            hand = simulation.data.xpos[simulation.eef]
            pos = hand + np.clip(pos - hand, -FARTHEST, FARTHEST)

    log = simulation.run(act)
    return bool(log.is_sound and succeeded(log).any())


def _turn(vector: np.ndarray) -> np.ndarray:
    angle = float(np.linalg.norm(vector))
    return axis_angle(tuple(vector / angle), angle) if angle > 1e-9 else np.array([1.0, 0.0, 0.0, 0.0])
