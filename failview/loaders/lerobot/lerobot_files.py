"""Finds the files of a LeRobot dataset: by its own templates, and by name on the disk when those do not match."""

import threading
from pathlib import Path

from failview.loaders.lerobot.lerobot_episodes import EpisodeRecord
from failview.loaders.lerobot.lerobot_info import LeRobotInfo
from failview.loaders.natural_order import natural_key
from failview.loaders.safe_paths import fill_template, inside

_NOT_DATA = frozenset({"meta", ".cache", ".git"})


class LeRobotFiles:
    """Where the data and video files of each episode are.

    Attributes:
        template_warnings: One line for each template that does not match the disk.
    """

    def __init__(self, root: Path, info: LeRobotInfo) -> None:
        self._root = root
        self._info = info
        self._lock = threading.Lock()
        self._seen: dict[str, bool] = {}
        self._by_name: dict[tuple[str, str], list[Path]] = {}

    def data_file(self, record: EpisodeRecord) -> Path | None:
        """The Parquet file with an episode's rows; None when it is not there."""
        if self._info.version == 3:
            name = f"file-{record.file_index:03d}.parquet"
            default = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
            return self._find(
                self._info.data_path, default, record, record.chunk_index, record.file_index, "data", name
            )
        default = "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet"
        return self._find(self._info.data_path, default, record, 0, 0, "data", f"{record.episode_id}.parquet")

    def has_data(self, record: EpisodeRecord) -> bool:
        """Whether the Parquet file of an episode is there; quick where it lies as the description says."""
        relative = fill_template(self._info.data_path, self._values(record, record.chunk_index, record.file_index, ""))
        if relative is None or relative.startswith("/") or ".." in relative:
            return self.data_file(record) is not None
        if relative not in self._seen:
            self._seen[relative] = (self._root / relative).is_file()
        return self._seen[relative] or self.data_file(record) is not None

    def video_file(self, record: EpisodeRecord, key: str) -> Path | None:
        """The video with an episode's pictures of one camera; None when it is not there."""
        if self._info.version == 3:
            place = record.videos.get(key)
            chunk, number = (place.chunk_index, place.file_index) if place else (0, 0)
            default = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
            name = f"file-{number:03d}.mp4"
            return self._find(self._info.video_path, default, record, chunk, number, "videos", name, key)
        default = "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4"
        return self._find(self._info.video_path, default, record, 0, 0, "videos", f"{record.episode_id}.mp4", key)

    def expected_video(self, record: EpisodeRecord, key: str) -> str:
        """The path, relative to the dataset, where a missing video should be."""
        values = self._values(record, 0, 0, key)
        place = record.videos.get(key)
        if place is not None:
            values.update(chunk_index=place.chunk_index, file_index=place.file_index)
        return fill_template(self._info.video_path, values) or f"the video of {key}"

    def _find(  # noqa: PLR0913, PLR0917 - a template, its default and what fills them
        self,
        template: str,
        default: str,
        record: EpisodeRecord,
        chunk: int,
        number: int,
        folder: str,
        name: str,
        key: str = "",
    ) -> Path | None:
        values = self._values(record, chunk, number, key)
        for candidate in (template, default):
            relative = fill_template(candidate, values)
            path = inside(self._root, relative) if relative else None
            if path is not None and path.is_file():
                return path
        return self._by_file_name(folder, name, key, chunk)

    def _values(self, record: EpisodeRecord, chunk: int, number: int, key: str) -> dict[str, int | str]:
        episode_chunk = record.index // self._info.chunk_size
        return {
            "episode_chunk": episode_chunk,
            "episode_index": record.index,
            "chunk_index": chunk if self._info.version == 3 else episode_chunk,
            "file_index": number if self._info.version == 3 else record.index,
            "video_key": key,
        }

    def _by_file_name(self, folder: str, name: str, key: str, chunk: int) -> Path | None:
        """A file of this name below the folder, else anywhere; below a folder named like the camera if there is one."""
        found = self._candidates(folder, name, key) or self._candidates("", name, key)
        if len(found) > 1:
            found = [path for path in found if any(part.endswith(f"-{chunk:03d}") for part in path.parts)]
        return found[0] if len(found) == 1 else None

    def _candidates(self, folder: str, name: str, key: str) -> list[Path]:
        short = key.rsplit(".", 1)[-1]
        found = self._files_named(folder, name)
        exact = [path for path in found if not key or key in path.parts]
        return exact or [path for path in found if short in path.parts]

    def _files_named(self, folder: str, name: str) -> list[Path]:
        suffix = Path(name).suffix
        with self._lock:
            if (folder, suffix) not in self._by_name:
                files = sorted((self._root / folder).rglob(f"*{suffix}"), key=lambda path: natural_key(str(path)))
                files = [path for path in files if path.relative_to(self._root).parts[0] not in _NOT_DATA]
                self._by_name[folder, suffix] = [path for path in files if inside(self._root, str(path)) is not None]
            return [path for path in self._by_name[folder, suffix] if path.name == name]
