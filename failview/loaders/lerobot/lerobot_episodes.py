"""The list of episodes of a LeRobot dataset: where each one's rows and pictures lie."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from failview.errors import DatasetError
from failview.loaders.content_sniffing import is_git_lfs_pointer
from failview.loaders.remote.remote_path import RemotePath

_FULL_LISTING = ("episode_index", "tasks", "length")


@dataclass(frozen=True)
class VideoPlace:
    """Where the pictures of one camera lie in a v3 dataset: numbers of the file and seconds in it."""

    chunk_index: int
    file_index: int
    from_s: float


@dataclass(frozen=True)
class EpisodeRecord:
    """One episode as the dataset's own list has it.

    Attributes:
        index: Its number.
        length: Number of frames as listed.
        task: What the robot was asked to do.
        chunk_index: Number of the folder of its data file (v3).
        file_index: Number of its data file (v3).
        videos: By camera key (v3).
    """

    index: int
    length: int
    task: str
    chunk_index: int = 0
    file_index: int = 0
    videos: Mapping[str, VideoPlace] = field(default_factory=dict)

    @property
    def episode_id(self) -> str:
        """Identifier used in sidecars and on the screen."""
        return f"episode_{self.index:06d}"


def list_v2(root: Path) -> list[EpisodeRecord]:
    """Episodes of meta/episodes.jsonl, by number.

    Raises:
        DatasetError: The list is missing or broken.
    """
    path = root / "meta" / "episodes.jsonl"
    tasks = {
        int(row["task_index"]): str(row["task"]) for row in json_lines(root / "meta" / "tasks.jsonl") if _is_task(row)
    }
    if not path.is_file():
        raise DatasetError("the list of episodes is missing", where=path, hint="Download meta/ completely")
    records = {}
    for row in json_lines(path):
        index, length = row.get("episode_index"), row.get("length")
        if not isinstance(index, int) or not isinstance(length, int) or index < 0:
            raise DatasetError("an episode has no episode_index or length", where=path, hint="Restore this file")
        records[index] = EpisodeRecord(index, length, _task_text(row.get("tasks", row.get("task_index")), tasks))
    return [records[index] for index in sorted(records)]


def list_v3(root: Path) -> list[EpisodeRecord]:
    """Episodes of meta/episodes/**.parquet, by number; statistics columns are not read.

    Raises:
        DatasetError: The list is missing or broken.
    """
    folder = root / "meta" / "episodes"
    files = sorted(folder.rglob("*.parquet"))
    if not files:
        raise DatasetError("the list of episodes is missing", where=folder, hint="Download meta/ completely")
    records = {}
    for path in files:
        for row in _episode_rows(path):
            index, length = row.get("episode_index"), row.get("length")
            if not isinstance(index, int) or not isinstance(length, int) or index < 0:
                raise DatasetError("an episode has no episode_index or length", where=path, hint="Restore this file")
            records[index] = EpisodeRecord(
                index,
                length,
                _task_text(row.get("tasks"), {}),
                int(row.get("data/chunk_index") or 0),
                int(row.get("data/file_index") or 0),
                dict(_video_places(row)),
            )
    return [records[index] for index in sorted(records)]


def _video_places(row: Mapping[str, Any]) -> Iterator[tuple[str, VideoPlace]]:
    for name, value in row.items():
        if name.startswith("videos/") and name.endswith("/from_timestamp"):
            stem = name.removesuffix("/from_timestamp")
            yield (
                stem.removeprefix("videos/"),
                VideoPlace(
                    int(row.get(f"{stem}/chunk_index") or 0),
                    int(row.get(f"{stem}/file_index") or 0),
                    float(value or 0.0),
                ),
            )


def _episode_rows(path: Path) -> list[dict[str, Any]]:
    with open_parquet(path) as file:
        wanted = [
            name for name in file.schema_arrow.names if name in _FULL_LISTING or name.startswith(("data/", "videos/"))
        ]
        with damage_told(path):
            rows: list[dict[str, Any]] = file.read(columns=wanted).to_pylist()
        return rows


def _is_task(row: Mapping[str, Any]) -> bool:
    return isinstance(row.get("task_index"), int) and "task" in row


def _task_text(tasks: object, by_index: Mapping[int, str]) -> str:
    if isinstance(tasks, list):
        return "; ".join(filter(None, (_task_text(task, by_index) for task in tasks)))
    if isinstance(tasks, int):
        return by_index.get(tasks, "")
    return tasks if isinstance(tasks, str) else ""


def json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file of JSON lines; none when it is not there.

    Raises:
        DatasetError: A Git LFS pointer, or a line that is not JSON.
    """
    if not path.is_file():
        return
    if is_git_lfs_pointer(path):
        raise lfs_error(path)
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise DatasetError(
                    f"line {number} is not valid JSON", where=path, hint="Restore this file from its source"
                ) from error
            if isinstance(row, dict):
                yield row


def lfs_error(path: Path) -> DatasetError:
    """The error for a Git LFS pointer."""
    return DatasetError("a Git LFS pointer is here in place of the data", where=path, hint="Run: git lfs pull")


def open_parquet(path: Path) -> pq.ParquetFile:
    """Open a Parquet file.

    Raises:
        DatasetError: Missing, a Git LFS pointer, or damaged.
    """
    if not path.is_file():
        raise DatasetError("this file is missing", where=path, hint="Download the dataset completely")
    if is_git_lfs_pointer(path):
        raise lfs_error(path)
    with damage_told(path):
        return pq.ParquetFile(path.open("rb") if isinstance(path, RemotePath) else path)


@contextmanager
def damage_told(path: Path) -> Iterator[None]:
    """Turns what the Parquet library raises on damaged files into one line.

    Raises:
        DatasetError: In place of the library's errors.
    """
    try:
        yield
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DatasetError(
            "this Parquet file is truncated or damaged", where=path, hint="Copy or download it again"
        ) from error
