"""Object poses that do not tell of what is held: missing, frozen, of another object, breaking off."""

from dataclasses import replace

import numpy as np
import pytest

from failview.detectors.grasping.grasp import GraspDetector
from failview.model.episode import Episode
from failview.model.roles import ROLE_SPECS, Role
from failview.model.signals import Signal
from tests.detectors.gripper_story import Recording, Story, case, detections, recorded
from tests.detectors.pick_stories import drop, held, opened_early, placed, slip, success

POSE = (Role.OBJECT_POSITION, Role.OBJECT_ORIENTATION)


def changed(episode: Episode, spoil) -> Episode:
    for role in POSE:
        spoil(episode.signals[role].values)
    return episode


def frozen(values: np.ndarray) -> None:
    values[:] = values[0]


def lost_from(row: int):
    def spoil(values: np.ndarray) -> None:
        values[row:] = np.nan

    return spoil


def leaning_hand() -> Story:
    return placed(held().turn_hand(30.0, 0.6).wait(0.3).turn_hand(0.0, 0.6))


@pytest.mark.parametrize("told", [success, leaning_hand, lambda: placed(held(), higher_m=0.05)])
@pytest.mark.parametrize(
    "spoil", [frozen, lost_from(50), lost_from(95)], ids=["frozen", "lost in the lift", "lost late"]
)
def test_no_failure_is_made_of_a_pose_that_does_not_follow(told, spoil):
    seen = detections(GraspDetector(), changed(recorded(told()), spoil))
    assert all(item.confidence < 0.5 for item in seen)


@pytest.mark.parametrize(("told", "kind"), [(slip, "grasp.slip"), (drop, "grasp.drop")])
@pytest.mark.parametrize("spoil", [frozen, lost_from(50)], ids=["frozen", "lost in the lift"])
def test_losses_are_told_by_the_fingers_then(told, kind, spoil):
    story, how = told(), Recording()
    (seen,) = detections(GraspDetector(), changed(recorded(story, how), spoil))
    assert seen.kind == kind
    # without a pose the slide is taken to begin a tenth of a second before the contact ends
    assert abs(seen.start_frame - how.frame(story, story.marks["lost"][0] - 0.1)) <= 2


def test_a_pose_that_breaks_off_after_the_loss_still_tells_of_it():
    story, how = slip(), Recording()
    lost = how.frame(story, story.marks["lost"][0])
    (seen,) = detections(GraspDetector(), changed(recorded(story, how), lost_from(lost + 6)))
    assert abs(seen.start_frame - how.frame(story, story.marks["slide"][0])) <= 2


def test_an_object_let_go_in_the_air_falls_even_when_only_its_position_is_recorded():
    how = Recording(without=frozenset({Role.OBJECT_ORIENTATION, Role.EE_ORIENTATION}))
    (seen,) = detections(GraspDetector(), recorded(opened_early(), how))
    assert seen.kind == "grasp.drop"


def test_orientations_of_zeros_are_none():
    episode = recorded(success())
    episode.signals[Role.OBJECT_ORIENTATION].values[:] = 0.0
    episode = replace(episode)
    assert not detections(GraspDetector(), episode)


def test_a_grip_force_below_zero_turns_nothing():
    """A bias that could not be taken off: the moment of the weight has no grip to be compared with."""
    told = held().carry((0.0, 0.1, 0.0)).wait(0.5)
    episode = recorded(told, Recording(without=frozenset(POSE)))
    rows = episode.num_frames
    wrench = np.zeros((rows, 6))
    wrench[45:, 3] = 0.05
    labels = ("fx", "fy", "fz", "tx", "ty", "tz")
    signal = Signal("wrench", wrench, ROLE_SPECS[Role.WRENCH].unit, labels)
    whole = case(replace(episode, signals={**episode.signals, Role.WRENCH: signal}))
    attempts = tuple(replace(attempt, hold_force_n=0.0) for attempt in whole.story.attempts)
    assert attempts
    assert not GraspDetector().judge(replace(whole, story=replace(whole.story, attempts=attempts))).detections
