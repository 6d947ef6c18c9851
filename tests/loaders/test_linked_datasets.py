"""Datasets whose files are links into a store beside them open; other links lead nowhere."""

import shutil
from pathlib import Path

import pytest

from failview.errors import DatasetError
from failview.loaders import open_dataset
from tests.loaders.write_lerobot import write_v3


def link_files(source: Path, target: Path, store: Path) -> None:
    """Move every file into a store under a meaningless name and leave a link in its place."""
    store.mkdir(parents=True)
    for number, path in enumerate(sorted(item for item in source.rglob("*") if item.is_file())):
        blob = store / f"{number:040x}"
        shutil.move(path, blob)
        link = target / path.relative_to(source)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(blob)


@pytest.mark.parametrize("store", ["hub", "annex"])
def test_a_dataset_of_links_opens(tmp_path: Path, store: str) -> None:
    source = write_v3(tmp_path / "written")
    if store == "hub":
        target, blobs = (
            tmp_path / "datasets--me--set" / "snapshots" / "abc123",
            tmp_path / "datasets--me--set" / "blobs",
        )
    else:
        target, blobs = tmp_path / "repository", tmp_path / "repository" / ".git" / "annex" / "objects"
    link_files(source, target, blobs)
    dataset = open_dataset(target)
    episode = dataset.open_episode(dataset.entries[1].episode_id)
    assert episode.num_frames == dataset.entries[1].num_frames
    assert episode.cameras
    assert not [line for line in episode.warnings if "missing" in line]
    dataset.close()


def test_a_link_to_somewhere_else_is_not_followed(tmp_path: Path) -> None:
    source = write_v3(tmp_path / "written")
    link_files(source, tmp_path / "set", tmp_path / "elsewhere")
    dataset = open_dataset(tmp_path / "set")
    with pytest.raises(DatasetError):
        dataset.open_episode(dataset.entries[0].episode_id)
    dataset.close()
