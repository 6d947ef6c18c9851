"""What names of streams and of columns mean: one table of words, one of rules."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from failview.model.roles import Role

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SEPARATORS = re.compile(r"[^A-Za-z0-9]+")

_SAME_AS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("position", "positions", "xyz", "translation"), ("pos",)),
    **dict.fromkeys(("quaternion", "orientation", "quats", "ori"), ("quat",)),
    **dict.fromkeys(("velocity", "velocities", "vels", "speed"), ("vel",)),
    **dict.fromkeys(("qpos", "q"), ("joint", "pos")),
    **dict.fromkeys(("qvel", "dq", "qdot"), ("joint", "vel")),
    **dict.fromkeys(("joints", "j"), ("joint",)),
    **dict.fromkeys(("endpose", "eepose", "eefpose"), ("ee", "pose")),
    **dict.fromkeys(("eef", "tcp", "endeffector", "endpoint", "tool", "cartesian", "effector"), ("ee",)),
    **dict.fromkeys(("grip", "jaw", "claw"), ("gripper",)),
    **dict.fromkeys(("fingers", "fingertip", "fingertips", "pad", "pads"), ("finger",)),
    **dict.fromkeys(("forces",), ("force",)),
    **dict.fromkeys(("torques", "tau", "effort", "efforts"), ("torque",)),
    **dict.fromkeys(("ft", "wrenches"), ("wrench",)),
    **dict.fromkeys(("cmd", "commanded", "target", "targets", "desired", "des", "ref", "reference"), ("command",)),
    **dict.fromkeys(("setpoint", "commands"), ("command",)),
    **dict.fromkeys(("width", "opening", "openness", "gap"), ("aperture",)),
    **dict.fromkeys(("obj", "objects", "cube", "block"), ("object",)),
    **dict.fromkeys(("goals",), ("goal",)),
    **dict.fromkeys(("ext", "residual"), ("external",)),
    **dict.fromkeys(("actions",), ("action",)),
    **dict.fromkeys(("poses",), ("pose",)),
    **dict.fromkeys(("states",), ("state",)),
    **dict.fromkeys(("successful", "succeeded"), ("success",)),
    **dict.fromkeys(("rewards",), ("reward",)),
    **dict.fromkeys(("master",), ("leader",)),
}

_SAYS_NOTHING = frozenset(
    {"obs", "observation", "observations", "robot", "data", "policy", "highrate", "arm", "end", "datagen", "info"}
    | {"measured", "actual", "current", "main", "proprio", "filtered", "is", "annotation", "gen"}
    | {"puppet", "follower", "slave"}
)

_DERIVED = frozenset(
    {"to", "relative", "rel", "delta", "error", "err", "diff", "prev", "last", "next", "cos", "sin", "std", "min"}
    | {"max", "mean", "cov", "status", "valid", "mask", "limit", "limits", "index", "init", "initial", "acc"}
    | {"start", "wrt"}
)
"""Words that make a stream something else than the quantity it names."""


@lru_cache(maxsize=4096)
def name_words(name: str) -> frozenset[str]:
    """The meaningful words of a name in one spelling: robot0_eef_pos -> {ee, pos}."""
    words: set[str] = set()
    for part in _SEPARATORS.split(_CAMEL.sub("_", name)):
        word = part.lower()
        word = word.rstrip("0123456789") or word
        words.update(_SAME_AS.get(word, (word,)))
    return frozenset(words - _SAYS_NOTHING - {""})


_COMMANDING = frozenset({"command", "action", "leader"})
"""Words of what was asked for, not of what the robot did."""


class Combine(StrEnum):
    """How several columns become the one that a role wants."""

    NONE = ""
    SUM_OF_ABSOLUTES = "sum_of_absolutes"
    MEAN = "mean"


@dataclass(frozen=True)
class NameRule:
    """A stream whose name has these words plays this role.

    Attributes:
        role: The role.
        needs: Words that must be there.
        columns: Columns to take by width; None for all; the key 0 stands for any width of `min_width` or more.
        score: Higher wins.
        forbids: Words that must not be there.
        doubt: Why this is a guess; empty when the name says it.
        combine: How the columns are combined.
        exact: No further word may be there.
        order: How an orientation is written, where the name tells it.
        min_width: Smallest width for the key 0.
    """

    role: Role
    needs: frozenset[str]
    columns: dict[int, tuple[int, ...] | None]
    score: int
    forbids: frozenset[str] = frozenset()
    doubt: str = ""
    combine: Combine = Combine.NONE
    exact: bool = False
    min_width: int = 2
    order: str = ""

    def matches(self, words: frozenset[str]) -> bool:
        """Whether a name with these words is meant."""
        forbidden = self.forbids | (_DERIVED - self.needs)
        forbidden |= _COMMANDING - self.needs
        if self.exact and words != self.needs:
            return False
        return self.needs <= words and not words & forbidden

    def columns_of(self, width: int) -> tuple[int, ...] | None:
        """The columns to take from a stream of this width; None when the width does not fit."""
        if width in self.columns:
            chosen = self.columns[width]
            return tuple(range(width)) if chosen is None else chosen
        if 0 in self.columns and width >= self.min_width:
            return tuple(range(width))
        return None


_POSE_POSITION: dict[int, tuple[int, ...] | None] = {3: None, 6: (0, 1, 2), 7: (0, 1, 2), 16: (3, 7, 11)}
_POSE_QUATERNION: dict[int, tuple[int, ...] | None] = {7: (3, 4, 5, 6)}
_LEADING_POSITION: dict[int, tuple[int, ...] | None] = dict.fromkeys(range(7, 65), (0, 1, 2))
_LEADING_QUATERNION: dict[int, tuple[int, ...] | None] = dict.fromkeys(range(7, 65), (3, 4, 5, 6))
_ANY: dict[int, tuple[int, ...] | None] = {0: None}
_MOTION = frozenset({"vel", "torque", "force", "wrench"})
_ROBOT = frozenset({"gripper", "finger", "hand", "ee", "joint"})
_NORM = frozenset({"norm", "magnitude"})
_NO_WRENCH = _NORM | {"gripper", "finger", "hand", "joint"}
"""A norm has no direction, and what a finger or a joint feels is not what the wrist feels."""
_NOT_AN_ACTION = frozenset({"gripper", "state"})
_ONE_JOINT = (
    "one gripper joint; where it moves one of two fingers, the opening is twice this (scale = 2 in the profile)"
)
_NOT_A_TAG = (
    _ROBOT | _MOTION | {"pos", "quat", "pose", "id", "state", "detection", "detections", "apriltag", "aperture"}
)
_SPARSE = "a reward of 0 and 1 alone is taken for success"
_FIRST_SEVEN = "robosuite's object vector begins with position and quaternion"


def _rule(role: Role, needs: str, columns: dict[int, tuple[int, ...] | None], score: int, **more: object) -> NameRule:
    return NameRule(role, frozenset(needs.split()), columns, score, **more)  # type: ignore[arg-type]


NAME_RULES: tuple[NameRule, ...] = (
    _rule(Role.GRIPPER_APERTURE, "gripper aperture", {1: None}, 10),
    _rule(Role.GRIPPER_APERTURE, "gripper pos", {2: None}, 7, forbids=_MOTION, combine=Combine.SUM_OF_ABSOLUTES),
    _rule(Role.GRIPPER_APERTURE, "gripper state", {2: None}, 6, forbids=_MOTION, combine=Combine.SUM_OF_ABSOLUTES),
    _rule(Role.GRIPPER_APERTURE, "gripper pos", {1: None}, 5, forbids=_MOTION, doubt=_ONE_JOINT),
    _rule(Role.GRIPPER_APERTURE, "gripper state", {1: None}, 4, forbids=_MOTION, doubt="one gripper value"),
    _rule(Role.GRIPPER_APERTURE, "aperture", {1: None}, 4, doubt="the name does not say whose width it is"),
    _rule(Role.GRIPPER_APERTURE, "gripper", {1: None}, 2, exact=True, doubt="one gripper value"),
    _rule(Role.GRIPPER_APERTURE, "gripper ee pose", {1: None}, 2, doubt="one gripper value"),
    _rule(Role.GRIPPER_FORCE, "gripper force", {1: None}, 10, forbids=frozenset({"finger"})),
    _rule(Role.GRIPPER_FORCE, "finger force", {1: None}, 6, doubt="force of one finger"),
    _rule(Role.GRIPPER_FORCE, "finger force", {2: None}, 7, combine=Combine.MEAN),
    _rule(Role.GRIPPER_FORCE, "gripper force", {2: None}, 7, combine=Combine.MEAN),
    _rule(Role.GRIPPER_FORCE, "contact force", {1: None}, 3, doubt="the name does not say whose contact it is"),
    _rule(Role.WRENCH, "wrench", {6: None, 3: None}, 10, forbids=_NO_WRENCH | {"state"}),
    _rule(Role.WRENCH, "wrench state", {6: None, 3: None}, 9, forbids=_NO_WRENCH),
    _rule(Role.WRENCH, "force torque", {6: None}, 9, forbids=_NO_WRENCH),
    _rule(Role.WRENCH, "ee force", {3: None, 6: None}, 8, forbids=_NORM | {"gripper", "finger"}),
    _rule(Role.WRENCH, "wrist force", {3: None, 6: None}, 8, forbids=_NORM | {"gripper", "finger"}),
    _rule(
        Role.WRENCH,
        "force",
        {3: None, 6: None},
        4,
        forbids=_NO_WRENCH | {"ee"},
        doubt="the name does not say which force",
    ),
    _rule(Role.JOINT_POSITION, "joint pos", _ANY, 10, forbids=_MOTION | {"gripper", "hand", "finger", "object"}),
    _rule(Role.JOINT_POSITION, "joint state", _ANY, 6, forbids=_MOTION | {"gripper", "hand"}, min_width=4),
    _rule(Role.JOINT_POSITION, "joint", _ANY, 5, exact=True, min_width=4, doubt="the name says joints only"),
    _rule(Role.JOINT_VELOCITY, "joint vel", _ANY, 10, forbids=frozenset({"gripper", "hand", "finger"})),
    _rule(Role.JOINT_VELOCITY, "vel", _ANY, 5, exact=True, min_width=4, doubt="the name says velocity only"),
    _rule(Role.JOINT_TORQUE, "joint torque", _ANY, 10, forbids=frozenset({"external", "gripper", "hand"})),
    _rule(Role.JOINT_TORQUE, "torque", _ANY, 5, exact=True, min_width=4, doubt="the name says torque only"),
    _rule(Role.EXTERNAL_TORQUE, "external torque", _ANY, 10),
    _rule(Role.EE_POSITION, "ee pos", {3: None}, 10, forbids=_MOTION),
    _rule(Role.EE_POSITION, "ee pose", _POSE_POSITION, 9, forbids=_MOTION),
    _rule(Role.EE_POSITION, "ee pos", {6: (0, 1, 2), 7: (0, 1, 2)}, 7, forbids=_MOTION, doubt="first three columns"),
    _rule(Role.EE_POSITION, "ee state", {6: (0, 1, 2), 7: (0, 1, 2)}, 6, doubt="first three columns"),
    _rule(Role.EE_ORIENTATION, "ee quat", {4: None}, 10, forbids=_MOTION),
    _rule(Role.EE_ORIENTATION, "ee axis angle", {3: None}, 9, forbids=_MOTION, order="rotation_vector"),
    _rule(Role.EE_ORIENTATION, "ee rotvec", {3: None}, 9, forbids=_MOTION, order="rotation_vector"),
    _rule(Role.EE_ORIENTATION, "ee pose", _POSE_QUATERNION, 9, forbids=_MOTION),
    _rule(Role.EE_ORIENTATION, "ee pos", _POSE_QUATERNION, 6, forbids=_MOTION, doubt="columns 3 to 6"),
    _rule(Role.EE_COMMAND, "ee pos command", {3: None}, 10, forbids=_MOTION),
    _rule(Role.EE_COMMAND, "ee pose command", _POSE_POSITION, 9, forbids=_MOTION),
    _rule(Role.EE_COMMAND, "ee command", _POSE_POSITION, 8, forbids=_MOTION | {"quat"}, exact=True),
    _rule(Role.EE_COMMAND, "action ee pos", _POSE_POSITION, 7, forbids=_NOT_AN_ACTION, doubt="first three columns"),
    _rule(Role.EE_COMMAND, "pose command", _POSE_POSITION, 4, forbids=_MOTION, doubt="target pose of the arm?"),
    _rule(Role.OBJECT_POSITION, "object pos", {3: None}, 10, forbids=_MOTION | _ROBOT),
    _rule(Role.OBJECT_POSITION, "object pose", _POSE_POSITION, 9, forbids=_MOTION | _ROBOT),
    _rule(Role.OBJECT_POSITION, "object", _LEADING_POSITION, 2, exact=True, doubt=_FIRST_SEVEN),
    _rule(Role.OBJECT_ORIENTATION, "object quat", {4: None}, 10, forbids=_ROBOT),
    _rule(Role.OBJECT_ORIENTATION, "object pose", _POSE_QUATERNION, 9, forbids=_ROBOT),
    _rule(Role.OBJECT_ORIENTATION, "object", _LEADING_QUATERNION, 2, exact=True, doubt=_FIRST_SEVEN),
    _rule(Role.GOAL_POSITION, "goal pos", {3: None}, 10, forbids=_MOTION),
    _rule(Role.GOAL_POSITION, "goal pose", _POSE_POSITION, 9, forbids=_MOTION),
    _rule(Role.GOAL_POSITION, "goal", {3: None}, 5, exact=True, doubt="the name says goal only"),
    _rule(Role.ACTION, "action", _ANY, 10, exact=True, min_width=1),
    _rule(Role.ACTION, "action abs", _ANY, 3, exact=True, min_width=1),
    _rule(Role.ACTION, "joint action vector", _ANY, 8, exact=True),
    _rule(Role.ACTION, "action joint pos", _ANY, 7, forbids=_NOT_AN_ACTION, doubt="one of several actions"),
    _rule(Role.ACTION, "action joint vel", _ANY, 6, forbids=_NOT_AN_ACTION, doubt="one of several actions"),
    _rule(Role.ACTION, "action ee pos", _ANY, 5, forbids=_NOT_AN_ACTION, doubt="one of several actions"),
    _rule(Role.ACTION, "joint action", _ANY, 4, forbids=_NOT_AN_ACTION, doubt="one of several actions"),
    _rule(Role.ACTION, "leader joint pos", _ANY, 7, forbids=_NOT_AN_ACTION, doubt="joints of the leader arm"),
    _rule(Role.PHASE, "phase", {1: None}, 10),
    _rule(Role.PHASE, "stage", {1: None}, 5, doubt="a stage is taken for the phase of the task"),
    _rule(Role.PHASE, "tag", {1: None}, 3, forbids=_NOT_A_TAG, doubt="a tag is taken for the phase of the task"),
    _rule(Role.PHASE, "subtask", {1: None}, 5, doubt="a subtask is taken for the phase of the task"),
    _rule(Role.PHASE, "subtask index", {1: None}, 4, doubt="a subtask is taken for the phase of the task"),
    _rule(Role.SUCCESS, "success", {1: None}, 10),
    _rule(Role.SUCCESS, "next success", {1: None}, 9),
    _rule(Role.SUCCESS, "reward", {1: None}, 4, exact=True, doubt=_SPARSE),
    _rule(Role.SUCCESS, "next reward", {1: None}, 4, exact=True, doubt=_SPARSE),
)

TORQUE_PARTNER_WORDS = (frozenset({"ee", "torque"}), frozenset({"wrist", "torque"}))
"""A three-column force and the torque beside it make one wrench."""

_NO_THING = _ROBOT | _MOTION | _DERIVED | {"command", "action", "goal", "base", "root", "camera", "pos", "quat"}


def names_a_norm(name: str) -> bool:
    """Whether a name is that of the length of a force or torque (force_norm, wrench_magnitude)."""
    words = name_words(name)
    return bool(words & _NORM and words & {"force", "wrench", "torque"})


def names_a_thing(name: str) -> bool:
    """Whether a name without its "_pos" or "_quat" can be that of an object on the table (Can, milk, SquareNut)."""
    words = name_words(name)
    return bool(words) and not words & _NO_THING


_JOINT_WORDS = frozenset({"joint", "shoulder", "elbow", "wrist", "waist", "forearm", "motor", "axis"})
_HAND_WORDS = frozenset({"hand", "finger", "thumb", "index", "ring", "middle", "pinky", "little", "knuckle"})
_NOT_ARM = frozenset({"hip", "knee", "ankle", "leg", "base", "wheel", "neck", "head"})
_COMPONENTS = frozenset({"x", "y", "z", "qx", "qy", "qz", "qw"})
_RATES = frozenset({"vx", "vy", "vz", "wx", "wy", "wz"})


class ColumnKind(StrEnum):
    """What one labelled column holds."""

    JOINT_POSITION = "joint position"
    JOINT_VELOCITY = "joint velocity"
    JOINT_TORQUE = "joint torque"
    GRIPPER = "gripper"
    HAND = "hand"
    COMPONENT = "component"
    OTHER = "other"


@dataclass(frozen=True)
class ColumnMeaning:
    """Meaning of a column label; stem and component are for parts of vectors ("cube.x")."""

    kind: ColumnKind
    stem: str = ""
    component: str = ""


def column_meaning(label: str) -> ColumnMeaning:
    """What a column label says."""
    parts = [part for part in _SEPARATORS.split(_CAMEL.sub("_", label)) if part]
    component = parts[-1].lower() if parts else ""
    words = name_words(label)
    if component in _COMPONENTS:
        return ColumnMeaning(ColumnKind.COMPONENT, "_".join(parts[:-1]).lower(), component)
    if "gripper" in words and not words & _MOTION:
        return ColumnMeaning(ColumnKind.GRIPPER)
    if words & _HAND_WORDS:
        return ColumnMeaning(ColumnKind.HAND)
    if component in _RATES or not words & _JOINT_WORDS or words & _NOT_ARM:
        return ColumnMeaning(ColumnKind.OTHER)
    velocity = ColumnKind.JOINT_VELOCITY if "vel" in words else ColumnKind.JOINT_POSITION
    return ColumnMeaning(ColumnKind.JOINT_TORQUE if "torque" in words else velocity)


@lru_cache(maxsize=4096)
def rules_for(words: frozenset[str]) -> tuple[NameRule, ...]:
    """The rules that mean a name with these words, in their order; every episode of a dataset asks for the same."""
    return tuple(rule for rule in NAME_RULES if rule.matches(words))
