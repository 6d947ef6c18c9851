"""Canonical roles of signals, in SI units, and the units that files use for them."""

from dataclasses import dataclass
from enum import StrEnum


class Quantity(StrEnum):
    """What a signal measures; decides which units are allowed."""

    LENGTH = "length"
    ANGLE = "angle"
    ANGULAR_VELOCITY = "angular velocity"
    FORCE = "force"
    TORQUE = "torque"
    WRENCH = "wrench"
    QUATERNION = "quaternion"
    NONE = "none"


UNIT_FACTORS: dict[Quantity, dict[str, float]] = {
    Quantity.LENGTH: {"m": 1.0, "cm": 0.01, "mm": 0.001},
    Quantity.ANGLE: {"rad": 1.0, "deg": 0.017453292519943295},
    Quantity.ANGULAR_VELOCITY: {"rad/s": 1.0, "deg/s": 0.017453292519943295},
    Quantity.FORCE: {"N": 1.0, "kN": 1000.0, "mN": 0.001},
    Quantity.TORQUE: {"Nm": 1.0, "mNm": 0.001},
    Quantity.WRENCH: {"N and Nm": 1.0},
    Quantity.QUATERNION: {"xyzw": 1.0, "wxyz": 1.0, "rotation_vector": 1.0},
    Quantity.NONE: {"": 1.0},
}
"""Factor to the SI unit, per quantity. A quaternion's "unit" is how it is written: its order, or the three
columns of a rotation vector (axis times angle, in rad); the values are converted, not scaled."""

ARBITRARY_UNIT = "arbitrary"
"""A scale that the file does not explain (servo ticks, 0-1, 0-255): shown, never judged against SI thresholds."""


class Role(StrEnum):
    """What a stream means to failview."""

    GRIPPER_APERTURE = "gripper_aperture"
    GRIPPER_FORCE = "gripper_force"
    WRENCH = "wrench"
    JOINT_POSITION = "joint_position"
    JOINT_VELOCITY = "joint_velocity"
    JOINT_TORQUE = "joint_torque"
    EXTERNAL_TORQUE = "external_torque"
    EE_POSITION = "ee_position"
    EE_ORIENTATION = "ee_orientation"
    EE_COMMAND = "ee_command"
    OBJECT_POSITION = "object_position"
    OBJECT_ORIENTATION = "object_orientation"
    GOAL_POSITION = "goal_position"
    ACTION = "action"
    PHASE = "phase"
    SUCCESS = "success"


@dataclass(frozen=True)
class RoleSpec:
    """What a role demands of a stream.

    Attributes:
        quantity: Physical quantity; UNIT_FACTORS lists its units.
        unit: Canonical (SI) unit that loaded signals carry.
        widths: Allowed numbers of columns; empty means any.
        labels: Column names where they are fixed.
        meaning: One line for people.
    """

    quantity: Quantity
    unit: str
    widths: tuple[int, ...]
    labels: tuple[str, ...]
    meaning: str


_XYZ = ("x", "y", "z")

ROLE_SPECS: dict[Role, RoleSpec] = {
    Role.GRIPPER_APERTURE: RoleSpec(Quantity.LENGTH, "m", (1,), (), "distance between the fingers"),
    Role.GRIPPER_FORCE: RoleSpec(Quantity.FORCE, "N", (1,), (), "normal force of the fingers on what they hold"),
    Role.WRENCH: RoleSpec(
        Quantity.WRENCH, "N and Nm", (3, 6), ("fx", "fy", "fz", "tx", "ty", "tz"), "force and torque at the wrist"
    ),
    Role.JOINT_POSITION: RoleSpec(Quantity.ANGLE, "rad", (), (), "arm joint positions"),
    Role.JOINT_VELOCITY: RoleSpec(Quantity.ANGULAR_VELOCITY, "rad/s", (), (), "arm joint velocities"),
    Role.JOINT_TORQUE: RoleSpec(Quantity.TORQUE, "Nm", (), (), "arm joint torques, gravity included"),
    Role.EXTERNAL_TORQUE: RoleSpec(Quantity.TORQUE, "Nm", (), (), "joint torques caused by contact, as recorded"),
    Role.EE_POSITION: RoleSpec(Quantity.LENGTH, "m", (3,), _XYZ, "end-effector position"),
    Role.EE_ORIENTATION: RoleSpec(
        Quantity.QUATERNION, "xyzw", (4,), ("x", "y", "z", "w"), "end-effector orientation, quaternion x y z w"
    ),
    Role.EE_COMMAND: RoleSpec(Quantity.LENGTH, "m", (3,), _XYZ, "commanded end-effector position"),
    Role.OBJECT_POSITION: RoleSpec(Quantity.LENGTH, "m", (3,), _XYZ, "position of the manipulated object"),
    Role.OBJECT_ORIENTATION: RoleSpec(
        Quantity.QUATERNION, "xyzw", (4,), ("x", "y", "z", "w"), "object orientation, quaternion x y z w"
    ),
    Role.GOAL_POSITION: RoleSpec(Quantity.LENGTH, "m", (3,), _XYZ, "where the object should end"),
    Role.ACTION: RoleSpec(Quantity.NONE, "", (), (), "what the policy or the operator commanded"),
    Role.PHASE: RoleSpec(Quantity.NONE, "", (1,), (), "phase of the task, as recorded"),
    Role.SUCCESS: RoleSpec(Quantity.NONE, "", (1,), (), "success flag, as recorded (evidence, not truth)"),
}
