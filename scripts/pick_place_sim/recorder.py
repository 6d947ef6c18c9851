"""Turns the 500 Hz log into what a robot would record at 20 Hz (and, if wanted, at 100 Hz)."""

from dataclasses import dataclass

import numpy as np

from pick_place_sim import constants as c
from pick_place_sim.objects import THINGS
from pick_place_sim.rotations import rotation_vector, tilt_from_upright
from pick_place_sim.scene import goal_position
from pick_place_sim.simulation import Log, at_goal


@dataclass
class Episode:
    """One recorded episode: features by name, one row per frame, and the postures to draw."""

    features: dict[str, np.ndarray]
    qpos: np.ndarray
    task: str
    high_rate: dict[str, np.ndarray]

    @property
    def num_frames(self) -> int:
        """Number of frames."""
        return len(self.qpos)


def frame_rows(log: Log, stride: int = c.STEPS_PER_FRAME) -> np.ndarray:
    """Rows of the log at which frames are taken."""
    return np.arange(0, len(log), stride)


def xyzw(quat: np.ndarray) -> np.ndarray:
    """MuJoCo's w x y z to x y z w, with the sign kept continuous over time."""
    out = np.roll(quat, -1, axis=1)
    for k in range(1, len(out)):
        if out[k] @ out[k - 1] < 0:
            out[k] = -out[k]
    return out


def preceding_mean(values: np.ndarray, rows: np.ndarray, width: int) -> np.ndarray:
    """Mean of the `width` log rows up to and including each given row."""
    total = np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)])
    start = np.maximum(rows + 1 - width, 0)
    count = (rows + 1 - start).reshape(-1, *([1] * (values.ndim - 1)))
    return np.asarray((total[rows + 1] - total[start]) / count)


def succeeded(log: Log) -> np.ndarray:
    """Per step: the object is at the goal, upright, let go and at rest."""
    near = at_goal(log) < c.GOAL_RADIUS
    # The long block may lie on any face; only things that stand can have fallen.
    stands = bool(THINGS[log.layout.thing].profiles)
    upright = (tilt_from_upright(log["qpos"][:, 12:16]) < c.UPRIGHT_LIMIT) | (not stands)
    free = (log["finger_object"] == 0) & (log["cmd_closed"] == 0)
    slow = np.linalg.norm(log["qvel"][:, 9:12], axis=1) < c.REST_SPEED
    return np.asarray(near & upright & free & slow)


def actions(log: Log, rows: np.ndarray) -> np.ndarray:
    """Change of the commanded pose to the next frame, and the gripper command (+1 close, -1 open)."""
    after = np.append(rows[1:], len(log) - 1)
    move = (log["cmd_pos"][after] - log["cmd_pos"][rows]) / c.ACTION_POSITION_SCALE
    pairs = zip(log["cmd_quat"][rows], log["cmd_quat"][after], strict=True)
    turn = np.array([rotation_vector(a, b) for a, b in pairs]) / c.ACTION_ROTATION_SCALE
    grip = np.where(log["cmd_closed"][after] > 0, 1.0, -1.0)[:, None]
    return np.hstack([move, turn, grip])


def external_estimate(log: Log) -> np.ndarray:
    """True contact torques behind the first-order lag of a momentum observer, at the physics rate."""
    share = 1.0 / (c.PHYSICS_HZ * c.EXTERNAL_TORQUE_LAG)
    out = np.zeros_like(log["external"])
    state = log["external"][0].copy()
    for k, value in enumerate(log["external"]):
        state += share * (value - state)
        out[k] = state
    return out


def record(log: Log, task: str, rng: np.random.Generator, *, high_rate: bool = False) -> Episode:
    """Sample the log at the frame rate with sensor noise."""
    rows = frame_rows(log)
    features = _sample(log, rows, rng, c.STEPS_PER_FRAME)
    done = np.zeros(len(rows), dtype=bool)
    done[-1] = True
    good = succeeded(log)[rows]
    features |= {
        "observation.ee_command": log["cmd_pos"][rows],
        "observation.goal_position": np.tile(goal_position(log.layout), (len(rows), 1)),
        "observation.phase": log["phase"][rows],
        "action": actions(log, rows),
        "next.reward": good.astype(float),
        "next.done": done,
        "next.success": good,
    }
    fast = _sample(log, frame_rows(log, c.STEPS_PER_HIGH_RATE), rng, c.STEPS_PER_HIGH_RATE) if high_rate else {}
    return Episode(features, log["qpos"][rows], task, fast)


def _sample(log: Log, rows: np.ndarray, rng: np.random.Generator, width: int) -> dict[str, np.ndarray]:
    """All measured signals at the given rows; forces are means over the `width` steps before."""
    count = len(rows)
    aperture = np.clip(log["aperture"][rows], 0.0, c.APERTURE_MAX)
    tips = preceding_mean(log["tips"].mean(axis=1), rows, width) + np.abs(rng.normal(0, c.NOISE_GRIP_FORCE, count))
    wrench_noise = rng.normal(0, 1, (count, 6)) * np.repeat([c.NOISE_WRENCH_FORCE, c.NOISE_WRENCH_TORQUE], 3)
    return {
        "observation.state": np.column_stack([log["qpos"][rows, : c.N_ARM], aperture]),
        "observation.joint_velocity": log["qvel"][rows, : c.N_ARM] + rng.normal(0, c.NOISE_JOINT_VELOCITY, (count, 7)),
        "observation.joint_torque": log["torque"][rows] + rng.normal(0, c.NOISE_JOINT_TORQUE, (count, 7)),
        "observation.external_torque": preceding_mean(external_estimate(log), rows, width)
        + rng.normal(0, 1, (count, 7)) * np.array(c.NOISE_EXTERNAL_TORQUE),
        "observation.gripper_aperture": aperture,
        "observation.gripper_force": tips,
        "observation.wrench": preceding_mean(log["wrench"], rows, width) + wrench_noise,
        "observation.ee_position": log["ee_pos"][rows],
        "observation.ee_orientation": xyzw(log["ee_quat"][rows]),
        "observation.object_position": log["qpos"][rows, 9:12],
        "observation.object_orientation": xyzw(log["qpos"][rows, 12:16]),
    }
