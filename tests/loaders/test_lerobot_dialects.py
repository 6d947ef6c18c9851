"""LeRobot datasets of every version and dialect: subtasks, several tasks, other codecs, files in other places."""

import json
import shutil
from pathlib import Path

import av
import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from failview.loaders import open_dataset
from failview.model.episode import Episode
from failview.model.roles import Role
from tests.loaders.number_pictures import number_in, numbered_picture, write_video
from tests.loaders.one_episode import episode_of
from tests.loaders.write_lerobot import KEY, info, rows, write_info, write_v2, write_v3


def numbers(episode: Episode, frames: list[int]) -> list[int]:
    reader = next(iter(episode.cameras.values())).open_reader()
    try:
        return [number_in(reader.read(frame)) for frame in frames]
    finally:
        reader.close()


def set_column(path: Path, name: str, values: object) -> None:
    table = pq.read_table(path)
    if name in table.column_names:
        table = table.drop_columns([name])
    pq.write_table(table.append_column(name, pa.array(values)), path)


def words_of(episode: Episode, stream: str) -> list[str]:
    signals = {**episode.other_signals, **{item.stream: item for item in episode.signals.values()}}
    return [signals[stream].text_values[int(code)] for code in signals[stream].values[:, 0]]


def test_v2_0_with_statistics_of_the_whole_and_none_per_episode(tmp_path: Path) -> None:
    """DATA 12."""
    root = write_v2(tmp_path / "v2", codebase_version="v2.0")
    statistics = {"observation.state": {"mean": [0.0] * 4, "std": [1.0] * 4, "min": [0.0] * 4, "max": [1.0] * 4}}
    (root / "meta/stats.json").write_text(json.dumps(statistics))
    opened = open_dataset(root)
    assert opened.format_name == "LeRobot v2"
    assert [entry.num_frames for entry in opened.entries] == [12, 9, 15]
    opened.close()
    assert numbers(episode_of(root, "episode_000002"), [14, 0, 7]) == [214, 200, 207]


@pytest.mark.parametrize("as_index", [True, False])
def test_subtasks_of_v3_are_the_phase(tmp_path: Path, as_index: bool) -> None:
    root = write_v3(tmp_path / "v3")
    name = "__index_level_0__" if as_index else "subtask"
    table = pa.table({"subtask_index": [0, 1], name: ["reach for the cube", "lift the cube"]})
    pq.write_table(table, root / "meta/subtasks.parquet")
    data = root / "data/chunk-000/file-000.parquet"
    set_column(data, "subtask_index", [*[0] * 5, *[1] * 6, -1, *[0] * 24])
    episode = episode_of(root)
    assert episode.assignments[Role.PHASE].stream == "subtask_index"
    assert words_of(episode, "subtask_index") == [*["reach for the cube"] * 5, *["lift the cube"] * 6, "none"]


def test_subtasks_of_v2_in_json_lines(tmp_path: Path) -> None:
    root = write_v2(tmp_path / "v2")
    (root / "meta/subtasks.jsonl").write_text('{"subtask_index": 0, "subtask": "reach"}\n')
    set_column(root / "data/chunk-000/episode_000000.parquet", "subtask_index", [0] * 12)
    assert words_of(episode_of(root), "subtask_index") == ["reach"] * 12


def test_subtasks_without_their_names_stay_numbers(tmp_path: Path) -> None:
    root = write_v2(tmp_path / "v2")
    (root / "meta/subtasks.jsonl").write_text("{broken\n")
    set_column(root / "data/chunk-000/episode_000000.parquet", "subtask_index", [0] * 6 + [1] * 6)
    signal = episode_of(root).signals[Role.PHASE]
    assert signal.values[:, 0].tolist() == [0.0] * 6 + [1.0] * 6
    assert not signal.text_values


def test_several_tasks_in_one_episode(tmp_path: Path) -> None:
    root = write_v2(tmp_path / "v2")
    lines = [{"task_index": 0, "task": "pick the cube"}, {"task_index": 1, "task": "stack it"}]
    (root / "meta/tasks.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    listing = root / "meta/episodes.jsonl"
    first, *others = listing.read_text().splitlines()
    entry = json.loads(first) | {"tasks": ["pick the cube", "stack it"]}
    listing.write_text("\n".join([json.dumps(entry), *others]) + "\n")
    set_column(root / "data/chunk-000/episode_000000.parquet", "task_index", [0] * 7 + [1] * 5)
    episode = episode_of(root)
    assert episode.task == "pick the cube; stack it"
    assert words_of(episode, "task_index") == ["pick the cube"] * 7 + ["stack it"] * 5
    assert "task_index" not in episode_of(root, "episode_000001").other_signals


def test_annotations_that_are_numbers_of_tasks(tmp_path: Path) -> None:
    root = write_v2(tmp_path / "v2")
    name = "annotation.human.action.task_description"
    set_column(root / "data/chunk-000/episode_000000.parquet", name, [0] * 12)
    assert words_of(episode_of(root), name) == ["pick the cube"] * 12


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_data_12_mpeg4_video_that_info_json_calls_h264(tmp_path: Path, version: str) -> None:
    features = info("v2.1")["features"]
    features[KEY] = features[KEY] | {"info": {"video.codec": "h264", "video.fps": 30.0}}
    root = (write_v2 if version == "v2" else write_v3)(tmp_path / version, features=features)
    lengths = (12, 9, 15)
    recorded = [[100 * k + i for i in range(count)] for k, count in enumerate(lengths)]
    if version == "v2":
        videos = [(root / f"videos/chunk-000/{KEY}/episode_{k:06d}.mp4", recorded[k]) for k in range(3)]
    else:
        videos = [(root / f"videos/{KEY}/chunk-000/file-000.mp4", [n for part in recorded for n in part])]
    for path, shown in videos:
        write_video(path, shown, codec="mpeg4", options={"g": "10", "bf": "2"})
        with av.open(str(path)) as container:
            assert container.streams.video[0].codec_context.name == "mpeg4"
    for k, count in enumerate(lengths):
        orders = [list(range(count)), list(range(count))[::-1], np.random.default_rng(k).permutation(count).tolist()]
        for order in orders:
            assert numbers(episode_of(root, f"episode_{k:06d}"), order) == [100 * k + frame for frame in order]


@pytest.mark.parametrize(
    "place", ["video/{key}", "videos/{short}", "recordings/today/{key}", "videos/chunk-000/{short}"]
)
def test_data_12_videos_in_another_place(tmp_path: Path, place: str) -> None:
    root = write_v2(tmp_path / "v2", video_path=None)
    shutil.move(root / "videos/chunk-000" / KEY, tmp_path / "moved")
    shutil.rmtree(root / "videos")
    target = root / place.format(key=KEY, short="front")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(tmp_path / "moved", target)
    assert numbers(episode_of(root, "episode_000002"), [14, 0]) == [214, 200]


def test_data_12_rows_in_another_place(tmp_path: Path) -> None:
    root = write_v2(tmp_path / "v2", data_path="data/{unknown}/x.parquet")
    shutil.move(root / "data", root / "parquet")
    opened = open_dataset(root)
    assert not opened.warnings
    assert opened.open_episode("episode_000001").num_frames == 9
    opened.close()


def test_pictures_in_files_that_the_cells_name(tmp_path: Path) -> None:
    """DATA 12."""
    root = tmp_path / "images"
    features = info("v2.1")["features"]
    features[KEY] = features[KEY] | {"dtype": "image"}
    write_info(root, info("v2.1", features=features, video_path=None))
    (root / "meta/episodes.jsonl").write_text('{"episode_index": 0, "tasks": ["go"], "length": 6}\n')
    folder = root / f"images/{KEY}/episode_000000"
    folder.mkdir(parents=True)
    for k in range(6):
        cv2.imwrite(str(folder / f"frame_{k:06d}.png"), numbered_picture(k)[:, :, ::-1])
    cells = [{"bytes": None, "path": f"frame_{k:06d}.png"} for k in range(6)]
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    (root / "data/chunk-000").mkdir(parents=True)
    table = rows(0, 6).append_column(KEY, pa.array(cells, kind))
    pq.write_table(table, root / "data/chunk-000/episode_000000.parquet")
    assert numbers(episode_of(root), [5, 0, 3]) == [5, 0, 3]
