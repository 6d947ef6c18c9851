"""Values in HDF5 as robomimic's readers and HDF5 itself want them."""

from typing import Any

import h5py
import numpy as np
import numpy.typing as npt

_GZIP_LEVEL = 4
"""Beyond that it takes longer and hardly gets smaller."""
_CHUNK_BYTES = 1 << 16
"""Pictures are read one by one: a chunk holds one when it is larger than this."""


def put_scalar(group: h5py.Group, name: str, value: str | float) -> None:
    """A single value, not filtered; text as UTF-8 of any length."""
    if isinstance(value, str):
        group.create_dataset(name, data=storable(value), dtype=h5py.string_dtype())
    else:
        group.create_dataset(name, data=value)


def put_per_frame(group: h5py.Group, name: str, values: npt.NDArray[Any]) -> h5py.Dataset:
    """An array with one row per frame or sample, compressed; the same bytes every time."""
    rows = max(1, min(len(values), _CHUNK_BYTES // max(1, values[:1].nbytes)))
    return group.create_dataset(
        name,
        data=values,
        chunks=(rows, *values.shape[1:]) if values.size else None,
        compression="gzip" if values.size else None,
        compression_opts=_GZIP_LEVEL if values.size else None,
    )


def put_words(group: h5py.Group, name: str, words: list[str]) -> None:
    """One word per frame, as bytes of one length: compression does nothing for text of any length."""
    put_per_frame(group, name, np.array([storable(word).encode() or b" " for word in words]))


def storable(text: str) -> str:
    """The text without what HDF5's strings cannot hold: zeros, and half of a surrogate pair."""
    return text.replace("\0", "�").encode("utf-8", "backslashreplace").decode()
