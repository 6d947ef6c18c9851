"""What goes wrong with a grasp is found at the frame at which it was planted, however it was recorded."""

import math
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failview.detectors.grasping.grasp import GraspDetector
from failview.model.detection import Detection
from failview.model.roles import Role
from failview.settings.thresholds import DetectorSettings
from tests.detectors import pick_stories
from tests.detectors.gripper_story import FINGERS_M_S, Recording, Story, detections, recorded
from tests.detectors.pick_stories import WITHOUT_FORCE, WITHOUT_POSES

HARMLESS = {"grasp.oscillation"}
SEEN_FALLING_S = 0.1


@dataclass(frozen=True)
class Planted:
    """What is in a story, and when it begins and is obvious, s."""

    kind: str
    onset_s: float
    obvious_s: float


def planted(name: str, story: Story) -> Planted:
    marks = {key: moments[0] for key, moments in story.marks.items()}
    if name == "miss":
        # half open is where the fingers pass what they should have met, when nothing tells its width
        return Planted("grasp.missed", marks["close"] + 0.04 / FINGERS_M_S, marks["stop"])
    if name == "slip":
        return Planted("grasp.slip", marks["slide"], marks["lost"])
    if name == "drop":
        return Planted("grasp.drop", marks["slide"], marks["lost"] + SEEN_FALLING_S)
    if name == "opened_early":
        return Planted("grasp.drop", marks["release"], marks["release"] + SEEN_FALLING_S)
    assert name == "turned"
    return Planted("grasp.unstable", marks["turn"] + 0.5 * 3 / 25, marks["turn"] + 0.5 * 15 / 25)


def found(story: Story, how: Recording, settings: DetectorSettings | None = None) -> list[Detection]:
    return [item for item in detections(GraspDetector(), recorded(story, how), settings) if item.kind not in HARMLESS]


def assert_found(name: str, how: Recording, *, story: Story | None = None) -> Detection:
    """The one thing that went wrong, within two frames, or the 30 ms that a finger takes to move 3 mm."""
    story = story or getattr(pick_stories, name)()
    truth = planted(name, story)
    seen = found(story, how)
    assert [item.kind for item in seen] == [truth.kind]
    within = max(2, math.ceil(0.03 * how.rate_hz))
    assert abs(seen[0].start_frame - how.frame(story, truth.onset_s)) <= within
    assert seen[0].obvious_frame is not None
    assert abs(seen[0].obvious_frame - how.frame(story, truth.obvious_s)) <= within
    assert 0.5 <= seen[0].confidence <= 1.0
    return seen[0]


FAILURES = ("miss", "slip", "drop", "opened_early", "turned")
RECORDINGS = {
    "clean": Recording(),
    "noisy": Recording(
        aperture_step_m=0.0005, repeats=0.01, force_noise_n=0.2, drift_n_s=0.03, bias_n=1.5, pose_noise_m=0.0002
    ),
    "fast force": Recording(force_hz=1000.0),
    "fast gripper": Recording(force_hz=100.0, aperture_hz=100.0),
    "slow gripper": Recording(force_hz=15.0, aperture_hz=15.0),
    "uneven": Recording(uneven=0.4),
    "signs of quaternions jump": Recording(flips=True),
    "no actions": Recording(command=None),
    "opening is positive": Recording(command=(1.0, -1.0)),
    "command in metres": Recording(command=(0.08, 0.0)),
    "biased far": Recording(bias_n=-25.0),
}


@pytest.mark.parametrize("rate_hz", [10.0, 20.0, 30.0, 50.0, 100.0])
@pytest.mark.parametrize("how", RECORDINGS.values(), ids=RECORDINGS)
@pytest.mark.parametrize("name", FAILURES)
def test_found_where_planted(name, how, rate_hz):
    assert_found(name, replace(how, rate_hz=rate_hz))


@pytest.mark.parametrize("rate_hz", [10.0, 20.0, 30.0, 50.0, 100.0])
@pytest.mark.parametrize("how", RECORDINGS.values(), ids=RECORDINGS)
def test_nothing_is_found_in_a_success(how, rate_hz):
    assert not found(pick_stories.success(), replace(how, rate_hz=rate_hz))


@pytest.mark.parametrize("name", FAILURES)
def test_frames_without_a_clock_are_taken_at_the_nominal_pace(name):
    assert_found(name, Recording(rate_hz=10.0, timed=False))


@pytest.mark.parametrize("name", ["miss", "slip", "drop"])
def test_found_without_poses(name):
    assert_found(name, Recording(without=WITHOUT_POSES))


@pytest.mark.parametrize("name", FAILURES)
def test_found_by_the_aperture_without_force(name):
    surely = assert_found(name, Recording()).confidence
    assert assert_found(name, Recording(without=WITHOUT_FORCE)).confidence <= surely


@pytest.mark.parametrize("noise_m", [0.0005, 0.002])
@pytest.mark.parametrize("rate_hz", [20.0, 50.0, 100.0])
def test_poses_that_jitter_do_not_make_a_slide(noise_m, rate_hz):
    """The noise moves the onset by the time in which the slide stands out of it, not to the begin of the hold."""
    story = pick_stories.slip()
    how = Recording(rate_hz=rate_hz, pose_noise_m=noise_m)
    (seen,) = found(story, how)
    speed_m_s = 0.02 / 0.2
    late_s = 6.0 * noise_m / speed_m_s
    assert abs(seen.start_frame - how.frame(story, story.marks["slide"][0])) <= max(2, math.ceil(late_s * rate_hz))


def test_a_turn_that_stops_before_15_degrees_is_a_firm_grasp():
    assert not found(pick_stories.turned(12.0), Recording())


def test_a_hand_that_turns_with_its_object_holds_it_firmly():
    story = pick_stories.held().turn_hand(40.0, 0.6).turn_hand(0.0, 0.6)
    assert not found(pick_stories.placed(story), Recording())


def test_a_burst_without_values_moves_nothing():
    story = pick_stories.slip()
    gaps = tuple((role, 2.2, 0.25) for role in (Role.GRIPPER_APERTURE, Role.GRIPPER_FORCE, Role.OBJECT_POSITION))
    assert_found("slip", Recording(gaps=gaps), story=story)


@given(
    wait_s=st.floats(0.3, 2.0),
    width_m=st.floats(0.012, 0.07),
    grip_n=st.floats(2.5, 40.0),
    slide_s=st.floats(0.1, 0.5),
    rate_hz=st.sampled_from([15.0, 20.0, 25.0, 30.0, 60.0]),
    seed=st.integers(0, 1000),
)
def test_any_slip_is_found_where_it_was_planted(*, wait_s, width_m, grip_n, slide_s, rate_hz, seed):
    story = Story().wait(wait_s).reach(0.6).close(width_m, grip_n).wait(0.2).lift().lose(slide_s=slide_s).wait(1.0)
    assert_found("slip", Recording(rate_hz=rate_hz, bias_n=(seed - 500) / 100, seed=seed), story=story)


@given(
    wait_s=st.floats(0.3, 2.0),
    speed_m_s=st.floats(0.04, 0.25),
    rate_hz=st.sampled_from([15.0, 20.0, 25.0, 30.0, 60.0]),
    noise_n=st.floats(0.0, 0.3),
    seed=st.integers(0, 1000),
)
def test_any_miss_is_found_where_it_was_planted(wait_s, speed_m_s, rate_hz, noise_n, seed):
    story = Story().wait(wait_s).reach(0.6).close(0.0005, speed_m_s=speed_m_s).wait(0.2)
    story.carry((0.0, 0.0, 0.15), 0.8).wait(0.5)
    how = Recording(rate_hz=rate_hz, force_noise_n=noise_n, seed=seed)
    (seen,) = found(story, how)
    assert seen.kind == "grasp.missed"
    passed_s = story.marks["close"][0] + 0.04 / speed_m_s
    assert abs(seen.start_frame - how.frame(story, passed_s)) <= 2
    assert abs(seen.obvious_frame - how.frame(story, story.marks["stop"][0])) <= 2


@given(
    width_m=st.floats(0.008, 0.075),
    grip_n=st.floats(1.0, 60.0),
    rate_hz=st.sampled_from([10.0, 20.0, 30.0, 60.0]),
    noise_n=st.floats(0.0, 0.15),
    seed=st.integers(0, 1000),
)
def test_no_success_is_blamed(width_m, grip_n, rate_hz, noise_n, seed):
    how = Recording(rate_hz=rate_hz, force_noise_n=noise_n, drift_n_s=0.03, seed=seed)
    assert not found(pick_stories.success(width_m, grip_n), how)


@pytest.mark.parametrize("rate_hz", [10.0, 20.0, 50.0, 100.0])
@pytest.mark.parametrize("noise_m", [0.0005, 0.001])
@pytest.mark.parametrize("without", [frozenset(), WITHOUT_FORCE])
def test_an_aperture_that_jitters_moves_no_fingers(without, noise_m, rate_hz):
    how = Recording(rate_hz=rate_hz, aperture_noise_m=noise_m, without=without)
    assert not found(pick_stories.success(), how)
    assert [item.kind for item in found(pick_stories.slip(), how)] == ["grasp.slip"]
    assert [item.kind for item in found(pick_stories.miss(), how)] == ["grasp.missed"]
