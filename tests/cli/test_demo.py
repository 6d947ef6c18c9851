"""The user's copy of the demo dataset."""

import json
from pathlib import Path

import pytest

from failview.app.open_request import OpenRequest
from failview.cli import demo
from failview.cli.demo import _users_copy
from failview.cli.main import run
from failview.errors import DatasetError
from failview.model.annotation import Stage
from failview.resources import demo_dataset_dir, demo_truth_path


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_it_is_copied_once_and_labels_beside_it_stay(tmp_path: Path) -> None:
    copy = _users_copy(tmp_path / "demo" / "pick_place")
    assert names(copy) == names(demo_dataset_dir())
    label = tmp_path / "demo" / "pick_place.failview" / "episode_000000.ann.failview.json"
    label.parent.mkdir()
    label.write_text("{}", encoding="utf-8")
    first = copy.stat().st_ino
    assert _users_copy(copy).stat().st_ino == first
    (copy / "README.md").write_text("of an older failview", encoding="utf-8")
    assert _users_copy(copy).stat().st_ino != first
    assert (copy / "README.md").read_bytes() == (demo_dataset_dir() / "README.md").read_bytes()
    assert label.exists()
    assert sorted(path.name for path in copy.parent.iterdir()) == [
        "pick_place",
        "pick_place.failview",
        "pick_place_truth.json",
    ]


def test_what_really_happened_lies_beside_the_copy_and_comes_back(tmp_path: Path) -> None:
    truth = tmp_path / "demo" / "pick_place_truth.json"
    copy = _users_copy(tmp_path / "demo" / "pick_place")
    episodes = json.loads(truth.read_text(encoding="utf-8"))["episodes"]
    assert {"0", "1"} <= set(episodes)
    truth.unlink()
    first = copy.stat().st_ino
    assert _users_copy(copy).stat().st_ino == first
    assert truth.read_bytes() == demo_truth_path().read_bytes()


@pytest.mark.parametrize("stage", ["triage", "detail", "review"])
def test_it_opens_in_the_stage_that_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    asked: list[OpenRequest] = []
    monkeypatch.setattr(demo, "_judge", lambda _dataset: None)
    monkeypatch.setattr(demo, "show", asked.append)
    assert run(["demo", "--stage", stage]) == 0
    assert [(request.dataset, request.stage) for request in asked] == [
        (tmp_path / "failview" / "demo" / "pick_place", Stage(stage))
    ]


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("a file in the way", encoding="utf-8")
    with pytest.raises(DatasetError, match="cannot be copied"):
        _users_copy(tmp_path / "demo" / "pick_place")
