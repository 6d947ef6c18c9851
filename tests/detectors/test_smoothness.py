"""Jerks and dead stops are found at any rate, and what is usual in a dataset is no jerk."""

from dataclasses import replace

import numpy as np
import pytest

from failview.detectors.detector import Detector, Findings
from failview.detectors.smoothness import JERK, STOP, SmoothnessDetector
from failview.model.episode import Episode
from failview.model.roles import Role
from failview.settings.thresholds import DetectorSettings
from tests.contracts.detector_contract import DetectorContract, case_of
from tests.detectors.hand_motions import episode_of, path_m, trembling

RATES = [20.0, 30.0, 100.0]


def shaken(rate_hz: float, begin_s: float = 2.8, seconds: float = 0.5, size_m: float = 0.012) -> np.ndarray:
    """The usual motion, and a shake of 5 Hz on it."""
    positions = path_m(rate_hz)
    times = np.arange(len(positions)) / rate_hz
    inside = (times >= begin_s) & (times < begin_s + seconds)
    positions[:, 1] += np.where(inside, size_m * np.sin(2 * np.pi * 5 * (times - begin_s)), 0.0)
    return positions


def stopped(rate_hz: float, at_s: float = 1.25, rest_s: float = 0.6) -> np.ndarray:
    """The motion held up in full speed for a while, and then taken up from rest."""
    positions = path_m(rate_hz)
    row = round(at_s * rate_hz)
    rest = np.repeat(positions[row : row + 1], round(rest_s * rate_hz), axis=0)
    again = path_m(rate_hz, places=np.stack([positions[row], positions[-1]]))
    return np.concatenate([positions[: row + 1], rest, again])


def judged(positions: np.ndarray, rate_hz: float | None, role: Role = Role.EE_POSITION) -> Findings:
    return SmoothnessDetector().judge(case_of(episode_of({role: positions}, rate_hz)))


class TestContract(DetectorContract):
    @pytest.fixture
    def detector(self) -> Detector:
        return SmoothnessDetector()

    @pytest.fixture
    def episode(self) -> Episode:
        positions = trembling(shaken(20.0))
        return episode_of({Role.EE_POSITION: positions, Role.JOINT_POSITION: 2 * positions}, 20.0)


@pytest.mark.parametrize("rate_hz", RATES)
@pytest.mark.parametrize("seed", range(5))
def test_smooth_motion_with_noise_is_smooth(rate_hz: float, seed: int) -> None:
    assert judged(trembling(path_m(rate_hz), seed), rate_hz).detections == ()


@pytest.mark.parametrize("rate_hz", RATES)
def test_a_shake_is_a_jerk_where_it_is(rate_hz: float) -> None:
    found = [item for item in judged(trembling(shaken(rate_hz)), rate_hz).detections if item.kind == JERK]
    assert len(found) == 1
    assert found[0].start_frame == pytest.approx(2.8 * rate_hz, abs=0.15 * rate_hz)
    assert found[0].end_frame == pytest.approx(3.3 * rate_hz, abs=0.15 * rate_hz)
    assert "m/s3" in found[0].evidence


@pytest.mark.parametrize("rate_hz", RATES)
def test_a_dead_stop_is_found_and_a_gentle_one_is_not(rate_hz: float) -> None:
    found = [item for item in judged(trembling(stopped(rate_hz)), rate_hz).detections if item.kind == STOP]
    assert len(found) == 1
    assert found[0].start_frame == pytest.approx(1.25 * rate_hz, abs=max(1, 0.04 * rate_hz))
    assert found[0].measures["speed_m_s"] == pytest.approx(0.4, abs=0.05)
    assert "stopped dead" in found[0].evidence


def test_jerk_is_in_si_units() -> None:
    """x = t^3 / 6 has a jerk of 1 m/s3 at any rate."""
    for rate_hz in RATES:
        times = np.arange(0, 3, 1 / rate_hz)[:, None]
        array = judged(np.hstack([times**3 / 6, 0 * times, 0 * times]), rate_hz).arrays["smoothness.jerk_m_s3"]
        assert array[len(array) // 2] == pytest.approx(1.0, rel=1e-6)


def test_joints_stand_in_for_the_hand() -> None:
    by_position = judged(shaken(20.0) * 3, 20.0, Role.JOINT_POSITION)
    assert {item.kind for item in by_position.detections} == {JERK}
    assert list(by_position.arrays) == ["smoothness.jerk_rad_s3"]
    velocity = np.gradient(shaken(20.0) * 3, axis=0) * 20.0
    assert JERK in {item.kind for item in judged(velocity, 20.0, Role.JOINT_VELOCITY).detections}


def test_without_time_jerk_is_not_judged() -> None:
    """DATA 4."""
    assert "no time" in judged(shaken(20.0), None).not_judged


def test_a_slow_position_among_fast_signals_is_judged_at_its_own_rate() -> None:
    """Lines between the samples of 20 Hz are no jerks of 100 Hz."""
    slow = episode_of({Role.EE_POSITION: trembling(path_m(20.0))}, 20.0)
    times_ns = np.arange(0, 8_400_000_000, 10_000_000)
    force = np.random.default_rng(0).normal(0, 1, (len(times_ns), 1))
    fast = episode_of({Role.GRIPPER_FORCE: force}, 100.0).signals[Role.GRIPPER_FORCE]
    mixed = replace(slow, signals={**slow.signals, Role.GRIPPER_FORCE: replace(fast, times_ns=times_ns)})
    case = case_of(mixed)
    assert case.conditioned.clock.rate_hz == pytest.approx(100.0)
    findings = SmoothnessDetector().judge(case)
    assert (findings.not_judged, findings.detections) == ("", ())


def test_one_bad_episode_or_one_repeated_frame_per_hundred_does_not_move_the_limit() -> None:
    detector, settings = SmoothnessDetector(), DetectorSettings()
    good = [judged(trembling(path_m(20.0), seed), 20.0) for seed in range(12)]
    learnt = detector.learn([item.summary for item in good], [True] * 12)
    bad = [judged(trembling(shaken(20.0, size_m=0.2, seconds=4.0)), 20.0), *good]
    repeated = []
    for seed in range(12):
        positions = trembling(path_m(20.0), seed)
        rows = np.random.default_rng(seed).choice(np.arange(1, len(positions)), len(positions) // 100)
        positions[rows] = positions[rows - 1]
        repeated.append(judged(positions, 20.0))
    (plain,) = learnt.values()
    for others in (bad, repeated):
        (moved,) = detector.learn([item.summary for item in others], [True] * len(others)).values()
        assert np.exp(moved[0] + 3 * moved[1]) == pytest.approx(np.exp(plain[0] + 3 * plain[1]), rel=0.25)
    hit = judged(trembling(shaken(20.0)), 20.0)
    assert [item.kind for item in detector.refine(hit, learnt, settings).detections] == [JERK]


def test_what_is_usual_in_the_dataset_is_no_jerk() -> None:
    detector = SmoothnessDetector()
    hit = judged(trembling(shaken(20.0)), 20.0)
    wild = detector.learn([{name: values + 3.0 for name, values in hit.summary.items()}] * 6, [True] * 6)
    assert detector.refine(hit, wild, DetectorSettings()).detections == ()
    assert detector.learn([hit.summary] * 2, [True] * 2) == {}


def test_a_burst_of_missing_positions_is_no_jerk() -> None:
    positions = trembling(path_m(20.0))
    positions[60:68] = np.nan
    assert judged(positions, 20.0).detections == ()
