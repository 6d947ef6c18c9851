"""A labelled dataset of any format as a sequence of trajectories."""

import os
from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np

from failview.errors import DatasetError
from failview.proposals.labelled_dataset import LabelledDataset
from failview.trajectory_dataset.trajectory import (
    Filter,
    Trajectory,
    all_signals,
    cut,
    numbers_of,
    passes,
    size_of,
)

_FILTERS = ("success_only", "failure_only", "all", "with_recovery")
_CACHED_BYTES = 256 << 20


class TrajectoryDataset(Sequence[Trajectory]):
    """Episodes, or windows of them, with labels, phases and detector signals.

    Reads any format that failview reads with the labels beside it, and robomimic files that failview exported. Nothing
    but the list of episodes and the labels is read until an item is asked for. Items are dicts of numpy arrays, so that
    torch is not needed; `torch.utils.data.DataLoader` takes the dataset as it is, with any number of workers, and makes
    tensors of them. It can be pickled; every process opens its own files. One thread at a time may use it.

        data = TrajectoryDataset("demos.hdf5", filter="success_only", window=16)
        loader = torch.utils.data.DataLoader(data, batch_size=64, shuffle=True, num_workers=4)
        for batch in loader:
            batch["signals"]["action"]      # (64, 16, 7) float32
            batch["failure_phase"]          # (64, 16) uint8, positions in PHASES

    Args:
        path: The dataset.
        filter: "success_only", "failure_only" (neither holds partial successes), "with_recovery" (a recovery was
            attempted, whatever came of it), or "all", labelled or not.
        window: Frames of an item; None makes one item of each episode.
        stride: From one window's first frame to the next one's.
        signals: Roles and streams to take; by default all roles of the first episode.
        cameras: Cameras whose pictures to take; none by default.
        detectors: Whether to take the detectors' raw arrays, of what the first episode has.
        episodes: Only these (a split); None for all that pass the filter.
        profile: Profile in place of the one beside the data.

    Attributes:
        episode_ids: Episodes that have items, in order.
        left_out: Episodes that pass the filter and are shorter than the window.

    Raises:
        DatasetError: The path is no dataset, no episode passes, or an argument cannot be.
        SidecarError: The labels cannot be read.
        ExportError: A label does not fit its episode.
    """

    def __init__(  # noqa: PLR0913 - all but the first two by keyword
        self,
        path: str | Path,
        filter: Filter = "all",  # noqa: A002 - the word that training code uses
        *,
        window: int | None = None,
        stride: int = 1,
        signals: Sequence[str] | None = None,
        cameras: Sequence[str] = (),
        detectors: bool = True,
        episodes: Collection[str] | None = None,
        profile: Path | None = None,
    ) -> None:
        if filter not in _FILTERS or stride < 1 or (window is not None and window < 1):
            what = f"no such filter, window or stride: {filter}, {window}, {stride}"
            raise DatasetError(what, hint=f"Filters are {', '.join(_FILTERS)}; the others are 1 or more")
        self._path, self._profile = path, profile
        self._window = window
        self._names = None if signals is None else tuple(signals)
        self._cameras = tuple(cameras)
        self._widths: dict[str, int] | None = None if detectors else {}
        self._forget()
        labelled = self._labelled()
        chosen = [
            entry
            for entry in labelled.entries
            if (episodes is None or entry.episode_id in episodes)
            and passes(
                None if (record := labelled.records.get(entry.episode_id)) is None else record.annotation, filter
            )
        ]
        self._require_some(labelled, [entry.episode_id for entry in chosen], filter, episodes)
        self._items: list[tuple[str, int, int]] = []
        self.episode_ids: list[str] = []
        self.left_out: list[str] = []
        for entry in chosen:
            items = _windows(entry.num_frames, window, stride)
            (self.episode_ids if items else self.left_out).append(entry.episode_id)
            self._items += [(entry.episode_id, start, stop) for start, stop in items]
        if not self._items:
            raise DatasetError(f"none of {len(chosen)} episodes has {window} frames", where=labelled.dataset.path)

    def __len__(self) -> int:
        """Number of items."""
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> Trajectory: ...

    @overload
    def __getitem__(self, index: slice) -> list[Trajectory]: ...

    def __getitem__(self, index: int | slice) -> Trajectory | list[Trajectory]:
        """The item at an index; a list of them for a slice.

        Raises:
            IndexError: There is none.
            DatasetError: The episode cannot be read, or lacks a signal or a camera.
        """
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        episode_id, start, stop = self._items[index]
        item = cut(self._numbers(episode_id), start, stop)
        item["pictures"] = self._pictures(episode_id, start, stop)
        return item

    def __iter__(self) -> Iterator[Trajectory]:
        """The items in order."""
        for index in range(len(self)):
            yield self[index]

    def __getstate__(self) -> dict[str, Any]:
        """Everything but open files and what can be read again."""
        return {**self.__dict__, "_open": None, "_cache": OrderedDict(), "_cached_bytes": 0, "_process": 0}

    def close(self) -> None:
        """Release files; they are opened again when an item is asked for."""
        if self._open is not None and self._process == os.getpid():
            self._open.dataset.close()
        self._forget()

    def _forget(self) -> None:
        self._open: LabelledDataset | None = None
        self._process = 0
        self._cache: OrderedDict[str, Trajectory] = OrderedDict()
        self._cached_bytes = 0

    def _labelled(self) -> LabelledDataset:
        """The dataset, opened in this very process: files and locks do not survive a fork."""
        if self._open is None or self._process != os.getpid():
            self._open = LabelledDataset.open(self._path, self._profile)
            self._process = os.getpid()
        return self._open

    def _require_some(
        self, labelled: LabelledDataset, chosen: list[str], wanted: str, episodes: Collection[str] | None
    ) -> None:
        strangers = sorted(set(episodes or ()) - {entry.episode_id for entry in labelled.entries})
        if strangers:
            raise DatasetError(f"there is no episode {strangers[0]}", where=labelled.dataset.path)
        if not chosen:
            what = f"no episode is {wanted}: {len(labelled.records)} of {len(labelled.entries)} have a finished label"
            raise DatasetError(what, where=labelled.dataset.path, hint="failview status says what is left to do")

    def _numbers(self, episode_id: str) -> Trajectory:
        """A whole episode without pictures; the last ones asked for are kept."""
        if episode_id in self._cache:
            self._cache.move_to_end(episode_id)
            return self._cache[episode_id]
        names, widths = self._layout()
        found = numbers_of(self._labelled().read(episode_id), names, widths)
        self._cache[episode_id] = found
        self._cached_bytes += size_of(found)
        while self._cached_bytes > _CACHED_BYTES and len(self._cache) > 1:
            self._cached_bytes -= size_of(self._cache.popitem(last=False)[1])
        return found

    def _layout(self) -> tuple[tuple[str, ...], dict[str, int]]:
        """(names of the signals, widths of the detectors' arrays): as the first episode has them, in every process."""
        if self._names is None or self._widths is None:
            first = self._labelled().read(self.episode_ids[0])
            if self._names is None:
                self._names = tuple(
                    name for name in all_signals(first.episode) if name not in first.episode.other_signals
                )
            if self._widths is None:
                arrays = {} if first.findings is None else first.findings.arrays
                self._widths = {name: 1 if values.ndim == 1 else values.shape[1] for name, values in arrays.items()}
        return self._names, self._widths

    def _pictures(self, episode_id: str, start: int, stop: int) -> dict[str, Any]:
        if not self._cameras:
            return {}
        episode = self._labelled().dataset.open_episode(episode_id)
        pictures = {}
        for name in self._cameras:
            if name not in episode.cameras:
                hint = f"It has {', '.join(episode.cameras) or 'none'}"
                raise DatasetError(f"has no camera {name}", where=episode_id, hint=hint)
            reader = episode.cameras[name].open_reader()
            try:
                pictures[name] = np.stack(list(reader.read_range(start, stop)))
            finally:
                reader.close()
        return pictures


def _windows(num_frames: int, window: int | None, stride: int) -> list[tuple[int, int]]:
    """First frames and ends of the windows that lie wholly in an episode."""
    if window is None:
        return [(0, num_frames)] if num_frames else []
    return [(start, start + window) for start in range(0, num_frames - window + 1, stride)]
