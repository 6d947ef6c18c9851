"""Writes LeRobot datasets with pyarrow and PyAV alone."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.loaders.number_pictures import HEIGHT, WIDTH, write_video

RATE_HZ = 30
KEY = "observation.images.front"
JOINTS = ["shoulder_pan.pos", "shoulder_lift.pos", "elbow_flex.pos", "gripper.pos"]


def info(version: str, **changes: Any) -> dict[str, Any]:
    """An info.json of a small arm with one camera."""
    v3 = version.startswith("v3")
    chunk = "chunk-{chunk_index:03d}/file-{file_index:03d}"
    content: dict[str, Any] = {
        "codebase_version": version,
        "robot_type": "so100",
        "fps": RATE_HZ,
        "chunks_size": 1000,
        "data_path": f"data/{chunk}.parquet"
        if v3
        else "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet",
        "video_path": f"videos/{{video_key}}/{chunk}.mp4"
        if v3
        else "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4",
        "features": {
            "observation.state": {"dtype": "float32", "shape": [4], "names": {"motors": JOINTS}},
            "action": {"dtype": "float32", "shape": [4], "names": JOINTS},
            KEY: {"dtype": "video", "shape": [HEIGHT, WIDTH, 3], "names": ["height", "width", "channels"]},
        },
    }
    return content | changes


def rows(episode: int, frames: int, first_row: int = 0) -> pa.Table:
    """Rows of one episode: joints that move, and LeRobot's own columns."""
    steps = np.linspace(-1.0, 1.0, frames)[:, None]
    state = (steps * np.array([[1.0, 0.5, 0.3, 0.2]]) + 0.01 * episode).astype(np.float32)
    return pa.table(
        {
            "observation.state": pa.FixedSizeListArray.from_arrays(pa.array(state.ravel()), 4),
            "action": pa.FixedSizeListArray.from_arrays(pa.array((state + 0.05).ravel()), 4),
            "timestamp": pa.array((np.arange(frames) / RATE_HZ).astype(np.float32)),
            "frame_index": pa.array(np.arange(frames)),
            "episode_index": pa.array(np.full(frames, episode)),
            "index": pa.array(np.arange(first_row, first_row + frames)),
            "task_index": pa.array(np.zeros(frames, dtype=np.int64)),
        }
    )


def write_info(root: Path, content: dict[str, Any]) -> None:
    (root / "meta").mkdir(parents=True, exist_ok=True)
    (root / "meta" / "info.json").write_text(json.dumps(content))


def write_v2(root: Path, lengths: tuple[int, ...] = (12, 9, 15), **changes: Any) -> Path:
    """A v2.1 dataset; picture i of episode k carries the number 100 * k + i."""
    write_info(root, info("v2.1", **changes))
    (root / "meta" / "tasks.jsonl").write_text(json.dumps({"task_index": 0, "task": "pick the cube"}) + "\n")
    lines = [{"episode_index": k, "tasks": ["pick the cube"], "length": n} for k, n in enumerate(lengths)]
    (root / "meta" / "episodes.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    for k, count in enumerate(lengths):
        data = root / f"data/chunk-000/episode_{k:06d}.parquet"
        data.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(rows(k, count), data)
        write_video(root / f"videos/chunk-000/{KEY}/episode_{k:06d}.mp4", [100 * k + i for i in range(count)])
    return root


def write_v3(root: Path, lengths: tuple[int, ...] = (12, 9, 15), *, task_as_index: bool = True, **changes: Any) -> Path:
    """A v3.0 dataset: all rows in one file (a row group per episode), all pictures in one video."""
    write_info(root, info("v3.0", **changes))
    starts = np.concatenate([[0], np.cumsum(lengths)]).tolist()
    listing = {
        "episode_index": list(range(len(lengths))),
        "tasks": [["pick the cube"]] * len(lengths),
        "length": list(lengths),
        "data/chunk_index": [0] * len(lengths),
        "data/file_index": [0] * len(lengths),
        "dataset_from_index": starts[:-1],
        "dataset_to_index": starts[1:],
        f"videos/{KEY}/chunk_index": [0] * len(lengths),
        f"videos/{KEY}/file_index": [0] * len(lengths),
        f"videos/{KEY}/from_timestamp": [start / RATE_HZ for start in starts[:-1]],
        f"videos/{KEY}/to_timestamp": [start / RATE_HZ for start in starts[1:]],
    }
    write_listing(root, listing)
    name = "__index_level_0__" if task_as_index else "task"
    pq.write_table(pa.table({"task_index": [0], name: ["pick the cube"]}), root / "meta" / "tasks.parquet")
    data = root / "data/chunk-000/file-000.parquet"
    data.parent.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(data, rows(0, 1).schema) as writer:
        for k, count in enumerate(lengths):
            writer.write_table(rows(k, count, starts[k]))
    numbers = [100 * k + i for k, count in enumerate(lengths) for i in range(count)]
    write_video(root / f"videos/{KEY}/chunk-000/file-000.mp4", numbers, options={"g": "10", "bf": "2"})
    return root


def write_listing(root: Path, listing: dict[str, Any]) -> None:
    path = root / "meta" / "episodes" / "chunk-000" / "file-000.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(listing), path)
