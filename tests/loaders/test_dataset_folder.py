"""A folder of files with many episodes each is one dataset."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from failview.errors import DatasetError
from failview.loaders import open_dataset
from tests.real_data import real_data


def write_demos(path: Path, count: int, columns: int) -> None:
    with h5py.File(path, "w") as file:
        for number in range(count):
            demo = file.create_group(f"data/demo_{number}")
            demo["actions"] = np.random.default_rng(number).normal(size=(20 + number, columns))


def test_the_files_are_read_in_natural_order_each_with_its_own_streams(tmp_path: Path) -> None:
    write_demos(tmp_path / "task_10.hdf5", 1, 7)
    write_demos(tmp_path / "task_2.hdf5", 2, 4)
    dataset = open_dataset(tmp_path)
    assert [entry.episode_id for entry in dataset.entries] == ["task_2.demo_0", "task_2.demo_1", "task_10.demo_0"]
    assert dataset.open_episode("task_10.demo_0").num_frames == 20
    assert dataset.report("task_2.demo_1").entry.episode_id == "task_2.demo_1"
    assert dataset.place("task_2.demo_1").path == tmp_path / "task_2.hdf5"
    assert dataset.place("task_2.demo_1").id_inside == "demo_1"
    with pytest.raises(DatasetError, match="no episode nobody"):
        dataset.open_episode("nobody")
    dataset.close()


def test_a_broken_file_among_good_ones_is_a_warning(tmp_path: Path) -> None:
    write_demos(tmp_path / "good.hdf5", 1, 7)
    write_demos(tmp_path / "fine.hdf5", 1, 7)
    (tmp_path / "cut.hdf5").write_bytes((tmp_path / "good.hdf5").read_bytes()[:900])
    dataset = open_dataset(tmp_path)
    assert len(dataset.entries) == 2
    assert any("cut.hdf5" in line for line in dataset.warnings)
    dataset.close()


def test_the_same_name_with_two_endings_stays_apart(tmp_path: Path) -> None:
    write_demos(tmp_path / "a.hdf5", 1, 7)
    write_demos(tmp_path / "a.h5", 1, 7)
    dataset = open_dataset(tmp_path)
    assert {entry.episode_id for entry in dataset.entries} == {"a.h5.demo_0", "a.hdf5.demo_0"}
    dataset.close()


def test_thirteen_real_files_open_as_one() -> None:
    dataset = open_dataset(real_data("robosuite_demos_hdf5"))
    assert len({dataset.place(entry.episode_id).path for entry in dataset.entries}) == 13
    episodes = [dataset.open_episode(entry.episode_id) for entry in dataset.entries]
    assert len(episodes) == len({episode.episode_id for episode in episodes}) == 23
    dataset.close()


def test_a_folder_of_many_files_holds_none_of_them_open(tmp_path: Path) -> None:
    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    for number in range(20):
        write_demos(tmp_path / f"task_{number}.hdf5", 1, 7)
    before = open_files()
    dataset = open_dataset(tmp_path)
    for entry in dataset.entries:
        assert dataset.open_episode(entry.episode_id).num_frames == 20
    assert open_files() <= before + 1
    dataset.close()
    with pytest.raises(DatasetError, match="has been closed"):
        dataset.open_episode("task_0.demo_0")
