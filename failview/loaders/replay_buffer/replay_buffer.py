"""Zarr replay buffers (diffusion policy, UMI): arrays over all episodes, and where each episode ends."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from failview.errors import DatasetError
from failview.loaders.dataset import EpisodeEntry
from failview.loaders.progress import Progress
from failview.loaders.raw_dataset import RawEpisode
from failview.loaders.replay_buffer.buffer_arrays import BufferArray, make_array
from failview.loaders.replay_buffer.buffer_episode import read_buffer_episode
from failview.loaders.replay_buffer.episode_ends import row_ranges
from failview.loaders.replay_buffer.episode_facts import EpisodeFacts, declared_rate
from failview.loaders.replay_buffer.row_blocks import ArrayRows, BlockCache
from failview.loaders.replay_buffer.zarr_arrays import ArraySpec, find_arrays, open_array, read_attributes
from failview.loaders.replay_buffer.zarr_files import ENDS_PATHS, ZarrFiles, open_files
from failview.loaders.replay_buffer.zarr_store import FilesStore
from failview.model.episode import EpisodePlace


class ReplayBuffer:
    """A replay buffer in a folder or a zip."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._files = open_files(path)
        try:
            self._open()
        except BaseException:
            self._files.close()
            raise

    def read_episode(self, episode_id: str) -> RawEpisode:
        """Read the numbers of an episode and prepare its cameras."""
        item = self._ranges[episode_id]
        return read_buffer_episode(self._arrays_of_rows(), item, self._facts, self._attributes)

    def place(self, episode_id: str) -> EpisodePlace:
        """One of many in this place."""
        return EpisodePlace(self.path, episode_id)

    def close(self) -> None:
        """Release files. Safe to repeat."""
        self._cache.clear()
        self._files.close()

    def _open(self) -> None:
        self._cache = BlockCache()
        self._store = FilesStore(self._files)
        self._lock = threading.Lock()
        self._arrays: list[BufferArray] | None = None
        specs = find_arrays(self._files)
        found_outside = sorted({key.removesuffix("/.zattrs") for key in self._files.outside})
        ends_path = next((path for path in ENDS_PATHS if path in specs), None)
        if ends_path is None:
            raise DatasetError(
                "this zarr has no meta/episode_ends, which tells the episodes of a replay buffer apart",
                where=self.path,
                hint="Name the folder or zip that holds data/ and meta/",
            )
        self.format_name = f"zarr v{specs[ends_path].zarr_format} replay buffer"
        self._attributes = _attributes(self._files)
        meta = ends_path.rpartition("/")[0]
        self._specs = [spec for path, spec in specs.items() if path != ends_path and not _is_below(path, meta)]
        ends = self._rows(specs[ends_path])
        self.warnings: list[str] = [f"{key} leads out of the dataset: left out" for key in found_outside]
        self._num_rows = max(self._lengths(), default=0)
        values = ends.rows(0, ends.num_rows)
        if ends.absent_rows(0, ends.num_rows):
            raise DatasetError(f"{ends_path} is not stored completely", where=self.path, hint="Copy it again")
        ranges, warnings = row_ranges(values, self._num_rows, self.path)
        self.warnings += warnings
        about = [spec for path, spec in specs.items() if path != ends_path and meta and _is_below(path, meta)]
        self._facts = EpisodeFacts({spec.path: self._rows(spec) for spec in about}, len(values), self.warnings)
        rate_hz, _ = declared_rate(self._attributes)
        self._ranges = {f"episode_{item.number}": item for item in ranges}
        self.entries: Sequence[EpisodeEntry] = [
            EpisodeEntry(episode_id, item.num_rows, rate_hz, self._facts.task(item.number))
            for episode_id, item in self._ranges.items()
        ]

    def _rows(self, spec: ArraySpec) -> ArrayRows:
        return ArrayRows(open_array(self._store, spec, self.path), self._store, self._cache, self.path)

    def _lengths(self) -> list[int]:
        """Rows of each array of the buffer; what cannot be opened gets a warning, here and once."""
        lengths = []
        self._by_spec: dict[str, ArrayRows] = {}
        for spec in self._specs:
            try:
                rows = self._rows(spec)
            except DatasetError as error:
                self.warnings.append(f"{error.what}: left out. {error.hint}".strip())
                continue
            self._by_spec[spec.path] = rows
            lengths.append(rows.num_rows)
        return lengths

    def _arrays_of_rows(self) -> list[BufferArray]:
        """The arrays with what they hold; float pictures are looked at once."""
        with self._lock:
            if self._arrays is None:
                by_path = {spec.path: spec for spec in self._specs}
                self._arrays = [make_array(by_path[path], rows, self._num_rows) for path, rows in self._by_spec.items()]
            return self._arrays


def _attributes(files: ZarrFiles) -> Mapping[str, Any]:
    """What the recorder noted about the whole buffer."""
    merged: dict[str, Any] = {}
    for group in ("meta", "data", ""):
        merged.update(read_attributes(files, group))
    return merged


def _is_below(path: str, group: str) -> bool:
    return bool(group) and path.startswith(f"{group}/")


def open_raw(path: Path, progress: Progress) -> ReplayBuffer:  # noqa: ARG001 - its list is short work
    """Open a replay buffer.

    Raises:
        DatasetError: No episode_ends, no episodes, or a damaged zip.
    """
    return ReplayBuffer(path)
