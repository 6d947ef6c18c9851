"""Oddities of replay buffers: each ends in a right value, a clear warning or one clear line."""

import builtins
import importlib
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numcodecs
import numpy as np
import pytest
import zarr

from failview.errors import DatasetError
from failview.loaders import open_dataset
from failview.loaders.profiles.profile_writer import write_profile
from failview.loaders.replay_buffer.row_blocks import BlockCache
from failview.model.roles import Role
from tests.loaders.number_pictures import number_in
from tests.loaders.write_replay_buffer import LENGTHS, buffer_arrays, write_buffer, write_umi, zipped
from tests.real_data import real_data


def line_for(path: Path) -> str:
    with pytest.raises(DatasetError) as caught:
        open_dataset(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_umi_names_play_their_roles(tmp_path: Path) -> None:
    opened = open_dataset(zipped(write_umi(tmp_path / "folder"), tmp_path / "umi.zarr.zip"))
    episode = opened.open_episode("episode_1")
    streams = {role: assignment.stream for role, assignment in episode.assignments.items()}
    assert streams == {
        Role.GRIPPER_APERTURE: "robot0_gripper_width",
        Role.EE_POSITION: "robot0_eef_pos",
        Role.EE_ORIENTATION: "robot0_eef_rot_axis_angle",
        Role.ACTION: "action",
    }
    expected = buffer_arrays()["robot0_eef_pos"][LENGTHS[0] : LENGTHS[0] + LENGTHS[1]]
    np.testing.assert_array_equal(episode.signals[Role.EE_POSITION].values, expected)
    assert list(episode.cameras) == ["camera0"]
    opened.close()


def test_rotation_vectors_become_quaternions_without_jumps(tmp_path: Path) -> None:
    arrays = buffer_arrays()
    angles, axis = np.linspace(0, 4 * np.pi, sum(LENGTHS)), np.array([0.0, 0.6, 0.8])
    wrapped = (angles + np.pi) % (2 * np.pi) - np.pi
    arrays["robot0_eef_rot_axis_angle"] = wrapped[:, None] * axis
    opened = open_dataset(write_buffer(tmp_path / "b.zarr", arrays, ends=[sum(LENGTHS)]))
    episode = opened.open_episode("episode_0")
    quaternions = episode.signals[Role.EE_ORIENTATION].values
    assert episode.assignments[Role.EE_ORIENTATION].unit == "rotation_vector"
    assert not episode.assignments[Role.EE_ORIENTATION].guessed
    expected = np.concatenate([np.sin(angles / 2)[:, None] * axis, np.cos(angles / 2)[:, None]], axis=1)
    np.testing.assert_allclose(quaternions, expected, atol=1e-9)
    profile = tmp_path / "p.toml"
    profile.write_text(write_profile(opened.parts[0]))
    again = open_dataset(tmp_path / "b.zarr", profile).open_episode("episode_0")
    np.testing.assert_array_equal(again.signals[Role.EE_ORIENTATION].values, quaternions)
    opened.close()


def test_data_4_frames_are_the_unit_until_the_profile_says_a_rate(tmp_path: Path) -> None:
    path = write_buffer(tmp_path / "b.zarr")
    opened = open_dataset(path)
    episode = opened.open_episode("episode_0")
    assert not episode.clock.is_timed
    assert any("set rate_hz in the profile" in line for line in episode.warnings)
    opened.close()
    (tmp_path / "b.zarr.failview.toml").write_text("[dataset]\nrate_hz = 10.0\n")
    episode = open_dataset(path).open_episode("episode_0")
    assert episode.clock.rate_hz == pytest.approx(10.0)
    assert not any("rate_hz" in line for line in episode.warnings)


def test_timestamps_are_the_clock(tmp_path: Path) -> None:
    arrays = buffer_arrays() | {"timestamp": 1.7e9 + np.arange(sum(LENGTHS)) / 20}
    opened = open_dataset(write_buffer(tmp_path / "b.zarr", arrays))
    assert opened.open_episode("episode_2").clock.rate_hz == pytest.approx(20.0)
    opened.close()


def test_data_3_float32_epoch_seconds_collapse(tmp_path: Path) -> None:
    arrays = buffer_arrays() | {"timestamp": (1.7e9 + np.arange(sum(LENGTHS)) / 20).astype(np.float32)}
    opened = open_dataset(write_buffer(tmp_path / "b.zarr", arrays))
    episode = opened.open_episode("episode_0")
    assert not episode.clock.is_timed
    assert any("clock stands still" in line for line in episode.warnings)
    opened.close()


@pytest.mark.parametrize(
    ("ends", "kept", "warning"),
    [
        ([12, 12, 28], {"episode_0": 12, "episode_2": 16}, "episodes without rows are left out: 1"),
        ([12, 5, 19, 28], {"episode_0": 12, "episode_3": 9}, "goes back from 12 to 5 at entry 1"),
        ([12, 19, 40], {"episode_0": 12, "episode_1": 7, "episode_2": 9}, "up to row 40, but there are 28 rows"),
        ([12, 40, 50], {"episode_0": 12, "episode_1": 16}, "up to row 50, but there are 28 rows"),
        ([12, 19], {"episode_0": 12, "episode_1": 7}, "9 rows after the last episode"),
        ([12.0, 19.0, 28.0], {"episode_0": 12, "episode_1": 7, "episode_2": 9}, ""),
    ],
)
def test_ends_that_do_not_fit(tmp_path: Path, ends: list[float], kept: dict[str, int], warning: str) -> None:
    opened = open_dataset(write_buffer(tmp_path / "b.zarr", ends=ends))
    assert {entry.episode_id: entry.num_frames for entry in opened.entries} == kept
    assert any(warning in line for line in opened.warnings) if warning else not opened.warnings
    pictures = buffer_arrays()["camera0_rgb"]
    for entry in opened.entries:
        number = int(entry.episode_id.rsplit("_", 1)[1])
        start = int(ends[number - 1]) if number else 0
        reader = opened.open_episode(entry.episode_id).cameras["camera0"].open_reader()
        assert number_in(reader.read(entry.num_frames - 1)) == number_in(pictures[start + entry.num_frames - 1])
    opened.close()


@pytest.mark.parametrize(
    ("ends", "text"),
    [
        (np.zeros(0, np.int64), "episode_ends is empty"),
        (np.array([0, 0]), "episode_ends is not stored completely"),
        (np.array([1.5, 3.0]), "no list of row numbers"),
        (np.array([[12, 28]]), "no list of row numbers"),
        (np.array([-5, -1]), "names no rows"),
    ],
)
def test_data_9_ends_without_episodes(tmp_path: Path, ends: np.ndarray[Any, Any], text: str) -> None:
    assert text in line_for(write_buffer(tmp_path / "b.zarr", ends=ends))


def test_zarr_that_is_no_replay_buffer(tmp_path: Path) -> None:
    zarr.open_group(tmp_path / "other.zarr", mode="w").create_array("weights", data=np.zeros(4))
    assert "no meta/episode_ends" in line_for(tmp_path / "other.zarr")


def test_data_11_streams_of_different_lengths(tmp_path: Path) -> None:
    arrays = buffer_arrays()
    arrays["robot0_eef_pos"] = arrays["robot0_eef_pos"][:25]
    arrays["camera0_rgb"] = arrays["camera0_rgb"][:20]
    arrays["calibration"] = np.eye(4)
    opened = open_dataset(write_buffer(tmp_path / "b.zarr", arrays))
    episode, report = opened.open_episode("episode_2"), opened.report("episode_2")
    assert any("robot0_eef_pos has 6 samples for 9 frames" in line for line in episode.warnings)
    assert any("camera0_rgb has 1 pictures for 9 frames" in line for line in episode.warnings)
    assert episode.cameras["camera0"].num_frames == 1
    assert next(item.note for item in report.streams if item.stream == "calibration").startswith("4 rows")
    opened.close()


def test_task_and_success_per_episode(tmp_path: Path) -> None:
    path = write_buffer(tmp_path / "b.zarr", zarr_format=3)
    meta = zarr.open_group(path, mode="a")["meta"]
    meta.create_array("episode_success", data=np.array([True, False, True]))
    zarr.open_group(path, mode="a").attrs["task"] = "fold the towel"
    zarr.open_group(path, mode="a").attrs["fps"] = 12
    opened = open_dataset(path)
    episode = opened.open_episode("episode_1")
    assert episode.task == "fold the towel"
    assert not episode.signals[Role.SUCCESS].values.any()
    assert opened.open_episode("episode_2").signals[Role.SUCCESS].values.all()
    assert episode.clock.rate_hz == pytest.approx(12.0)
    opened.close()


def test_words_per_frame(tmp_path: Path) -> None:
    path = write_buffer(tmp_path / "b.zarr")
    phases = np.array(["reach"] * 12 + ["grasp"] * 16, dtype="U8")
    zarr.open_group(path, mode="a")["data"].create_array("phase", data=phases)
    episode = open_dataset(path).open_episode("episode_1")
    assert episode.signals[Role.PHASE].text_values == ("grasp",)


def test_without_imagecodecs_the_rest_opens_and_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_umi(tmp_path / "umi.zarr")
    real_import = importlib.import_module

    def without(name: str, package: str | None = None) -> Any:
        if name.startswith("imagecodecs"):
            raise ImportError(name=name)
        return real_import(name, package)

    monkeypatch.setattr(importlib, "import_module", without)
    opened = open_dataset(path)
    assert any("pip install 'failview[umi]'" in line and "jpegxl" in line for line in opened.warnings)
    assert not opened.open_episode("episode_0").cameras
    assert Role.EE_POSITION in opened.open_episode("episode_0").signals
    opened.close()


def test_imagecodecs_is_imported_only_where_a_codec_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_buffer(tmp_path / "b.zarr")
    real_import: Callable[..., Any] = builtins.__import__

    def strict(name: str, *rest: Any, **more: Any) -> Any:
        assert not name.startswith("imagecodecs")
        return real_import(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", strict)
    opened = open_dataset(path)
    opened.open_episode("episode_0")
    opened.close()


def test_pickled_objects_are_never_loaded(tmp_path: Path) -> None:
    path = write_buffer(tmp_path / "b.zarr")
    folder = path / "data" / "notes"
    folder.mkdir()
    description = {
        "zarr_format": 2,
        "shape": [28],
        "chunks": [28],
        "dtype": "|O",
        "compressor": None,
        "filters": [{"id": "pickle", "protocol": 4}],
        "fill_value": None,
        "order": "C",
    }
    (folder / ".zarray").write_text(json.dumps(description))
    (folder / "0").write_bytes(numcodecs.Pickle().encode(np.array([{"a": 1}] * 28, dtype=object)))
    opened = open_dataset(path)
    assert any("pickled objects, which are never loaded" in line for line in opened.warnings)
    assert "notes" not in opened.open_episode("episode_0").other_signals
    opened.close()


def test_a_link_out_of_the_dataset_is_not_followed(tmp_path: Path) -> None:
    path = write_buffer(tmp_path / "set" / "b.zarr")
    secret = tmp_path / "secret"
    shutil.move(path / "data" / "action", secret)
    (path / "data" / "action").symlink_to(secret)
    opened = open_dataset(path)
    assert Role.ACTION not in opened.open_episode("episode_0").signals
    opened.close()


def test_a_lost_chunk_is_told(tmp_path: Path) -> None:
    path = write_buffer(tmp_path / "b.zarr")
    (path / "data" / "camera0_rgb" / "1.0.0.0").unlink()
    (path / "data" / "robot0_eef_pos" / "1.0").unlink()
    opened = open_dataset(path)
    episode = opened.open_episode("episode_0")
    assert any("robot0_eef_pos: 4 of 12 samples are not stored" in line for line in episode.warnings)
    reader = episode.cameras["camera0"].open_reader()
    assert number_in(reader.read(4)) == 4
    assert number_in(reader.read(10)) == 10
    with pytest.raises(DatasetError, match="not stored"):
        reader.read(5)
    opened.close()


def test_a_damaged_chunk_costs_its_own_pictures_only(tmp_path: Path) -> None:
    path = write_buffer(tmp_path / "b.zarr")
    chunk = path / "data" / "camera0_rgb" / "1.0.0.0"
    chunk.write_bytes(chunk.read_bytes()[:40])
    opened = open_dataset(path)
    reader = opened.open_episode("episode_0").cameras["camera0"].open_reader()
    assert number_in(reader.read(11)) == 11
    with pytest.raises(DatasetError, match="rows 5 to 9 of data/camera0_rgb are damaged"):
        reader.read(7)
    opened.close()


def test_a_zip_cut_off_or_packed_for_others(tmp_path: Path) -> None:
    path = zipped(write_buffer(tmp_path / "folder"), tmp_path / "b.zarr.zip")
    path.write_bytes(path.read_bytes()[:-300])
    assert "zip is truncated or damaged" in line_for(path)


def test_a_zip_of_something_else_is_no_dataset(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as archive:
        archive.writestr("main.py", "print()")
    assert "not a dataset that failview knows" in line_for(tmp_path / "code.zip")


def test_chunks_across_episodes_are_read_once(tmp_path: Path) -> None:
    opened = open_dataset(write_buffer(tmp_path / "b.zarr", picture_chunk=28))
    before = opened.open_episode("episode_0").cameras["camera0"].open_reader().read(11)
    (tmp_path / "b.zarr/data/camera0_rgb/0.0.0.0").unlink()
    after = opened.open_episode("episode_1").cameras["camera0"].open_reader().read(0)
    assert (number_in(before), number_in(after)) == (11, 100)
    opened.close()


def test_the_cache_is_bounded() -> None:
    cache = BlockCache(kept_bytes=1000)
    for number in range(10):
        cache.put(("a", number), np.zeros(300, np.uint8))
    assert [number for number in range(10) if cache.get(("a", number)) is not None] == [7, 8, 9]
    cache.put(("b", 0), np.zeros(5000, np.uint8))
    assert cache.get(("b", 0)) is not None
    assert cache.get(("a", 9)) is None


def test_huge_chunks_are_refused_for_their_array_alone(tmp_path: Path) -> None:
    path = write_buffer(tmp_path / "b.zarr")
    description = json.loads((path / "data/camera0_rgb/.zarray").read_text())
    description["chunks"] = [10**6, 96, 64, 3]
    (path / "data/camera0_rgb/.zarray").write_text(json.dumps(description))
    opened = open_dataset(path)
    assert any("chunks of 17578 MB" in line and "smaller chunks" in line for line in opened.warnings)
    assert not opened.open_episode("episode_0").cameras
    opened.close()


def test_pusht_as_recorded() -> None:
    path = real_data("pusht_zarr/derived_pusht_keypoint.zarr.zip")
    opened = open_dataset(path)
    assert [entry.num_frames for entry in opened.entries][:3] == [137, 145, 231]
    assert (len(opened.entries), sum(entry.num_frames for entry in opened.entries)) == (151, 24_644)
    raw = zarr.open_group(zarr.storage.ZipStore(path, mode="r"), mode="r")
    for number, (start, stop) in {
        0: (0, 137),
        1: (137, 282),
        150: (24_644 - opened.entries[150].num_frames, 24_644),
    }.items():
        episode = opened.open_episode(f"episode_{number}")
        np.testing.assert_array_equal(episode.signals[Role.ACTION].values, raw["data/action"][start:stop])
        np.testing.assert_array_equal(episode.other_signals["state"].values, raw["data/state"][start:stop])
        reader = episode.cameras["img"].open_reader()
        for frame in (stop - start - 1, 0, (stop - start) // 2):
            np.testing.assert_array_equal(reader.read(frame), raw["data/img"][start + frame])
        assert any("state has 5 columns without names" in line for line in episode.warnings)
        assert set(episode.signals) == {Role.ACTION}
    opened.close()
