"""Checks what libhdf5 does not: a damaged global heap, on which it never returns (HDF5 2.0.0 and before).

Texts and rows of their own length lie in collections ("GCOL", HDF5 file format specification, section III.E) that
libhdf5 walks object by object. Where damage left a free object of size 0 it walks on the spot for ever, holding the
lock of the whole library, so such a collection must be found before libhdf5 is asked to read from it.
"""

import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import h5py
import numpy as np

from failview.loaders.remote.remote_path import path_of_open_file

_SIGNATURE = b"GCOL"
_HEADER_BYTES = 16
_OBJECT_BYTES = 16
_REFERENCE = np.dtype([("count", "<u4"), ("address", "<u8"), ("index", "<u4")])
"""How a dataset refers to a row in the heap, in files with addresses of 8 bytes (all that h5py writes)."""
_SEARCHED_BYTES = 128 * 1024
_MAX_COLLECTION_BYTES = 1 << 30
_DEFLATE = {"gzip": True, None: False}


class DamagedHeapError(OSError):
    """A collection of the global heap cannot be walked."""


def require_sound_ends(path: Path) -> None:
    """Refuse a file with a damaged collection near its beginning or end, where texts of attributes mostly lie.

    Raises:
        DamagedHeapError: There is one.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        starts = {0, max(0, size - _SEARCHED_BYTES)}
        found = {address: 0 for start in starts for address in _signatures(file, start)}
        _require_sound(file, found)


def require_sound_rows(item: h5py.Dataset) -> None:
    """Refuse a dataset whose rows lie in a damaged collection; others are left alone.

    Raises:
        DamagedHeapError: They do.
    """
    if h5py.check_vlen_dtype(item.dtype) is None and not _is_text_of_any_length(item):
        return
    with path_of_open_file(item.file.filename).open("rb") as file:
        base = int(item.file.userblock_size)
        longest: dict[int, int] = {}
        inner = h5py.check_vlen_dtype(item.dtype)
        row_bytes = inner.itemsize if isinstance(inner, np.dtype) else 1
        for block in _stored_blocks(item, file):
            references = np.frombuffer(block[: len(block) // _REFERENCE.itemsize * _REFERENCE.itemsize], _REFERENCE)
            references = np.sort(references[references["count"] > 0], order=("address", "count"))
            last = np.append(np.flatnonzero(np.diff(references["address"])), references.size - 1)
            for reference in references[last] if references.size else ():
                address = base + int(reference["address"])
                longest[address] = max(longest.get(address, 0), int(reference["count"]) * row_bytes)
        _require_sound(file, longest)


def _is_text_of_any_length(item: h5py.Dataset) -> bool:
    text = h5py.check_string_dtype(item.dtype)
    return text is not None and text.length is None


def _signatures(file: BinaryIO, start: int) -> Iterator[int]:
    file.seek(start)
    content = file.read(_SEARCHED_BYTES)
    at = content.find(_SIGNATURE)
    while at >= 0:
        yield start + at
        at = content.find(_SIGNATURE, at + 1)


def _stored_blocks(item: h5py.Dataset, file: BinaryIO) -> Iterator[bytes]:
    """The references of a dataset as they lie in the file; nothing for storage that is not understood."""
    if item.chunks is None:
        offset = item.id.get_offset()
        if offset is not None:
            file.seek(offset)
            yield file.read(int(item.size) * _REFERENCE.itemsize)
        return
    if item.compression not in _DEFLATE or item.shuffle:
        return
    for number in range(item.id.get_num_chunks()):
        _, block = item.id.read_direct_chunk(item.id.get_chunk_info(number).chunk_offset)
        try:
            yield zlib.decompress(block) if _DEFLATE[item.compression] else block
        except zlib.error as error:
            raise DamagedHeapError("a compressed block is damaged") from error


def _require_sound(file: BinaryIO, longest: Mapping[int, int]) -> None:
    """Check collections by their addresses, and that none is asked for more bytes than it has."""
    file_size = file.seek(0, 2)
    for address, row_bytes in longest.items():
        if address + _HEADER_BYTES > file_size:
            raise DamagedHeapError("a reference leads out of the file")
        file.seek(address)
        header = file.read(_HEADER_BYTES)
        size = int.from_bytes(header[8:16], "little")
        if not header.startswith(_SIGNATURE) or not _HEADER_BYTES < size < _MAX_COLLECTION_BYTES:
            continue  # libhdf5 refuses these itself
        if row_bytes > size or not _can_be_walked(file, address + _HEADER_BYTES, address + size):
            raise DamagedHeapError("a collection of texts or rows is damaged")


def _can_be_walked(file: BinaryIO, at: int, end: int) -> bool:
    """Whether each object leads to the next one; large ones are stepped over, not read."""
    while at + _OBJECT_BYTES <= end:
        file.seek(at)
        header = file.read(_OBJECT_BYTES)
        index = int.from_bytes(header[:2], "little")
        size = int.from_bytes(header[8:16], "little")
        step = _OBJECT_BYTES + (size + 7) // 8 * 8 if index else size
        if step < _OBJECT_BYTES:
            return False
        at += step
    return True
