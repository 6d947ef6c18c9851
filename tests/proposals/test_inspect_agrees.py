"""What `inspect` says cannot be judged is what the detectors say they could not."""

import pytest

from failview.detectors import catalogue
from failview.detectors.requirements import not_judged
from failview.model.roles import Role
from failview.settings.thresholds import DetectorSettings
from tests.episodes.synthetic import make_episode

SETS = [
    set(),
    {Role.GRIPPER_APERTURE},
    {Role.GRIPPER_FORCE},
    {Role.JOINT_POSITION},
    {Role.JOINT_POSITION, Role.JOINT_TORQUE},
    {Role.JOINT_POSITION, Role.EXTERNAL_TORQUE},
    {Role.EXTERNAL_TORQUE},
    {Role.JOINT_VELOCITY},
    {Role.WRENCH},
    {Role.EE_POSITION},
    {Role.EE_ORIENTATION},
    {Role.EE_POSITION, Role.EE_COMMAND},
    {Role.EE_POSITION, Role.WRENCH},
    {Role.OBJECT_POSITION},
    {Role.OBJECT_POSITION, Role.GOAL_POSITION},
    {Role.OBJECT_POSITION, Role.OBJECT_ORIENTATION},
    set(Role),
]


@pytest.mark.parametrize("roles", SETS, ids=lambda roles: " ".join(sorted(roles)) or "none")
def test_inspect_and_detect_name_the_same_detectors(roles: set[Role]) -> None:
    episode = make_episode(cameras=(), roles=frozenset(roles))
    settings = DetectorSettings()
    found = catalogue.conclude(catalogue.first_look(episode, settings), None, settings)
    foretold = not_judged(set(episode.signals), set(), has_robot_model=False)
    assert set(foretold) == set(found.not_judged)
