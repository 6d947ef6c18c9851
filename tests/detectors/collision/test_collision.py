"""Contacts planted in the motions of an arm are found, at the hand or along the arm; what is none is not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from failview.detectors.collision.collision import CollisionDetector
from failview.detectors.detector import Detector, Findings
from failview.detectors.grasping.grasp_story import GraspAttempt, GraspEnd, GraspStory
from failview.model.episode import Episode
from failview.model.roles import Role
from failview.settings.thresholds import DetectorSettings
from tests.contracts.detector_contract import DetectorContract
from tests.detectors.arm_motions import (
    JOINTS,
    LIMIT_RAD,
    Motion,
    Recorded,
    dead_stop,
    record,
    span,
    strokes,
    write_mjcf,
    write_urdf,
)  # fmt: skip

RATES = [20.0, 50.0, 100.0]


@pytest.fixture
def urdf(tmp_path: Path) -> Path:
    return write_urdf(tmp_path / "arm.urdf")


def judged(recorded: Recorded, story: GraspStory | None = None) -> Findings:
    findings = CollisionDetector().judge(recorded.case(story))
    assert not findings.not_judged
    return findings


def hand_push(motion: Motion, begin_s: float, end_s: float, force_n: tuple[float, float, float]) -> None:
    motion.hand_force += span(motion, begin_s, end_s)[:, None] * np.array(force_n)


def held(begin_s: float, end_s: float, rate_hz: float, end: GraspEnd = GraspEnd.RELEASED) -> GraspStory:
    begin, stop = round(begin_s * rate_hz), round(end_s * rate_hz)
    return GraspStory((GraspAttempt(begin - 2, begin, begin, stop, end, 0.03, 8.0, True, 0.9),))


def with_model(recorded: Recorded, path: Path) -> Recorded:
    robot = recorded.episode.robot
    assert robot is not None
    return replace(recorded, episode=replace(recorded.episode, robot=replace(robot, path=path)))


@pytest.mark.parametrize("rate_hz", RATES)
@pytest.mark.parametrize("kind", ["urdf", "mjcf"])
def test_a_blow_at_the_hand_is_found_where_it_begins(tmp_path: Path, rate_hz: float, kind: str) -> None:
    path = write_urdf(tmp_path / "arm.urdf") if kind == "urdf" else write_mjcf(tmp_path / "arm.xml", armature=0.1)
    motion = Motion(path, strokes())
    hand_push(motion, 3.2, 3.7, (-20.0, 10.0, 15.0))
    (found,) = judged(record(motion, rate_hz)).detections
    assert found.start_frame == pytest.approx(3.2 * rate_hz, abs=max(2, 0.03 * rate_hz))
    assert found.end_frame == pytest.approx(3.7 * rate_hz, abs=max(2, 0.05 * rate_hz))
    assert found.start_frame <= (found.obvious_frame or -1) <= found.end_frame
    assert found.measures["at_hand"] == 1.0
    assert found.measures["peak_n"] == pytest.approx(27.0, abs=4.0)
    assert found.confidence > 0.9
    assert "wrist force" in found.evidence


@pytest.mark.parametrize("rate_hz", RATES)
def test_a_blow_at_the_arm_leaves_the_wrist_quiet(urdf: Path, rate_hz: float) -> None:
    motion = Motion(urdf, strokes())
    motion.external[:, 0] += 9.0 * span(motion, 2.0, 2.6)
    motion.external[:, 1] -= 4.0 * span(motion, 2.0, 2.6)
    (found,) = judged(record(motion, rate_hz)).detections
    assert found.measures["at_hand"] == 0.0
    assert found.measures["joint"] == 1
    assert found.start_frame == pytest.approx(2.0 * rate_hz, abs=max(2, 0.03 * rate_hz))
    assert "joint 1 (turn)" in found.evidence
    assert "the hand touches nothing" in found.evidence


def test_without_a_wrist_sensor_the_last_joints_tell_where(urdf: Path) -> None:
    motion = Motion(urdf, strokes())
    hand_push(motion, 3.2, 3.7, (-20.0, 10.0, 15.0))
    (at_hand,) = judged(record(motion).without(Role.WRENCH)).detections
    assert at_hand.measures["at_hand"] == 1.0
    arm = Motion(urdf, strokes())
    arm.external[:, 0] += 9.0 * span(arm, 2.0, 2.6)
    (at_arm,) = judged(record(arm).without(Role.WRENCH)).detections
    assert at_arm.measures["at_hand"] == 0.0


@pytest.mark.parametrize("force_n", [6.0, 9.0])
def test_gentle_contacts_of_the_hand_are_found(urdf: Path, force_n: float) -> None:
    motion = Motion(urdf, strokes(), noise_nm=0.15)
    hand_push(motion, 3.3, 3.6, (0.0, 0.7 * force_n, 0.7 * force_n))
    (found,) = judged(record(motion)).detections
    assert found.start_frame == pytest.approx(66, abs=2)
    assert found.measures["peak_nm"] < 5.0


@pytest.mark.parametrize("rate_hz", RATES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_free_motion_and_dead_stops_are_no_contacts(urdf: Path, rate_hz: float, seed: int) -> None:
    motion = Motion(urdf, dead_stop(strokes(speed=0.8), at_s=2.43 + 0.011 * seed), noise_nm=0.15)
    assert judged(record(motion, rate_hz, seed)).detections == ()
    assert judged(record(motion, rate_hz, seed).without(Role.WRENCH)).detections == ()


def test_a_dead_stop_is_a_hard_case_at_20_hz(urdf: Path) -> None:
    """The residual of the inverse dynamics alone would be far over the limit."""
    motion = Motion(urdf, dead_stop(strokes(speed=0.8), at_s=2.46))
    residual = judged(record(motion)).arrays["collision.residual_nm"]
    assert np.abs(residual[45:55]).max() > 3.0


@pytest.mark.parametrize("rate_hz", RATES)
@pytest.mark.parametrize("payload_kg", [0.3, 1.2])
def test_what_is_held_is_a_weight_not_a_contact(urdf: Path, rate_hz: float, payload_kg: float) -> None:
    motion = Motion(urdf, strokes())
    motion.payload_kg = payload_kg * span(motion, 2.3, 4.8, ramp_s=0.15)
    recorded = record(motion, rate_hz)
    assert judged(recorded, held(2.0, 5.0, rate_hz)).detections == ()


def test_the_same_weight_is_unexplained_while_nothing_is_held(urdf: Path) -> None:
    motion = Motion(urdf, strokes())
    motion.payload_kg = 1.2 * span(motion, 2.3, 4.8, ramp_s=0.15)
    assert judged(record(motion)).detections


def test_without_a_gripper_weights_are_no_contacts_and_blows_are(urdf: Path) -> None:
    unknown = GraspStory(not_judged="needs gripper_aperture or gripper_force")
    motion = Motion(urdf, strokes())
    motion.payload_kg = 0.6 * span(motion, 2.3, 4.8, ramp_s=0.15)
    assert judged(record(motion), unknown).detections == ()
    hand_push(motion, 3.2, 3.7, (-25.0, 15.0, 20.0))
    assert len(judged(record(motion), unknown).detections) == 1


def test_a_blow_while_something_is_held_is_found(urdf: Path) -> None:
    motion = Motion(urdf, strokes(8.0))
    motion.payload_kg = 0.5 * span(motion, 1.3, 6.8, ramp_s=0.15)
    hand_push(motion, 4.0, 4.5, (15.0, 15.0, 0.0))
    (found,) = judged(record(motion), held(1.0, 7.0, 20.0)).detections
    assert found.start_frame == pytest.approx(80, abs=2)


def test_touching_down_before_the_release_belongs_to_the_task(urdf: Path) -> None:
    motion = Motion(urdf, strokes())
    hand_push(motion, 4.5, 4.8, (0.0, 0.0, 12.0))
    assert judged(record(motion), held(2.0, 4.9, 20.0)).detections == ()
    assert len(judged(record(motion)).detections) == 1


def test_a_joint_at_its_stop_leans_on_it(urdf: Path) -> None:
    velocity = np.zeros((6000, len(JOINTS)))
    velocity[1000:2000, 3] = (LIMIT_RAD - 0.5) * np.sin(np.linspace(0, np.pi, 1000)) * np.pi / 2
    motion = Motion(urdf, velocity)
    motion.external[:, 3] -= 8.0 * span(motion, 2.0, 5.0)
    recorded = record(motion)
    assert recorded.episode.signals[Role.JOINT_POSITION].values[60, 3] == pytest.approx(LIMIT_RAD, abs=0.01)
    assert judged(recorded).detections == ()


def test_recorded_external_torque_needs_no_model(urdf: Path) -> None:
    motion = Motion(urdf, strokes())
    motion.external[:, 1] += 7.0 * span(motion, 2.0, 2.6)
    recorded = record(motion)
    noise = np.random.default_rng(3).normal(0, 0.2, recorded.external.shape)
    bare = recorded.without(Role.JOINT_TORQUE, Role.WRENCH).with_signal(Role.EXTERNAL_TORQUE, recorded.external + noise)
    (found,) = judged(bare).detections
    assert found.start_frame == pytest.approx(40, abs=1)
    assert "recorded external torque" in found.evidence


def test_the_wrist_alone_judges_with_less_confidence(urdf: Path) -> None:
    motion = Motion(urdf, strokes())
    hand_push(motion, 3.2, 3.7, (-8.0, 4.0, 6.0))
    recorded = record(motion)
    (both,) = judged(recorded).detections
    (alone,) = judged(recorded.without(Role.JOINT_TORQUE)).detections
    assert alone.start_frame == pytest.approx(64, abs=1)
    assert alone.confidence < both.confidence
    assert alone.measures["at_hand"] == 1.0


def test_a_gap_in_the_torque_is_not_judged(urdf: Path) -> None:
    recorded = record(Motion(urdf, strokes(speed=1.0)))
    torque = recorded.episode.signals[Role.JOINT_TORQUE].values.copy()
    torque[50:58] = np.nan
    assert judged(recorded.with_signal(Role.JOINT_TORQUE, torque)).detections == ()


def test_friction_that_the_model_does_not_know_is_fitted(tmp_path: Path) -> None:
    truth, bare = write_urdf(tmp_path / "truth.urdf"), write_urdf(tmp_path / "bare.urdf", friction=False)
    motion = Motion(truth, strokes(), friction_scale=4.0)
    motion.external[:, 0] += 6.0 * span(motion, 3.0, 3.5)
    recorded = record(motion)
    (found,) = judged(with_model(recorded, bare)).detections
    assert found.start_frame == pytest.approx(60, abs=2)
    assert found.measures["peak_nm"] == pytest.approx(6.0, abs=1.0)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda tau: np.random.default_rng(0).normal(0, 20, tau.shape), "does not fit the robot model"),
        (lambda tau: tau[:, :3], "joint_torque has 3 columns"),
    ],
)
def test_a_torque_that_cannot_be_the_arms_is_not_judged(urdf: Path, change, reason: str) -> None:
    recorded = record(Motion(urdf, strokes())).without(Role.WRENCH)
    torque = change(recorded.episode.signals[Role.JOINT_TORQUE].values)
    findings = CollisionDetector().judge(recorded.with_signal(Role.JOINT_TORQUE, torque).case())
    assert reason in findings.not_judged


def test_a_model_that_gives_no_torques_is_not_judged(tmp_path: Path, urdf: Path) -> None:
    recorded = record(Motion(urdf, strokes())).without(Role.WRENCH)
    broken = tmp_path / "broken.urdf"
    broken.write_text("<robot")
    wanted = {
        write_urdf(tmp_path / "empty.urdf", masses=False): "no masses",
        tmp_path / "gone.urdf": "cannot be read",
        broken: "cannot use the robot model",
    }
    for path, reason in wanted.items():
        assert reason in CollisionDetector().judge(with_model(recorded, path).case()).not_judged
    bare = replace(recorded, episode=replace(recorded.episode, robot=None))
    assert "names no robot model" in CollisionDetector().judge(bare.case()).not_judged


def test_limits_are_learnt_from_successes_and_one_bad_one_does_not_move_them(urdf: Path) -> None:
    detector = CollisionDetector()
    calm = [judged(record(Motion(urdf, strokes()), seed=seed)).summary for seed in range(9)]
    motion = Motion(urdf, strokes())
    motion.external[:, 0] += 30.0 * span(motion, 2.0, 2.6)
    hit = judged(record(motion))
    learnt = detector.learn([*calm, hit.summary], [True] * 10)
    (limits,) = learnt.values()
    assert (limits < 2.0).all()
    assert detector.refine(hit, learnt, DetectorSettings()).detections == hit.detections
    noisier = {name: 40.0 * np.ones_like(values) for name, values in learnt.items()}
    assert detector.refine(hit, noisier, DetectorSettings()).detections == ()
    assert detector.learn(calm[:4], [True] * 4) == {}
    assert detector.refine(hit, {}, DetectorSettings()) is hit


def test_limits_of_the_profile_are_used(urdf: Path) -> None:
    motion = Motion(urdf, strokes())
    motion.external[:, 0] += 6.0 * span(motion, 2.0, 2.6)
    recorded = record(motion)
    strict = DetectorSettings(joint_residual_nm=(2.0,) * len(JOINTS))
    loose = DetectorSettings(joint_residual_nm=(9.0,) * len(JOINTS))
    assert len(CollisionDetector().judge(recorded.case(settings=strict)).detections) == 1
    assert CollisionDetector().judge(recorded.case(settings=loose)).detections == ()


def test_what_gives_way_is_told_from_what_holds_the_hand_up(urdf: Path) -> None:
    motion = Motion(urdf, strokes())
    hand_push(motion, 3.2, 3.4, (-12.0, 6.0, 8.0))
    recorded = record(motion)
    position = recorded.episode.signals[Role.EE_POSITION].values
    went_on = recorded.with_signal(Role.EE_COMMAND, position + 0.002)
    (yielded,) = judged(went_on).detections
    behind = position + 0.002
    behind[64:80] += [[0.03, 0.0, 0.0]]
    (held_up,) = judged(recorded.with_signal(Role.EE_COMMAND, behind)).detections
    assert (yielded.measures["yielded"], held_up.measures["yielded"]) == (1.0, 0.0)
    assert "gave way" in yielded.evidence


class TestContract(DetectorContract):
    @pytest.fixture
    def detector(self) -> Detector:
        return CollisionDetector()

    @pytest.fixture
    def episode(self, urdf: Path) -> Episode:
        motion = Motion(urdf, strokes())
        hand_push(motion, 3.2, 3.7, (-20.0, 10.0, 15.0))
        recorded = record(motion)
        aperture = np.full((120, 1), 0.08)
        aperture[20:60] = 0.03
        recorded = recorded.with_signal(Role.GRIPPER_APERTURE, aperture)
        return recorded.with_signal(Role.EE_COMMAND, recorded.episode.signals[Role.EE_POSITION].values + 0.001).episode
