"""The LeRobot export, read back with pyarrow and PyAV alone."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import h5py
import numpy as np
import pyarrow.parquet as pq
import pytest

from failview.cli.main import run
from failview.loaders import open_dataset
from failview.model.roles import Role
from failview.sidecars.codec import record_from_json
from tests.contracts.exporter_contract import ExporterContract, ReadBack
from tests.contracts.loader_contract import content_hash
from tests.exporters.labelled_demos import FRAMES, LABELS, label, write_demos, write_lerobot
from tests.loaders.number_pictures import number_in
from tests.loaders.write_lerobot import KEY, write_v2

Capture = pytest.CaptureFixture[str]


def read(path: Path, key: str) -> list[ReadBack]:
    """By the description, the list of episodes, and the rows and pictures that these name."""
    info = json.loads((path / "meta" / "info.json").read_text())
    assert info["codebase_version"] == "v3.0"
    episodes = rows_of(path, "meta/episodes")
    rows = rows_of(path, "data")
    assert info["total_episodes"] == len(episodes)
    assert info["total_frames"] == len(rows) == episodes[-1]["dataset_to_index"]
    columns = {name for name, item in info["features"].items() if item["dtype"] != "video"}
    assert set(rows[0]) == columns, "LeRobot takes no column that is not declared, and misses none"
    return [_read_episode(path, info, episode, rows, key) for episode in episodes]


def _read_episode(
    path: Path, info: dict[str, Any], episode: dict[str, Any], rows: list[dict[str, Any]], key: str
) -> ReadBack:
    mine = rows[episode["dataset_from_index"] : episode["dataset_to_index"]]
    assert {row["episode_index"] for row in mine} == {episode["episode_index"]}
    assert [row["frame_index"] for row in mine] == list(range(episode["length"]))
    times = [row["timestamp"] for row in mine]
    assert times == pytest.approx([frame / info["fps"] for frame in range(len(mine))], abs=1e-5)
    text = episode["annotation/sidecar"]
    video = info["video_path"].format(
        video_key=key,
        chunk_index=episode[f"videos/{key}/chunk_index"],
        file_index=episode[f"videos/{key}/file_index"],
    )
    start_s = episode[f"videos/{key}/from_timestamp"]
    pictures = pictures_at(path / video, [start_s + time_s for time_s in times])
    return ReadBack(
        record_from_json(json.loads(text)).annotation if text else None,
        [row["annotation.failure_phase"] for row in mine],
        [row["frame_index"] for row in mine if row["annotation.is_failure_onset"]],
        [number_in(picture) for picture in pictures],
    )


def rows_of(path: Path, folder: str) -> list[dict[str, Any]]:
    return [row for file in sorted((path / folder).glob("*/*.parquet")) for row in pq.read_table(file).to_pylist()]


def pictures_at(video: Path, times_s: Sequence[float]) -> list[np.ndarray[Any, np.dtype[np.uint8]]]:
    """Pictures by their times, as LeRobot seeks them: none farther away than 0.1 ms."""
    with av.open(str(video)) as container:
        found = {float(frame.time or 0.0): frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)}
    pictures = []
    for time_s in times_s:
        nearest = min(found, key=lambda stamp: abs(stamp - time_s))
        assert abs(nearest - time_s) < 1e-4
        pictures.append(found[nearest])
    return pictures


class TestCopy(ExporterContract):
    command = "lerobot"
    target = "arm_labelled"
    takes_only_labelled = False

    def read(self, path: Path) -> Sequence[ReadBack]:
        return read(path, KEY)

    def write_source(self, folder: Path, **how: Any) -> Path:
        return write_lerobot(folder, **how)


class TestConversion(ExporterContract):
    command = "lerobot"
    target = "demos"
    options = ("--codec", "h264")
    takes_only_labelled = False

    def read(self, path: Path) -> Sequence[ReadBack]:
        return read(path, "observation.images.agentview")


class TestFromV2(ExporterContract):
    command = "lerobot"
    target = "arm_v3"
    takes_only_labelled = False

    def read(self, path: Path) -> Sequence[ReadBack]:
        return read(path, KEY)

    def write_source(self, folder: Path, **how: Any) -> Path:
        path = write_v2(folder / "arm", (FRAMES,) * len(LABELS))
        if how.get("labelled", True):
            label(path)
        return path


def test_a_copy_changes_no_video_and_no_row(tmp_path: Path) -> None:
    source = write_lerobot(tmp_path / "data")
    (source / "README.md").write_text("ours")
    out = tmp_path / "out"
    assert run(["export", "lerobot", str(source), str(out)]) == 0
    for file in ("README.md", f"videos/{KEY}/chunk-000/file-000.mp4", "meta/tasks.parquet"):
        assert (out / file).read_bytes() == (source / file).read_bytes()
    before, after = rows_of(source, "data"), rows_of(out, "data")
    assert [{name: row[name] for name in before[0]} for row in after] == before
    again = tmp_path / "again"
    assert run(["export", "lerobot", str(out), str(again)]) == 2, "the copy has no sidecars of its own"


def test_labels_lie_in_a_table_of_their_own_too(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run(["export", "lerobot", str(write_lerobot(tmp_path / "data")), str(out)]) == 0
    table = pq.read_table(out / "meta" / "failure_annotations.parquet").to_pylist()
    assert [row["episode_index"] for row in table] == [0, 1, 2]
    assert table[1]["failure_subcategory"] == "slip_during_lift"
    assert table[1]["failure_onset_frame"] == 4
    taxonomy = json.loads((out / "meta" / "failure_taxonomy.json").read_text())
    assert taxonomy["version"] == "1.0.0"
    assert {item["id"] for item in taxonomy["categories"]} >= {"grasp", "collision"}


def test_an_old_export_gets_new_columns_in_place_of_the_old(tmp_path: Path) -> None:
    source = write_lerobot(tmp_path / "data", judged=False)
    first = tmp_path / "first"
    assert run(["export", "lerobot", str(source), str(first)]) == 0
    label(first)
    second = tmp_path / "second"
    assert run(["export", "lerobot", str(first), str(second)]) == 0
    assert [episode.annotation for episode in read(second, KEY)] == list(LABELS)
    assert rows_of(first, "data") == rows_of(second, "data")


def test_what_failview_reads_from_an_export_are_the_same_signals_and_no_labels(tmp_path: Path) -> None:
    source = write_lerobot(tmp_path / "data")
    out = tmp_path / "out"
    assert run(["export", "lerobot", str(source), str(out)]) == 0
    dataset = open_dataset(out)
    episode = dataset.open_episode("episode_000001")
    dataset.close()
    assert Role.PHASE not in episode.signals, "the phase of a failure is no recorded phase of the task"
    assert not episode.warnings


def test_a_conversion_has_a_state_an_action_and_statistics(tmp_path: Path) -> None:
    source = write_demos(tmp_path / "data")
    out = tmp_path / "out"
    assert run(["export", "lerobot", str(source), str(out)]) == 0
    info = json.loads((out / "meta" / "info.json").read_text())
    assert info["fps"] == 20
    assert info["features"]["observation.state"]["shape"] == [8]
    assert info["features"]["observation.images.agentview"]["info"]["video.codec"] == "av1"
    rows = rows_of(out, "data")
    with h5py.File(source, "r") as file:
        actions = np.concatenate([file[f"data/demo_{number}/actions"][:] for number in range(5)])
        joints = np.concatenate([file[f"data/demo_{number}/obs/robot0_joint_pos"][:] for number in range(5)])
    assert np.array([row["action"] for row in rows]) == pytest.approx(actions, abs=1e-6)
    assert np.array([row["observation.state"] for row in rows])[:, :7] == pytest.approx(joints, abs=1e-6)
    stats = json.loads((out / "meta" / "stats.json").read_text())
    assert stats["action"]["mean"] == pytest.approx(actions.mean(axis=0), abs=1e-6)
    assert stats["action"]["std"] == pytest.approx(actions.std(axis=0), abs=1e-6)
    assert stats["action"]["max"] == pytest.approx(actions.max(axis=0), abs=1e-6)
    assert np.array(stats["observation.images.agentview"]["mean"]).shape == (3, 1, 1)
    tasks = pq.read_table(out / "meta" / "tasks.parquet").to_pandas()
    assert [tasks.index[number] for number in tasks["task_index"]] == list(tasks.index)


def test_episodes_without_their_video_are_left_out_and_the_others_renumbered(tmp_path: Path, capsys: Capture) -> None:
    source = TestFromV2().write_source(tmp_path / "data")
    (source / f"videos/chunk-000/{KEY}/episode_000001.mp4").unlink()
    capsys.readouterr()
    before = content_hash(source)
    assert run(["export", "lerobot", str(source), str(tmp_path / "out"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["episodes"] == 4
    assert any("episode_000001 is left out" in note and "is missing" in note for note in told["notes"])
    found = read(tmp_path / "out", KEY)
    assert [episode.annotation for episode in found] == [item for item in LABELS if item is not LABELS[1]]
    assert found[1].numbers == [200 + frame for frame in range(FRAMES)]
    assert content_hash(source) == before
