"""LeRobot datasets v2.0, v2.1 and v3.0, read without the lerobot package."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from failview.errors import DatasetError
from failview.loaders.dataset import EpisodeEntry
from failview.loaders.fingerprint import Fingerprint
from failview.loaders.lerobot.lerobot_cameras import LeRobotCameras
from failview.loaders.lerobot.lerobot_episodes import EpisodeRecord, list_v2, list_v3
from failview.loaders.lerobot.lerobot_files import LeRobotFiles
from failview.loaders.lerobot.lerobot_info import BOOKKEEPING, FAILURE_ONSET, FAILURE_PHASE, LeRobotInfo, read_info
from failview.loaders.lerobot.lerobot_words import subtask_names, task_names
from failview.loaders.lerobot.parquet_rows import column_numbers, is_picture_column, read_rows
from failview.loaders.progress import Progress
from failview.loaders.raw_dataset import RawClock, RawEpisode, RawStream
from failview.loaders.roles.stream_values import as_columns, seconds, text_codes
from failview.model.camera import Camera
from failview.model.episode import EpisodePlace

_PLACE_IN_DATASET = frozenset({"episode_index", "index"})
"""They change when episodes before this one are removed, so they are no content of the episode."""

_LABELS = frozenset({FAILURE_ONSET, FAILURE_PHASE})
"""What somebody said about the episode is none of it either, and must not be taken for a signal."""


class LeRobotDataset:
    """A LeRobot folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._info: LeRobotInfo = read_info(path)
        self.format_name = "LeRobot v3" if self._info.version == 3 else "LeRobot v2"
        records = list_v3(path) if self._info.version == 3 else list_v2(path)
        if not records:
            raise DatasetError("no episodes: the list of episodes is empty", where=path, hint="Record some first")
        self._records = {record.episode_id: record for record in records}
        self._files = LeRobotFiles(path, self._info)
        self._cameras = LeRobotCameras(path, self._info, self._files, records)
        self.entries = [
            EpisodeEntry(record.episode_id, record.length, self._info.rate_hz, record.task) for record in records
        ]
        self.warnings: list[str] = []
        self._tasks = task_names(path, self.warnings)
        self._subtasks = subtask_names(path, self.warnings)
        missing = sum(1 for record in records if not self._files.has_data(record))
        if missing:
            self.warnings.append(f"the data files of {missing} of {len(records)} episodes are missing")

    def read_episode(self, episode_id: str) -> RawEpisode:
        """Read the rows of an episode and prepare its cameras."""
        record = self._records[episode_id]
        path = self._data_file(record)
        table = read_rows(path, record.index, lambda field: not is_picture_column(field))
        if "episode_index" not in table.column_names and table.num_rows != record.length:
            raise DatasetError(
                "no column episode_index tells the rows of the episodes apart", where=path, hint="Convert it again"
            )
        warnings: list[str] = []
        streams, fingerprint = self._streams(table, warnings)
        if table.num_rows != record.length:
            warnings.append(f"the list of episodes says {record.length} frames, the data has {table.num_rows}")
        warnings += _frame_index_warnings(table)
        cameras: list[Camera] = self._cameras.of_episode(record, path, table.num_rows, warnings, fingerprint)
        return RawEpisode(
            num_frames=table.num_rows,
            task=record.task or self._task_of_rows(table),
            streams=streams,
            cameras=cameras,
            clock=self._clock(table),
            fingerprint=fingerprint.text(),
            warnings=tuple(warnings),
            unread=tuple(self._cameras.unread_streams()),
        )

    def place(self, episode_id: str) -> EpisodePlace:
        """One of many in this place."""
        return EpisodePlace(self.path, episode_id)

    def close(self) -> None:
        """Nothing stays open between reads."""

    def _data_file(self, record: EpisodeRecord) -> Path:
        path = self._files.data_file(record)
        if path is None:
            raise DatasetError(
                f"the data file of {record.episode_id} is missing",
                where=self.path,
                hint="Download the dataset completely, or leave this episode out",
            )
        return path

    def _streams(self, table: pa.Table, warnings: list[str]) -> tuple[list[RawStream], Fingerprint]:
        streams, fingerprint = [], Fingerprint()
        for name in table.column_names:
            if name in _PLACE_IN_DATASET | _LABELS:
                continue
            stream = self._stream(name, table[name], fingerprint)
            if stream is None:
                warnings.append(f"column {name} holds neither numbers nor words of one shape: left out")
            else:
                streams.append(stream)
        return streams, fingerprint

    def _stream(self, name: str, column: pa.ChunkedArray, fingerprint: Fingerprint) -> RawStream | None:
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            codes, words = text_codes([str(word) for word in column.to_pylist()])
            fingerprint.add_array(f"{name}|{'|'.join(words)}", codes)
            return RawStream(name, codes, (), "text", text_values=words)
        values = column_numbers(column)
        if values is None or values.size == 0:
            return None
        fingerprint.add_array(name, values)
        if (meanings := self._words(name, values)) is not None:
            codes, distinct = text_codes(meanings)
            return RawStream(name, codes, (), str(values.dtype), text_values=distinct)
        columns = as_columns(values)
        feature = self._info.features.get(name)
        labels = feature.labels if feature is not None and len(feature.labels) == columns.shape[1] else ()
        return RawStream(
            name,
            columns,
            values.shape[1:],
            str(values.dtype),
            labels=labels if len(labels) > 1 else (),
            unit=None if feature is None else feature.unit,
            role_free=name in BOOKKEEPING,
        )

    def _words(self, name: str, values: npt.NDArray[np.generic]) -> list[str] | None:
        """The words that numbers of a column stand for; None where they are numbers, or the same task throughout."""
        names = self._subtasks if name == "subtask_index" else self._tasks
        is_index = name == "subtask_index" or (name == "task_index" and np.unique(values).size > 1)
        if (
            not (is_index or name.startswith("annotation."))
            or values.size != len(values)
            or values.dtype.kind not in "iu"
        ):
            return None
        numbers = [int(number) for number in values.reshape(-1)]
        if not any(number in names for number in numbers):
            return None
        return [names.get(number, f"{number}" if number >= 0 else "none") for number in numbers]

    def _clock(self, table: pa.Table) -> RawClock:
        rate_hz = self._info.rate_hz
        if "timestamp" not in table.column_names:
            return RawClock(rate_hz=rate_hz, rate_origin="fps in meta/info.json")
        stamps = column_numbers(table["timestamp"])
        times_s = None if stamps is None else seconds(stamps.reshape(-1))
        return RawClock(times_s, "the timestamp column", rate_hz, "fps in meta/info.json")

    def _task_of_rows(self, table: pa.Table) -> str:
        if "task_index" not in table.column_names:
            return ""
        index = table["task_index"][0].as_py()
        return self._tasks.get(index, "") if isinstance(index, int) else ""


def _frame_index_warnings(table: pa.Table) -> list[str]:
    if "frame_index" not in table.column_names:
        return []
    values = column_numbers(table["frame_index"])
    if values is None or np.array_equal(values.reshape(-1), np.arange(table.num_rows)):
        return []
    return ["frame_index does not count 0, 1, 2, …: frames are counted by the order of the rows"]


def open_raw(path: Path, progress: Progress) -> LeRobotDataset:  # noqa: ARG001 - its list is short work
    """Open a LeRobot folder.

    Raises:
        DatasetError: The description or the list of episodes is missing or broken.
    """
    return LeRobotDataset(path)
