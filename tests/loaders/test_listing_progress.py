"""Whoever opens a dataset is told how far its listing has come."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

from failview.loaders import open_dataset
from failview.loaders.progress import Item
from tests.loaders.write_bags import one_ros1_bag
from tests.loaders.write_episode_hdf5 import write_aloha
from tests.loaders.write_robomimic import write_robomimic


class Watcher:
    """Counts what it is shown."""

    def __init__(self) -> None:
        self.seen: dict[str, list[int]] = {}

    def __call__(self, items: Sequence[Item], what: str) -> Iterable[Item]:
        count = self.seen.setdefault(what, [0, 0])
        count[1] += len(items)
        for item in items:
            count[0] += 1
            yield item


def episode_files(folder: Path) -> Path:
    for number in range(3):
        write_aloha(folder / f"episode_{number}.hdf5", number)
    return folder


def tables(folder: Path) -> Path:
    folder.mkdir()
    for number in range(3):
        (folder / f"episode_{number}.csv").write_text("time,joint_0,joint_1\n0,1,2\n0.1,1.1,2.1\n0.2,1.2,2.2\n")
    return folder


def bags(folder: Path) -> Path:
    folder.mkdir()
    for number in range(3):
        one_ros1_bag(folder / f"take_{number}.bag")
    return folder


def robomimic(folder: Path) -> Path:
    folder.mkdir()
    return write_robomimic(folder / "demos.hdf5")


def folder_of_robomimic(folder: Path) -> Path:
    folder.mkdir()
    for number in range(3):
        write_robomimic(folder / f"demos_{number}.hdf5")
    return folder


@pytest.mark.parametrize(
    ("write", "what"),
    [
        (episode_files, "listing episodes"),
        (tables, "listing episodes"),
        (bags, "listing bags"),
        (robomimic, "listing episodes"),
        (folder_of_robomimic, "opening files"),
    ],
)
def test_listing_is_shown(tmp_path: Path, write: Callable[[Path], Path], what: str) -> None:
    path = write(tmp_path / "set")
    watcher = Watcher()
    open_dataset(path, progress=watcher).close()
    assert watcher.seen[what] == [3, 3]


def test_what_is_remembered_is_not_listed_again(tmp_path: Path) -> None:
    path = robomimic(tmp_path / "set")
    open_dataset(path).close()
    watcher = Watcher()
    open_dataset(path, progress=watcher).close()
    assert not watcher.seen
