"""Which signals tell the story of the gripper, and what is said when they do not."""

from dataclasses import replace

import numpy as np
import pytest

from failview.detectors.grasping.grasp import GraspDetector
from failview.detectors.grasping.grasp_story import GraspEnd, GraspStory
from failview.model.episode import Episode
from failview.model.roles import Role
from failview.settings.thresholds import DetectorSettings
from tests.detectors.gripper_story import Recording, Story, case, detections, recorded
from tests.detectors.pick_stories import (
    WITHOUT_APERTURE,
    WITHOUT_FORCE,
    drop,
    held,
    miss,
    opened_early,
    placed,
    slid_and_gripped_again,
    slip,
    success,
)

TICKS = Recording(scale=-3000.0, offset=255.0)
PERCENT = Recording(scale=1250.0)
UNIT_INTERVAL_CLOSED_IS_ONE = Recording(scale=-12.5, offset=1.0)


def story_of(told: Story, how: Recording | None = None) -> GraspStory:
    return case(recorded(told, how)).story


def ends(story: GraspStory) -> list[GraspEnd]:
    return [attempt.end for attempt in story.attempts]


@pytest.mark.parametrize("how", [TICKS, PERCENT, UNIT_INTERVAL_CLOSED_IS_ONE], ids=["ticks", "percent", "closed is 1"])
@pytest.mark.parametrize(
    ("told", "kinds"),
    [(success, []), (slip, ["grasp.slip"]), (drop, ["grasp.drop"]), (opened_early, ["grasp.drop"])],
)
def test_force_tells_what_an_unknown_scale_means(told, kinds, how):
    assert [item.kind for item in detections(GraspDetector(), recorded(told(), how))] == kinds


@pytest.mark.parametrize("scale", [12.5, 1250.0])
def test_a_miss_in_an_unknown_scale_is_told_by_the_force_that_never_comes(scale):
    (seen,) = detections(GraspDetector(), recorded(miss(), Recording(scale=scale)))
    assert seen.kind == "grasp.missed"
    assert seen.confidence > 0.9


@pytest.mark.parametrize("told", [success, miss])
def test_the_only_closed_place_of_an_unknown_scale_is_no_miss(told):
    """Whether the fingers hold something there, or nothing, no signal tells."""
    how = replace(PERCENT, without=WITHOUT_FORCE)
    assert not detections(GraspDetector(), recorded(told(), how))
    assert all(attempt.confidence <= 0.5 for attempt in story_of(told(), how).attempts)


def test_two_closed_places_of_an_unknown_scale_tell_a_slip():
    how = replace(PERCENT, without=WITHOUT_FORCE)
    assert [item.kind for item in detections(GraspDetector(), recorded(slid_and_gripped_again(), how))] == [
        "grasp.slip"
    ]


def test_an_unknown_scale_that_never_changes_is_not_judged():
    episode = recorded(Story().wait(3.0), Recording(scale=12.5, aperture_noise_m=0.0))
    assert "unknown scale" in GraspDetector().judge(case(episode)).not_judged


def test_aperture_alone_is_less_sure_than_with_force():
    both, alone = story_of(success()), story_of(success(), Recording(without=WITHOUT_FORCE))
    assert ends(both) == ends(alone) == [GraspEnd.RELEASED]
    assert alone.attempts[0].confidence < both.attempts[0].confidence
    assert alone.force is None


@pytest.mark.parametrize("bias_n", [0.0, 1.5, -4.0])
def test_force_alone_finds_the_holds(bias_n):
    told = success()
    how = Recording(without=WITHOUT_APERTURE, bias_n=bias_n)
    (attempt,) = story_of(told, how).attempts
    assert abs(attempt.hold_row - how.frame(told, told.marks["touch"][0])) <= 2
    assert abs(attempt.end_row - how.frame(told, told.marks["release"][0])) <= 2
    assert attempt.confidence <= 0.5


@pytest.mark.parametrize("noise_n", [0.02, 0.3, 1.0])
def test_force_alone_does_not_judge_misses(noise_n):
    how = Recording(without=WITHOUT_APERTURE, force_noise_n=noise_n)
    assert not detections(GraspDetector(), recorded(miss(), how))
    assert not story_of(miss(), how).attempts


def test_neither_aperture_nor_force():
    episode = recorded(success(), Recording(without=WITHOUT_APERTURE | WITHOUT_FORCE))
    assert GraspDetector().judge(case(episode)).not_judged == "needs gripper_aperture or gripper_force"


def dead(episode: Episode, role: Role) -> Episode:
    assignments = {**episode.assignments, role: replace(episode.assignments[role], dead=True)}
    return replace(episode, assignments=assignments)


def test_a_dead_force_is_no_force():
    story = case(dead(recorded(success()), Role.GRIPPER_FORCE)).story
    assert story.force is None
    assert ends(story) == [GraspEnd.RELEASED]


def test_a_dead_force_alone_is_not_judged():
    episode = dead(recorded(success(), Recording(without=WITHOUT_APERTURE)), Role.GRIPPER_FORCE)
    assert "gripper_force never changes in this dataset" in GraspDetector().judge(case(episode)).not_judged


def zero_force(episode: Episode) -> Episode:
    episode.signals[Role.GRIPPER_FORCE].values[:] = 0.0
    return episode


def test_a_force_of_zero_throughout_one_episode_is_not_an_empty_gripper():
    assert not detections(GraspDetector(), zero_force(recorded(success())))
    assert ends(case(zero_force(recorded(success()))).story) == [GraspEnd.RELEASED]


def test_a_force_of_zero_throughout_and_nothing_else_is_not_judged():
    episode = zero_force(recorded(success(), Recording(without=WITHOUT_APERTURE)))
    assert "gripper_force never changes in this episode" in GraspDetector().judge(case(episode)).not_judged


@pytest.mark.parametrize("command", [(-1.0, 1.0), (1.0, -1.0), (0.0, 1.0), (0.08, 0.0), (255.0, 0.0)])
def test_the_command_is_read_with_either_sign(command):
    how = Recording(command=command)
    told = success()
    story = story_of(told, how)
    closes = how.frame(told, told.marks["close"][0] - 0.1)
    assert story.command is not None
    assert abs(int((story.command > 0).argmax()) - closes) <= 1
    assert story.attempts[0].commanded_end is True
    assert story_of(slip(), how).attempts[0].commanded_end is False


def test_without_actions_nobody_knows_whether_an_opening_was_commanded():
    story = story_of(success(), Recording(command=None))
    assert story.command is None
    assert story.attempts[0].commanded_end is None


def test_a_continuous_column_is_no_command():
    episode = recorded(success())
    actions = episode.signals[Role.ACTION].values
    actions[:, -1] = np.random.default_rng(0).normal(size=len(actions))
    assert case(episode).story.command is None


def test_fingers_that_open_though_told_to_stay_closed_have_lost_their_hold():
    told = held().carry((0.0, 0.15, 0.0), 0.7).release(told=False).carry((0.0, 0.1, 0.0), 0.5).wait(1.0)
    (attempt,) = story_of(told).attempts
    assert attempt.end is GraspEnd.LOST
    (seen,) = detections(GraspDetector(), recorded(told))
    assert seen.kind == "grasp.drop"
    assert "not commanded" in seen.evidence


def test_partial_opening_that_lets_go():
    told = held().carry((0.0, 0.2, 0.0)).carry((0.0, 0.0, -0.15), 0.6).wait(0.1).release(0.05)
    told = told.carry((0.0, 0.0, 0.15), 0.6).wait(0.5)
    for without in (frozenset(), WITHOUT_FORCE):
        story = story_of(told, Recording(without=without))
        assert ends(story) == [GraspEnd.RELEASED]
        assert not detections(GraspDetector(), recorded(told, Recording(without=without)))


def test_bias_and_drift_are_taken_off():
    how = Recording(bias_n=3.0, drift_n_s=0.05, force_noise_n=0.05)
    force = story_of(placed(held(grip_n=5.0)), how).force
    assert force.tared
    assert abs(float(np.median(force.force_n[45:90])) - 5.0) < 0.3
    assert abs(float(np.median(force.force_n[:25]))) < 0.1
    assert 0.03 < force.noise_n < 0.09


def test_thresholds_of_the_profile_are_used():
    episode = recorded(success(width_m=0.012), Recording(without=WITHOUT_FORCE))
    assert not detections(GraspDetector(), episode)
    settings = DetectorSettings(overrides={"grasp.empty_aperture_m": 0.015})
    assert [item.kind for item in detections(GraspDetector(), episode, settings)] == ["grasp.missed"]


def swinging(hz: float, amplitude_n: float) -> Episode:
    episode = recorded(held().wait(3.0), Recording(rate_hz=50.0))
    force = episode.signals[Role.GRIPPER_FORCE].values
    rows = np.arange(130, 250)
    force[rows, 0] += amplitude_n * np.sin(2 * np.pi * hz * (rows - 130) / 50.0)
    return episode


def test_a_force_that_swings_at_4_hz():
    (seen,) = detections(GraspDetector(), swinging(4.0, 3.0))
    assert seen.kind == "grasp.oscillation"
    assert abs(seen.start_frame - 130) <= 20
    assert abs(seen.end_frame - 250) <= 20
    assert abs(seen.measures["rate_hz"] - 4.0) < 1.0


@pytest.mark.parametrize(("hz", "amplitude_n"), [(1.0, 3.0), (4.0, 0.5)])
def test_slow_or_small_swings_are_the_operators(hz, amplitude_n):
    assert not detections(GraspDetector(), swinging(hz, amplitude_n))


def test_misses_begin_where_the_dataset_says_how_wide_things_are():
    detector = GraspDetector()
    told = miss()
    how = Recording()
    missed = detector.judge(case(recorded(told, how)))
    others = [detector.judge(case(recorded(success(width_m=0.02), how))).summary for _ in range(3)]
    learnt = detector.learn([missed.summary, *others], [False, True, True, True])
    (seen,) = detector.refine(missed, learnt, DetectorSettings()).detections
    assert abs(seen.start_frame - how.frame(told, told.marks["close"][0] + 0.6)) <= 1
    assert detector.refine(missed, {}, DetectorSettings()).detections == missed.detections


@pytest.mark.parametrize("step_m", [0.002, 0.004, 0.08])
@pytest.mark.parametrize("told", [slip, miss, slid_and_gripped_again])
def test_coarse_and_binary_apertures(told, step_m):
    """Robotiq writes 0.3 mm steps, some recorders open or closed alone."""
    how = Recording(aperture_step_m=step_m, aperture_noise_m=0.0)
    story = story_of(told(), how)
    usual = story_of(told())
    if step_m < 0.08:
        assert ends(story) == ends(usual)
    else:
        assert len(story.attempts) == len(told().marks["close"])
