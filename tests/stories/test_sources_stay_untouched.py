"""Every command leaves the source files as they were, and shows every real recording.

What the detectors found lies beside the sidecars, in a folder of failview's own.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from failview.resources import demo_dataset_dir
from tests.real_data import real_data

RECORDINGS = {
    "demo": "",
    "g1_lerobot_v21": "",
    "so101_ros2_lerobot_v30": "",
    "sim_pick_place": "sample.hdf5",
    "robosuite_demos_hdf5": "",
}
PICTURE_SIZE = {"panel.png": (360, 480), "viewer.png": (1200, 700)}
"""Least width and height in pixels of a picture that shows something."""


def hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def failview(*words: str | Path) -> subprocess.CompletedProcess[str]:
    ran = subprocess.run(
        [sys.executable, "-m", "failview", *map(str, words)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran


@pytest.mark.parametrize(("name", "inside"), RECORDINGS.items(), ids=RECORDINGS)
def test_every_command_leaves_the_sources_as_they_were(name: str, inside: str, tmp_path: Path) -> None:
    original = demo_dataset_dir() if name == "demo" else real_data(name)
    folder = Path(shutil.copytree(original, tmp_path / name))
    before = hashes(folder)
    dataset = folder / inside if inside else folder

    listed = json.loads(failview("inspect", dataset, "--json").stdout)
    assert listed["episodes"]
    failview("inspect", dataset)
    failview(
        "open", dataset, "--headless", "--screenshots", tmp_path / "pictures", "--frame", "30", "--annotator", "eva"
    )
    failview("validate", dataset)

    after = hashes(folder)
    assert {name: after.get(name) for name in before} == before
    added = [Path(name) for name in after.keys() - before.keys()]
    assert all(path.parent.name.endswith(".failview") and path.name.endswith(".detections.npz") for path in added)
    for picture_name, (width, height) in PICTURE_SIZE.items():
        picture = cv2.imread(str(tmp_path / "pictures" / picture_name))
        assert picture is not None
        assert picture.shape[1] >= width
        assert picture.shape[0] >= height
        assert picture.std() > 5, "a picture of one colour shows nothing"
