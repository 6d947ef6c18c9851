"""The files of a LeRobot v3.0 dataset around its videos: rows, list of episodes, tasks, statistics, description."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from failview.exporters.lerobot.annotation_columns import FEATURES, with_episode_columns
from failview.exporters.lerobot.converted_episode import FILES_PER_CHUNK, EpisodeTask, EpisodeWritten
from failview.exporters.lerobot.statistics_of_rows import QUANTILES, episode_columns
from failview.model.annotation import AnnotationRecord

_MOST_BYTES = 100 * 2**20
_FILE = "chunk-{chunk_index:03d}/file-{file_index:03d}"
BOOKKEEPING_FEATURES: Mapping[str, Mapping[str, Any]] = {
    "timestamp": {"dtype": "float32", "shape": [1], "names": None},
    **{
        name: {"dtype": "int64", "shape": [1], "names": None}
        for name in ("frame_index", "episode_index", "index", "task_index")
    },
}
"""Columns that every LeRobot dataset has."""
_TASK_COLUMN = "__index_level_0__"


@dataclass(frozen=True)
class Written:
    """One episode of the export; its place in the list is its number.

    Attributes:
        task: What was written where.
        found: What was written.
        record: Its finished label; None without one.
    """

    task: EpisodeTask
    found: EpisodeWritten
    record: AnnotationRecord | None


def write_dataset(
    folder: Path, episodes: Sequence[Written], features: Mapping[str, Any], rate_hz: float, robot_type: str
) -> None:
    """Write everything but the videos.

    Args:
        folder: The export.
        episodes: In order.
        features: Declared columns and videos, by name.
        rate_hz: Frames per second.
        robot_type: Of the source; may be empty.
    """
    tasks = list(dict.fromkeys(item.found.task for item in episodes))
    places = _write_rows(folder, episodes, tasks)
    _write_tasks(folder, tasks)
    _write_list(folder, episodes, places, rate_hz)
    stats = _pooled([item.found.stats for item in episodes])
    write_json(folder / "meta" / "stats.json", stats)
    total = sum(item.found.length for item in episodes)
    info = {
        "codebase_version": "v3.0",
        "robot_type": robot_type or None,
        "total_episodes": len(episodes),
        "total_frames": total,
        "total_tasks": len(tasks),
        "chunks_size": FILES_PER_CHUNK,
        "data_files_size_in_mb": 100,
        "video_files_size_in_mb": 500,
        "fps": int(rate_hz) if float(rate_hz).is_integer() else rate_hz,
        "splits": {"train": f"0:{len(episodes)}"},
        "data_path": f"data/{_FILE}.parquet",
        "video_path": f"videos/{{video_key}}/{_FILE}.mp4" if episodes[0].found.videos else None,
        "features": {**features, **FEATURES, **BOOKKEEPING_FEATURES},
    }
    write_json(folder / "meta" / "info.json", info)


def write_json(path: Path, plain: Mapping[str, Any]) -> None:
    """Write a JSON file, the same bytes for the same values."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(plain, indent=4, ensure_ascii=False) + "\n", encoding="utf-8")


def _write_rows(folder: Path, episodes: Sequence[Written], tasks: Sequence[str]) -> list[tuple[int, int]]:
    """Rows of all episodes, some in each file; gives first row and number of the file of each episode."""
    places: list[tuple[int, int]] = []
    writer: pq.ParquetWriter | None = None
    first, size, number = 0, 0, -1
    for index, item in enumerate(episodes):
        rows = _numbered(pq.read_table(item.task.rows), index, first, tasks.index(item.found.task))
        if writer is None or size + rows.nbytes > _MOST_BYTES:
            if writer is not None:
                writer.close()
            number, size = number + 1, 0
            path = folder / "data" / f"{_file(number)}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            writer = pq.ParquetWriter(path, rows.schema)
        writer.write_table(rows)
        places.append((first, number))
        first, size = first + rows.num_rows, size + rows.nbytes
    if writer is not None:
        writer.close()
    return places


def _numbered(rows: pa.Table, episode: int, first: int, task: int) -> pa.Table:
    frames = np.arange(rows.num_rows)
    for name, values in (
        ("frame_index", frames),
        ("episode_index", np.full(len(frames), episode)),
        ("index", first + frames),
        ("task_index", np.full(len(frames), task)),
    ):
        rows = rows.append_column(name, pa.array(values.astype(np.int64)))
    return rows


def _file(number: int) -> str:
    return _FILE.format(chunk_index=number // FILES_PER_CHUNK, file_index=number % FILES_PER_CHUNK)


def _write_tasks(folder: Path, tasks: Sequence[str]) -> None:
    """The texts as a pandas index, as LeRobot reads them."""
    table = pa.table(
        {"task_index": pa.array(range(len(tasks)), pa.int64()), _TASK_COLUMN: pa.array(tasks, pa.string())}
    )
    column = {
        "name": None,
        "field_name": _TASK_COLUMN,
        "pandas_type": "unicode",
        "numpy_type": "object",
        "metadata": None,
    }
    index = {"name": "task_index", "field_name": "task_index", "pandas_type": "int64", "numpy_type": "int64"}
    about = {
        "index_columns": [_TASK_COLUMN],
        "column_indexes": [{**column, "field_name": None, "metadata": {"encoding": "UTF-8"}}],
        "columns": [{**index, "metadata": None}, column],
        "pandas_version": "2.2.0",
    }
    path = folder / "meta" / "tasks.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table.replace_schema_metadata({"pandas": json.dumps(about)}), path)


def _write_list(folder: Path, episodes: Sequence[Written], places: Sequence[tuple[int, int]], rate_hz: float) -> None:
    rows = [
        {
            "episode_index": index,
            "tasks": [item.found.task],
            "length": item.found.length,
            "data/chunk_index": number // FILES_PER_CHUNK,
            "data/file_index": number % FILES_PER_CHUNK,
            "dataset_from_index": first,
            "dataset_to_index": first + item.found.length,
            **dict(_video_columns(item, rate_hz)),
            **dict(episode_columns(item.found.stats)),
            "meta/episodes/chunk_index": 0,
            "meta/episodes/file_index": 0,
        }
        for index, (item, (first, number)) in enumerate(zip(episodes, places, strict=True))
    ]
    table = pa.Table.from_pylist(rows)
    path = folder / "meta" / "episodes" / f"{_file(0)}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(with_episode_columns(table, [item.record for item in episodes]), path)


def _video_columns(item: Written, rate_hz: float) -> Iterator[tuple[str, float]]:
    for key in item.found.videos:
        yield f"videos/{key}/chunk_index", item.task.number // FILES_PER_CHUNK
        yield f"videos/{key}/file_index", item.task.number % FILES_PER_CHUNK
        yield f"videos/{key}/from_timestamp", 0.0
        yield f"videos/{key}/to_timestamp", item.found.length / rate_hz


def _pooled(stats: Sequence[Mapping[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """Statistics of all episodes out of those of each; quantiles as LeRobot pools them, by their mean."""
    return {name: _pooled_feature([found[name] for found in stats]) for name in stats[0]}


def _pooled_feature(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    counts = np.array([item["count"][0] for item in found], dtype=np.float64)
    values = {name: np.array([item[name] for item in found]) for name in found[0] if name != "count"}
    weights = (counts / counts.sum()).reshape(-1, *[1] * (values["mean"].ndim - 1))
    mean = (values["mean"] * weights).sum(axis=0)
    variance = ((values["std"] ** 2 + (values["mean"] - mean) ** 2) * weights).sum(axis=0)
    pooled = {
        "min": values["min"].min(axis=0),
        "max": values["max"].max(axis=0),
        "mean": mean,
        "std": np.sqrt(variance),
        **{name: (values[name] * weights).sum(axis=0) for name in QUANTILES},
    }
    return {**{name: item.tolist() for name, item in pooled.items()}, "count": [int(counts.sum())]}
