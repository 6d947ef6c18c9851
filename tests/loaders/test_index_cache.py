"""The cache of the list of episodes: used when nothing changed, and never believed when something did."""

import json
import multiprocessing
import os
from pathlib import Path

import h5py
import numpy as np
import platformdirs
import pytest

from failview.loaders import open_dataset
from failview.loaders.index_cache import IndexCache


def write_episode(path: Path, frames: int) -> None:
    with h5py.File(path, "w") as file:
        file["action"] = np.random.default_rng(frames).normal(size=(frames, 7))
        file["qpos"] = np.random.default_rng(frames).normal(size=(frames, 7))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(3):
        write_episode(tmp_path / f"episode_{number}.h5", 10 + number)
    return tmp_path


def lengths(path: Path) -> list[int]:
    opened = open_dataset(path)
    opened.close()
    return [entry.num_frames for entry in opened.entries]


def caches() -> list[Path]:
    return sorted((platformdirs.user_cache_path("failview") / "episodes").glob("*.json"))


def cache_of(path: Path) -> Path:
    return next(item for item in caches() if str(path) in json.loads(item.read_text())["head"])


def falsify(path: Path, num_frames: int) -> None:
    """Put another number of frames into the cache, so that a test sees whether the cache was used."""
    cache = cache_of(path)
    content = json.loads(cache.read_text())
    for entry in content["files"].values():
        entry[1]["num_frames"] = num_frames
    cache.write_text(json.dumps(content))


def test_unchanged_files_are_not_opened_again(folder: Path) -> None:
    assert lengths(folder) == [10, 11, 12]
    falsify(folder, 77)
    assert lengths(folder) == [77, 77, 77]


def test_what_is_shown_never_comes_from_the_cache(folder: Path) -> None:
    lengths(folder)
    falsify(folder, 77)
    opened = open_dataset(folder)
    assert opened.open_episode("episode_1").num_frames == 11
    assert opened.report("episode_1").entry.num_frames == 11
    opened.close()


def test_a_changed_size_or_time_counts_for_that_file_alone(folder: Path) -> None:
    lengths(folder)
    falsify(folder, 77)
    write_episode(folder / "episode_1.h5", 30)
    os.utime(folder / "episode_2.h5", (1_000_000_000, 1_000_000_000))
    assert lengths(folder) == [77, 30, 12]


def test_other_content_with_the_size_and_time_of_before_counts(folder: Path) -> None:
    lengths(folder)
    falsify(folder, 77)
    path = folder / "episode_1.h5"
    before = path.stat()
    with h5py.File(path, "r+") as file:
        file["action"][0] = 0.0
    assert path.stat().st_size == before.st_size
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert lengths(folder) == [77, 11, 77]


def test_files_that_come_and_go(folder: Path) -> None:
    lengths(folder)
    (folder / "episode_1.h5").unlink()
    write_episode(folder / "episode_10.h5", 40)
    assert lengths(folder) == [10, 12, 40]
    assert len(json.loads(cache_of(folder).read_text())["files"]) == 3


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", '{"head": 3}', '{"head": null, "files": []}', "\x00\xff", "[" * 100_000]
)
def test_a_damaged_cache_is_rebuilt_in_silence(folder: Path, content: str) -> None:
    lengths(folder)
    cache = cache_of(folder)
    right = json.loads(cache.read_text())
    cache.write_text(content)
    assert lengths(folder) == [10, 11, 12]
    assert json.loads(cache.read_text()) == right


@pytest.mark.parametrize("value", [None, 3, [], {}, {"num_frames": "many", "rate_hz": None, "task": ""}])
def test_entries_that_make_no_sense_are_found_again(folder: Path, value: object) -> None:
    lengths(folder)
    cache = cache_of(folder)
    content = json.loads(cache.read_text())
    for entry in content["files"].values():
        entry[1] = value
    content["files"]["more"] = "nonsense"
    cache.write_text(json.dumps(content))
    assert lengths(folder) == [10, 11, 12]


def test_a_folder_that_cannot_be_written_does_not_matter(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "file"))
    assert lengths(folder) == [10, 11, 12]


def test_the_cache_lies_in_the_users_folder_and_not_beside_the_data(folder: Path) -> None:
    before = sorted(folder.iterdir())
    lengths(folder)
    assert sorted(folder.iterdir()) == before


def test_old_caches_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "data").touch()
    for number in range(230):
        cache = IndexCache(tmp_path / "data", f"kind {number}")
        cache.put(tmp_path / "data", number)
        cache.save()
    assert len(caches()) == 200
    assert IndexCache(tmp_path / "data", "kind 229").get(tmp_path / "data") == 229


def _save_often(path: Path, number: int) -> None:
    for turn in range(50):
        cache = IndexCache(path, "test")
        cache.put(path / "file", [number, turn] * 500)
        cache.save()


def test_processes_may_write_at_the_same_time(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    others = [multiprocessing.get_context("fork").Process(target=_save_often, args=(tmp_path, n)) for n in range(4)]
    for process in others:
        process.start()
    for _ in range(200):
        found = IndexCache(tmp_path, "test").get(tmp_path / "file")
        assert found is None or len(found) == 1000
    for process in others:
        process.join()
        assert process.exitcode == 0
    assert len(IndexCache(tmp_path, "test").get(tmp_path / "file")) == 1000


def test_a_file_of_many_episodes_is_listed_from_the_cache_until_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "demos.hdf5"
    with h5py.File(path, "w") as file:
        for number in (1, 2, 10):
            file[f"data/demo_{number}/actions"] = np.random.default_rng(number).normal(size=(number + 5, 7))
    assert lengths(path) == [6, 7, 15]
    cache = cache_of(path)
    content = json.loads(cache.read_text())
    for episode in content["files"][str(path)][1]["episodes"]:
        episode[1] = 77
    cache.write_text(json.dumps(content))
    assert lengths(path) == [77, 77, 77]
    opened = open_dataset(path)
    assert opened.open_episode("demo_10").num_frames == 15
    opened.close()
    with h5py.File(path, "r+") as file:
        file["data/demo_3/actions"] = np.zeros((4, 7))
    assert lengths(path) == [6, 7, 4, 15]
    content["files"][str(path)][1]["episodes"] = [["demo_1", "six", 3]]
    cache.write_text(json.dumps(content))
    assert lengths(path) == [6, 7, 4, 15]
