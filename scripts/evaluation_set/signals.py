"""Samples the signals of one simulated episode at the frame rate and at 100 Hz."""

import numpy as np
from pick_place_sim import constants as c
from pick_place_sim.recorder import actions, frame_rows, preceding_mean, xyzw
from pick_place_sim.rotations import rotation_vector
from pick_place_sim.scene import goal_position
from pick_place_sim.simulation import Log

from evaluation_set.events import placed
from evaluation_set.recording import WORLD, Recording


def record(log: Log, rng: np.random.Generator, *, high_rate: bool) -> Recording:
    """Sample the 500 Hz log with the sensor noise of `pick_place_sim.constants`."""
    rows = frame_rows(log)
    done = placed(log)[rows]
    after = np.append(rows[1:], len(log) - 1)
    turn = np.array([rotation_vector(np.array([1.0, 0, 0, 0]), quat) for quat in log["cmd_quat"][after]])
    move = actions(log, rows)
    return Recording(
        obs=_observe(log, rows, rng),
        actions=move,
        actions_abs=np.hstack([log["cmd_pos"][after] + WORLD, turn, move[:, 6:]]),
        states=np.hstack([log["qpos"][rows, :16], log["qvel"][rows, :15]]),  # robot and object; no bystander
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
