"""Inverse dynamics of an arm with Pinocchio: the torques that its motors need when nothing touches it.

    tau = M(q) ddq + C(q, dq) dq + g(q) + damping dq + friction sign(dq) - J(q)^T F

(R. Featherstone, Rigid Body Dynamics Algorithms, 2008). `rnea` of Pinocchio gives the first three terms, the rotors'
inertia (armature) among them; damping and dry friction of the model are added here. What is measured beyond that is
the torque of contacts, J^T F. The joints of the model that are not recorded (the fingers) are locked.
"""

import importlib
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np

from failview.model.robot import Robot
from failview.model.signals import Values

STILL_RAD_S = 0.02
"""Dry friction turns its sign over this speed: slower, a joint may stick, and its friction is anything between."""

_MJCF = "mujoco"


class DynamicsError(Exception):
    """Why the model gives no torques, as a clause."""


@dataclass(frozen=True, eq=False)
class ArmDynamics:
    """The dynamics of the joints that are recorded. Thread-safe: nothing changes after construction.

    Attributes:
        columns: (joints,) column of the joint positions per joint of the model, in model order.
        damping: (joints,) Nms/rad.
        friction: (joints,) dry friction, Nm.
        effort_limit: (joints,) largest torque, Nm; inf where the model names none.
    """

    columns: tuple[int, ...]
    damping: Values
    friction: Values
    effort_limit: Values
    _pin: Any
    _model: Any
    _loaded: Any

    @property
    def has_friction(self) -> bool:
        """Whether the model knows its friction."""
        return bool(np.any(self.friction > 0) or np.any(self.damping > 0))

    def resistance(self, velocity: Values) -> Values:
        """(rows, joints) torque that damping and dry friction take, Nm."""
        return np.asarray(self.damping * velocity + self.friction * np.tanh(velocity / STILL_RAD_S))

    def rigid_torque(self, position: Values, velocity: Values, acceleration: Values) -> Values:
        """(rows, joints) torque of inertia, rotors and gravity, Nm; arguments (rows, joints) in rad, rad/s, rad/s2."""
        return self._rnea(self._model, position, velocity, acceleration)

    def loaded_torque(self, position: Values, velocity: Values, acceleration: Values) -> Values:
        """(rows, joints) the same with one more kilogram at the end effector, Nm."""
        return self._rnea(self._loaded, position, velocity, acceleration)

    def momentum(self, position: Values, velocity: Values) -> tuple[Values, Values]:
        """(p, C^T dq - g), both (rows, joints): the generalized momentum M dq in Nms, and what changes it in Nm."""
        model, data, coriolis_matrix = self._model, self._model.createData(), self._pin.computeCoriolisMatrix
        still = np.zeros_like(position)
        gravity = self._rnea(model, position, still, still)
        loads = self._rnea(model, position, still, velocity)
        rows = zip(self._configurations(position), velocity, strict=True)
        coriolis = np.array([coriolis_matrix(model, data, q, dq) for q, dq in rows])
        coriolis = coriolis.reshape(len(position), model.nv, model.nv)
        return loads - gravity, np.einsum("ni,nij->nj", velocity, coriolis) - gravity

    def _rnea(self, model: Any, position: Values, velocity: Values, acceleration: Values) -> Values:
        # on one thread, for others judge other episodes; the loop over the rows is in C++
        pool = self._pin.ModelPool(model, 1)
        columns = (self._configurations(position).T, velocity.T, acceleration.T)
        return np.ascontiguousarray(self._pin.rneaInParallel(1, pool, *columns).T)

    def _configurations(self, position: Values) -> Values:
        """(rows, nq); a joint without limits is a point on a circle, and takes two numbers."""
        model = self._model
        if model.nq == model.nv:
            return position
        rows = np.empty((len(position), model.nq))
        for joint in list(model.joints)[1:]:
            angle = position[:, joint.idx_v]
            rows[:, joint.idx_q] = angle if joint.nq == 1 else np.cos(angle)
            if joint.nq == 2:
                rows[:, joint.idx_q + 1] = np.sin(angle)
        return rows


def arm_dynamics(robot: Robot, columns: Sequence[int]) -> ArmDynamics:
    """The dynamics of the joints in the given columns of the joint positions.

    Raises:
        DynamicsError: No Pinocchio, a model it cannot use, or one without masses.
    """
    joints = tuple((robot.joint_names[column], column) for column in columns if robot.joint_names[column])
    if not joints:
        raise DynamicsError("no column of joint_position is a joint of the robot model")
    try:
        changed = robot.path.stat().st_mtime_ns
    except OSError as error:
        raise DynamicsError(f"the robot model cannot be read ({error.strerror})") from error
    return _build(robot.path, changed, robot.ee_frame, joints)


@lru_cache(maxsize=16)
def _build(path: Path, _changed_ns: int, ee_frame: str, joints: tuple[tuple[str, int], ...]) -> ArmDynamics:
    if importlib.util.find_spec("pinocchio") is None:
        raise DynamicsError("inverse dynamics needs Pinocchio (pip install pin)")
    try:
        pin = importlib.import_module("pinocchio")
        model = _read(pin, path)
        names = dict(joints)
        locked = [index for index in range(1, model.njoints) if model.names[index] not in names]
        if locked:
            model = pin.buildReducedModel(model, locked, pin.neutral(model))
    except (ImportError, ValueError, RuntimeError, OSError, ET.ParseError) as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise DynamicsError(f"Pinocchio cannot use the robot model ({said})") from error
    if model.nv != len(joints) or any(joint.nv != 1 for joint in list(model.joints)[1:]):
        raise DynamicsError("the robot model has joints that cannot be told apart")
    if not sum(inertia.mass for inertia in list(model.inertias)[1:]) > 0:
        raise DynamicsError("the robot model has no masses")
    limits = np.array(model.effortLimit)
    return ArmDynamics(
        columns=tuple(names[name] for name in list(model.names)[1:]),
        damping=np.array(model.damping),
        friction=np.array(model.friction),
        effort_limit=np.where(limits > 0, limits, np.inf),
        _pin=pin,
        _model=model,
        _loaded=_with_a_kilogram(pin, model, ee_frame),
    )


def _read(pin: Any, path: Path) -> Any:
    # expat since 2.4.1 refuses entities that grow without bound
    is_mjcf = ET.parse(path).getroot().tag == _MJCF  # noqa: S314
    return pin.buildModelFromMJCF(str(path)) if is_mjcf else pin.buildModelFromUrdf(str(path))


def _with_a_kilogram(pin: Any, model: Any, ee_frame: str) -> Any:
    """The model with a point of 1 kg at the origin of the end effector's frame."""
    loaded = pin.Model(model)
    for frame in loaded.frames:
        if frame.name == ee_frame and frame.parentJoint:
            point = pin.Inertia(1.0, np.zeros(3), np.zeros((3, 3)))
            loaded.appendBodyToJoint(frame.parentJoint, point, frame.placement)
            break
    return loaded
