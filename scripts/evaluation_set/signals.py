"""What is stored of one simulated episode: names, units, frames, and the signals at the frame rate and at 100 Hz."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from pick_place_sim import constants as c
from pick_place_sim.recorder import actions, frame_rows, preceding_mean, succeeded, xyzw
from pick_place_sim.rotations import rotation_vector
from pick_place_sim.scene import goal_position
from pick_place_sim.simulation import Log

BASE: Final = (-0.56, 0.0, 0.8)  # m, robot base in the world: positions are given in the world, as robosuite does
WORLD: Final = np.array(BASE)
FIELDS: Final = {
    "robot0_joint_pos": ("rad", "measured joint positions 1 to 7"),
    "robot0_joint_vel": ("rad/s", "measured joint velocities 1 to 7"),
    "robot0_joint_torque": ("Nm", "motor torques with gravity, inertia, damping, friction and contacts"),
    "robot0_joint_pos_cmd": ("rad", "joint reference of the impedance controller"),
    "robot0_eef_pos": ("m, world frame", "grip point between the fingertips"),
    "robot0_eef_quat": ("xyzw, world frame", "orientation of the hand; z approach, y closing axis"),
    "robot0_eef_pos_cmd": ("m, world frame", "commanded grip point at the same instant"),
    "robot0_eef_quat_cmd": ("xyzw, world frame", "commanded orientation at the same instant"),
    "robot0_gripper_qpos": ("m", "finger 1 in 0 to 0.04, finger 2 in -0.04 to 0"),
    "robot0_gripper_qvel": ("m/s", "finger velocities"),
    "robot0_gripper_width": ("m", "aperture, 0 closed to 0.08 open"),
    "robot0_gripper_force": ("N", "mean of the normal forces on both fingertips, mean over the last 50 ms"),
    "robot0_gripper_finger_force": ("N", "normal force on fingertip 1 and 2 by whatever it touches, 50 ms mean"),
    "robot0_ee_force": ("N, hand frame axes", "wrist force sensor, not tared, mean over the last 50 ms"),
    "robot0_ee_torque": ("Nm, hand frame axes", "wrist torque sensor, not tared, mean over the last 50 ms"),
    "object_pos": ("m, world frame", "centre of the object"),
    "object_quat": ("xyzw, world frame", "orientation of the object"),
    "goal_pos": ("m, world frame", "where the centre of the object should end"),
}
POSES: Final = ("object_pos", "object_quat", "goal_pos")


@dataclass
class Recording:
    """One episode as it is stored, one row per frame; `obs` by field name, `high_rate` by dataset name."""

    obs: dict[str, np.ndarray]
    actions: np.ndarray
    actions_abs: np.ndarray
    states: np.ndarray
    rewards: np.ndarray
    timestamps_s: np.ndarray
    high_rate: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def num_frames(self) -> int:
        """Number of frames."""
        return len(self.actions)


def record(log: Log, rng: np.random.Generator, *, high_rate: bool) -> Recording:
    """Sample the 500 Hz log with the sensor noise of `pick_place_sim.constants`."""
    rows = frame_rows(log)
    done = succeeded(log)[rows]
    after = np.append(rows[1:], len(log) - 1)
    turn = np.array([rotation_vector(np.array([1.0, 0, 0, 0]), quat) for quat in log["cmd_quat"][after]])
    move = actions(log, rows)
    return Recording(
        obs=_observe(log, rows, rng),
        actions=move,
        actions_abs=np.hstack([log["cmd_pos"][after] + WORLD, turn, move[:, 6:]]),
        states=np.hstack([log["qpos"][rows], log["qvel"][rows]]),
        rewards=done.astype(float),
        timestamps_s=rows / c.PHYSICS_HZ,
        high_rate=_fast(log, rng) if high_rate else {},
    )


def _measured(log: Log, rows: np.ndarray, rng: np.random.Generator, width: int) -> dict[str, np.ndarray]:
    """Signals with sensor noise; forces are means over the `width` steps before."""
    count = len(rows)
    wrench_noise = rng.normal(0, 1, (count, 6)) * np.repeat([c.NOISE_WRENCH_FORCE, c.NOISE_WRENCH_TORQUE], 3)
    tips = preceding_mean(log["tips"], rows, width)
    return {
        "vel": log["qvel"][rows, : c.N_ARM] + rng.normal(0, c.NOISE_JOINT_VELOCITY, (count, c.N_ARM)),
        "torque": log["torque"][rows] + rng.normal(0, c.NOISE_JOINT_TORQUE, (count, c.N_ARM)),
        "wrench": preceding_mean(log["sensor"], rows, width) + wrench_noise,
        "tips": tips + np.abs(rng.normal(0, c.NOISE_GRIP_FORCE, tips.shape)) * np.sqrt(2),
        "width": np.clip(log["aperture"][rows], 0.0, c.APERTURE_MAX)[:, None],
    }


def _observe(log: Log, rows: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    seen = _measured(log, rows, rng, c.STEPS_PER_FRAME)
    fingers, speeds = (log[name][rows, c.N_ARM : c.N_ARM + 2] * [1.0, -1.0] for name in ("qpos", "qvel"))
    return {
        "robot0_joint_pos": log["qpos"][rows, : c.N_ARM],
        "robot0_joint_vel": seen["vel"],
        "robot0_joint_torque": seen["torque"],
        "robot0_joint_pos_cmd": log["q_ref"][rows],
        "robot0_eef_pos": log["ee_pos"][rows] + WORLD,
        "robot0_eef_quat": xyzw(log["ee_quat"][rows]),
        "robot0_eef_pos_cmd": log["cmd_pos"][rows] + WORLD,
        "robot0_eef_quat_cmd": xyzw(log["cmd_quat"][rows]),
        "robot0_gripper_qpos": fingers,
        "robot0_gripper_qvel": speeds,
        "robot0_gripper_width": seen["width"],
        "robot0_gripper_force": seen["tips"].mean(axis=1, keepdims=True),
        "robot0_gripper_finger_force": seen["tips"],
        "robot0_ee_force": seen["wrench"][:, :3],
        "robot0_ee_torque": seen["wrench"][:, 3:],
        "object_pos": log["qpos"][rows, 9:12] + WORLD,
        "object_quat": xyzw(log["qpos"][rows, 12:16]),
        "goal_pos": np.tile(goal_position(log.layout) + WORLD, (len(rows), 1)),
    }


def _fast(log: Log, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """The 100 Hz record with its own time."""
    rows = frame_rows(log, c.STEPS_PER_HIGH_RATE)
    seen = _measured(log, rows, rng, c.STEPS_PER_HIGH_RATE)
    return {
        "timestamps": rows / c.PHYSICS_HZ,
        "joint_pos": log["qpos"][rows, : c.N_ARM],
        "joint_vel": seen["vel"],
        "joint_torque": seen["torque"],
        "gripper_force": seen["tips"].mean(axis=1),
        "gripper_width": seen["width"][:, 0],
        "ee_wrench": seen["wrench"],
    }
