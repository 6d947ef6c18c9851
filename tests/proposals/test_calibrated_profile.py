"""The [detectors] tables take what was calibrated; every other line of a profile stays as it was."""

from pathlib import Path

import pytest

from failview.errors import ProfileError
from failview.loaders.profiles.profile_file import read_profile
from failview.proposals.calibrated_profile import Calibrated, calibrated_text, write_calibrated

FOUND = Calibrated({"grasp.lost_force_n": 0.8}, {"grasp.slip": (0.9, -0.25)}, (4.5, 6.0))

MINE = """\
# my robot
[dataset]
task = "put the cup there"  # said by Ada

[detectors]  # careful
# "grasp.lost_force_n" = 0.5  # N
"grasp.turn_deg" = 20.0  # our cups are soft
"grasp.lost_force_n" = 0.6

[detectors.confidence]
"grasp.slip" = [1.0, 0.0]
"grasp.missed" = [1.1, 0.1]

[gripper]
aperture_max_m = 0.085   # measured
"""


def test_a_profile_keeps_every_line_that_is_not_meant(tmp_path: Path) -> None:
    path = tmp_path / "failview.toml"
    path.write_text(MINE)
    write_calibrated(path, FOUND)
    text = path.read_text()
    changed = {'"grasp.lost_force_n" = 0.6', '"grasp.slip" = [1.0, 0.0]'}
    assert [line for line in MINE.splitlines() if line not in text.splitlines()] == sorted(changed)
    profile = read_profile(path)
    assert profile.detectors.thresholds == {"grasp.turn_deg": 20.0, "grasp.lost_force_n": 0.8}
    assert profile.detectors.confidence == {"grasp.slip": (0.9, -0.25), "grasp.missed": (1.1, 0.1)}
    assert profile.detectors.joint_residual_nm == (4.5, 6.0)
    assert profile.gripper.aperture_max_m == 0.085


def test_writing_twice_changes_nothing_more(tmp_path: Path) -> None:
    path = tmp_path / "failview.toml"
    path.write_text(MINE)
    write_calibrated(path, FOUND)
    once = path.read_text()
    write_calibrated(path, FOUND)
    assert path.read_text() == once


@pytest.mark.parametrize("text", ["", "[gripper]\naperture_max_m = 0.08", "[detectors.confidence]\n"])
def test_tables_that_are_not_there_are_added(tmp_path: Path, text: str) -> None:
    path = tmp_path / "failview.toml"
    if text:
        path.write_text(text)
    write_calibrated(path, FOUND)
    assert path.read_text().startswith(text.rstrip("\n"))
    found = read_profile(path).detectors
    assert (found.thresholds, found.confidence) == (dict(FOUND.thresholds), dict(FOUND.confidence))


def test_line_ends_stay_as_they_were() -> None:
    text = calibrated_text("[gripper]\r\naperture_max_m = 0.08\r\n", FOUND)
    assert text.count("\n") == text.count("\r\n")


@pytest.mark.parametrize(
    "text",
    [
        "[detectors.grasp]\nlost_force_n = 0.5\n",
        "[detectors]\njoint_residual_nm = [\n  1.0,\n  2.0,\n]\n",
        'detectors = {"grasp.turn_deg" = 20.0}\n',
    ],
)
def test_a_layout_that_cannot_be_changed_safely_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "failview.toml"
    path.write_text(text)
    with pytest.raises(ProfileError, match="cannot be changed safely"):
        write_calibrated(path, FOUND)
    assert path.read_text() == text
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="cannot be written"):
        write_calibrated(tmp_path / "nowhere" / "failview.toml", FOUND)


def test_a_linked_profile_stays_a_link(tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_text(MINE)
    link = tmp_path / "failview.toml"
    link.symlink_to(own)
    write_calibrated(link, FOUND)
    assert link.is_symlink()
    assert read_profile(own).detectors.thresholds["grasp.lost_force_n"] == 0.8
