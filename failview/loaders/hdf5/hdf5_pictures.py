"""Pictures stored as arrays in an HDF5 file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from failview.loaders.hdf5.hdf5_tree import damage_told, open_hdf5
from failview.loaders.pictures.picture_arrays import PictureLayout, to_rgb
from failview.model.camera import Camera, Picture

_BLOCK_BYTES = 32 * 1024 * 1024


class Hdf5PictureReader:
    """Reads one picture dataset through a file handle of its own; keeps the block of chunks last read.

    Writers often store dozens of frames per chunk, so that one frame costs as much as the block around it.
    """

    def __init__(self, path: Path, dataset_path: str, layout: PictureLayout, num_frames: int) -> None:
        self._path = path
        self._dataset_path = dataset_path
        self._layout = layout
        self._num_frames = num_frames
        self._file: h5py.File | None = None
        self._block: Any = None
        self._block_start = 0

    def read(self, frame: int) -> Picture:
        """(height, width, 3) RGB picture of exactly this frame."""
        if not 0 <= frame < self._num_frames:
            raise IndexError(f"frame {frame} of {self._num_frames}")
        if self._block is None or not 0 <= frame - self._block_start < len(self._block):
            self._read_block(frame)
        return to_rgb(self._block[frame - self._block_start], self._layout)

    def read_range(self, start: int, stop: int) -> Iterator[Picture]:
        """RGB pictures of frames start to stop - 1, in order."""
        for frame in range(start, stop):
            yield self.read(frame)

    def close(self) -> None:
        """Release the file."""
        if self._file is not None:
            self._file.close()
        self._file = None
        self._block = None

    def _read_block(self, frame: int) -> None:
        if self._file is None:
            self._file = open_hdf5(self._path)
        dataset = self._file[self._dataset_path]
        rows = dataset.chunks[0] if dataset.chunks else 1
        picture_bytes = max(1, int(np.prod(dataset.shape[1:])) * dataset.dtype.itemsize)
        if rows * picture_bytes > _BLOCK_BYTES:
            rows = 1
        start = frame - frame % rows
        self._block = None
        with damage_told(self._path, f"picture {frame} of {self._dataset_path} is damaged"):
            self._block = dataset[start : min(start + rows, self._num_frames)]
        self._block_start = start


def hdf5_camera(name: str, path: Path, dataset: h5py.Dataset, layout: PictureLayout, num_frames: int) -> Camera:
    """A camera over one picture dataset."""
    count = min(num_frames, int(dataset.shape[0]))
    dataset_path = str(dataset.name)
    return Camera(
        name, layout.width, layout.height, count, lambda: Hdf5PictureReader(path, dataset_path, layout, count)
    )
