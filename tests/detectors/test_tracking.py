"""The hand behind its command: lag and frame are no errors, and a command that is none is not judged."""

from dataclasses import replace

import numpy as np
import pytest

from failview.detectors.detector import Detector, Findings
from failview.detectors.tracking import TrackingDetector
from failview.model.episode import Episode
from failview.model.roles import Role
from failview.settings.thresholds import DetectorSettings
from tests.contracts.detector_contract import DetectorContract, case_of
from tests.detectors.hand_motions import episode_of, path_m, trembling

RATES = [20.0, 100.0]
FAR = 1.0


def judged(command: np.ndarray, position: np.ndarray, rate_hz: float | None = 20.0) -> Findings:
    episode = episode_of({Role.EE_COMMAND: command, Role.EE_POSITION: position}, rate_hz)
    return TrackingDetector().judge(case_of(episode))


def run_away(rate_hz: float, begin_s: float, end_s: float, speed_m_s: float = 0.1) -> np.ndarray:
    """(frames, 3) what the hand falls behind: it grows from the beginning on, and is made good at the end."""
    times = np.arange(len(path_m(rate_hz))) / rate_hz
    behind = np.where((times > begin_s) & (times < end_s), (times - begin_s) * speed_m_s, 0.0)
    return behind[:, None] * np.array([[0.0, 0.0, 1.0]])


def later(values: np.ndarray, rows: int) -> np.ndarray:
    return values[np.clip(np.arange(len(values)) - rows, 0, None)]


class TestContract(DetectorContract):
    @pytest.fixture
    def detector(self) -> Detector:
        return TrackingDetector()

    @pytest.fixture
    def episode(self) -> Episode:
        command = path_m(20.0)
        return episode_of(
            {Role.EE_COMMAND: command, Role.EE_POSITION: trembling(command - run_away(20.0, 3.0, 4.0))}, 20.0
        )


@pytest.mark.parametrize("rate_hz", RATES)
def test_an_error_begins_where_the_command_runs_away(rate_hz: float) -> None:
    command = path_m(rate_hz)
    (found,) = judged(command, trembling(command - run_away(rate_hz, 3.0, 4.0), sigma_m=0.0005), rate_hz).detections
    assert found.start_frame == pytest.approx(3.0 * rate_hz, abs=max(1, 0.05 * rate_hz))
    assert found.obvious_frame == pytest.approx(3.2 * rate_hz, abs=max(1, 0.05 * rate_hz))
    assert found.end_frame == pytest.approx(4.0 * rate_hz, abs=2)
    assert found.measures["peak_m"] == pytest.approx(0.1, abs=0.01)
    assert found.measures["recovered"] == 1.0


def test_a_hand_that_stands_is_told_from_one_that_moves_on() -> None:
    command = path_m(20.0)
    stalled = command.copy()
    stalled[18:] = stalled[18]
    (standing,) = judged(command, stalled).detections
    assert (standing.measures["hand_moving"], standing.measures["recovered"]) == (0.0, 0.0)
    assert "stood still" in standing.evidence
    (moving,) = judged(command, command - run_away(20.0, 0.8, 1.6, 0.2)).detections
    assert (moving.measures["hand_moving"], moving.measures["recovered"]) == (1.0, 1.0)


@pytest.mark.parametrize("rate_hz", RATES)
@pytest.mark.parametrize("lag_s", [0.1, 0.3])
def test_a_constant_lag_is_no_error(rate_hz: float, lag_s: float) -> None:
    command = path_m(rate_hz, stroke_s=1.0)
    position = later(command, round(lag_s * rate_hz))
    assert np.linalg.norm(command - position, axis=1).max() > 0.02
    assert judged(command, trembling(position), rate_hz).detections == ()


def test_an_error_behind_a_constant_lag_is_found_and_the_lag_told() -> None:
    command = path_m(20.0)
    (found,) = judged(command, trembling(later(command, 4) - run_away(20.0, 3.0, 4.0))).detections
    assert found.measures["lag_s"] == pytest.approx(0.2)
    assert "a constant lag of 0.20 s is taken off" in found.evidence


@pytest.mark.parametrize("frames", [0, 1, 2])
def test_a_command_that_is_the_next_position_is_not_judged(frames: int) -> None:
    """DATA 17."""
    position = trembling(path_m(20.0) - run_away(20.0, 3.0, 4.0))
    command = np.concatenate([position[frames:], np.repeat(position[-1:], frames, axis=0)])
    assert "merely the position" in judged(command, position).not_judged


def test_another_frame_is_taken_off_and_told() -> None:
    command = path_m(20.0)
    position = trembling(command - run_away(20.0, 3.0, 4.0))
    offset = np.array([-0.56, 0.0, 0.8])
    (found,) = judged(command + offset, position).detections
    assert "another frame, -0.56, 0.00, 0.80 m off" in found.evidence
    assert found.measures["peak_m"] == pytest.approx(0.1, abs=0.01)
    assert judged(command + offset, trembling(command)).detections == ()


def test_a_constant_error_of_some_centimetres_is_an_error() -> None:
    command = path_m(20.0)
    (found,) = judged(command, trembling(command - [[0.0, 0.0, 0.04]])).detections
    assert found.measures["peak_m"] == pytest.approx(0.04, abs=0.002)


def test_a_hand_held_up_for_most_of_the_episode_is_not_another_frame() -> None:
    command = path_m(20.0)
    stalled = command.copy()
    stalled[25:] = stalled[25]
    (found,) = judged(command, stalled).detections
    assert found.measures["recovered"] == 0.0


def test_turned_axes_are_not_judged() -> None:
    position = trembling(path_m(20.0))
    assert "another frame" in judged(position[:, [2, 0, 1]] * [-1, 1, -1], position).not_judged


def test_a_short_excursion_is_none() -> None:
    command = path_m(20.0)
    position = trembling(command)
    position[60] += [0.03, 0.0, 0.0]
    assert judged(command, position).detections == ()


def test_a_gap_is_not_judged() -> None:
    command = path_m(20.0)
    position = trembling(command)
    position[15:24] = np.nan
    assert judged(command, position).detections == ()


def test_the_limit_of_the_profile_counts() -> None:
    command = path_m(20.0)
    episode = episode_of({Role.EE_COMMAND: command, Role.EE_POSITION: command - run_away(20.0, 3.0, 4.0)}, 20.0)
    case = case_of(episode)
    loose = replace(case, settings=DetectorSettings({"tracking.error_m": 0.12}))
    assert TrackingDetector().judge(loose).detections == ()


def test_frames_without_time_are_judged_by_distance_alone() -> None:
    command = path_m(20.0)
    (found,) = judged(command, command - run_away(20.0, 3.0, 4.0), None).detections
    assert found.start_frame == pytest.approx(60, abs=2)
    assert "m/s" not in found.evidence
