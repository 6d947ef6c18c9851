"""Worse copies of a clean recording: with the faults of real sensors, and without object and goal poses."""

from dataclasses import replace
from typing import Any, Final

import numpy as np

from evaluation_set.recording import POSES, Recording

FORCE_SIGMA: Final = 0.2  # N, fingertips and wrist
FORCE_DRIFT: Final = 0.3  # N, slow wave on the fingertips
FORCE_WALK: Final = 0.01  # N per frame, random walk on top
WRENCH_DRIFT: Final = 0.5  # N, slow wave on the wrist
WRENCH_TORQUE_SIGMA: Final = 0.02  # Nm
JOINT_TORQUE_SIGMA: Final = 0.15  # Nm
APERTURE_STEP: Final = 0.0005  # m
REPEATED: Final = 0.01  # share of frames whose observation is that of the frame before
BURST_SHARE: Final = 1 / 3  # share of episodes with a burst of NaN
BURST_FRAMES: Final = (3, 10)  # inclusive
BURST_GROUPS: Final = (
    ("robot0_joint_pos",), ("robot0_joint_vel",), ("robot0_joint_torque",), ("robot0_eef_pos", "robot0_eef_quat"),
    ("robot0_gripper_width", "robot0_gripper_qpos", "robot0_gripper_qvel"),
    ("robot0_gripper_force", "robot0_gripper_finger_force"), ("robot0_ee_force", "robot0_ee_torque"),
    ("object_pos", "object_quat"),
)  # fmt: skip


def without_poses(recording: Recording) -> Recording:
    """The recording of a robot that knows neither where the object is nor where it should go."""
    obs = {name: values for name, values in recording.obs.items() if name not in POSES}
    # The simulator's state and the reward would tell both.
    return replace(recording, obs=obs, states=recording.states[:, :9], rewards=None)


def noisy(recording: Recording, seed: list[int]) -> tuple[Recording, dict[str, Any]]:
    """A worse copy without 100 Hz record, and what was done to it."""
    rng = np.random.default_rng(seed)
    obs = {name: values.copy() for name, values in recording.obs.items()}
    _disturb_forces(obs, recording.timestamps_s, rng)
    width = np.round(obs["robot0_gripper_width"] / APERTURE_STEP) * APERTURE_STEP
    obs["robot0_gripper_width"] = width
    obs["robot0_gripper_qpos"] = np.hstack([width / 2, -width / 2])
    repeated = np.flatnonzero(rng.random(recording.num_frames) < REPEATED)
    repeated = repeated[repeated > 0]
    for frame in repeated:
        for values in obs.values():
            values[frame] = values[frame - 1]
    burst = _burst(obs, rng) if rng.random() < BURST_SHARE else None
    return replace(recording, obs=obs, high_rate={}), {"repeated_frames": repeated.tolist(), "nan_burst": burst}


def _disturb_forces(obs: dict[str, np.ndarray], times_s: np.ndarray, rng: np.random.Generator) -> None:
    count = len(times_s)
    fingers = obs["robot0_gripper_finger_force"]
    drift = _wave(times_s, FORCE_DRIFT, 2, rng) + np.cumsum(rng.normal(0, FORCE_WALK, (count, 2)), axis=0)
    # Each fingertip gets as much as makes the mean of both as noisy as stated.
    fingers += drift + rng.normal(0, FORCE_SIGMA * np.sqrt(2), (count, 2))
    obs["robot0_gripper_force"] = fingers.mean(axis=1, keepdims=True)
    obs["robot0_ee_force"] += _wave(times_s, WRENCH_DRIFT, 3, rng) + rng.normal(0, FORCE_SIGMA, (count, 3))
    obs["robot0_ee_torque"] += rng.normal(0, WRENCH_TORQUE_SIGMA, (count, 3))
    obs["robot0_joint_torque"] += rng.normal(0, JOINT_TORQUE_SIGMA, (count, 7))


def _wave(times_s: np.ndarray, size: float, width: int, rng: np.random.Generator) -> np.ndarray:
    """Slow drift: a sine of 8 to 20 s that begins anywhere."""
    period, start = rng.uniform(8.0, 20.0, width), rng.uniform(0, 2 * np.pi, width)
    return np.asarray(size * np.sin(2 * np.pi * times_s[:, None] / period + start))


def _burst(obs: dict[str, np.ndarray], rng: np.random.Generator) -> dict[str, Any]:
    """Some frames of one group of signals are not a number."""
    groups = [group for group in BURST_GROUPS if set(group) <= set(obs)]
    group = groups[int(rng.integers(len(groups)))]
    length = int(rng.integers(BURST_FRAMES[0], BURST_FRAMES[1] + 1))
    start = int(rng.integers(0, len(obs[group[0]]) - length))
    for name in group:
        obs[name][start : start + length] = np.nan
    return {"signals": list(group), "start_frame": start, "end_frame": start + length - 1}
