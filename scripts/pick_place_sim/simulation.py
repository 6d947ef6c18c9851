"""Runs one scripted episode: physics at 500 Hz, everything measured at every step."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import mujoco
import numpy as np

from pick_place_sim import constants as c
from pick_place_sim import objects
from pick_place_sim.control import ArmController, Gripper
from pick_place_sim.rotations import rotate, tool_down
from pick_place_sim.scene import Layout, compile_scene, goal_position
from pick_place_sim.script import Command, Script, Steps, View

GRAVITY: Final = 9.81  # m/s^2
CONTACT_ROWS: Final = (
    mujoco.mjtConstraint.mjCNSTR_CONTACT_FRICTIONLESS,
    mujoco.mjtConstraint.mjCNSTR_CONTACT_PYRAMIDAL,
    mujoco.mjtConstraint.mjCNSTR_CONTACT_ELLIPTIC,
)
DIVERGED: Final = (
    mujoco.mjtWarning.mjWARN_BADQPOS, mujoco.mjtWarning.mjWARN_BADQVEL, mujoco.mjtWarning.mjWARN_BADQACC,
)  # fmt: skip
START_HEIGHT: Final = 0.31  # m, where the grip point waits
SETTLE_SECONDS: Final = 0.6  # s before recording: the object comes to rest, the arm takes its first posture
CONTACT_KINDS: Final = (
    "robot_obstacle", "robot_table", "finger_object", "palm_object", "object_obstacle", "object_support",
    "robot_bystander", "link_contact",
)  # fmt: skip

Program = Callable[[Script, Layout], Steps]


@dataclass
class Log:
    """One row per physics step."""

    layout: Layout
    rows: dict[str, list[np.ndarray | float | str]] = field(default_factory=dict)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    is_sound: bool = True  # False: the physics diverged, and MuJoCo began again in the middle

    def add(self, **values: np.ndarray | float | str) -> None:
        """Append one row."""
        for name, value in values.items():
            self.rows.setdefault(name, []).append(value)

    def finish(self) -> None:
        """Turn the rows into arrays."""
        self.arrays = {name: np.array(values) for name, values in self.rows.items()}
        self.rows = {}

    def __getitem__(self, name: str) -> np.ndarray:
        return self.arrays[name]

    def __len__(self) -> int:
        return len(self.arrays["phase"])


class Simulation:
    """One scene with its robot, controller and instruments."""

    def __init__(self, layout: Layout, rng: np.random.Generator) -> None:
        self.layout = layout
        self.rng = rng
        self.model = compile_scene(layout)
        self.data = mujoco.MjData(self.model)
        self.data.qpos[: c.N_ARM] = np.array(c.HOME_Q) + rng.normal(0, 0.01, c.N_ARM)
        self.data.qpos[0] += layout.start_turn
        self.data.qpos[c.N_ARM : c.N_ARM + 2] = c.APERTURE_MAX / 2
        mujoco.mj_forward(self.model, self.data)
        self.before = self.data.qpos.copy(), self.data.qvel.copy()
        self._ids()
        self.arm = ArmController(self.data.qpos[: c.N_ARM].copy(), layout)
        self.poses: deque[tuple[np.ndarray, np.ndarray]] = deque(maxlen=c.PHYSICS_HZ)  # what was commanded lately
        self.gripper = Gripper(c.APERTURE_MAX)
        self.view = View(np.zeros(3), np.zeros(4), c.APERTURE_MAX, 0.0, np.zeros(3))
        start = np.array([*layout.start_xy, START_HEIGHT]) + rng.uniform(-0.02, 0.02, 3)
        self.script = Script(self.view, start, tool_down(float(rng.uniform(-0.08, 0.08))), rng)

    def _ids(self) -> None:
        model = self.model
        self.eef, self.hand, self.object = (model.body(name).id for name in ("eef", "hand", "object"))
        self.ft_site = model.site("ft_frame").id
        self.pads = [model.geom(f"pad_{side}").id for side in ("left", "right")]
        self.fingers = [model.body(f"finger_{side}").id for side in ("left", "right")]
        self.family = {geom: self._family(geom) for geom in range(model.ngeom)}
        of_link = (model.body(model.geom_bodyid[geom]).name.startswith("link") for geom in range(model.ngeom))
        self.links = {geom for geom, is_link in enumerate(of_link) if is_link}

    def _family(self, geom: int) -> str:
        """Which of robot, finger, object, obstacle, support a collision shape belongs to."""
        body = self.model.body(self.model.geom_bodyid[geom]).name
        if body.startswith("finger"):
            return "finger"
        if body.startswith("link") or body == "hand":
            return "robot"
        if body.startswith("post"):
            return "obstacle"
        return body if body in {"object", "bystander"} else "support"

    def run(self, program: Program) -> Log:
        """Simulate the whole program and return everything measured."""
        log = Log(self.layout)
        for command in self.script.wait(SETTLE_SECONDS):
            self._step(command)
        for command in program(self.script, self.layout):
            force, torque = self._step(command)
            self._measure(log, command, force, torque)
        log.finish()
        log.is_sound = not any(self.data.warning[kind].number for kind in DIVERGED)
        return log

    def _step(self, command: Command) -> tuple[np.ndarray, np.ndarray]:
        """Advance physics once; returns motor torques and external joint torques."""
        data = self.data
        # Forces, body poses and contacts that MuJoCo leaves behind belong to the state before the step: keep that one.
        self.before = data.qpos.copy(), data.qvel.copy()
        q, qd = self.before[0][: c.N_ARM], self.before[1][: c.N_ARM]
        self.poses.append((command.pos, command.quat))
        late = min(round(command.delay_s * c.PHYSICS_HZ), len(self.poses) - 1)
        torque = command.strength * self.arm.torque(q, qd, *self.poses[-1 - late])
        opening = float(data.qpos[c.N_ARM : c.N_ARM + 2].mean())
        speed = float(data.qvel[c.N_ARM : c.N_ARM + 2].mean())
        drive = self.gripper.force(opening, speed, aperture=command.aperture, force_limit=command.grip_force)
        data.qfrc_applied[: c.N_ARM] = torque
        data.qfrc_applied[c.N_ARM : c.N_ARM + 2] = drive
        mujoco.mj_step(self.model, data)
        external = self._external_torque()
        view = self.view
        view.object_pos, view.object_quat = data.qpos[9:12].copy(), data.qpos[12:16].copy()
        view.aperture, view.hand_pos = 2 * opening, data.xpos[self.eef].copy()
        view.external_torque = float(np.abs(external).max())
        return torque, external

    def _external_torque(self) -> np.ndarray:
        """Joint torques of all contacts, from the solver's constraint forces."""
        data = self.data
        forces = np.where(np.isin(data.efc_type, CONTACT_ROWS), data.efc_force, 0.0)
        joint = np.zeros(self.model.nv)
        if forces.size:
            mujoco.mj_mulJacTVec(self.model, data, joint, forces)
        return joint[: c.N_ARM]

    def _contacts(self) -> tuple[dict[str, float], list[float], list[float]]:
        """Force by kind of contact, and the normal force on each fingertip along the closing axis, N.

        The fingertip forces come twice: by whatever they touch, and by the object alone.
        """
        found = dict.fromkeys(CONTACT_KINDS, 0.0)
        tips, grip = [0.0, 0.0], [0.0, 0.0]
        wrench = np.zeros(6)
        for number in range(self.data.ncon):
            contact = self.data.contact[number]
            mujoco.mj_contactForce(self.model, self.data, number, wrench)
            pair = {self.family[contact.geom1], self.family[contact.geom2]}
            kind = _contact_kind(pair)
            if kind:
                found[kind] += float(np.linalg.norm(wrench[:3]))
            if kind in {"robot_obstacle", "robot_table"} and {contact.geom1, contact.geom2} & self.links:
                found["link_contact"] += float(np.linalg.norm(wrench[:3]))
            for side, pad in enumerate(self.pads):
                if pad in {contact.geom1, contact.geom2}:
                    axis = self.data.xmat[self.fingers[side]].reshape(3, 3)[:, 1]
                    normal = abs(float(contact.frame[:3] @ axis)) * float(wrench[0])
                    tips[side] += normal
                    grip[side] += normal if "object" in pair else 0.0
        return found, tips, grip

    def _wrench(self) -> np.ndarray:
        """Force and torque of the surroundings on the hand, ft_frame axes, the hand's own weight taken off."""
        data = self.data
        rotation = data.site_xmat[self.ft_site].reshape(3, 3)
        weight = np.array([0.0, 0.0, -GRAVITY * self.model.body_subtreemass[self.hand]])
        lever = data.subtree_com[self.hand] - data.site_xpos[self.ft_site]
        force = -data.sensordata[:3] - rotation.T @ weight
        torque = -data.sensordata[3:6] - rotation.T @ np.cross(lever, weight)
        return np.concatenate([force, torque])

    def _measure(self, log: Log, command: Command, torque: np.ndarray, external: np.ndarray) -> None:
        data = self.data
        qpos, qvel = self.before
        contacts, tips, grip = self._contacts()
        closed = command.aperture < objects.THINGS[self.layout.thing].grip_width
        log.add(
            qpos=qpos, qvel=qvel, torque=torque, external=external, wrench=self._wrench(),
            ee_pos=data.xpos[self.eef].copy(), ee_quat=data.xquat[self.eef].copy(), cmd_pos=command.pos.copy(),
            cmd_quat=command.quat.copy(), cmd_closed=float(closed), phase=command.phase,
            aperture=float(qpos[c.N_ARM : c.N_ARM + 2].sum()), tips=np.array(tips), q_ref=self.arm.q_ref.copy(),
            sensor=data.sensordata[:6].copy(), grip=np.array(grip), mark=command.mark,
            disturbed=float(command.strength < 1.0 or command.delay_s > 0.0), **contacts,
        )  # fmt: skip


def _contact_kind(pair: set[str]) -> str | None:
    """Name of the kind of contact between two families of shapes, if it is one that matters."""
    robot = bool(pair & {"robot", "finger"})
    if robot and "obstacle" in pair:
        return "robot_obstacle"
    if robot and "support" in pair:
        return "robot_table"
    if robot and "bystander" in pair:
        return "robot_bystander"
    if robot and "object" in pair:
        return "finger_object" if "finger" in pair else "palm_object"
    if "object" in pair and "obstacle" in pair:
        return "object_obstacle"
    return "object_support" if pair == {"object", "support"} else None


def in_hand(log: Log) -> np.ndarray:
    """The object's position in the grip frame, one row per step."""
    pos = log["qpos"][:, 9:12] - log["ee_pos"]
    conjugate = log["ee_quat"] * np.array([1, -1, -1, -1])
    return np.array([rotate(quat, vector) for quat, vector in zip(conjugate, pos, strict=True)])


def at_goal(log: Log) -> np.ndarray:
    """Distance, m, of the object's centre from where it should be, one per step."""
    return np.asarray(np.linalg.norm(log["qpos"][:, 9:12] - goal_position(log.layout), axis=1))
