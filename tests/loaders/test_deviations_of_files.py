"""Deviations of whole files: rates that are wrong, pointers in place of data, pictures that go by their number."""

import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from failview.errors import DatasetError
from failview.loaders import open_dataset
from failview.model.episode import Episode
from failview.model.roles import Role
from tests.loaders.number_pictures import number_in, numbered_picture, write_video
from tests.loaders.one_episode import episode_of
from tests.loaders.write_bags import one_ros1_bag, one_sqlite_bag
from tests.loaders.write_lerobot import KEY, write_v2, write_v3
from tests.loaders.write_replay_buffer import write_buffer, zipped
from tests.loaders.write_robomimic import write_robomimic
from tests.loaders.write_tables import write_csv

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n"
DECLARED_HZ, TRUE_HZ = 20, Fraction(183, 10)


def numbers(episode: Episode) -> list[int]:
    (camera,) = episode.cameras.values()
    reader = camera.open_reader()
    try:
        return [number_in(reader.read(frame)) for frame in range(camera.num_frames)]
    finally:
        reader.close()


def declare_20_hz(table: pa.Table, lengths: tuple[int, ...]) -> pa.Table:
    stamps = np.concatenate([np.arange(count) / DECLARED_HZ for count in lengths]).astype(np.float32)
    return table.set_column(table.column_names.index("timestamp"), "timestamp", pa.array(stamps))


def test_rows_of_20_hz_and_a_video_of_18_match_by_number_v2(tmp_path: Path) -> None:
    """DATA 5: by time, the last rows would show pictures that are two frames old."""
    root = write_v2(tmp_path / "v2", lengths=(40,), fps=DECLARED_HZ)
    rows = root / "data/chunk-000/episode_000000.parquet"
    pq.write_table(declare_20_hz(pq.read_table(rows), (40,)), rows)
    write_video(root / f"videos/chunk-000/{KEY}/episode_000000.mp4", list(range(40)), rate_hz=TRUE_HZ)
    episode = episode_of(root)
    assert episode.clock.rate_hz == pytest.approx(20.0)
    assert numbers(episode) == list(range(40))
    assert any("runs at 18.3 Hz, by meta/info.json the frames run at 20 Hz" in line for line in episode.warnings)


def test_rows_of_20_hz_and_a_video_of_18_match_by_number_v3(tmp_path: Path) -> None:
    """DATA 5: many episodes in one video, whose from_timestamp was computed with the declared rate."""
    lengths = (25, 30)
    root = write_v3(tmp_path / "v3", lengths=lengths, fps=DECLARED_HZ)
    rows = root / "data/chunk-000/file-000.parquet"
    pq.write_table(declare_20_hz(pq.read_table(rows), lengths), rows)
    listing = root / "meta/episodes/chunk-000/file-000.parquet"
    changed = pq.read_table(listing).to_pydict()
    changed[f"videos/{KEY}/from_timestamp"] = [0.0, lengths[0] / DECLARED_HZ]
    pq.write_table(pa.table(changed), listing)
    shown = [*range(lengths[0]), *(100 + frame for frame in range(lengths[1]))]
    write_video(root / f"videos/{KEY}/chunk-000/file-000.mp4", shown, rate_hz=TRUE_HZ)
    episode = episode_of(root, "episode_000001")
    assert numbers(episode) == shown[lengths[0] :]
    text = "\n".join(episode.warnings)
    assert "runs at 18.3 Hz, by meta/info.json the frames run at 20 Hz" in text
    assert "counting is used" in text


def test_stamps_of_18_hz_beside_a_declaration_of_20(tmp_path: Path) -> None:
    """DATA 5: the stamps are used; the pictures of the same rows match by number."""
    path = write_robomimic(tmp_path / "demos.hdf5", demos=("demo_0",), frames=30)
    with h5py.File(path, "r+") as file:
        file["data/demo_0/timestamps"] = np.arange(30) / float(TRUE_HZ)
    episode = episode_of(path)
    assert episode.clock.rate_hz == pytest.approx(18.3)
    assert numbers(episode) == list(range(30))
    assert any("declares 20 Hz, but timestamps run at 18.3 Hz" in line for line in episode.warnings)


def test_steps_of_10_and_24_ms_are_kept_as_they_are(tmp_path: Path) -> None:
    """DATA 6: a frame has the time that was recorded, not that of an even clock."""
    steps_s = np.where(np.arange(30) % 3 == 0, 0.024, 0.010)
    times_s = np.concatenate([[0.0], np.cumsum(steps_s[:-1])])
    path = write_robomimic(tmp_path / "demos.hdf5", demos=("demo_0",), frames=30)
    with h5py.File(path, "r+") as file:
        file["data/demo_0/timestamps"] = 1.7e9 + times_s
        del file["data"].attrs["env_args"]
    episode = episode_of(path)
    assert [episode.clock.time_s(frame) for frame in range(30)] == pytest.approx(times_s, abs=1e-6)
    assert any("uneven steps, 10 to 24 ms" in line for line in episode.warnings)


@pytest.mark.parametrize("key", ["1.0.0.0", "c/1/0/0/0"])
def test_a_pointer_in_place_of_a_chunk_of_pictures(tmp_path: Path, key: str) -> None:
    """DATA 13: its own pictures are lost, the others are shown."""
    path = write_buffer(tmp_path / "b.zarr", zarr_format=3 if key.startswith("c") else 2)
    chunk = path / "data/camera0_rgb" / key
    assert chunk.is_file()
    chunk.write_text(POINTER)
    reader = episode_of(path).cameras["camera0"].open_reader()
    assert number_in(reader.read(11)) == 11
    with pytest.raises(DatasetError, match=r"a Git LFS pointer is here in place of the data\. Run: git lfs pull"):
        reader.read(7)


@pytest.mark.parametrize("zipped_up", [False, True])
def test_a_pointer_in_place_of_a_chunk_of_numbers(tmp_path: Path, zipped_up: bool) -> None:
    """DATA 13: that stream is left out, the rest opens."""
    path = write_buffer(tmp_path / "b.zarr")
    (path / "data/robot0_eef_pos/1.0").write_text(POINTER)
    path = zipped(path, tmp_path / "b.zarr.zip") if zipped_up else path
    opened = open_dataset(path)
    episode, report = opened.open_episode("episode_0"), opened.report("episode_0")
    opened.close()
    assert Role.EE_POSITION not in episode.signals
    assert Role.ACTION in episode.signals
    assert any("robot0_eef_pos is left out" in line and "Git LFS pointer" in line for line in episode.warnings)
    assert {item.stream: item.note for item in report.streams}["robot0_eef_pos"] == "damaged"


@pytest.mark.parametrize("part", ["meta/episode_ends/.zarray", "meta/episode_ends/0", "data/action/.zarray"])
def test_a_pointer_in_place_of_a_description(tmp_path: Path, part: str) -> None:
    """DATA 13: without it nobody knows what is there."""
    path = write_buffer(tmp_path / "b.zarr")
    (path / part).write_text(POINTER)
    with pytest.raises(DatasetError, match="Git LFS pointer") as caught:
        open_dataset(path)
    assert str(path / part) in str(caught.value)


def one_pointer(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True)
    (folder / name).write_text(POINTER)
    return folder / name


@pytest.mark.parametrize(
    "name",
    ["a.hdf5", "a.zarr.zip", "a.npz", "a.npy", "a.bag", "a.mcap", "a.db3", "a.parquet", "a.csv", "a.mp4", "a.bin"],
)
def test_a_pointer_of_any_name(tmp_path: Path, name: str) -> None:
    """DATA 13: the file alone, in a folder, and in a folder of folders."""
    file = one_pointer(tmp_path / "set/monday", name)
    with pytest.raises(DatasetError, match=r"a Git LFS pointer is here in place of the data\. Run: git lfs pull"):
        open_dataset(file)
    for folder in (file.parent, file.parent.parent) if name != "a.bin" else ():
        with pytest.raises(DatasetError, match=rf"{name}.* a Git LFS pointer.*Run: git lfs pull") as caught:
            open_dataset(folder)
        assert "\n" not in str(caught.value)


def test_pointers_among_episodes_that_are_there(tmp_path: Path) -> None:
    """DATA 13: one warning for each, the others open."""
    (tmp_path / "bags").mkdir()
    one_ros1_bag(tmp_path / "bags" / "first.bag")
    (tmp_path / "bags" / "second.bag").write_text(POINTER)
    (tmp_path / "files").mkdir()
    write_robomimic(tmp_path / "files" / "first.hdf5")
    (tmp_path / "files" / "second.hdf5").write_text(POINTER)
    for folder in ("bags", "files"):
        opened = open_dataset(tmp_path / folder)
        assert opened.entries
        assert any("second" in line and "Git LFS pointer" in line for line in opened.warnings)
        opened.close()


def test_a_bag_folder_whose_storage_is_a_pointer(tmp_path: Path) -> None:
    """DATA 13."""
    folder = one_sqlite_bag(tmp_path / "bag")
    (storage,) = (item for item in folder.iterdir() if item.suffix in {".mcap", ".db3"})
    storage.write_text(POINTER)
    with pytest.raises(DatasetError, match="Git LFS pointer"):
        open_dataset(folder)


@pytest.mark.parametrize(("write", "part"), [(write_v2, "tasks.jsonl"), (write_v3, "tasks.parquet")])
def test_a_pointer_in_place_of_the_tasks(tmp_path: Path, write: Callable[[Path], Path], part: str) -> None:
    """DATA 13: said in a warning where the episodes are known without it."""
    root = write(tmp_path / "set")
    (root / "meta" / part).write_text(POINTER)
    if part.endswith("jsonl"):
        with pytest.raises(DatasetError, match="Git LFS pointer"):
            open_dataset(root)
        return
    opened = open_dataset(root)
    assert any("tasks stay numbers" in line and "Git LFS pointer" in line for line in opened.warnings)
    opened.close()


def test_pictures_of_one_file_for_all_and_one_for_each(tmp_path: Path) -> None:
    """DATA 12: v3 with its videos split, the rows still together."""
    root = write_v3(tmp_path / "v3", lengths=(12, 9))
    listing = root / "meta/episodes/chunk-000/file-000.parquet"
    changed = pq.read_table(listing).to_pydict()
    changed[f"videos/{KEY}/file_index"], changed[f"videos/{KEY}/from_timestamp"] = [0, 1], [0.0, 0.0]
    pq.write_table(pa.table(changed), listing)
    folder = root / f"videos/{KEY}/chunk-000"
    shutil.rmtree(folder)
    write_video(folder / "file-000.mp4", list(range(12)))
    write_video(folder / "file-001.mp4", [100 + frame for frame in range(9)])
    episode = episode_of(root, "episode_000001")
    assert numbers(episode) == [100 + frame for frame in range(9)]
    assert episode.warnings == ()


@pytest.mark.parametrize("order", ["rgb", "bgr"])
def test_raw_pictures_whose_colours_the_profile_turns_round(tmp_path: Path, order: str) -> None:
    """DATA 11: nothing in a file tells that blue comes first."""
    pictures = np.stack([numbered_picture(frame) for frame in range(6)])
    pictures[:, 80:] = (250, 120, 10)
    path = tmp_path / "demos.hdf5"
    with h5py.File(path, "w") as file:
        file["data/demo_0/actions"] = np.zeros((6, 7))
        file["data/demo_0/obs/front_image"] = pictures[..., ::-1] if order == "bgr" else pictures
    (tmp_path / "demos.hdf5.failview.toml").write_text(f'[dataset]\nchannel_order = "{order}"\n')
    reader = episode_of(path).cameras["front"].open_reader()
    assert (reader.read(3) == pictures[3]).all()
    reader.close()


def test_a_table_of_20_hz_and_a_video_of_18_match_by_number(tmp_path: Path) -> None:
    """DATA 5: row i belongs to picture i."""
    columns = {"time": np.arange(40) / DECLARED_HZ, "gripper_width": np.linspace(0.0, 0.08, 40)}
    write_csv(tmp_path / "run.csv", columns)
    write_video(tmp_path / "run.mp4", list(range(40)), rate_hz=TRUE_HZ)
    episode = episode_of(tmp_path / "run.csv")
    assert numbers(episode) == list(range(40))
    assert any("run.mp4 runs at 18.3 Hz, the rows run at 20 Hz" in line for line in episode.warnings)
