"""The user's copy of the demo dataset."""

from pathlib import Path

import pytest

from failview.cli.demo import _users_copy
from failview.errors import DatasetError
from failview.resources import demo_dataset_dir


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
    assert sorted(path.name for path in copy.parent.iterdir()) == ["pick_place", "pick_place.failview"]


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("a file in the way", encoding="utf-8")
    with pytest.raises(DatasetError, match="cannot be copied"):
        _users_copy(tmp_path / "demo" / "pick_place")
