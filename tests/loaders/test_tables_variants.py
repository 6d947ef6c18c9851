"""Oddities of plain tables: each ends in a right value, a clear warning or one clear line."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from failview.errors import DatasetError
from failview.loaders import open_dataset
from failview.loaders.tables.column_groups import group_columns
from failview.model.episode import Episode
from failview.model.roles import Role
from tests.contracts.loader_contract import content_hash
from tests.loaders.number_pictures import number_in, numbered_picture, write_video
from tests.loaders.write_robomimic import write_robomimic
from tests.loaders.write_tables import recording, write_csv, write_folder
from tests.real_data import real_data


def line_for(path: Path) -> str:
    with pytest.raises(DatasetError) as caught:
        open_dataset(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def episode_of(path: Path) -> Episode:
    opened = open_dataset(path)
    episode = opened.open_episode(opened.entries[0].episode_id)
    opened.report(opened.entries[0].episode_id)
    assert opened.entries[0].num_frames == episode.num_frames
    opened.close()
    return episode


def test_columns_become_streams_and_roles(tmp_path: Path) -> None:
    columns = recording(30, 0)
    episode = episode_of(write_csv(tmp_path / "run.csv", columns))
    for role, stream, names in (
        (Role.JOINT_POSITION, "joint", [f"joint_{index}" for index in range(7)]),
        (Role.EE_POSITION, "ee", ["ee_x", "ee_y", "ee_z"]),
        (Role.EE_ORIENTATION, "ee", ["ee_qx", "ee_qy", "ee_qz", "ee_qw"]),
        (Role.WRENCH, "force", ["fx", "fy", "fz"]),
        (Role.GRIPPER_APERTURE, "gripper_width", ["gripper_width"]),
    ):
        assert episode.assignments[role].stream == stream
        np.testing.assert_allclose(episode.signals[role].values, np.stack([columns[name] for name in names], axis=1))
    assert episode.assignments[Role.EE_ORIENTATION].reason.startswith("its column names")
    assert episode.assignments[Role.WRENCH].guessed
    assert episode.clock.rate_hz == pytest.approx(20.0)
    assert "t" not in episode.other_signals


@pytest.mark.parametrize(
    ("names", "groups"),
    [
        ([f"q{i}" for i in range(1, 8)] + ["dq_1", "dq_2"], {"q": 7, "dq": 2}),
        ([f"joint_{i}_vel" for i in range(6)], {"joint_vel": 6}),
        ([f"state[{i}]" for i in range(12)], {"state": 12}),
        ([f"field.position{i}" for i in range(3)], {"field.position": 3}),
        (["elbow.pos", "shoulder.pos", "elbow.vel", "shoulder.vel"], {"joint_pos": 2, "joint_vel": 2}),
        (["x", "y", "z", "qx", "qy", "qz", "qw"], {"pose": 7}),
        (["tcp.pos.x", "tcp.pos.y", "tcp.pos.z"], {"tcp.pos": 3}),
        (["fx", "fy", "fz", "tx", "ty", "tz"], {"force_torque": 6}),
        (["wrist_fx", "wrist_fy", "wrist_fz", "wrist_mx", "wrist_my", "wrist_mz"], {"wrist_force_torque": 6}),
        (["max", "index", "speed", "phi_x"], {"max": 1, "index": 1, "speed": 1, "phi_x": 1}),
        (["camera_1_delay", "joint_3"], {"camera_1_delay": 1, "joint_3": 1}),
    ],
)
def test_groups(names: list[str], groups: dict[str, int]) -> None:
    found = group_columns(names)
    assert {group.name: len(group.columns) for group in found} == groups
    assert sorted(column for group in found for column in group.columns) == sorted(names)


@pytest.mark.parametrize("order", ["f10_f2", "shuffled"])
def test_columns_of_a_series_are_in_the_order_of_their_numbers(order: str) -> None:
    names = [f"joint_{index}" for index in range(12)]
    shuffled = sorted(names) if order == "f10_f2" else names[::-1]
    assert group_columns(shuffled)[0].columns == tuple(names)


@pytest.mark.parametrize(
    ("name", "stamps", "rate_hz"),
    [
        ("t", np.arange(30) / 50, 50),
        ("time [ms]", np.arange(30) * 20.0, 50),
        ("timestamp_ns", np.arange(30) * 20_000_000, 50),
        ("timestamp", 1_700_000_000_000_000_000 + np.arange(30) * 20_000_000, 50),
        ("timestamp", 1_700_000_000_000_000 + np.arange(30) * 20_000, 50),
        ("time", 1_700_000_000_000 + np.arange(30) * 20, 50),
        ("stamp", 1.7e9 + np.arange(30) / 50, 50),
        ("%time", 1_700_000_000_000_000_000 + np.arange(30) * 20_000_000, 50),
        ("Time", np.arange(30) * 20.0, 50),
        ("header.stamp", np.arange(30) / 50, 50),
    ],
)
def test_time_in_its_own_unit(tmp_path: Path, name: str, stamps: np.ndarray[Any, Any], rate_hz: float) -> None:
    columns = {name: stamps, "gripper_width": np.linspace(0, 0.08, 30)}
    episode = episode_of(write_csv(tmp_path / "run.csv", columns))
    assert episode.clock.rate_hz == pytest.approx(rate_hz, rel=1e-4)


def test_time_as_dates_and_as_two_columns(tmp_path: Path) -> None:
    width = np.linspace(0, 0.08, 30)
    dates = [f"2025-05-01 12:00:{index * 0.02:09.6f}" for index in range(30)]
    episode = episode_of(write_csv(tmp_path / "dates.csv", {"timestamp": dates, "gripper_width": width}))
    assert episode.clock.rate_hz == pytest.approx(50.0)
    nanoseconds = 900_000_000 + np.arange(30) * 20_000_000
    columns = {
        "stamp.sec": 1_700_000_000 + nanoseconds // 10**9,
        "stamp.nanosec": nanoseconds % 10**9,
        "gripper_width": width,
    }
    episode = episode_of(write_csv(tmp_path / "split.csv", columns))
    assert episode.clock.rate_hz == pytest.approx(50.0)
    assert "stamp.sec and stamp.nanosec" in episode.clock.origin


def test_data_1_of_two_clocks_the_one_that_moves_is_taken(tmp_path: Path) -> None:
    columns = {"timestamp": np.zeros(30), "header.stamp": np.arange(30) / 50, "gripper_width": np.linspace(0, 0.08, 30)}
    episode = episode_of(write_csv(tmp_path / "run.csv", columns))
    assert episode.clock.rate_hz == pytest.approx(50.0)
    assert "header.stamp" in episode.clock.origin


def test_data_4_no_time_at_all(tmp_path: Path) -> None:
    episode = episode_of(write_csv(tmp_path / "run.csv", {"a": np.arange(9.0), "gripper_width": np.linspace(0, 1, 9)}))
    assert not episode.clock.is_timed
    assert any("set rate_hz in the profile" in line for line in episode.warnings)


PLAIN = "t,gripper_width,fx\n0.0,0.08,1.5\n0.1,0.04,2.5\n0.2,0.02,3.5\n"


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("utf-16"),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", ";").replace(".", ",").encode(),
        PLAIN.replace(",", "\t").encode(),
        PLAIN.replace(",", "\t").replace(".", ",").encode(),
        PLAIN.replace(",", " | ").encode(),
        PLAIN.replace(",", "   ").encode(),
        ("# robot: kühl\n\n" + PLAIN).encode("latin-1"),
        ("sep=;\n" + PLAIN.replace(",", ";")).encode(),
        PLAIN.replace("\n", "\n\n").encode(),
        PLAIN.replace("\n", ",\n").encode(),
        ("# " + PLAIN).encode(),
        PLAIN.replace("t,", "%time,", 1).encode(),
        PLAIN.replace("0.08,", "0.08, ").encode(),
        PLAIN.replace("t,gripper_width,fx", '"t","gripper_width","fx"').encode(),
        PLAIN.replace("\n", "\ns,m,N\n", 1).encode(),
        PLAIN.replace("t,gripper_width,fx", "t [s],gripper_width (m),fx [N]").encode(),
    ],
)
def test_ways_to_write_a_csv(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "run.csv"
    path.write_bytes(content)
    episode = episode_of(path)
    np.testing.assert_allclose(episode.signals[Role.GRIPPER_APERTURE].values[:, 0], [0.08, 0.04, 0.02])
    np.testing.assert_allclose(episode.other_signals["fx"].values[:, 0], [1.5, 2.5, 3.5])
    assert episode.clock.rate_hz == pytest.approx(10.0)
    assert path.read_bytes() == content


def test_units_that_the_file_declares_are_no_guess(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    path.write_text("t [s],gripper_width [mm]\n0.0,80\n0.1,40\n0.2,10\n")
    episode = episode_of(path)
    assert (episode.assignments[Role.GRIPPER_APERTURE].unit, episode.assignments[Role.GRIPPER_APERTURE].guessed) == (
        "mm",
        False,
    )
    np.testing.assert_allclose(episode.signals[Role.GRIPPER_APERTURE].values[:, 0], [0.08, 0.04, 0.01])


def test_no_header_at_all(tmp_path: Path) -> None:
    np.savetxt(tmp_path / "run.txt", np.arange(20.0).reshape(5, 4))
    episode = episode_of(tmp_path / "run.txt")
    assert episode.num_frames == 5
    assert list(episode.other_signals) == ["column"]
    np.testing.assert_allclose(episode.other_signals["column"].values, np.arange(20.0).reshape(5, 4))


def test_a_row_of_another_length_is_named(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    path.write_text("# a comment\nt,a,b\n0,1,2\n\n1,2\n2,3,4\n")
    assert "line 5 has 2 fields in place of 3" in line_for(path)
    path.write_text("t,a,b\n0,1,2\n1,2,3,4\n2,3,4\n")
    assert "line 3 has 4 fields in place of 3" in line_for(path)


def test_a_last_row_that_is_cut_off_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    path.write_text("t,a,b\n0,1,2\n1,2,3\n2,3")
    episode = episode_of(path)
    assert episode.num_frames == 2
    assert any("line 4, the last one, is cut off" in line for line in episode.warnings)


def test_values_that_are_no_numbers(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    rows = [f"{index / 10},{'ERR' if index == 3 else '' if index == 4 else 0.01 * index},nan" for index in range(9)]
    path.write_text("t,gripper_width,spare\n" + "\n".join(rows))
    episode = episode_of(path)
    values = episode.signals[Role.GRIPPER_APERTURE].values[:, 0]
    assert np.flatnonzero(np.isnan(values)).tolist() == [3, 4]
    assert any("gripper_width: 1 of 9 values are not numbers, the first is 'ERR'" in line for line in episode.warnings)


def test_words_are_words(tmp_path: Path) -> None:
    columns = {"t": np.arange(6) / 10, "x_m": np.arange(6.0), "phase": ["reach"] * 4 + ["lift"] * 2}
    episode = episode_of(write_csv(tmp_path / "run.csv", columns))
    assert episode.signals[Role.PHASE].text_values == ("reach", "lift")
    assert episode.signals[Role.PHASE].values[:, 0].tolist() == [0, 0, 0, 0, 1, 1]


def test_a_column_of_whole_numbers_with_gaps_and_flags(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    path.write_text("t,count,success\n0.0,1,False\n0.1,,False\n0.2,3,True\n")
    episode = episode_of(path)
    np.testing.assert_array_equal(episode.other_signals["count"].values[:, 0], [1, np.nan, 3])
    assert episode.signals[Role.SUCCESS].values[:, 0].tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    "content",
    [
        "name,what,who\nrun_1,a try,me\nrun_2,another,you\n",
        "episode,outcome,onset\n0,1,34\n1,0,12\n",
        "episode,label\nrun_1,failure\nrun_2,success\n",
        "epoch,step,loss\n1,10,0.5\n2,20,0.4\n",
        "one line of words",
        "a,b\n",
        "a,b\n1,2\n",
        "words\nof one\ncolumn\n",
    ],
)
def test_other_tables_are_no_datasets(tmp_path: Path, content: str) -> None:
    (tmp_path / "README.csv").write_text(content)
    assert "not a dataset that failview knows" in line_for(tmp_path / "README.csv")
    assert "holds no dataset" in line_for(tmp_path)


def test_a_table_beside_recordings_of_another_format_does_not_count(tmp_path: Path) -> None:
    write_robomimic(tmp_path / "demos.hdf5")
    write_csv(tmp_path / "statistics.csv", recording(20, 0))
    opened = open_dataset(tmp_path)
    assert opened.format_name == "robomimic HDF5"
    opened.close()


def test_a_list_beside_the_recordings_is_told_and_left_out(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "runs")
    (folder / "labels.csv").write_text("episode,label\nrun_1,failure\nrun_2,success\n")
    opened = open_dataset(folder)
    assert [entry.episode_id for entry in opened.entries] == ["run_1", "run_2", "run_10"]
    assert any("labels.csv" in line and "no recording" in line for line in opened.warnings)
    place = opened.place("run_2")
    assert (place.path, place.id_inside) == (folder / "run_2.csv", None)
    opened.close()


def test_videos_of_their_own_names(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "runs")
    opened = open_dataset(folder)
    assert [list(opened.open_episode(name).cameras) for name in ("run_1", "run_10")] == [["camera", "wrist"]] * 2
    reader = opened.open_episode("run_10").cameras["wrist"].open_reader()
    assert number_in(reader.read(14)) == 214
    reader.close()
    opened.close()
    alone = tmp_path / "alone"
    alone.mkdir()
    write_csv(alone / "data.csv", recording(9, 0))
    write_video(alone / "front.mp4", list(range(9)))
    assert list(episode_of(alone).cameras) == ["front"]
    assert list(episode_of(folder / "run_1.csv").cameras) == ["camera", "wrist"]


def test_data_5_pictures_and_rows_of_different_count_match_by_number(tmp_path: Path) -> None:
    write_csv(tmp_path / "run.csv", recording(20, 0))
    write_video(tmp_path / "run.mp4", list(range(18)))
    episode = episode_of(tmp_path / "run.csv")
    assert (episode.num_frames, episode.cameras["camera"].num_frames) == (20, 18)
    assert any("18 pictures for 20 frames: they are matched by number" in line for line in episode.warnings)
    reader = episode.cameras["camera"].open_reader()
    assert number_in(reader.read(17)) == 17
    reader.close()


def test_a_fast_table_beside_a_video_keeps_its_own_clock(tmp_path: Path) -> None:
    rows = 1000
    columns = {"time": np.arange(rows) / 1000, "gripper_width": np.linspace(0, 0.08, rows)}
    write_csv(tmp_path / "run.csv", columns)
    write_video(tmp_path / "run.mp4", list(range(25)), rate_hz=25)
    episode = episode_of(tmp_path / "run.csv")
    assert (episode.num_frames, episode.clock.rate_hz) == (25, pytest.approx(25.0))
    aperture = episode.signals[Role.GRIPPER_APERTURE]
    assert aperture.num_samples == rows
    assert aperture.rate_hz(episode.clock) == pytest.approx(1000.0)
    assert aperture.at_frame(episode.clock, 10)[0] == pytest.approx(columns["gripper_width"][400])
    assert any("both are taken to begin together" in line for line in episode.warnings)


def test_data_13_pointers_in_place_of_data(tmp_path: Path) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n"
    folder = write_folder(tmp_path / "runs")
    (folder / "run_1.csv").write_text(pointer)
    (folder / "run_2.mp4").write_text(pointer)
    opened = open_dataset(folder)
    assert any("run_1.csv" in line and "Git LFS pointer" in line for line in opened.warnings)
    assert any("run_2.mp4 is a Git LFS pointer" in line for line in opened.open_episode("run_2").warnings)
    opened.close()


def test_parquet_with_lists_pictures_and_a_pandas_index(tmp_path: Path) -> None:
    pictures = [cv2.imencode(".png", numbered_picture(frame)[:, :, ::-1])[1].tobytes() for frame in range(6)]
    table = pa.table(
        {
            "timestamp": np.arange(6) / 10,
            "observation.joint_pos": pa.array(np.arange(42.0).reshape(6, 7).tolist(), pa.list_(pa.float32(), 7)),
            "front": pa.array(pictures, pa.binary()),
            "episode_index": [17] * 6,
            "__index_level_0__": np.arange(6),
        }
    )
    pq.write_table(table, tmp_path / "run.parquet")
    episode = episode_of(tmp_path / "run.parquet")
    assert episode.signals[Role.JOINT_POSITION].values[5].tolist() == list(range(35, 42))
    assert "__index_level_0__" not in episode.other_signals
    reader = episode.cameras["front"].open_reader()
    assert [number_in(reader.read(frame)) for frame in (5, 0, 3)] == [5, 0, 3]


def test_several_episodes_in_one_table_are_told(tmp_path: Path) -> None:
    columns = {"timestamp": np.arange(6) / 10, "width": np.arange(6.0), "episode_index": [0, 0, 0, 1, 1, 1]}
    episode = episode_of(write_csv(tmp_path / "all.csv", columns))
    assert any("episode_index has 2 values: several episodes" in line for line in episode.warnings)


def test_a_damaged_parquet(tmp_path: Path) -> None:
    pq.write_table(pa.table(recording(30, 0)), tmp_path / "run.parquet")
    content = (tmp_path / "run.parquet").read_bytes()
    (tmp_path / "run.parquet").write_bytes(content[: len(content) // 2])
    assert str(tmp_path / "run.parquet") in line_for(tmp_path / "run.parquet")


def test_one_row_per_joint() -> None:
    path = real_data("abitobot_ros2_mcap/others/joint_states.csv")
    before = content_hash(path)
    episode = episode_of(path)
    assert episode.num_frames == 1866
    assert any("one row per joint_name: turned into one row per timestamp" in line for line in episode.warnings)
    assert episode.clock.rate_hz == pytest.approx(19.8, abs=0.1)
    first = {line.split(",")[1]: float(line.split(",")[2]) for line in path.read_text().splitlines()[1:11]}
    shown = {
        **{
            label: value
            for signal in (*episode.other_signals.values(), *episode.signals.values())
            for label, value in zip(signal.labels, signal.values[0], strict=True)
        }
    }
    assert shown["effort.arm_3_link_joint"] == pytest.approx(first["arm_3_link_joint"])
    assert content_hash(path) == before
