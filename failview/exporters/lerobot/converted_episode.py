"""One episode written for a LeRobot v3.0 dataset: its rows and videos, each into files of its own, in parallel."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import av
import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from failview.errors import FailviewError
from failview.exporters.flat_label import storable
from failview.exporters.lerobot.annotation_columns import with_frame_columns
from failview.exporters.lerobot.offered import VIDEO, Offer, camera_key, columns_of, even_size
from failview.exporters.lerobot.statistics_of_rows import picture_sample, picture_statistics, statistics
from failview.exporters.overlay.video_file import Codec, Purpose, write_video
from failview.loaders.kept_open import kept_open
from failview.loaders.lerobot.parquet_rows import column_numbers
from failview.model.camera import Camera, Picture
from failview.proposals.labelled_dataset import LabelledEpisode, LabelledSet, labelled_in_this_process

FILES_PER_CHUNK = 1000


@dataclass(frozen=True)
class EpisodeTask:
    """One episode to write.

    Attributes:
        episode_id: The episode.
        number: Of its files.
        rows: Where its rows go.
    """

    episode_id: str
    number: int
    rows: Path


@dataclass(frozen=True)
class EpisodeWritten:
    """What was written of an episode.

    Attributes:
        length: Number of rows.
        task: What the robot was asked to do.
        stats: Statistics by feature.
        videos: What the video of each camera is, by key, as info.json says it.
        problem: Why there is nothing; empty when there is something.
    """

    length: int = 0
    task: str = ""
    stats: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    videos: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    problem: str = ""


class EpisodeContent(Protocol):
    """Gives rows and videos of an episode. Must be picklable."""

    def rows(self, labelled: LabelledEpisode) -> pa.Table:
        """Every column but those that number rows, episodes and tasks, and those of the label."""

    def cameras(self, labelled: LabelledEpisode) -> Mapping[str, Camera]:
        """The cameras by key."""

    def write_video(self, labelled: LabelledEpisode, key: str, path: Path) -> None:
        """Put the video of a camera at a path."""


@dataclass(frozen=True)
class EpisodeWork:
    """Writes episodes.

    Attributes:
        which: The dataset with its labels.
        content: What is written of an episode.
        folder: The export, in which `videos/` lies.
    """

    which: LabelledSet
    content: EpisodeContent
    folder: Path

    def __call__(self, tasks: Sequence[EpisodeTask]) -> list[EpisodeWritten]:
        """One result per task; a broken episode is one of them."""
        with kept_open():
            return [self._one(task) for task in tasks]

    def _one(self, task: EpisodeTask) -> EpisodeWritten:
        try:
            return self._written(task, labelled_in_this_process(self.which).read(task.episode_id))
        except (FailviewError, av.error.FFmpegError) as error:
            for place in self.folder.glob(f"videos/*/{video_name(task.number)}"):
                place.unlink()
            return EpisodeWritten(problem=" ".join(str(error).split()))

    def _written(self, task: EpisodeTask, labelled: LabelledEpisode) -> EpisodeWritten:
        rows = self.content.rows(labelled)
        count = rows.num_rows
        stats = {name: statistics(values, count) for name, values in _numbers(rows)}
        videos = {}
        for key, camera in self.content.cameras(labelled).items():
            path = self.folder / "videos" / key / video_name(task.number)
            path.parent.mkdir(parents=True, exist_ok=True)
            self.content.write_video(labelled, key, path)
            videos[key] = video_facts(path)
            stats[key] = picture_statistics(picture_sample(camera), count)
        pq.write_table(with_frame_columns(rows, [(count, labelled.record)]), task.rows)
        return EpisodeWritten(count, storable(labelled.episode.task), stats, videos)


@dataclass(frozen=True)
class ConvertedContent:
    """Content of episodes of any format: features that all have in common, videos encoded anew.

    Attributes:
        offers: The features.
        rate_hz: Frames per second of the export.
        codec: How videos are packed.
    """

    offers: Mapping[str, Offer]
    rate_hz: float
    codec: Codec

    def rows(self, labelled: LabelledEpisode) -> pa.Table:
        """Every column but those that number rows, episodes and tasks, and those of the label."""
        frames = np.arange(labelled.episode.num_frames)
        times = pa.array((frames / self.rate_hz).astype(np.float32))
        return pa.table({**columns_of(labelled.episode, self.offers), "timestamp": times})

    def cameras(self, labelled: LabelledEpisode) -> Mapping[str, Camera]:
        """The cameras by key."""
        by_key = {camera_key(camera): camera for camera in labelled.episode.cameras.values()}
        return {key: by_key[key] for key, offer in self.offers.items() if offer.dtype == VIDEO}

    def write_video(self, labelled: LabelledEpisode, key: str, path: Path) -> None:
        """Encode the video of a camera."""
        camera = self.cameras(labelled)[key]
        size = even_size(camera)
        write_video(path, _pictures(camera, size), self.rate_hz, size, self.codec, Purpose.TRAINING)


@dataclass(frozen=True)
class LeRobotV2Content:
    """Content of episodes of a LeRobot v2 dataset: its own columns, its videos as they are.

    Attributes:
        data: Parquet file by episode.
        videos: Video file by episode and key.
    """

    data: Mapping[str, Path]
    videos: Mapping[str, Mapping[str, Path]]

    def rows(self, labelled: LabelledEpisode) -> pa.Table:
        """Every column but those that number rows, episodes and tasks, and those of the label."""
        table = pq.read_table(self.data[labelled.episode.episode_id])
        numbered = [
            name for name in ("frame_index", "episode_index", "index", "task_index") if name in table.column_names
        ]
        return table.drop_columns(numbered).replace_schema_metadata(None)

    def cameras(self, labelled: LabelledEpisode) -> Mapping[str, Camera]:
        """The cameras by key."""
        by_key = {key: key.removeprefix("observation.").removeprefix("images.") for key in self._videos(labelled)}
        return {key: labelled.episode.cameras[name] for key, name in by_key.items() if name in labelled.episode.cameras}

    def write_video(self, labelled: LabelledEpisode, key: str, path: Path) -> None:
        """Copy the video of a camera."""
        shutil.copyfile(self._videos(labelled)[key], path)

    def _videos(self, labelled: LabelledEpisode) -> Mapping[str, Path]:
        return self.videos[labelled.episode.episode_id]


def video_name(number: int) -> str:
    """Path of a video below the folder of its camera."""
    return f"chunk-{number // FILES_PER_CHUNK:03d}/file-{number % FILES_PER_CHUNK:03d}.mp4"


def video_facts(path: Path) -> dict[str, Any]:
    """What a video is, as info.json says it."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        rate = float(stream.average_rate or 0)
        return {
            "video.height": stream.height,
            "video.width": stream.width,
            "video.codec": stream.codec_context.name.removeprefix("lib").replace("dav1d", "av1"),
            "video.pix_fmt": stream.pix_fmt,
            "video.is_depth_map": False,
            "video.fps": int(rate) if rate.is_integer() else rate,
            "video.channels": 3,
            "has_audio": False,
        }


def _numbers(rows: pa.Table) -> Iterator[tuple[str, "np.ndarray[Any, np.dtype[np.generic]]"]]:
    for name in rows.column_names:
        column = rows[name]
        if pa.types.is_string(column.type) or pa.types.is_struct(column.type) or pa.types.is_binary(column.type):
            continue
        values = column_numbers(column)
        if values is not None and values.size:
            yield name, values.reshape(len(values), -1)


def _pictures(camera: Camera, size: tuple[int, int]) -> Iterator[Picture]:
    reader = camera.open_reader()
    try:
        for picture in reader.read_range(0, camera.num_frames):
            fits = picture.shape[1::-1] == size
            yield (
                picture if fits else np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
            )
    finally:
        reader.close()
