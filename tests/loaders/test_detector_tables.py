"""The tables of a profile that are for the detectors."""

from pathlib import Path

import pytest

from failview.errors import ProfileError
from failview.loaders import open_dataset
from failview.loaders.profiles.profile_file import read_profile
from failview.loaders.profiles.profile_writer import write_profile
from failview.proposals.detector_settings import settings_json, settings_of
from failview.settings.thresholds import THRESHOLDS
from tests.loaders.write_robomimic import write_robomimic

WHOLE = """
[gripper]
aperture_min_m = 0.001
[detectors]
"grasp.turn_deg" = 20
joint_residual_nm = [1.0, 2]
[detectors.grasp]
lost_force_n = 0.7
[detectors.confidence]
"grasp.slip" = [1.0, -0.2]
[success]
criterion = "template"
distance_m = 0.05
template = "object.png"
onnx_class = 3
camera = "front"
region = [0.1, 0.2, 0.5, 0.6]
min_score = 0.8
"""


def test_everything_reaches_the_detectors(tmp_path: Path) -> None:
    (tmp_path / "object.png").touch()
    (tmp_path / "p.toml").write_text(WHOLE, encoding="utf-8")
    settings = settings_of(read_profile(tmp_path / "p.toml"))
    assert (settings["grasp.turn_deg"], settings["grasp.lost_force_n"]) == (20.0, 0.7)
    assert settings["success.goal_distance_m"] == 0.05
    assert settings["collision.residual_nm"] == 5.0
    assert settings.confidence == {"grasp.slip": (1.0, -0.2)}
    assert settings.joint_residual_nm == (1.0, 2.0)
    assert (settings.aperture_min_m, settings.aperture_max_m) == (0.001, None)
    success = settings.success
    assert (success.criterion, success.template) == ("template", tmp_path / "object.png")
    assert (success.onnx_class, success.camera, success.min_score) == ("3", "front", 0.8)
    assert success.region == (0.1, 0.2, 0.5, 0.6)
    told = settings_json(settings)["thresholds"]
    assert told["grasp.turn_deg"] == {"value": 20.0, "unit": "deg", "source": "profile"}
    assert told["collision.residual_nm"]["value"] == 5.0


def test_a_threshold_of_its_own_counts_more_than_the_distance_of_the_criterion(tmp_path: Path) -> None:
    text = '[success]\ndistance_m = 0.05\n[detectors]\n"success.goal_distance_m" = 0.02\n'
    (tmp_path / "p.toml").write_text(text, encoding="utf-8")
    assert settings_of(read_profile(tmp_path / "p.toml"))["success.goal_distance_m"] == 0.02


def test_a_written_profile_lists_every_threshold_and_keeps_what_was_said(tmp_path: Path) -> None:
    path = write_robomimic(tmp_path / "demos.hdf5")
    before = tmp_path / "before.toml"
    (tmp_path / "object.png").touch()
    before.write_text(WHOLE, encoding="utf-8")
    dataset = open_dataset(path, before)
    written = tmp_path / "written.toml"
    written.write_text(write_profile(dataset), encoding="utf-8")
    dataset.close()
    text = written.read_text(encoding="utf-8")
    for threshold in THRESHOLDS:
        assert f'"{threshold.name}" = ' in text
        assert threshold.meaning in text
    first, second = read_profile(before), read_profile(written)
    assert second.detectors == first.detectors
    assert (second.success, second.gripper) == (first.success, first.gripper)


def test_the_lines_of_a_fresh_profile_can_all_be_uncommented(tmp_path: Path) -> None:
    dataset = open_dataset(write_robomimic(tmp_path / "demos.hdf5"))
    lines = write_profile(dataset).splitlines()
    dataset.close()
    start = lines.index("[success]")
    used = [line.removeprefix("# ") for line in lines[start : start + len(THRESHOLDS) + 11]]
    path = tmp_path / "used.toml"
    path.write_text("\n".join(used), encoding="utf-8")
    read = read_profile(path)
    assert read.detectors.thresholds == {threshold.name: threshold.value for threshold in THRESHOLDS}
    assert read.success.region == (0.5, 0.5, 1.0, 1.0)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[detectors.grasp]\nturn_degg = 3", 2, "there is no threshold grasp.turn_degg. Did you mean grasp.turn_deg"),
        ('[detectors]\n"grasp.turn_deg" = -3', 2, "must lie between"),
        ('[detectors]\n\n"grasp.turn_deg" = "x"', 3, "must be a number"),
        ('[detectors]\n"grasp.turn_deg" = true', 2, "must be a number"),
        ('[detectors]\n"grasp.turn_deg" = nan', 2, "must be a number"),
        ('[detectors]\n"grasp.turn_deg" = 3\n[detectors.grasp]\nturn_deg = 4', 2, "given twice"),
        ("[detectors]\njoint_residual_nm = [1, 0]", 2, "above zero"),
        ("[detectors]\nconfidence = 3", 2, "must be a table"),
        ('[detectors.confidence]\n"grasp.slip" = [1]', 2, "must be two numbers"),
        ("detectors = 3", 1, "must be a table"),
        ('[success]\ncriterion = "onnx"', 2, "needs a file"),
        ('[success]\ncriterion = "luck"', 2, "cannot be 'luck'"),
        ("[success]\n\nregion = [0.5, 0, 0.1, 1]", 3, "part of the picture"),
        ("[success]\nmin_score = 2", 2, "between 0 and 1"),
        ("[success]\nonnx_class = 1.5", 2, "whole number"),
        ("[success]\ntemplat = 'x.png'", 2, "Did you mean template"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    path = tmp_path / "p.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProfileError, match=said) as refused:
        read_profile(path)
    assert str(refused.value).startswith(f"{path}:{line}:")
