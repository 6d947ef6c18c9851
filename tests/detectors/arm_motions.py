"""Motions of a small arm, computed at 1 kHz with Pinocchio, with contacts, loads and stops planted at known times."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pinocchio as pin

from failview.detectors.conditioning.condition import condition
from failview.detectors.detector import Case
from failview.detectors.grasping.grasp_story import GraspStory
from failview.model.clock import Clock
from failview.model.episode import Episode, EpisodeSource
from failview.model.robot import LinkPoses, Robot
from failview.model.roles import ROLE_SPECS, Role
from failview.model.signals import Signal
from failview.settings.thresholds import DetectorSettings

FINE_HZ = 1000
JOINTS = ("turn", "shoulder", "elbow", "wrist", "roll")
GRAVITY = np.array([0.0, 0.0, -9.81])
HAND_KG = 0.8
LIMIT_RAD = 2.5

# name, axis, place on the parent (m), mass (kg), middle of it (m), inertia about it (kg m2), damping, friction
_LINKS = (
    ("turn", "0 0 1", "0 0 0.3", 4.0, "0 0 0.05", 0.02, 0.5, 0.3),
    ("shoulder", "0 1 0", "0 0 0.1", 3.0, "0 0 0.15", 0.03, 0.5, 0.3),
    ("elbow", "0 1 0", "0 0 0.35", 2.0, "0 0 0.12", 0.015, 0.4, 0.3),
    ("wrist", "0 1 0", "0 0 0.3", 0.8, "0 0 0.04", 0.004, 0.2, 0.1),
    ("roll", "0 0 1", "0 0 0.08", HAND_KG, "0 0 0.05", 0.003, 0.2, 0.1),
)
TOOL_M = 0.1


def write_urdf(path: Path, *, friction: bool = True, masses: bool = True) -> Path:
    """The arm as URDF, with a tool frame and one finger."""
    parts = ['<robot name="arm"><link name="base"/>']
    parent = "base"
    for name, axis, place, mass, middle, inertia, damping, dry in _LINKS:
        weight = (
            f'<inertial><origin xyz="{middle}"/><mass value="{mass}"/><inertia ixx="{inertia}" iyy="{inertia}" '
            f'izz="{inertia}" ixy="0" ixz="0" iyz="0"/></inertial>'
        )
        loss = f'<dynamics damping="{damping}" friction="{dry}"/>' if friction else ""
        parts.append(
            f'<link name="{name}_link">{weight if masses else ""}</link><joint name="{name}" type="revolute">'
            f'<parent link="{parent}"/><child link="{name}_link"/><origin xyz="{place}"/><axis xyz="{axis}"/>'
            f'<limit lower="-{LIMIT_RAD}" upper="{LIMIT_RAD}" effort="87" velocity="2"/>{loss}</joint>'
        )
        parent = f"{name}_link"
    parts.append(
        f'<link name="tool"/><joint name="tool_joint" type="fixed"><parent link="{parent}"/><child link="tool"/>'
        f'<origin xyz="0 0 {TOOL_M}"/></joint><link name="finger_link"/><joint name="finger" type="prismatic">'
        f'<parent link="{parent}"/><child link="finger_link"/><axis xyz="0 1 0"/>'
        '<limit lower="0" upper="0.04" effort="10" velocity="1"/></joint></robot>'
    )
    path.write_text("".join(parts))
    return path


def write_mjcf(path: Path, *, armature: float = 0.0) -> Path:
    """The same arm as MJCF."""
    opened, text = 0, '<mujoco model="arm"><compiler angle="radian" autolimits="true"/><worldbody><body name="base">'
    text += '<inertial mass="1" pos="0 0 0" diaginertia="1 1 1"/>'
    for name, axis, place, mass, middle, inertia, damping, dry in _LINKS:
        text += (
            f'<body name="{name}_link" pos="{place}"><inertial mass="{mass}" pos="{middle}" '
            f'diaginertia="{inertia} {inertia} {inertia}"/><joint name="{name}" type="hinge" axis="{axis}" '
            f'range="-{LIMIT_RAD} {LIMIT_RAD}" damping="{damping}" frictionloss="{dry}" armature="{armature}"/>'
        )
        opened += 1
    tiny = '<inertial mass="1e-9" pos="0 0 0" diaginertia="1e-12 1e-12 1e-12"/>'
    text += f'<body name="tool" pos="0 0 {TOOL_M}">{tiny}</body><body name="finger_link">{tiny}'
    text += '<joint name="finger" type="slide" axis="0 1 0" range="0 0.04"/></body>'
    path.write_text(text + "</body>" * opened + "</body></worldbody></mujoco>")
    return path


def robot_of(path: Path) -> Robot:
    """What the loader would say of the arm."""
    limit = np.full(len(JOINTS), LIMIT_RAD)
    nowhere = LinkPoses(np.zeros((0, 0, 3)), np.zeros((0, 0, 4)))
    return Robot(path, "tool", JOINTS, -limit, limit, False, (), (), lambda frames: nowhere)


@dataclass
class Motion:
    """What happens, at 1 kHz; times in s.

    Attributes:
        path: The model.
        velocity: (samples, joints) rad/s.
        external: (samples, joints) torque of contacts, Nm.
        hand_force: (samples, 3) force on the tool in the base's axes, N.
        payload_kg: (samples,) mass in the hand.
        noise_nm: Of the torque sensors.
        friction_scale: The arm's friction, as a share of the model's.
    """

    path: Path
    velocity: np.ndarray
    start: np.ndarray = field(default_factory=lambda: np.array([0.0, 0.6, 0.9, 0.5, 0.0]))
    external: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    hand_force: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    payload_kg: np.ndarray = field(default_factory=lambda: np.zeros(0))
    noise_nm: float = 0.1
    friction_scale: float = 1.0

    def __post_init__(self) -> None:
        count = len(self.velocity)
        self.external = np.zeros((count, len(JOINTS)))
        self.hand_force = np.zeros((count, 3))
        self.payload_kg = np.zeros(count)


def span(motion: Motion, begin_s: float, end_s: float, ramp_s: float = 0.02) -> np.ndarray:
    """(samples,) 0 outside, 1 inside, with short ramps."""
    times = np.arange(len(motion.velocity)) / FINE_HZ
    return np.asarray(np.clip(np.minimum((times - begin_s) / ramp_s, (end_s - times) / ramp_s), 0.0, 1.0))


def strokes(seconds: float = 6.0, speed: float = 0.5, period_s: float = 2.0) -> np.ndarray:
    """(samples, joints) there-and-back motion of all joints, rad/s."""
    times = np.arange(int(seconds * FINE_HZ)) / FINE_HZ
    wave = speed * np.sin(2 * np.pi * times / period_s) * (1.0 - np.exp(-times))
    return np.outer(wave, [1.0, 0.5, -0.7, 0.4, 0.6])


def dead_stop(velocity: np.ndarray, at_s: float, rest_s: float = 0.6, fall_s: float = 0.015) -> np.ndarray:
    """The motion held up at once, for a while, and taken up again smoothly."""
    times = np.arange(len(velocity)) / FINE_HZ
    falling = np.clip((at_s + fall_s - times) / fall_s, 0.0, 1.0)
    rising = np.clip((times - at_s - rest_s) / 0.3, 0.0, 1.0)
    return np.asarray(velocity * np.maximum(falling, rising**2 * (3 - 2 * rising))[:, None])


@dataclass(frozen=True)
class Recorded:
    """The recording of a motion at some rate, and what was planted in it."""

    episode: Episode
    external: np.ndarray

    def case(self, story: GraspStory | None = None, settings: DetectorSettings | None = None) -> Case:
        """The episode before the detectors."""
        return Case(condition(self.episode), story or GraspStory(), settings or DetectorSettings())

    def without(self, *roles: Role) -> "Recorded":
        """The same without some signals."""
        signals = {role: signal for role, signal in self.episode.signals.items() if role not in roles}
        return replace(self, episode=replace(self.episode, signals=signals))

    def with_signal(self, role: Role, values: np.ndarray) -> "Recorded":
        """The same with another signal."""
        signals = {**self.episode.signals, role: _signal(role, values)}
        return replace(self, episode=replace(self.episode, signals=signals))


def record(motion: Motion, rate_hz: float = 20.0, seed: int = 1) -> Recorded:
    """Compute the torques that the motion takes, and what the sensors read of it."""
    pin_model, tool = _model(motion.path)
    data = pin_model.createData()
    dq = motion.velocity
    q = motion.start + np.cumsum(dq, axis=0) / FINE_HZ
    ddq = np.gradient(dq, axis=0) * FINE_HZ
    step = round(FINE_HZ / rate_hz)
    rows = np.arange(0, len(dq), step)
    tool_m = np.empty((len(dq), 3))
    turns = np.empty((len(dq), 3, 3))
    tau, external = np.empty((len(rows), len(JOINTS))), np.empty((len(rows), len(JOINTS)))
    for sample in range(len(dq)):
        pin.forwardKinematics(pin_model, data, q[sample])
        place = pin.updateFramePlacement(pin_model, data, tool)
        tool_m[sample], turns[sample] = place.translation, place.rotation
    tool_a = np.gradient(np.gradient(tool_m, axis=0), axis=0) * FINE_HZ**2
    for row, sample in enumerate(rows):
        rigid = pin.rnea(pin_model, data, q[sample], dq[sample], ddq[sample])
        loss = pin_model.damping * dq[sample] + pin_model.friction * np.tanh(dq[sample] / 0.02)
        pin.computeJointJacobians(pin_model, data, q[sample])
        pin.updateFramePlacements(pin_model, data)
        jacobian = pin.getFrameJacobian(pin_model, data, tool, pin.LOCAL_WORLD_ALIGNED)[:3]
        weight = motion.payload_kg[sample] * (GRAVITY - tool_a[sample])
        external[row] = motion.external[sample] + jacobian.T @ motion.hand_force[sample]
        tau[row] = rigid + motion.friction_scale * loss - external[row] - jacobian.T @ weight
    rng = np.random.default_rng(seed)
    wrench = _wrench(motion, turns, tool_a)[rows] + rng.normal(0, 0.15, (len(rows), 3))
    quaternions = np.array([pin.Quaternion(turns[sample]).coeffs() for sample in rows])
    values = {
        Role.WRENCH: np.hstack([wrench, np.zeros((len(rows), 3))]),
        Role.JOINT_POSITION: q[rows],
        Role.JOINT_VELOCITY: dq[rows] + rng.normal(0, 0.001, (len(rows), len(JOINTS))),
        Role.JOINT_TORQUE: tau + rng.normal(0, motion.noise_nm, tau.shape),
        Role.EE_POSITION: tool_m[rows],
        Role.EE_ORIENTATION: quaternions,
    }
    signals = {role: _signal(role, value) for role, value in values.items()}
    episode = Episode(
        "arm", "", Clock.at_rate(len(rows), rate_hz, "test"), signals, {}, EpisodeSource("arm", "test", "sha256:0"),
        robot=robot_of(motion.path),
    )  # fmt: skip
    return Recorded(episode, external)


def _wrench(motion: Motion, turns: np.ndarray, tool_a: np.ndarray) -> np.ndarray:
    """Force sensor above the hand: carries the hand and what it holds, feels contacts, and is biased."""
    carried = (HAND_KG + motion.payload_kg)[:, None] * (tool_a - GRAVITY)
    felt = np.einsum("nji,nj->ni", turns, carried - motion.hand_force)
    # such sensors average over some milliseconds
    smooth = np.stack([np.convolve(column, np.ones(20) / 20, mode="same") for column in felt.T], axis=1)
    smooth[:20], smooth[-20:] = felt[:20], felt[-20:]
    return np.asarray(smooth + np.array([1.5, -2.0, 4.0]))


def _model(path: Path) -> tuple[pin.Model, int]:
    full = pin.buildModelFromMJCF(str(path)) if path.suffix == ".xml" else pin.buildModelFromUrdf(str(path))
    model = pin.buildReducedModel(full, [full.getJointId("finger")], pin.neutral(full))
    return model, model.getFrameId("tool", pin.FrameType.BODY)


def _signal(role: Role, values: np.ndarray) -> Signal:
    names = JOINTS if values.shape[1] == len(JOINTS) else tuple(map(str, range(values.shape[1])))
    return Signal(role.value, np.asarray(values, dtype=np.float64), ROLE_SPECS[role].unit, names)
