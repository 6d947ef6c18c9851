"""Without poses, flag and pictures, what the gripper did is a hint and no more."""

import pytest

from failview.detectors.task_success.story_ending import judge_story
from failview.detectors.task_success.verdict import NoVerdict, Verdict
from failview.model.roles import Role
from tests.detectors.task_success import pick_and_place as planted
from tests.detectors.task_success.pick_and_place import Pick


def judged(pick: Pick) -> Verdict:
    verdict = judge_story(planted.case(planted.without_poses(planted.episode(pick))))
    assert isinstance(verdict, Verdict)
    return verdict


def test_carried_set_down_and_left_is_a_likely_success() -> None:
    verdict = judged(Pick())
    assert verdict.reached
    assert 0.55 <= verdict.confidence <= 0.65
    assert verdict.measures["carried_m"] == pytest.approx(0.316, abs=0.01)


def test_never_held_is_a_likely_failure() -> None:
    verdict = judged(Pick(holds=False))
    assert not verdict.reached
    assert verdict.confidence >= 0.75


def test_lost_on_the_way_is_a_failure() -> None:
    verdict = judged(Pick(lost=75))
    assert not verdict.reached
    assert verdict.confidence > 0.8
    assert abs(verdict.start_row - 75) <= 2


def test_still_held_is_a_failure_of_little_certainty() -> None:
    verdict = judged(Pick(releases=False))
    assert not verdict.reached
    assert verdict.confidence < 0.7


def test_without_a_hand_nothing_tells_where() -> None:
    episode = planted.with_signals(planted.without_poses(planted.episode()), {Role.EE_POSITION: None})
    verdict = judge_story(planted.case(episode))
    assert isinstance(verdict, Verdict)
    assert verdict.confidence <= 0.5


def test_without_a_gripper_there_is_no_story() -> None:
    episode = planted.with_signals(planted.without_poses(planted.episode()), {Role.GRIPPER_APERTURE: None})
    assert isinstance(judge_story(planted.case(episode)), NoVerdict)
