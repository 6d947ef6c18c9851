"""Cameras of LeRobot episodes: videos of one or of many episodes, or pictures in the Parquet files."""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from failview.errors import DatasetError
from failview.loaders.content_sniffing import is_git_lfs_pointer
from failview.loaders.dataset import StreamInfo
from failview.loaders.fingerprint import Fingerprint
from failview.loaders.lerobot.lerobot_episodes import EpisodeRecord, open_parquet
from failview.loaders.lerobot.lerobot_files import LeRobotFiles
from failview.loaders.lerobot.lerobot_info import Feature, LeRobotInfo
from failview.loaders.lerobot.parquet_rows import is_picture_column, stored_bytes
from failview.loaders.pictures.video_frames import video_camera
from failview.loaders.pictures.video_index import VideoIndex, VideoIndexes, rate_warning, read_video_header
from failview.model.camera import Camera

_PREFIXES = ("observation.images.", "observation.image.", "observation.", "images.")


class LeRobotCameras:
    """Makes the cameras of each episode."""

    def __init__(self, root: Path, info: LeRobotInfo, files: LeRobotFiles, records: Sequence[EpisodeRecord]) -> None:
        self._root = root
        self._files = files
        self._version = info.version
        self._rate_hz = info.rate_hz
        self._videos = [feature for feature in info.features.values() if feature.dtype == "video"]
        self._features = info.features
        self._indexes = VideoIndexes()
        self._shared_files = _shared_files(records)

    def of_episode(
        self, record: EpisodeRecord, data: Path, num_frames: int, warnings: list[str], fingerprint: Fingerprint
    ) -> list[Camera]:
        """The cameras of an episode; whatever cannot be shown gets a line in `warnings`."""
        cameras = []
        for feature in self._videos:
            camera = self._video(feature, record, num_frames, warnings, fingerprint)
            if camera is not None:
                cameras.append(camera)
        return cameras + self._in_parquet(record, data, num_frames, warnings, fingerprint)

    def unread_streams(self) -> list[StreamInfo]:
        """Picture streams, for the list of streams."""
        return [
            StreamInfo(feature.key, feature.shape, feature.dtype, note="camera")
            for feature in self._features.values()
            if feature.dtype in {"video", "image"}
        ]

    def _video(
        self, feature: Feature, record: EpisodeRecord, num_frames: int, warnings: list[str], fingerprint: Fingerprint
    ) -> Camera | None:
        name = camera_name(feature.key)
        path = self._files.video_file(record, feature.key)
        if path is None:
            expected = self._files.expected_video(record, feature.key)
            warnings.append(f"camera {name} is not shown: {expected} is missing")
            return None
        where = path.relative_to(self._root)
        if is_git_lfs_pointer(path):
            warnings.append(f"camera {name} is not shown: {where} is a Git LFS pointer (run git lfs pull)")
            return None
        try:
            if self._version == 3:
                return self._shared_video(feature, record, path, num_frames, warnings, fingerprint)
            return self._own_video(feature, path, num_frames, warnings, fingerprint)
        except DatasetError as error:
            warnings.append(f"camera {name} is not shown: {where}: {error.what}")
            return None

    def _own_video(
        self, feature: Feature, path: Path, num_frames: int, warnings: list[str], fingerprint: Fingerprint
    ) -> Camera:
        """v2: one video per episode; its header tells the number of frames, so nothing is read yet."""
        header = read_video_header(path)
        count = header.num_frames or self._indexes.of(path).num_frames
        fingerprint.add_file(feature.key, path)
        shown = _clamped(path.relative_to(self._root), count, num_frames, warnings)
        self._compare_rates(path, header.rate_hz, warnings)
        size = (header.width, header.height)
        return video_camera(camera_name(feature.key), path, self._indexes, size=size, offset=0, num_frames=shown)

    def _shared_video(  # noqa: PLR0913, PLR0917 - the place of the episode in its file needs all of it
        self,
        feature: Feature,
        record: EpisodeRecord,
        path: Path,
        num_frames: int,
        warnings: list[str],
        fingerprint: Fingerprint,
    ) -> Camera:
        """v3: many episodes in one video; the episode's first frame is found by time and checked by counting."""
        index = self._indexes.of(path)
        where = path.relative_to(self._root)
        offset = self._offset(feature.key, record, index, str(where), warnings)
        left = min(index.num_frames - offset, num_frames)
        if left <= 0:
            raise DatasetError("it ends before this episode begins", where=path)
        shown = _clamped(where, left, num_frames, warnings)
        self._compare_rates(path, index.rate_hz(offset, offset + shown), warnings)
        fingerprint.add_text(f"{feature.key}|{shown}|{index.content_hash(offset, offset + shown)}")
        size = (index.width, index.height)
        return video_camera(camera_name(feature.key), path, self._indexes, size=size, offset=offset, num_frames=shown)

    def _offset(self, key: str, record: EpisodeRecord, index: VideoIndex, where: str, warnings: list[str]) -> int:
        place = record.videos.get(key)
        if place is None:
            return 0
        shared = self._shared_files[key, place.chunk_index, place.file_index]
        counted = shared.first_frame[record.index]
        by_time = index.frame_nearest(place.from_s)
        if by_time == counted:
            return counted
        chosen, how = (counted, "counting") if shared.num_frames == index.num_frames else (by_time, "time")
        warnings.append(
            f"{where}: the episode begins at frame {by_time} by from_timestamp, at frame {counted} by counting; "
            f"{how} is used"
        )
        return chosen

    def _compare_rates(self, path: Path, rate_hz: float | None, warnings: list[str]) -> None:
        """A rate that info.json declares and the video contradicts: frames go by their number, never by time."""
        warning = rate_warning(
            str(path.relative_to(self._root)), rate_hz, self._rate_hz, "by meta/info.json the frames run"
        )
        if warning:
            warnings.append(warning)

    def _in_parquet(
        self, record: EpisodeRecord, data: Path, num_frames: int, warnings: list[str], fingerprint: Fingerprint
    ) -> list[Camera]:
        with open_parquet(data) as file:
            keys = [field.name for field in file.schema_arrow if is_picture_column(field)]
            sizes = {key: stored_bytes(file, key, record.index) for key in keys}
        if not keys:
            return []
        pictures = importlib.import_module(
            "failview.loaders.lerobot.parquet_pictures"
        )  # OpenCV, only where it is needed
        cameras = []
        for key in keys:
            fingerprint.add_text(f"{key}|{sizes[key]}")
            declared = self._features[key].size if key in self._features else (0, 0)
            cell = pictures.PictureColumn(data, self._root, key, record.index, num_frames)
            try:
                cameras.append(pictures.parquet_camera(camera_name(key), cell, declared))
            except DatasetError as error:
                warnings.append(f"camera {camera_name(key)} is not shown: {key}: {error.what}")
        return cameras


@dataclass(frozen=True)
class _SharedFile:
    """What the list of episodes says about one video of many episodes."""

    first_frame: dict[int, int]
    num_frames: int


def _shared_files(records: Sequence[EpisodeRecord]) -> dict[tuple[str, int, int], _SharedFile]:
    """First frame of each episode and total, by camera and file numbers, counted from the listed lengths."""
    firsts: dict[tuple[str, int, int], dict[int, int]] = {}
    totals: dict[tuple[str, int, int], int] = {}
    for record in records:
        for key, place in record.videos.items():
            file = (key, place.chunk_index, place.file_index)
            firsts.setdefault(file, {})[record.index] = totals.get(file, 0)
            totals[file] = totals.get(file, 0) + record.length
    return {file: _SharedFile(first, totals[file]) for file, first in firsts.items()}


def camera_name(key: str) -> str:
    """Short name of a camera: observation.images.cam_high -> cam_high."""
    for prefix in _PREFIXES:
        if key.startswith(prefix) and len(key) > len(prefix):
            return key.removeprefix(prefix)
    return key


def _clamped(where: Path, count: int, num_frames: int, warnings: list[str]) -> int:
    if count < num_frames:
        warnings.append(f"{where} has {count} pictures for {num_frames} frames: the last frames have none")
    elif count > num_frames:
        warnings.append(f"{where} has {count} pictures for {num_frames} frames: the rest is left out")
    return min(count, num_frames)
