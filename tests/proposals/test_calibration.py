"""Calibration finds a planted threshold and planted overconfidence, and leaves alone what chance explains."""

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from failview.detectors.calibrated import through
from failview.detectors.calibration.labels import Label, meanings_of
from failview.errors import DatasetError, SidecarError
from failview.loaders import open_dataset
from failview.model.episode import Episode
from failview.proposals.calibration import CalibrationRequest, CalibrationResult, calibrate
from failview.proposals.calibration_labels import labels_of_file
from failview.proposals.spreading import Workers
from failview.settings.thresholds import DetectorSettings
from failview.sidecars.taxonomy_file import load_default_taxonomy
from tests.fakes import threshold_detectors
from tests.fakes.threshold_detectors import BROKEN_N, SURE
from tests.proposals.judged import shown_to_nobody

MEANINGS = meanings_of(load_default_taxonomy())
FAKE = "tests.fakes.threshold_detectors"
FRAMES = 8


def write_forces(path: Path, ends_n: list[float]) -> Path:
    """Demos whose grip force ends where it is planted."""
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs["control_freq_hz"] = 20.0
        for number, end_n in enumerate(ends_n):
            demo = data.create_group(f"demo_{number}")
            demo["actions"] = np.random.default_rng(number).normal(size=(FRAMES, 7))
            demo["obs/gripper_force"] = np.append(np.linspace(3.0, 2.0, FRAMES - 1), end_n)[:, None]
    return path


def label(number: int, *, slipped: bool) -> Label:
    subcategory = "slip_during_lift" if slipped else None
    outcome = "failure" if slipped else "success"
    return Label(f"demo_{number}", frozenset({outcome}), frozenset({subcategory}), subcategory, 5 if slipped else None)


def run(path: Path, labels: list[Label], profile: Path | None = None) -> CalibrationResult:
    dataset = open_dataset(path, profile)
    try:
        request = CalibrationRequest(labels, MEANINGS, profile, Workers(jobs=1), FAKE)
        return calibrate(dataset, str(path), request, shown_to_nobody)
    finally:
        dataset.close()


SLIPPED = [number % 3 == 0 for number in range(45)]


@pytest.fixture
def separable(tmp_path: Path) -> Path:
    """True slips end above 1 N; half of the others at 0.6 N, above the threshold in force."""
    ends_n = [1.5 if slipped else (0.6 if number % 2 else 0.1) for number, slipped in enumerate(SLIPPED)]
    return write_forces(tmp_path / "forces.hdf5", ends_n)


def labelled(flags: list[bool]) -> list[Label]:
    return [label(number, slipped=slipped) for number, slipped in enumerate(flags)]


def test_a_threshold_that_serves_better_is_found_and_measured(separable: Path) -> None:
    result = run(separable, labelled(SLIPPED))
    assert result.thresholds == {"grasp.lost_force_n": (0.5, 0.8)}
    assert result.before.subcategory_right < 0.75
    assert result.after.subcategory_right == 1.0
    assert result.before.kinds["grasp.slip"].wrong == 15
    assert result.after.kinds["grasp.slip"].wrong == 0


def test_a_coin_that_claims_to_be_sure_is_believed_less(separable: Path) -> None:
    result = run(separable, labelled(SLIPPED))
    assert through(SURE, *result.confidence["motion.stop"]) < 0.4
    assert "motion.stop" in result.before.kinds
    assert "motion.stop" not in result.after.kinds


def test_proposals_that_are_too_sure_come_down(tmp_path: Path) -> None:
    path = write_forces(tmp_path / "forces.hdf5", [1.5 if slipped else 0.1 for slipped in SLIPPED])
    wrong = [slipped if number % 5 else not slipped for number, slipped in enumerate(SLIPPED)]
    result = run(path, labelled(wrong))
    assert through(SURE, *result.confidence["proposal.outcome"]) == pytest.approx(0.8, abs=0.06)
    assert result.after.brier["outcome"] < result.before.brier["outcome"]


def test_what_chance_explains_stays_as_it_is(tmp_path: Path) -> None:
    path = write_forces(tmp_path / "forces.hdf5", [1.5 if slipped else 0.1 for slipped in SLIPPED])
    result = run(path, labelled(SLIPPED))
    assert result.thresholds == {}
    assert "thresholds" in result.kept
    assert result.joint_residual_nm == ()


def test_the_profile_in_force_is_what_is_measured_before(separable: Path, tmp_path: Path) -> None:
    profile = tmp_path / "mine.toml"
    profile.write_text('[detectors]\n"grasp.lost_force_n" = 0.8\n')
    result = run(separable, labelled(SLIPPED), profile)
    assert result.before.subcategory_right == 1.0
    assert result.thresholds == {}


def test_few_of_a_kind_leave_its_threshold_alone(tmp_path: Path) -> None:
    flags = [number < 7 for number in range(30)]
    path = write_forces(tmp_path / "forces.hdf5", [1.5 if slipped else 0.6 for slipped in flags])
    result = run(path, labelled(flags))
    assert result.thresholds == {}
    assert "8 are needed" in result.kept["grasp.lost_force_n"]


@pytest.mark.parametrize(
    "flags", [[True, False] * 9, [True] * 4 + [False] * 20, [True] * 20 + [False] * 4], ids=["few", "failures", "rest"]
)
def test_too_few_labels_are_refused_with_the_number_needed(tmp_path: Path, flags: list[bool]) -> None:
    path = write_forces(tmp_path / "forces.hdf5", [0.1] * len(flags))
    with pytest.raises(DatasetError, match="Needed are 20, at least 5 failures and 5") as refused:
        run(path, labelled(flags))
    assert f"{len(flags)} episodes" in str(refused.value)


def test_a_broken_episode_is_named_and_left_out(tmp_path: Path) -> None:
    ends_n = [1.5 if slipped else 0.1 for slipped in SLIPPED]
    ends_n[4] = BROKEN_N
    result = run(write_forces(tmp_path / "forces.hdf5", ends_n), labelled(SLIPPED))
    assert list(result.problems) == ["demo_4"]
    assert len(result.labels) == len(SLIPPED) - 1


def test_an_episode_that_breaks_under_another_threshold_is_left_out_too(
    separable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = threshold_detectors.first_look

    def breaking(episode: Episode, settings: DetectorSettings) -> threshold_detectors.FirstLook:
        if episode.episode_id == "demo_3" and settings.overrides:
            raise DatasetError("planted", where=episode.episode_id)
        return usual(episode, settings)

    monkeypatch.setattr(threshold_detectors, "first_look", breaking)
    result = run(separable, labelled(SLIPPED))
    assert list(result.problems) == ["demo_3"]
    assert result.before.episodes == result.after.episodes == len(result.labels) == len(SLIPPED) - 1
    assert result.thresholds


def test_the_truth_file_is_read_in_both_forms(tmp_path: Path) -> None:
    entry = {"outcome": "failure", "failure_subcategory": "missed_grasp", "failure_onset_frame": 7}
    also = {**entry, "outcome_acceptable": ["failure", "partial_success"], "subcategory_acceptable": ["other_grasp"]}
    for content in ({"a": entry, "b": also, "z": entry}, {"episodes": {"a": entry, "b": also, "z": entry}}):
        path = tmp_path / "truth.json"
        path.write_text(json.dumps(content))
        found = labels_of_file(path, ["a", "b", "c"], MEANINGS)
        assert [item.episode_id for item in found.labels] == ["a", "b"]
        assert found.labels[1].outcomes == {"failure", "partial_success"}
        assert found.labels[1].subcategories == {"missed_grasp", "other_grasp"}
        assert found.labels[0].onset_frame == 7
        assert "not in this dataset (z" in found.notes[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "not valid JSON"),
        ("[1]", "no truth by episode"),
        ('{"a": {"outcome": "fail"}}', "a: outcome cannot be 'fail'"),
        ('{"a": {"outcome": "failure", "failure_subcategory": "slipped"}}', "no subcategory 'slipped'"),
        ('{"a": {"outcome": "failure", "failure_onset_frame": -2}}', "cannot be -2"),
    ],
)
def test_a_truth_file_that_cannot_be_is_refused(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "truth.json"
    path.write_text(content)
    with pytest.raises(SidecarError, match=said):
        labels_of_file(path, ["a"], MEANINGS)
