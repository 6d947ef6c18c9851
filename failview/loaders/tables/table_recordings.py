"""Plain tables, one CSV or Parquet file per episode: a file, or a folder of them."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from failview.errors import DatasetError
from failview.loaders.content_sniffing import require_readable_file
from failview.loaders.dataset import EpisodeEntry, StreamInfo
from failview.loaders.episode_files import EpisodeFileKind, EpisodeFiles, files_below
from failview.loaders.lerobot.lerobot_episodes import damage_told, open_parquet
from failview.loaders.lerobot.parquet_rows import is_picture_column
from failview.loaders.pictures.side_videos import side_cameras
from failview.loaders.progress import Progress
from failview.loaders.raw_dataset import RawClock, RawEpisode, RawStream
from failview.loaders.tables.csv_table import read_csv_table, rows_of_numbers
from failview.loaders.tables.long_form import one_row_per_time
from failview.loaders.tables.plain_table import PlainTable, with_declared_units
from failview.loaders.tables.table_pictures import picture_cameras
from failview.loaders.tables.table_recognition import TABLE_SUFFIXES, is_csv_recording, is_parquet
from failview.loaders.tables.table_streams import TableStreams, table_streams
from failview.loaders.tables.video_clock import VideoClock, own_videos, video_clock

_EPISODE_NUMBERS = frozenset({"episode_index", "episode", "episode_id", "demo", "trial"})


def open_raw(path: Path, progress: Progress) -> EpisodeFiles:
    """Open a file or a folder of files.

    Raises:
        DatasetError: None can be read.
    """
    files = [path] if path.is_file() else list(files_below(path, TABLE_SUFFIXES))
    name = "Parquet" if is_parquet(files[0]) else "CSV"
    kind = EpisodeFileKind(f"{name}, one episode per file", list_table, read_table)
    return EpisodeFiles(path, files, kind, progress)


def list_table(path: Path, episode_id: str) -> EpisodeEntry:
    """The line of a table in the list of episodes. Of a Parquet file without videos only the footer is read.

    Raises:
        DatasetError: No recording, or damaged.
    """
    videos = own_videos(path)
    if is_parquet(path) and not videos:
        with open_parquet(path) as file:
            return EpisodeEntry(episode_id, _several(path, int(file.metadata.num_rows)), None, "")
    if not videos and (num_rows := rows_of_numbers(path)):
        return EpisodeEntry(episode_id, num_rows, None, "")
    table = _load(path)
    by_video = video_clock(videos, table.num_rows, table_streams(table).time)
    return EpisodeEntry(episode_id, table.num_rows if by_video is None else by_video.num_frames, None, "")


def read_table(path: Path) -> RawEpisode:
    """Read the numbers of the episode and prepare its cameras.

    Raises:
        DatasetError: No recording, or damaged; a row that does not fit is named.
    """
    table = _load(path)
    found = table_streams(table)
    videos = own_videos(path)
    by_video = video_clock(videos, table.num_rows, found.time)
    num_frames = table.num_rows if by_video is None else by_video.num_frames
    rate_hz = None if by_video is not None or found.time is None else found.time.rate_hz
    cameras = side_cameras(videos, num_frames, found.warnings, found.fingerprint, rate_hz)
    if by_video is None:
        cameras += picture_cameras(path, _pictures(path), num_frames, found.warnings, found.fingerprint)
    else:
        found.warnings.append(by_video.warning)
    pictures = [StreamInfo(name, (), "bytes", note="camera") for name in _pictures(path)]
    return RawEpisode(
        num_frames=num_frames,
        task="",
        streams=found.streams if by_video is None else _on_own_clock(found),
        cameras=cameras,
        clock=_clock(found, by_video),
        fingerprint=found.fingerprint.text(),
        warnings=(*found.warnings, *_episode_warnings(found.streams)),
        unread=(*found.unread, *pictures),
    )


def _clock(found: TableStreams, by_video: VideoClock | None) -> RawClock:
    if by_video is not None:
        return RawClock(by_video.times_s, by_video.origin)
    if found.time is None:
        return RawClock()
    return RawClock(found.time.times_s, found.time.origin, times_guessed=found.time.guessed)


def _on_own_clock(found: TableStreams) -> list[RawStream]:
    assert found.time is not None
    times_s = found.time.times_s - found.time.times_s[0]
    return [replace(stream, times_s=times_s) for stream in found.streams]


def _episode_warnings(streams: list[RawStream]) -> list[str]:
    """A column that numbers episodes, and changes, says that the file holds several."""
    numbers = [stream for stream in streams if stream.name.lower() in _EPISODE_NUMBERS and stream.width == 1]
    return [
        f"column {stream.name} has {np.unique(stream.values).size} values: several episodes are read as one"
        for stream in numbers
        if np.unique(stream.values).size > 1
    ]


def _load(path: Path) -> PlainTable:
    require_readable_file(path)
    if is_parquet(path):
        table = _read_parquet(path)
    elif is_csv_recording(path):
        table = one_row_per_time(read_csv_table(path))
    else:
        raise DatasetError("this table is no recording: it needs several rows of mostly numbers", where=path)
    _several(path, table.num_rows)
    return table


def _read_parquet(path: Path) -> PlainTable:
    with open_parquet(path) as file, damage_told(path):
        names = [field.name for field in file.schema_arrow if not is_picture_column(field)]
        return with_declared_units(PlainTable(file.read(columns=names)))


def _pictures(path: Path) -> list[str]:
    if not is_parquet(path):
        return []
    with open_parquet(path) as file:
        return [field.name for field in file.schema_arrow if is_picture_column(field)]


def _several(path: Path, num_rows: int) -> int:
    if num_rows < 2:
        raise DatasetError(f"this table has {num_rows} rows: no recording", where=path, hint="Leave it out")
    return num_rows
