"""Which signals each detector needs, and why it cannot judge without them."""

from collections.abc import Collection
from dataclasses import dataclass

from failview.model.roles import Role


@dataclass(frozen=True)
class Requirement:
    """What one detector needs.

    Attributes:
        detector: Its name.
        judges: What it judges, in words.
        alternatives: Sets of roles, each of which is enough.
        model_for: The set among the alternatives that needs the robot's model too; None when none does.
    """

    detector: str
    judges: str
    alternatives: tuple[frozenset[Role], ...]
    model_for: frozenset[Role] | None = None


_TORQUE_AND_MOTION = frozenset({Role.JOINT_POSITION, Role.JOINT_TORQUE})

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        "task_success",
        "whether the object ended where it should",
        (
            frozenset({Role.OBJECT_POSITION, Role.GOAL_POSITION}),
            frozenset({Role.SUCCESS}),
            frozenset({Role.GRIPPER_APERTURE}),
            frozenset({Role.GRIPPER_FORCE}),
        ),
    ),
    Requirement(
        "grasp",
        "missed grasps, slips and drops",
        (frozenset({Role.GRIPPER_APERTURE}), frozenset({Role.GRIPPER_FORCE})),
    ),
    Requirement(
        "collision",
        "contact of the arm and the hand",
        (frozenset({Role.EXTERNAL_TORQUE}), frozenset({Role.WRENCH}), _TORQUE_AND_MOTION),
        model_for=_TORQUE_AND_MOTION,
    ),
    Requirement(
        "smoothness",
        "jerks and emergency stops",
        (frozenset({Role.EE_POSITION}), frozenset({Role.JOINT_POSITION}), frozenset({Role.JOINT_VELOCITY})),
    ),
    Requirement(
        "tracking",
        "the distance between commanded and executed end effector",
        (frozenset({Role.EE_POSITION, Role.EE_COMMAND}),),
    ),
    Requirement(
        "workspace",
        "joint limits, stalls and fallen objects",
        (
            frozenset({Role.OBJECT_ORIENTATION}),
            frozenset({Role.EE_POSITION, Role.EE_COMMAND}),
            frozenset({Role.JOINT_POSITION}),
        ),
        model_for=frozenset({Role.JOINT_POSITION}),
    ),
)


def not_judged(alive: Collection[Role], dead: Collection[Role], *, has_robot_model: bool) -> dict[str, str]:
    """Why detectors cannot judge an episode, by detector; those that can are left out.

    Args:
        alive: Roles whose stream carries information.
        dead: Roles whose stream never changes.
        has_robot_model: Whether the profile names the robot's model.
    """
    reasons = {}
    for requirement in REQUIREMENTS:
        reason = _reason(requirement, frozenset(alive), frozenset(dead), has_robot_model)
        if reason:
            reasons[requirement.detector] = reason
    return reasons


def _reason(requirement: Requirement, alive: frozenset[Role], dead: frozenset[Role], has_robot_model: bool) -> str:
    enough = [option for option in requirement.alternatives if option <= alive]
    if any(has_robot_model or option != requirement.model_for for option in enough):
        return ""
    if enough:
        return "the profile names no robot model (robot.model)"
    ways = " or ".join(_words(option) for option in requirement.alternatives)
    needed = frozenset().union(*requirement.alternatives)
    still = [role.value for role in Role if role in needed & dead]
    return f"needs {ways}" + (f"; {', '.join(still)} is there, but never changes" if still else "")


def _words(option: frozenset[Role]) -> str:
    return " with ".join(role.value for role in Role if role in option)
