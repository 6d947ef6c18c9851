"""Small quaternion helpers; quaternions are w x y z here, as in MuJoCo."""

import math

import mujoco
import numpy as np


def quat_multiply(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Rotation `b` followed by rotation `a`."""
    result = np.zeros(4)
    mujoco.mju_mulQuat(result, a, b)
    return result


def quat_conjugate(quat: np.ndarray) -> np.ndarray:
    """The inverse rotation."""
    return np.array([quat[0], -quat[1], -quat[2], -quat[3]])


def axis_angle(axis: tuple[float, float, float], angle: float) -> np.ndarray:
    """Rotation by `angle` rad about the unit vector `axis`."""
    return np.array([math.cos(angle / 2), *(math.sin(angle / 2) * np.array(axis))])


def tool_down(yaw: float, tilt: float = 0.0) -> np.ndarray:
    """Hand pointing down, turned by `yaw` about the vertical and then leaning by `tilt` about its closing axis."""
    down = quat_multiply(axis_angle((0, 0, 1), yaw), np.array([0.0, 1.0, 0.0, 0.0]))
    return quat_multiply(down, axis_angle((0, 1, 0), tilt))


def rotation_vector(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """World-frame rotation vector, rad, that turns `start` into `end`."""
    difference = quat_multiply(end, quat_conjugate(start))
    if difference[0] < 0:
        difference = -difference
    sine = float(np.linalg.norm(difference[1:]))
    if sine < 1e-12:
        return np.zeros(3)
    return difference[1:] / sine * 2 * math.atan2(sine, difference[0])


def slerp(start: np.ndarray, end: np.ndarray, share: float) -> np.ndarray:
    """Rotation between `start` (share 0) and `end` (share 1)."""
    vector = rotation_vector(start, end)
    angle = float(np.linalg.norm(vector))
    if angle < 1e-9:
        return end.copy()
    axis = vector / angle
    return quat_multiply(axis_angle((axis[0], axis[1], axis[2]), angle * share), start)


def rotate(quat: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """`vector` turned by `quat`."""
    result = np.zeros(3)
    mujoco.mju_rotVecQuat(result, np.asarray(vector, dtype=float), quat)
    return result


def angle_between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Angle, rad, between rows of two arrays of quaternions."""
    dot = np.abs(np.sum(np.atleast_2d(a) * np.atleast_2d(b), axis=-1))
    return 2 * np.arccos(np.clip(dot, 0.0, 1.0))


def tilt_from_upright(quat: np.ndarray) -> np.ndarray:
    """Angle, rad, between a body's z axis and the vertical, for each row."""
    rows = np.atleast_2d(quat)
    return np.arccos(np.clip(1 - 2 * (rows[:, 1] ** 2 + rows[:, 2] ** 2), -1.0, 1.0))
