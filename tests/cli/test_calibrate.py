"""`failview calibrate` for people and for programs, with the real detectors on episodes with a planted end."""

import hashlib
import json
from pathlib import Path

import cv2
import h5py
import numpy as np
import pytest
from typer.testing import CliRunner

from failview.cli.calibrate import app
from failview.cli.main import COMMANDS
from failview.detectors.calibrated import through
from failview.errors import DatasetError
from failview.loaders.profiles.profile_file import read_profile
from failview.model.roles import Role
from tests.detectors.task_success.pick_and_place import Pick, episode

NAMES = {
    Role.GRIPPER_APERTURE: "gripper_width",
    Role.EE_POSITION: "robot0_eef_pos",
    Role.OBJECT_POSITION: "object_pos",
    Role.GOAL_POSITION: "goal_pos",
}
WRONG = {3, 8, 10, 13, 18, 21}
MISSED, DONE = "missed_target", None


@pytest.fixture
def demos(tmp_path: Path) -> Path:
    """Twelve episodes that end at the goal, and twelve that end 8 cm beside it."""
    path = tmp_path / "demos.hdf5"
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs["control_freq_hz"] = 20.0
        for number in range(24):
            planted = episode(Pick(aside_m=0.08 if number % 2 else 0.002 * (number % 5)))
            demo = data.create_group(f"demo_{number}")
            demo["actions"] = np.random.default_rng(number).normal(size=(planted.num_frames, 7))
            for role, stream in NAMES.items():
                demo[f"obs/{stream}"] = planted.signals[role].values
    return path


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    """What was planted, but for six labels that somebody got wrong."""
    entries = {}
    for number in range(24):
        failed = bool(number % 2) != (number in WRONG)
        entries[f"demo_{number}"] = {
            "outcome": "failure" if failed else "success",
            "failure_subcategory": MISSED if failed else DONE,
            "failure_onset_frame": 104 if failed else None,
        }
    path = tmp_path / "truth.json"
    path.write_text(json.dumps({"episodes": entries}))
    return path


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, [*arguments, "--jobs", "1"], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_json_for_programs_and_nothing_is_changed(demos: Path, truth: Path) -> None:
    before = hashlib.sha256(demos.read_bytes()).digest()
    found = json.loads(run(str(demos), "--truth", str(truth), "--json"))
    assert (found["labelled"], found["failures"], found["written"]) == (24, 12, None)
    assert found["before"]["outcome_right"] == pytest.approx(18 / 24)
    assert 0.65 < through(0.98, *found["confidence"]["task.reached"]) < 0.85
    assert found["after"]["brier"]["outcome"] < found["before"]["brier"]["outcome"]
    assert found["before"]["kinds"]["task.not_reached"] == {
        "right": 9, "wrong": 3, "missed": 3, "precision": 0.75, "recall": 0.75, "f1": 0.75,
    }  # fmt: skip
    assert sorted(path.name for path in demos.parent.iterdir()) == ["demos.hdf5", "truth.json"]
    assert hashlib.sha256(demos.read_bytes()).digest() == before


def test_written_profile_is_used_by_the_next_run(demos: Path, truth: Path) -> None:
    first = json.loads(run(str(demos), "--truth", str(truth), "--write-profile", "--json"))
    profile = demos.with_name("demos.hdf5.failview.toml")
    assert first["written"] == str(profile)
    lines = read_profile(profile).detectors.confidence
    assert {kind: list(line) for kind, line in lines.items()} == first["confidence"]
    second = json.loads(run(str(demos), "--truth", str(truth), "--json"))
    assert second["before"]["brier"]["outcome"] < first["before"]["brier"]["outcome"]


def test_the_tables_and_the_reliability_curve(demos: Path, truth: Path) -> None:
    picture = demos.with_name("curve.png")
    shown = run(str(demos), "--truth", str(truth), "--picture", str(picture))
    assert "24 labelled episodes, 12 of them failures" in shown
    assert "outcome right" in shown
    assert "nothing is changed yet" in shown
    drawn = cv2.imread(str(picture))
    assert min(drawn.shape[:2]) > 400
    assert np.unique(drawn.reshape(-1, 3), axis=0).shape[0] > 20


def test_what_is_no_picture_is_refused_before_the_work(demos: Path, truth: Path) -> None:
    with pytest.raises(DatasetError, match="must be PNG or SVG"):
        run(str(demos), "--truth", str(truth), "--picture", "curve.txt")
    with pytest.raises(DatasetError, match="no such folder"):
        run(str(demos), "--truth", str(truth), "--picture", str(demos.with_name("none") / "curve.png"))


def test_without_annotations_it_says_how_many_are_needed(demos: Path) -> None:
    with pytest.raises(DatasetError, match=r"0 episodes.*Needed are 20"):
        run(str(demos))


def test_it_is_among_the_commands() -> None:
    assert "calibrate" in {row.name for row in COMMANDS}
