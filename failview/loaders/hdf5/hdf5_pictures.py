"""Pictures stored as arrays in an HDF5 file."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from failview.loaders.hdf5.dataset_reader import DatasetReader
from failview.loaders.hdf5.hdf5_tree import damage_told
from failview.loaders.pictures.depth_pictures import depth_limit, depth_picture
from failview.loaders.pictures.picture_arrays import PictureLayout, to_rgb
from failview.model.camera import Camera, Picture

ToPicture = Callable[[Any], Picture]

_BLOCK_BYTES = 32 * 1024 * 1024


class Hdf5PictureReader(DatasetReader):
    """Reads one picture dataset; keeps the block of chunks last read.

    Writers often store dozens of frames per chunk, so that one frame costs as much as the block around it.
    """

    def __init__(self, path: Path, dataset_path: str, num_frames: int, to_picture: ToPicture) -> None:
        super().__init__(path, dataset_path, num_frames)
        self._to_picture = to_picture
        self._block: Any = None
        self._block_start = 0

    def close(self) -> None:
        """Release the file and the block."""
        super().close()
        self._block = None

    def _picture(self, dataset: h5py.Dataset, frame: int) -> Picture:
        if self._block is None or not 0 <= frame - self._block_start < len(self._block):
            self._read_block(dataset, frame)
        return self._to_picture(self._block[frame - self._block_start])

    def _read_block(self, dataset: h5py.Dataset, frame: int) -> None:
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
    reader = partial(Hdf5PictureReader, path, str(dataset.name), count, partial(to_rgb, layout=layout))
    return Camera(name, layout.width, layout.height, count, reader)


def hdf5_depth_camera(
    name: str, path: Path, dataset: h5py.Dataset, size: tuple[int, int], num_frames: int
) -> tuple[Camera, float]:
    """A camera over one dataset of distances of a (width, height), and the distance shown as white."""
    count = min(num_frames, int(dataset.shape[0]))
    with damage_told(path, f"picture 0 of {dataset.name} is damaged"):
        limit = depth_limit(dataset[0])
    reader = partial(Hdf5PictureReader, path, str(dataset.name), count, partial(depth_picture, limit=limit))
    return Camera(name, *size, count, reader, is_depth=True), limit
