"""How commands become torques: inverse kinematics, joint impedance with feed-forward, and the two-finger gripper."""

import math
from typing import Final

import mujoco
import numpy as np

from pick_place_sim import constants as c
from pick_place_sim import panda_model
from pick_place_sim.rotations import rotation_vector
from pick_place_sim.scene import Layout

DT: Final = 1.0 / c.PHYSICS_HZ
IK_DAMPING: Final = 0.02  # damping of the least-squares step, keeps it tame near singular postures
TAME: Final = (0.08, 0.2, 2.2 * DT)  # damping, share of the error per step, rad per step: calm where it cannot reach
POSTURE_GAIN: Final = 0.4  # 1/s, slow pull of the redundant elbow towards the home posture
OPENING_FORCE: Final = 15.0  # N, always available to open the fingers, however weak the commanded grip
ACCELERATION_SMOOTHING: Final = 0.9  # share of the previous value kept; differences at 500 Hz are noisy


class ArmController:
    """Follows commanded poses of the grip point with a joint impedance, as a research Panda is usually driven."""

    def __init__(self, q: np.ndarray, layout: Layout) -> None:
        self._margin = layout.stop_margin
        self._damping, self._gain, self._fastest = TAME if layout.is_tame else (IK_DAMPING, 1.0, math.inf)
        self._model = mujoco.MjModel.from_xml_string(panda_model.dynamics_mjcf())
        self._data = mujoco.MjData(self._model)
        self._eef = self._model.body("eef").id
        self.q_ref = q.copy()
        self._qd_ref = np.zeros(c.N_ARM)
        self._qdd_ref = np.zeros(c.N_ARM)
        self._jacobian = np.zeros((6, self._model.nv))
        self._limits = np.array(c.TORQUE_LIMIT)

    def _advance_reference(self, pos: np.ndarray, quat: np.ndarray) -> None:
        """One damped-least-squares step of the reference posture towards the commanded pose."""
        model, data = self._model, self._data
        data.qpos[: c.N_ARM] = self.q_ref
        mujoco.mj_kinematics(model, data)
        mujoco.mj_comPos(model, data)
        mujoco.mj_jacBody(model, data, self._jacobian[:3], self._jacobian[3:], self._eef)
        jacobian = self._jacobian[:, : c.N_ARM]
        error = np.concatenate([pos - data.xpos[self._eef], rotation_vector(data.xquat[self._eef], quat)])
        error *= self._gain
        gram = jacobian @ jacobian.T + self._damping**2 * np.eye(6)
        posture = POSTURE_GAIN * DT * (np.array(c.HOME_Q) - self.q_ref)
        step = posture + jacobian.T @ np.linalg.solve(gram, error - jacobian @ posture)
        # One factor for all joints keeps the direction of the motion.
        step *= min(1.0, self._fastest / max(float(np.abs(step).max()), 1e-12))
        limits = self._model.jnt_range[: c.N_ARM]
        new = np.clip(self.q_ref + step, limits[:, 0] + self._margin, limits[:, 1] - self._margin)
        velocity = (new - self.q_ref) / DT
        keep = ACCELERATION_SMOOTHING
        self._qdd_ref = keep * self._qdd_ref + (1 - keep) * (velocity - self._qd_ref) / DT
        self.q_ref, self._qd_ref = new, velocity

    def torque(self, q: np.ndarray, qd: np.ndarray, pos: np.ndarray, quat: np.ndarray) -> np.ndarray:
        """Motor torques for one step of physics."""
        self._advance_reference(pos, quat)
        model, data = self._model, self._data
        data.qpos[: c.N_ARM], data.qvel[: c.N_ARM] = q, qd
        data.qacc[: c.N_ARM] = self._qdd_ref
        mujoco.mj_kinematics(model, data)
        mujoco.mj_comPos(model, data)
        mujoco.mj_comVel(model, data)
        feed_forward = np.zeros(model.nv)
        mujoco.mj_rne(model, data, 1, feed_forward)
        spring = np.array(c.STIFFNESS) * (self.q_ref - q) + np.array(c.DAMPING) * (self._qd_ref - qd)
        rotor = c.JOINT_ARMATURE * self._qdd_ref
        return np.clip(feed_forward[: c.N_ARM] + rotor + spring, -self._limits, self._limits)


class Gripper:
    """Position-controlled fingers with a force limit, like the Franka Hand's grasp command."""

    def __init__(self, opening: float) -> None:
        self._reference = opening / 2  # m per finger
        self._target = opening / 2

    def force(self, finger: float, speed: float, *, aperture: float, force_limit: float) -> float:
        """Drive force per finger, N, for one step of physics."""
        if aperture / 2 != self._target:
            # While gripping, the reference runs ahead of fingers held apart by an object: begin again where they are.
            self._target, self._reference = aperture / 2, finger
        step = c.FINGER_SPEED * DT
        self._reference += float(np.clip(self._target - self._reference, -step, step))
        drive = c.FINGER_KP * (self._reference - finger) - c.FINGER_KD * speed
        return float(np.clip(drive, -force_limit, max(force_limit, OPENING_FORCE)))
