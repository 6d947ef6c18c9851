"""Detectors that lack a signal say which one."""

from failview.detectors.requirements import REQUIREMENTS, not_judged
from failview.model.roles import Role


def test_with_nothing_every_detector_gives_a_reason() -> None:
    reasons = not_judged((), (), has_robot_model=False)
    assert list(reasons) == [requirement.detector for requirement in REQUIREMENTS]
    assert reasons["grasp"] == "needs gripper_aperture or gripper_force"


def test_with_everything_all_can_judge() -> None:
    assert not_judged(set(Role), (), has_robot_model=False) == {}


def test_either_alternative_is_enough() -> None:
    assert "grasp" not in not_judged({Role.GRIPPER_FORCE}, (), has_robot_model=False)
    assert "grasp" not in not_judged({Role.GRIPPER_APERTURE}, (), has_robot_model=False)


def test_collision_by_torque_needs_the_model() -> None:
    """DATA 18."""
    torque = {Role.JOINT_POSITION, Role.JOINT_TORQUE}
    assert "robot model" in not_judged(torque, (), has_robot_model=False)["collision"]
    assert "collision" not in not_judged(torque, (), has_robot_model=True)
    assert "collision" not in not_judged({Role.EXTERNAL_TORQUE}, (), has_robot_model=False)


def test_dead_streams_are_named() -> None:
    """DATA 16."""
    reasons = not_judged((), {Role.GRIPPER_FORCE}, has_robot_model=False)
    assert reasons["grasp"].endswith("gripper_force is there, but never changes")
