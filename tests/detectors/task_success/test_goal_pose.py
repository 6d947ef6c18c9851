"""The object's distance from the goal decides; what cannot be trusted is not judged, and said."""

from dataclasses import replace

import numpy as np
import pytest

from failview.detectors.task_success.goal_pose import GoalPose, judge_goal_pose
from failview.detectors.task_success.verdict import NoVerdict, Verdict
from failview.model.episode import Episode
from failview.model.roles import Role
from failview.settings.success_criterion import SuccessCriterion
from failview.settings.thresholds import DetectorSettings
from tests.detectors.task_success import pick_and_place as planted
from tests.detectors.task_success.pick_and_place import FRAMES, Pick


def judged(episode: Episode, settings: DetectorSettings | None = None) -> Verdict:
    verdict = judge_goal_pose(planted.case(episode, settings)).verdict
    assert isinstance(verdict, Verdict), verdict
    return verdict


def reason(episode: Episode) -> str:
    verdict = judge_goal_pose(planted.case(episode)).verdict
    assert isinstance(verdict, NoVerdict)
    return verdict.reason


def moved(episode: Episode, role: Role, values: np.ndarray) -> Episode:
    return planted.with_signals(episode, {role: planted.signal(role, values)})


def test_set_down_at_the_goal() -> None:
    verdict = judged(planted.episode(Pick(aside_m=0.01)))
    assert verdict.reached
    assert verdict.confidence > 0.95
    assert verdict.measures["final_distance_m"] == pytest.approx(0.01)
    assert verdict.measures["released"] == 1.0
    assert abs(verdict.start_row - planted.RELEASED) <= 3
    assert "1.0 cm from the goal" in verdict.evidence


def test_set_down_beside_the_goal_begins_where_it_touches_the_table() -> None:
    verdict = judged(planted.episode(Pick(aside_m=0.08)))
    assert not verdict.reached
    assert verdict.confidence > 0.95
    assert abs(verdict.start_row - planted.DOWN) <= 1
    assert verdict.obvious_row is not None
    assert planted.CLEAR <= verdict.obvious_row <= planted.RELEASED + 9  # the fingers are open 8 frames after


def test_a_noisy_pose_moves_the_touchdown_by_little() -> None:
    verdict = judged(planted.episode(Pick(aside_m=0.08, noise_m=0.001)))
    assert abs(verdict.start_row - planted.DOWN) <= 3


@pytest.mark.parametrize(("aside_m", "reached"), [(0.029, True), (0.031, False)])
def test_near_the_limit_the_limit_decides_and_nobody_is_sure(aside_m: float, reached: bool) -> None:
    verdict = judged(planted.episode(Pick(aside_m=aside_m)))
    assert verdict.reached is reached
    assert 0.5 < verdict.confidence < 0.75


def test_the_profile_may_set_another_limit() -> None:
    settings = DetectorSettings(success=SuccessCriterion(distance_m=0.1))
    assert judged(planted.episode(Pick(aside_m=0.08)), settings).reached


def test_still_held_at_the_goal_is_not_sure() -> None:
    verdict = judged(planted.episode(Pick(releases=False)))
    assert not verdict.reached
    assert verdict.confidence < 0.7
    assert verdict.measures["released"] == 0.0
    assert "still holds" in verdict.evidence


def test_without_a_gripper_the_distance_alone_decides() -> None:
    episode = planted.with_signals(planted.episode(), {Role.GRIPPER_APERTURE: None})
    verdict = judged(episode)
    assert verdict.reached
    assert 0.7 < verdict.confidence < 0.9
    assert "released" not in verdict.measures


def test_an_object_that_was_there_from_the_start_says_little() -> None:
    episode = planted.episode(Pick(holds=False))
    there = np.tile(planted.START_M, (FRAMES, 1))
    verdict = judged(moved(episode, Role.GOAL_POSITION, there))
    assert verdict.reached
    assert verdict.confidence < 0.7


def test_an_object_that_still_moves_is_not_sure() -> None:
    episode = planted.episode()
    object_m = episode.signals[Role.OBJECT_POSITION].values.copy()
    object_m[-20:, 1] += np.linspace(-0.08, 0.0, 20)
    verdict = judged(moved(episode, Role.OBJECT_POSITION, object_m))
    assert verdict.reached
    assert verdict.confidence < 0.7
    assert verdict.measures["resting"] == 0.0


def test_an_object_that_leaves_the_goal_again_fails_where_it_leaves() -> None:
    episode = planted.episode()
    object_m = episode.signals[Role.OBJECT_POSITION].values.copy()
    object_m[125:, 0] += 0.1
    verdict = judged(moved(episode, Role.OBJECT_POSITION, object_m))
    assert not verdict.reached
    assert verdict.start_row == 125
    assert "left again" in verdict.evidence


def test_a_goal_that_moves_is_where_it_was_last() -> None:
    episode = planted.episode()
    goal_m = episode.signals[Role.GOAL_POSITION].values.copy()
    goal_m[:60] += 0.5
    assert judged(moved(episode, Role.GOAL_POSITION, goal_m)).reached


def test_height_alone_is_doubted() -> None:
    verdict = judged(planted.episode(Pick(goal_height_m=0.05)))
    assert not verdict.reached
    assert verdict.confidence <= 0.7
    assert verdict.measures["horizontal_m"] == pytest.approx(0.0, abs=1e-9)
    assert verdict.measures["height_m"] == pytest.approx(-0.05)


def test_a_goal_of_zeros_is_no_goal() -> None:
    episode = planted.episode()
    assert "no goal" in reason(moved(episode, Role.GOAL_POSITION, np.zeros((FRAMES, 3))))


def test_poses_of_different_frames_are_not_judged() -> None:
    episode = planted.episode()
    far_m = episode.signals[Role.OBJECT_POSITION].values + 5.0
    assert "different frames" in reason(moved(episode, Role.OBJECT_POSITION, far_m))


def test_a_pose_that_stands_still_while_the_hand_carries_the_object_is_dead() -> None:
    still_m = np.tile(planted.START_M, (FRAMES, 1))
    assert "stands still" in reason(moved(planted.episode(), Role.OBJECT_POSITION, still_m))


def test_an_object_that_nobody_carried_may_stand_still() -> None:
    verdict = judged(planted.episode(Pick(holds=False)))
    assert not verdict.reached
    assert verdict.confidence > 0.95


@pytest.mark.parametrize(("missing", "told"), [(6, True), (30, False)])
def test_the_last_known_position_counts_for_half_a_second(missing: int, told: bool) -> None:
    episode = planted.episode(Pick(aside_m=0.01))
    object_m = episode.signals[Role.OBJECT_POSITION].values.copy()
    object_m[-missing:] = np.nan
    blind = moved(episode, Role.OBJECT_POSITION, object_m)
    if told:
        assert judged(blind).reached
    else:
        assert "unknown in the last 1.5 s" in reason(blind)


def test_the_distance_is_kept_for_every_row() -> None:
    found = judge_goal_pose(planted.case(planted.episode(Pick(aside_m=0.02))))
    assert isinstance(found, GoalPose)
    assert found.distance_m is not None
    assert found.distance_m.shape == (FRAMES,)
    assert found.distance_m[-1] == pytest.approx(0.02)


def test_what_is_missing_is_named() -> None:
    episode = planted.with_signals(planted.episode(), {Role.GOAL_POSITION: None})
    assert reason(episode) == "goal_position is not recorded"


def test_frames_without_times_are_judged_too() -> None:
    timed = planted.episode(Pick(aside_m=0.08))
    untimed = replace(timed, clock=replace(timed.clock, times_ns=None))
    assert not judged(untimed).reached
