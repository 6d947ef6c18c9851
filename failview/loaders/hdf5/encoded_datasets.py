"""Pictures stored encoded in an HDF5 dataset: rows of bytes, zero-padded or of their own length."""

from functools import partial
from pathlib import Path

import h5py
import numpy as np

from failview.loaders.hdf5.dataset_reader import DatasetReader
from failview.loaders.hdf5.hdf5_tree import damage_told
from failview.loaders.pictures.depth_pictures import depth_limit, depth_picture
from failview.loaders.pictures.encoded_pictures import (
    decode_depth,
    decode_picture,
    is_encoded_depth,
    is_encoded_picture,
)
from failview.model.camera import Camera, Picture

_MIN_BYTES = 64
"""No encoded picture is shorter."""
_TRIED = 3


def may_hold_encoded_pictures(item: h5py.Dataset) -> bool:
    """Whether type and shape allow encoded pictures, one per row; reads nothing."""
    if item.ndim == 2:
        return bool(item.dtype.kind in "ui" and item.dtype.itemsize == 1 and item.shape[1] >= _MIN_BYTES)
    if item.ndim != 1:
        return False
    inner = h5py.check_vlen_dtype(item.dtype)
    if inner is not None:
        return isinstance(inner, np.dtype) and inner.itemsize == 1
    return bool(item.dtype.kind in "SV" and item.dtype.names is None and item.dtype.itemsize >= _MIN_BYTES)


def holds_encoded_pictures(item: h5py.Dataset) -> bool:
    """Whether rows begin as encoded pictures do; looks at a few, because single ones may be missing."""
    if not may_hold_encoded_pictures(item):
        return False
    count = int(item.shape[0])
    rows = sorted({round(index * (count - 1) / (_TRIED - 1)) for index in range(_TRIED)})
    return any(is_encoded_picture(encoded_picture(item, row)) for row in rows)


def encoded_picture(item: h5py.Dataset, frame: int) -> bytes:
    """The bytes of one picture, with the zeros behind it where it is padded."""
    row = item[frame]
    return bytes(row) if isinstance(row, bytes) else np.asarray(row).tobytes()


def encoded_camera(name: str, path: Path, item: h5py.Dataset, num_frames: int) -> tuple[Camera, float | None]:
    """A camera over encoded pictures; of distances also the one shown as white.

    One picture is decoded, because nothing else tells the size.

    Raises:
        DatasetError: It cannot be decoded.
    """
    count = min(num_frames, int(item.shape[0]))
    first = next((row for row in range(count) if is_encoded_picture(encoded_picture(item, row))), 0)
    content = encoded_picture(item, first)
    where, dataset_path = f"{path}:{item.name}", str(item.name)
    if is_encoded_depth(content):
        distances = decode_depth(content, where, first)
        height, width = distances.shape
        limit = depth_limit(distances)
        depth = partial(EncodedDepthReader, path, dataset_path, count, limit)
        return Camera(name, width, height, count, depth, is_depth=True), limit
    height, width = decode_picture(content, where, first).shape[:2]
    return Camera(name, width, height, count, partial(EncodedDatasetReader, path, dataset_path, count)), None


class EncodedDatasetReader(DatasetReader):
    """Decodes the pictures of one dataset."""

    def _picture(self, dataset: h5py.Dataset, frame: int) -> Picture:
        with damage_told(self._path, f"picture {frame} of {self._dataset_path} is damaged"):
            content = encoded_picture(dataset, frame)
        return self._decoded(content, frame)

    def _decoded(self, content: bytes, frame: int) -> Picture:
        return decode_picture(content, f"{self._path}:{self._dataset_path}", frame)


class EncodedDepthReader(EncodedDatasetReader):
    """Decodes the distances of one dataset; those of one picture decide how bright all are."""

    def __init__(self, path: Path, dataset_path: str, num_frames: int, limit: float) -> None:
        super().__init__(path, dataset_path, num_frames)
        self._limit = limit

    def _decoded(self, content: bytes, frame: int) -> Picture:
        return depth_picture(decode_depth(content, f"{self._path}:{self._dataset_path}", frame), self._limit)
