"""Pictures stored encoded in an HDF5 dataset: rows of bytes, zero-padded or of their own length."""

from pathlib import Path

import h5py
import numpy as np

from failview.loaders.hdf5.dataset_reader import DatasetReader
from failview.loaders.hdf5.hdf5_tree import damage_told
from failview.loaders.pictures.encoded_pictures import decode_picture, is_encoded_picture
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


def encoded_camera(name: str, path: Path, item: h5py.Dataset, num_frames: int) -> Camera | None:
    """A camera over encoded pictures; None when they are depth (one channel of 16 bits).

    One picture is decoded, because nothing else tells the size.

    Raises:
        DatasetError: It cannot be decoded.
    """
    count = min(num_frames, int(item.shape[0]))
    first = next((row for row in range(count) if is_encoded_picture(encoded_picture(item, row))), 0)
    content = encoded_picture(item, first)
    if _is_depth(content):
        return None
    height, width = decode_picture(content, f"{path}:{item.name}", first).shape[:2]
    dataset_path = str(item.name)
    return Camera(name, width, height, count, lambda: EncodedDatasetReader(path, dataset_path, count))


def _is_depth(content: bytes) -> bool:
    """PNG with a bit depth of 16: the byte behind width and height in its header."""
    return content.startswith(b"\x89PNG") and len(content) > 24 and content[24] == 16


class EncodedDatasetReader(DatasetReader):
    """Decodes the pictures of one dataset."""

    def _picture(self, dataset: h5py.Dataset, frame: int) -> Picture:
        with damage_told(self._path, f"picture {frame} of {self._dataset_path} is damaged"):
            content = encoded_picture(dataset, frame)
        return decode_picture(content, f"{self._path}:{self._dataset_path}", frame)
