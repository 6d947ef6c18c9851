"""Joints at their limits, hands that stall, objects that fall: found at the frames at which they were planted."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from failview.detectors.workspace.workspace import WorkspaceDetector
from failview.model.detection import Detection
from failview.model.episode import Episode
from failview.model.robot import LinkPoses, Robot
from failview.model.roles import ROLE_SPECS, Role
from failview.model.signals import Signal
from tests.detectors.gripper_story import Recording, Story, case, detections, recorded
from tests.detectors.pick_stories import (
    WITHOUT_APERTURE,
    WITHOUT_FORCE,
    held,
    placed,
    slip,
    success,
)

NO_GRIPPER = WITHOUT_APERTURE | WITHOUT_FORCE
ROTATIONS_UNKNOWN = frozenset({Role.OBJECT_ORIENTATION})


def found(episode: Episode) -> list[Detection]:
    return detections(WorkspaceDetector(), episode)


def with_noisy_turns(episode: Episode, deg: float) -> Episode:
    rng = np.random.default_rng(3)
    values = episode.signals[Role.OBJECT_ORIENTATION].values
    noise = Rotation.from_rotvec(rng.normal(0, deg, (len(values), 3)), degrees=True)
    values[:] = (noise * Rotation.from_quat(values)).as_quat()
    return episode


# ---------------------------------------------------------------------------------------------------------- topples


def pushed_over(deg: float = 90.0, seconds: float = 0.6) -> Story:
    return Story().wait(1.0).carry((0.0, 0.1, -0.05), 0.5).turn_object(deg, seconds).wait(1.5)


def tipped() -> Story:
    return success().turn_object(90.0, 0.5).wait(1.0)


@pytest.mark.parametrize("rate_hz", [10.0, 20.0, 50.0, 100.0])
@pytest.mark.parametrize(("told", "kind", "seconds"), [(pushed_over, "workspace.knocked_over", 0.6),
                                                       (tipped, "workspace.tipped", 0.5)])  # fmt: skip
def test_a_topple(told, kind, seconds, rate_hz):
    story, how = told(), Recording(rate_hz=rate_hz, flips=True)
    (seen,) = found(recorded(story, how))
    begin_s = story.marks["turn"][0]
    assert seen.kind == kind
    assert abs(seen.start_frame - how.frame(story, begin_s + seconds * 3 / 90)) <= 1
    assert abs(seen.obvious_frame - how.frame(story, begin_s + seconds / 2)) <= 1
    assert seen.end_frame == int(story.duration_s * rate_hz) - 1
    assert seen.confidence > 0.9


@pytest.mark.parametrize("rate_hz", [20.0, 100.0])
def test_a_topple_in_orientations_that_jitter(rate_hz):
    story, how = pushed_over(), Recording(rate_hz=rate_hz)
    (seen,) = found(with_noisy_turns(recorded(story, how), 0.5))
    assert abs(seen.start_frame - how.frame(story, story.marks["turn"][0] + 0.02)) <= max(2, 0.03 * rate_hz)


@given(deg=st.floats(60.0, 170.0), seconds=st.floats(0.2, 2.0), rate_hz=st.sampled_from([10.0, 20.0, 30.0]))
def test_any_topple(deg, seconds, rate_hz):
    story, how = pushed_over(deg, seconds), Recording(rate_hz=rate_hz)
    (seen,) = found(recorded(story, how))
    assert abs(seen.start_frame - how.frame(story, story.marks["turn"][0] + seconds * 3 / deg)) <= 1
    assert abs(seen.obvious_frame - how.frame(story, story.marks["turn"][0] + seconds * 45 / deg)) <= 1


@pytest.mark.parametrize("deg", [10.0, 40.0])
def test_an_object_that_leans_and_stands_has_not_fallen(deg):
    assert not found(recorded(pushed_over(deg)))


def test_an_object_that_lies_from_the_start_has_not_fallen():
    episode = recorded(success())
    values = episode.signals[Role.OBJECT_ORIENTATION].values
    values[:] = (Rotation.from_euler("x", 90, degrees=True) * Rotation.from_quat(values)).as_quat()
    assert not found(episode)


def test_an_object_turned_about_the_vertical_has_not_fallen():
    episode = recorded(success())
    values = episode.signals[Role.OBJECT_ORIENTATION].values
    turn = Rotation.from_rotvec(np.linspace(0, 170, len(values))[:, None] * [0.0, 0.0, 1.0], degrees=True)
    values[:] = (turn * Rotation.from_quat(values)).as_quat()
    assert not found(episode)


def test_a_held_object_may_lean_as_it_likes():
    assert not found(recorded(placed(held().turn_hand(80.0, 0.6).wait(0.3).turn_hand(0.0, 0.6))))


def test_an_object_poured_from_by_a_gripper_that_tells_nothing_is_not_knocked_over():
    story = placed(held().turn_hand(80.0, 0.6).wait(0.3).turn_hand(0.0, 0.6))
    assert not found(recorded(story, Recording(without=NO_GRIPPER)))
    assert found(recorded(pushed_over(), Recording(without=NO_GRIPPER)))


@pytest.mark.parametrize("spoiled", [0.0, np.nan])
def test_an_orientation_that_tells_nothing_is_not_judged(spoiled):
    episode = recorded(success(), Recording(without=frozenset({Role.EE_COMMAND, Role.EE_ORIENTATION})))
    episode.signals[Role.OBJECT_ORIENTATION].values[:] = spoiled
    assert not WorkspaceDetector().judge(case(episode)).detections


# ------------------------------------------------------------------------------------------ releases without a pose


def let_go(lean_deg: float) -> Story:
    story = held().carry((0.0, 0.2, 0.0)).turn_hand(lean_deg, 0.4).carry((0.0, 0.0, -0.15), 0.6).wait(0.1)
    return story.release().carry((0.0, 0.0, 0.15), 0.6).wait(0.5)


@pytest.mark.parametrize(("lean_deg", "count"), [(0.0, 0), (10.0, 0), (30.0, 1)])
def test_a_hand_that_lets_go_leaning(lean_deg, count):
    story, how = let_go(lean_deg), Recording(without=ROTATIONS_UNKNOWN)
    seen = [item for item in found(recorded(story, how)) if item.kind == "workspace.tipped"]
    assert len(seen) == count
    for item in seen:
        assert abs(item.start_frame - how.frame(story, story.marks["release"][0])) <= 2
        assert 0.4 < item.confidence <= 0.7


# ------------------------------------------------------------------------------------------------------------ stalls


def stalled(ahead_m: float = 0.08, seconds: float = 0.5, *, recovers: bool = False) -> Story:
    story = Story().wait(0.5).carry((0.0, 0.2, 0.0)).wait(0.2).command_ahead(ahead_m, seconds).wait(1.5)
    if recovers:
        story.command_ahead(0.0, 0.5).carry((0.0, 0.1, 0.0)).wait(0.5)
    return story


def stalls_of(episode: Episode) -> list[Detection]:
    return [item for item in found(episode) if item.kind == "workspace.stalled"]


@pytest.mark.parametrize("rate_hz", [10.0, 20.0, 50.0])
@pytest.mark.parametrize("recovers", [False, True])
def test_a_stall_begins_where_the_command_runs_away(rate_hz, recovers):
    story, how = stalled(recovers=recovers), Recording(rate_hz=rate_hz)
    (seen,) = stalls_of(recorded(story, how))
    begin_s = story.marks["ahead"][0]
    assert abs(seen.start_frame - how.frame(story, begin_s)) <= 2
    assert abs(seen.obvious_frame - how.frame(story, begin_s + 0.5 * 3 / 8)) <= 2
    if recovers:
        assert abs(seen.end_frame - how.frame(story, story.marks["ahead"][1] + 0.5 * 6 / 8)) <= 2
    assert seen.measures["peak_m"] == pytest.approx(0.08, abs=0.005)


def test_a_command_1_cm_ahead_is_no_stall():
    assert not stalls_of(recorded(stalled(0.01)))


def test_a_command_that_comes_back_at_once_is_no_stall():
    story = Story().wait(0.5).carry((0.0, 0.2, 0.0)).command_ahead(0.04, 0.1).command_ahead(0.0, 0.1).wait(1.0)
    assert not stalls_of(recorded(story))


def test_a_hand_that_is_late_all_the_way_is_no_stall():
    episode = recorded(success(), Recording(rate_hz=20.0))
    command = episode.signals[Role.EE_COMMAND].values
    command[:-4] = command[4:].copy()
    assert not stalls_of(episode)


def test_a_command_in_another_frame_is_no_stall():
    episode = recorded(success())
    episode.signals[Role.EE_COMMAND].values[:] += [0.5, -0.3, 0.1]
    assert not stalls_of(episode)


# ------------------------------------------------------------------------------------------------------ joint limits


def robot(lower: list[float], upper: list[float]) -> Robot:
    def poses(frames: np.ndarray) -> LinkPoses:
        return LinkPoses(np.zeros((len(frames), 0, 3)), np.zeros((len(frames), 0, 4)))

    names = tuple(f"joint {number + 1}" for number in range(len(lower)))
    return Robot(Path("arm.urdf"), "hand", names, np.array(lower), np.array(upper), False, (), (), poses)


def with_joints(episode: Episode, joints: np.ndarray, of: Robot) -> Episode:
    labels = tuple(str(column) for column in range(joints.shape[1]))
    signal = Signal("joints", joints, ROLE_SPECS[Role.JOINT_POSITION].unit, labels)
    return replace(episode, signals={**episode.signals, Role.JOINT_POSITION: signal}, robot=of)


def limits_of(episode: Episode) -> list[Detection]:
    return [item for item in found(episode) if item.kind == "workspace.joint_limit"]


def moving_joints(story: Story, how: Recording, arrives_s: float, stays_s: float) -> np.ndarray:
    """(frames, 3): the second goes to its limit of 2 rad and back."""
    times_s = how.times_s(story)
    knots = [0.0, arrives_s, arrives_s + stays_s, arrives_s + stays_s + 1.0]
    second = np.interp(times_s, knots, [0.0, 2.0, 2.0, 0.5])
    return np.stack([np.sin(times_s), second, -np.cos(times_s)], axis=1)


ARM = robot([-3.0, -2.0, -3.0], [3.0, 2.0, 3.0])


@pytest.mark.parametrize("rate_hz", [10.0, 20.0, 50.0])
def test_a_joint_that_arrives_at_its_limit_while_the_hand_is_short(rate_hz):
    story, how = stalled(), Recording(rate_hz=rate_hz)
    arrives_s = story.marks["ahead"][0]
    joints = moving_joints(story, how, arrives_s, 1.5)
    (seen,) = limits_of(with_joints(recorded(story, how), joints, ARM))
    within_1_deg_s = arrives_s * (1 - np.radians(1.0) / 2.0)
    assert abs(seen.start_frame - how.frame(story, within_1_deg_s)) <= 1
    assert abs(seen.obvious_frame - how.frame(story, arrives_s + 0.5 * 3 / 8)) <= 2
    assert seen.confidence > 0.8
    assert "joint 2" in seen.evidence


def test_a_joint_at_its_limit_in_passing_is_hardly_a_failure():
    story, how = success(), Recording()
    (seen,) = limits_of(with_joints(recorded(story, how), moving_joints(story, how, 2.0, 0.5), ARM))
    assert seen.confidence < 0.4


def test_a_touch_of_the_limit_is_none():
    story, how = success(), Recording(rate_hz=50.0)
    joints = moving_joints(story, how, 2.0, 0.1)
    assert not limits_of(with_joints(recorded(story, how), joints, ARM))


def test_a_joint_that_never_left_its_limit_has_not_arrived_there():
    story, how = stalled(), Recording()
    joints = moving_joints(story, how, 2.0, 0.0)
    joints[:, 1] = 1.999
    assert not limits_of(with_joints(recorded(story, how), joints, ARM))


def test_fingers_among_the_joints_are_no_arm():
    story, how = stalled(), Recording()
    joints = np.hstack([moving_joints(story, how, 50.0, 0.0), 0.02 + 0.02 * np.sin(how.times_s(story))[:, None]])
    assert not limits_of(with_joints(recorded(story, how), joints, robot([-3, -2, -3, 0.0], [3, 2, 3, 0.04])))


def test_joints_without_limits_and_columns_without_joints():
    story, how = success(), Recording()
    joints = moving_joints(story, how, 2.0, 0.5)
    endless = robot([-np.inf] * 3, [np.inf] * 3)
    assert not limits_of(with_joints(recorded(story, how), joints, endless))
    assert not limits_of(with_joints(recorded(story, how), joints, robot([-3.0], [3.0])))


# -------------------------------------------------------------------------------------------------------- the whole


def test_nothing_to_judge_from():
    how = Recording(without=frozenset({Role.OBJECT_ORIENTATION, Role.EE_COMMAND}))
    assert WorkspaceDetector().judge(case(recorded(success(), how))).not_judged.startswith("needs")


@pytest.mark.parametrize("rate_hz", [10.0, 30.0, 100.0])
@pytest.mark.parametrize("told", [success, lambda: held().wait(0.5)])
def test_nothing_is_found_in_a_success(told, rate_hz):
    how = Recording(rate_hz=rate_hz, repeats=0.01, flips=True)
    assert not found(recorded(told(), how))
    assert not found(recorded(told(), replace(how, without=ROTATIONS_UNKNOWN)))


def test_the_lean_is_kept_as_an_array():
    story, how = pushed_over(), Recording()
    lean = WorkspaceDetector().judge(case(recorded(story, how))).arrays["workspace.object_lean_deg"]
    assert lean[0] == pytest.approx(0.0, abs=1e-3)
    assert lean[-1] == pytest.approx(90.0, abs=0.1)


def test_what_slipped_and_fell_over_was_not_knocked_over():
    story = slip()
    story.turn_object(80.0, 0.4).wait(0.5)
    assert [item.kind for item in found(recorded(story))] == ["workspace.tipped"]
