"""Whatever is wrong with a path, one clear line says what, where and what to do."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import h5py
import pytest

from failview.errors import DatasetError
from failview.loaders import open_dataset
from tests.loaders.write_lerobot import write_v2, write_v3
from tests.loaders.write_robomimic import write_robomimic

LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n"


def line_for(path: Path) -> str:
    with pytest.raises(DatasetError) as caught:
        open_dataset(path)
    line = str(caught.value)
    assert "\n" not in line
    assert str(path) in line
    return line


def test_text_named_hdf5(tmp_path: Path) -> None:
    path = tmp_path / "notes.hdf5"
    path.write_text("these are notes")
    assert "not an HDF5 file" in line_for(path)


@pytest.mark.parametrize(
    "part",
    ["data", "data/chunk-000", "data/chunk-000/*.parquet", "videos", "videos/**/*.mp4", "meta", "meta/info.json"],
)
@pytest.mark.parametrize("write", [write_v2, write_v3])
def test_a_part_of_a_lerobot_dataset_names_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[Path], Path], part: str
) -> None:
    root = write(tmp_path / "robot")
    inside = next(root.glob(part))
    assert line_for(inside).endswith(f"Open the whole: {root}")
    monkeypatch.chdir(inside.parent)
    assert line_for(Path(inside.name)).endswith(f"Open the whole: {root}")


def test_a_table_that_only_lies_beside_lerobots_own_files_is_opened(tmp_path: Path) -> None:
    root = write_v2(tmp_path / "robot")
    (root / "mine").mkdir()
    rows = "\n".join(f"{row / 10},{row * 0.01}" for row in range(20))
    (root / "mine/run.csv").write_text(f"time,joint_1\n{rows}\n")
    opened = open_dataset(root / "mine")
    assert [entry.num_frames for entry in opened.entries] == [20]
    opened.close()


def test_empty_file(tmp_path: Path) -> None:
    """DATA 9."""
    path = tmp_path / "empty.hdf5"
    path.touch()
    assert "empty" in line_for(path)


def test_truncated_hdf5(tmp_path: Path) -> None:
    whole = write_robomimic(tmp_path / "whole.hdf5").read_bytes()
    path = tmp_path / "cut.hdf5"
    path.write_bytes(whole[: len(whole) // 2])
    assert "truncated or damaged" in line_for(path)


def test_lfs_pointer(tmp_path: Path) -> None:
    """DATA 13."""
    path = tmp_path / "demos.hdf5"
    path.write_text(LFS)
    assert "Git LFS pointer" in line_for(path)
    assert "git lfs pull" in line_for(path)


def test_missing_path(tmp_path: Path) -> None:
    assert "no such file or folder" in line_for(tmp_path / "nowhere")


def test_folder_without_data(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("nothing here")
    assert "holds no dataset" in line_for(tmp_path)


def test_folder_with_several_dataset_folders_names_them(tmp_path: Path) -> None:
    write_v2(tmp_path / "first")
    write_v3(tmp_path / "second")
    line = line_for(tmp_path)
    assert "first, second" in line
    assert "Name one of them" in line


def test_folders_that_hold_datasets_deeper_are_named(tmp_path: Path) -> None:
    for name in ("monday", "tuesday"):
        write_v2(tmp_path / "lab/robot" / name / "set")
    (tmp_path / "lab/notes").mkdir()
    assert line_for(tmp_path).endswith("lab/robot/monday/set, lab/robot/tuesday/set. Name one of them")


@pytest.mark.parametrize(("content", "text"), [(LFS, "Git LFS pointer"), ("", "empty"), ("notes", "not an HDF5 file")])
def test_folder_whose_only_dataset_is_broken_says_so(tmp_path: Path, content: str, text: str) -> None:
    (tmp_path / "only.hdf5").write_text(content)
    with pytest.raises(DatasetError, match=text) as caught:
        open_dataset(tmp_path)
    assert "only.hdf5" in str(caught.value)


def test_folder_with_one_dataset_opens_it(tmp_path: Path) -> None:
    write_robomimic(tmp_path / "only.hdf5")
    (tmp_path / "truth.json").write_text("{}")
    opened = open_dataset(tmp_path)
    assert opened.path == tmp_path / "only.hdf5"
    opened.close()


def test_hdf5_of_another_kind(tmp_path: Path) -> None:
    path = tmp_path / "other.hdf5"
    with h5py.File(path, "w") as file:
        file["weights"] = [1.0, 2.0]
    assert "not a dataset that failview knows" in line_for(path)


def test_hdf5_without_episodes(tmp_path: Path) -> None:
    """DATA 9."""
    path = tmp_path / "none.hdf5"
    with h5py.File(path, "w") as file:
        file.create_group("data")
    assert "no episodes" in line_for(path)


def test_any_file_name_is_fine_when_the_content_is(tmp_path: Path) -> None:
    path = write_robomimic(tmp_path / "recording.bin")
    opened = open_dataset(path)
    assert opened.format_name == "robomimic HDF5"
    opened.close()


@pytest.mark.parametrize("content", ["", "{", LFS, "[]"])
def test_lerobot_with_a_broken_description(tmp_path: Path, content: str) -> None:
    """DATA 13."""
    (tmp_path / "set" / "meta").mkdir(parents=True)
    (tmp_path / "set" / "meta" / "info.json").write_text(content)
    with pytest.raises(DatasetError) as caught:
        open_dataset(tmp_path / "set")
    assert str(tmp_path / "set") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_lerobot_of_an_unknown_version(tmp_path: Path) -> None:
    root = write_v2(tmp_path / "v2", codebase_version="v1.6")
    assert "v1.6" in line_for(root)


def test_lerobot_without_its_list_of_episodes(tmp_path: Path) -> None:
    root = write_v2(tmp_path / "v2")
    (root / "meta" / "episodes.jsonl").unlink()
    assert "list of episodes is missing" in line_for(root)
    root = write_v3(tmp_path / "v3")
    shutil.rmtree(root / "meta" / "episodes")
    assert "list of episodes is missing" in line_for(root)


def test_lerobot_with_a_broken_list_of_episodes(tmp_path: Path) -> None:
    root = write_v2(tmp_path / "v2")
    listing = root / "meta" / "episodes.jsonl"
    listing.write_text(listing.read_text() + '{"episode_index": 3, "len')
    assert "line 4 is not valid JSON" in line_for(root)
    listing.write_text(json.dumps({"episode_index": "one"}) + "\n")
    assert "no episode_index or length" in line_for(root)
    listing.write_text("")
    assert "no episodes" in line_for(root)


@pytest.mark.parametrize("content", [LFS, "PAR1 not really PAR1"])
def test_lerobot_v3_with_an_unreadable_list(tmp_path: Path, content: str) -> None:
    """DATA 13."""
    root = write_v3(tmp_path / "v3")
    (root / "meta/episodes/chunk-000/file-000.parquet").write_text(content)
    line_for(root)
