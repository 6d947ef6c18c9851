"""What looks like a failed grasp and is none: weak, fading, thin, wide grips, closings that grip nothing on purpose."""

import math

import pytest

from failview.detectors.grasping.grasp import GraspDetector
from failview.detectors.grasping.grasp_story import GraspEnd
from failview.model.detection import Detection
from failview.settings.thresholds import DetectorSettings
from tests.detectors.gripper_story import Recording, Story, case, detections, recorded
from tests.detectors.pick_stories import WITHOUT_APERTURE, WITHOUT_FORCE, WITHOUT_POSES, held, placed, success

SENSORS = {
    "both": frozenset(),
    "aperture alone": WITHOUT_FORCE,
    "force alone": WITHOUT_APERTURE,
    "no poses": WITHOUT_POSES,
    "aperture alone, no poses": WITHOUT_FORCE | WITHOUT_POSES,
}
sensors = pytest.mark.parametrize("without", SENSORS.values(), ids=SENSORS)


def found(story: Story, how: Recording) -> list[Detection]:
    return detections(GraspDetector(), recorded(story, how))


@sensors
@pytest.mark.parametrize("grip_n", [1.0, 2.0])
def test_a_weak_grip_that_holds(grip_n, without):
    assert not found(success(grip_n=grip_n), Recording(without=without))


@sensors
@pytest.mark.parametrize("left_n", [1.2, 0.7])
def test_a_grip_that_fades_and_holds(left_n, without):
    story = placed(held(grip_n=8.0).squeeze(left_n, 1.0))
    assert not found(story, Recording(without=without))


@sensors
@pytest.mark.parametrize("width_m", [0.005, 0.008, 0.077])
def test_thin_and_wide_objects(width_m, without):
    assert not found(success(width_m=width_m), Recording(without=without, aperture_noise_m=0.00005))


def test_a_sheet_of_3_mm_is_held_when_it_pushes_back():
    assert not found(success(width_m=0.003), Recording())


def test_a_sheet_of_3_mm_without_force_is_hardly_a_miss():
    (seen,) = found(success(width_m=0.003), Recording(without=WITHOUT_FORCE))
    (sure,) = found(Story().wait(0.8).close(0.0005).wait(1.0), Recording(without=WITHOUT_FORCE))
    assert seen.kind == sure.kind == "grasp.missed"
    assert seen.confidence < 0.7 < sure.confidence


def test_a_gripper_whose_zero_is_worn_has_missed_when_the_profile_says_where_closed_is():
    episode = recorded(Story().wait(0.8).close(0.004).wait(1.0), Recording(without=WITHOUT_FORCE))
    (seen,) = detections(GraspDetector(), episode, DetectorSettings(aperture_min_m=0.004))
    assert seen.kind == "grasp.missed"
    assert seen.confidence > 0.7


def test_fingers_that_press_on_each_other_hold_nothing():
    story = Story().wait(0.8).reach(0.6).close(0.0005).squeeze(6.0, 0.05).wait(0.4).lift().wait(0.5)
    (seen,) = found(story, Recording())
    assert seen.kind == "grasp.missed"
    assert not case(recorded(story)).story.holding(10_000).any()


@sensors
def test_fingers_closed_half_way_before_the_grasp(without):
    story = Story().wait(0.8).close(0.05).reach(0.6).wait(0.2).close(0.03, 8.0).wait(0.2).lift()
    assert not found(placed(story), Recording(without=without))


def test_an_object_that_gives_way_is_still_held():
    story = Story().wait(0.8).reach(0.6).close(0.04, 5.0).wait(0.3).close(0.034, 5.0).wait(0.2).lift()
    for without in (frozenset(), WITHOUT_FORCE):
        assert not found(placed(story), Recording(without=without))
        story_read = case(recorded(story, Recording(without=without))).story
        assert [attempt.end for attempt in story_read.attempts] == [GraspEnd.RELEASED]


@sensors
def test_the_gripper_is_parked_closed_after_a_success(without):
    seen = found(success().close(0.0005).wait(0.5), Recording(without=without))
    assert all(item.confidence < 0.5 for item in seen)


@pytest.mark.parametrize("higher_m", [0.03, 0.1])
def test_set_down_on_a_higher_support(higher_m):
    assert not found(placed(held(), higher_m=higher_m), Recording())
    assert all(
        item.confidence < 0.5 for item in found(placed(held(), higher_m=higher_m), Recording(without=WITHOUT_POSES))
    )


def test_two_closings_on_nothing_before_the_grip_are_two_misses():
    story = Story().wait(0.5).close(0.0005).release().wait(0.3).close(0.0005).release().reach(0.6)
    story = placed(story.close(0.04, 8.0).wait(0.2).lift())
    how = Recording()
    seen = found(story, how)
    assert [item.kind for item in seen] == ["grasp.missed", "grasp.missed"]
    for item, close_s, stop_s in zip(seen, story.marks["close"], story.marks["stop"], strict=False):
        # by now it is known how wide the object is: 40 mm, half of the opening
        assert abs(item.start_frame - how.frame(story, close_s + 0.4)) <= 2
        assert abs(item.obvious_frame - how.frame(story, stop_s)) <= 2
    ends = [attempt.end for attempt in case(recorded(story)).story.attempts]
    assert ends == [GraspEnd.EMPTY, GraspEnd.EMPTY, GraspEnd.RELEASED]


def test_a_hold_to_the_end():
    story = held().wait(0.5)
    assert not found(story, Recording())
    (attempt,) = case(recorded(story)).story.attempts
    assert attempt.end is GraspEnd.HELD
    assert attempt.end_row == int(story.duration_s * 20) - 1


@pytest.mark.parametrize("without", [frozenset(), WITHOUT_FORCE, WITHOUT_POSES], ids=["both", "aperture", "no poses"])
def test_an_episode_that_begins_with_the_object_in_the_hand_and_sets_it_down(without):
    story = Story(aperture_m=0.04).hold(8.0).wait(0.5)
    assert not found(placed(story.lift()), Recording(without=without))


def test_an_object_lost_that_was_in_the_hand_from_the_start():
    story = Story(aperture_m=0.04).hold(8.0).wait(0.5).lift().lose().wait(1.0)
    how = Recording()
    (seen,) = found(story, how)
    assert seen.kind == "grasp.slip"
    assert abs(seen.start_frame - how.frame(story, story.marks["slide"][0])) <= 2


def test_a_second_grip_is_its_own_attempt():
    story = held().lose().wait(0.4).release().carry((0.0, 0.0, -0.15), 0.6).reach(0.1)
    story = placed(story.close(0.04, 8.0).wait(0.2).lift())
    seen = found(story, Recording())
    assert [item.kind for item in seen] == ["grasp.slip"]
    attempts = case(recorded(story)).story.attempts
    assert [attempt.end for attempt in attempts] == [GraspEnd.LOST, GraspEnd.RELEASED]
    assert math.isclose(attempts[1].hold_aperture_m, 0.04, abs_tol=0.001)
