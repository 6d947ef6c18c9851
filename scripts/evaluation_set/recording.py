"""One episode as it is stored: names, units and frames of its signals."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

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
    rewards: np.ndarray | None  # None: nothing tells how it went
    timestamps_s: np.ndarray
    high_rate: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def num_frames(self) -> int:
        """Number of frames."""
        return len(self.actions)
