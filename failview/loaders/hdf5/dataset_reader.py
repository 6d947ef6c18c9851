"""Reading the pictures of one dataset through a file handle of its own."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

import h5py

from failview.loaders.hdf5.global_heap import require_sound_rows
from failview.loaders.hdf5.hdf5_tree import damage_told, member, open_hdf5
from failview.model.camera import Picture


class DatasetReader(ABC):
    """What readers of pictures share, however those are stored. The file is opened with the first picture."""

    def __init__(self, path: Path, dataset_path: str, num_frames: int) -> None:
        self._path = path
        self._dataset_path = dataset_path
        self._num_frames = num_frames
        self._file: h5py.File | None = None
        self._dataset: h5py.Dataset | None = None

    def read(self, frame: int) -> Picture:
        """(height, width, 3) RGB picture of exactly this frame."""
        if not 0 <= frame < self._num_frames:
            raise IndexError(f"frame {frame} of {self._num_frames}")
        if self._dataset is None:
            self._dataset = self._opened()
        return self._picture(self._dataset, frame)

    def read_range(self, start: int, stop: int) -> Iterator[Picture]:
        """RGB pictures of frames start to stop - 1, in order."""
        for frame in range(start, stop):
            yield self.read(frame)

    def close(self) -> None:
        """Release the file."""
        if self._file is not None:
            self._file.close()
        self._file = self._dataset = None

    @abstractmethod
    def _picture(self, dataset: h5py.Dataset, frame: int) -> Picture:
        """RGB picture of a frame that is there."""

    def _opened(self) -> h5py.Dataset:
        self._file = open_hdf5(self._path)
        with damage_told(self._path, f"{self._dataset_path} is damaged"):
            dataset = member(self._file, self._dataset_path)
            if not isinstance(dataset, h5py.Dataset):
                raise TypeError(self._dataset_path)
            require_sound_rows(dataset)
        return dataset
