"""Rows of arrays, read in blocks of whole chunks, each decoded once and kept for a while."""

import itertools
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import zarr

from failview.errors import DatasetError
from failview.loaders.replay_buffer.zarr_store import FilesStore

_KEPT_BYTES = 96 * 1024 * 1024
_BLOCK_BYTES = 1024 * 1024
"""Small chunks are read together up to this size: each call of zarr costs about a millisecond."""
_CHUNK_BYTES_AT_MOST = 512 * 1024 * 1024
"""One row needs its whole chunk in memory; larger ones would break the bound on memory."""

Rows = npt.NDArray[Any]


def _size(block: Rows) -> int:
    """Bytes of a block; of rows of their own length, those of the rows."""
    return block.nbytes + (sum(len(row) for row in block.flat) if block.dtype == object else 0)


class BlockCache:
    """Blocks of rows of all arrays of a dataset; those not used for longest go first. Thread-safe."""

    def __init__(self, kept_bytes: int = _KEPT_BYTES) -> None:
        self._kept_bytes = kept_bytes
        self._lock = threading.Lock()
        self._blocks: OrderedDict[tuple[str, int], Rows] = OrderedDict()
        self._bytes = 0

    def get(self, key: tuple[str, int]) -> Rows | None:
        """A block that is at hand."""
        with self._lock:
            block = self._blocks.get(key)
            if block is not None:
                self._blocks.move_to_end(key)
            return block

    def put(self, key: tuple[str, int], block: Rows) -> None:
        """Keep a block, and let go of others."""
        with self._lock:
            old = self._blocks.pop(key, None)
            self._blocks[key] = block
            self._bytes += _size(block) - (0 if old is None else _size(old))
            while self._bytes > self._kept_bytes and len(self._blocks) > 1:
                self._bytes -= _size(self._blocks.popitem(last=False)[1])

    def clear(self) -> None:
        """Let go of all blocks."""
        with self._lock:
            self._blocks.clear()
            self._bytes = 0


class ArrayRows:
    """The rows of one array. Thread-safe.

    Args:
        array: The array; its first axis counts rows.
        store: Its store.
        cache: Where blocks are kept.
        where: The dataset, for messages.

    Raises:
        DatasetError: Its chunks are too large to be read.
    """

    def __init__(self, array: "zarr.Array[Any]", store: FilesStore, cache: BlockCache, where: Path) -> None:
        self.path = array.path
        if not array.ndim:
            raise DatasetError(f"{self.path} is a single value", where=where)
        self.num_rows = int(array.shape[0])
        self.row_shape = tuple(int(size) for size in array.shape[1:])
        self.dtype = array.dtype
        self._array = array
        self._store = store
        self._cache = cache
        self._where = where
        self._lock = threading.Lock()
        self.chunk_rows = max(1, int(array.chunks[0]))
        row_bytes = max(1, int(np.prod(self.row_shape)) * self.dtype.itemsize)
        chunk_bytes = int(np.prod(array.chunks)) * self.dtype.itemsize
        if max(self.chunk_rows * row_bytes, chunk_bytes) > _CHUNK_BYTES_AT_MOST:
            size_mb = self.chunk_rows * row_bytes // 1024**2
            raise DatasetError(
                f"{self.path} is stored in chunks of {size_mb} MB", where=where, hint="Store it in smaller chunks"
            )
        together = max(1, _BLOCK_BYTES // (self.chunk_rows * row_bytes))
        self._block_rows = self.chunk_rows * together

    def row(self, index: int) -> Rows:
        """One row.

        Raises:
            DatasetError: Damaged, or its chunk is not there.
        """
        block, start = self._block(index, alone=True)
        self._require_stored(index)
        return np.asarray(block[index - start])

    def content(self, index: int) -> object:
        """One row of an array of single values: bytes or words of any length.

        Raises:
            DatasetError: Damaged, or its chunk is not there.
        """
        block, start = self._block(index, alone=True)
        self._require_stored(index)
        return block.reshape(len(block), -1)[index - start, 0]

    def rows(self, start: int, stop: int) -> Rows:
        """Rows start to stop - 1 as a copy of their own.

        Raises:
            DatasetError: Damaged.
        """
        pieces = []
        while start < stop:
            block, first = self._block(start, alone=False)
            pieces.append(block[start - first : stop - first])
            start = first + len(block)
        return np.concatenate(pieces) if pieces else np.empty((0, *self.row_shape), self.dtype)

    def content_of(self, index: int) -> bytes:
        """Content that identifies a row: its own file as stored where it has one, else its values."""
        if self.chunk_rows == 1 and self._array.shards is None:
            stored = self._store.stored(self.stored_key(index, *[0] * len(self.row_shape)))
            return b"" if stored is None else stored
        block, start = self._block(index, alone=True)
        if block.dtype == object:
            return repr(block.reshape(len(block), -1)[index - start, 0]).encode()
        return bytes(block[index - start].tobytes())

    def absent_rows(self, start: int, stop: int) -> int:
        """How many of rows start to stop - 1, read before, lie in chunks that are not stored."""
        shape = self._stored_shape()
        return sum(
            min(stop, (number + 1) * shape[0]) - max(start, number * shape[0])
            for number in range(start // shape[0], -(-stop // shape[0]))
            if self._is_absent(number)
        )

    def _require_stored(self, index: int) -> None:
        if self._is_absent(index // self._stored_shape()[0]):
            raise DatasetError(
                f"the chunk with row {index} of {self.path} is not stored: the picture is lost, or all black",
                where=self._where,
            )

    def _block(self, index: int, *, alone: bool) -> tuple[Rows, int]:
        """(block that holds a row, its first row); `alone` reads no more than the row's own chunk."""
        size = self.chunk_rows if alone else self._block_rows
        start = index - index % size
        key = (f"{self.path}:{size}", start)
        with self._lock:
            block = self._cache.get(key)
            if block is None:
                block = self._read(start, min(start + size, self.num_rows))
                block.setflags(write=False)
                self._cache.put(key, block)
        return block, start

    def _read(self, start: int, stop: int) -> Rows:
        try:
            block = np.asarray(self._array[start:stop])
        except DatasetError:
            raise
        except Exception as error:  # codecs raise whatever they like
            reason = " ".join(str(error).split())[:120]
            raise DatasetError(
                f"rows {start} to {stop - 1} of {self.path} are damaged ({reason or type(error).__name__})",
                where=self._where,
                hint="Copy or download it again",
            ) from error
        if block.shape != (stop - start, *self.row_shape):
            raise DatasetError(f"rows {start} to {stop - 1} of {self.path} have a wrong shape", where=self._where)
        return block

    def _stored_shape(self) -> tuple[int, ...]:
        """Shape of what is one file: a chunk, or a shard of chunks."""
        return tuple(max(1, size) for size in self._array.shards or self._array.chunks)

    def _is_absent(self, number: int) -> bool:
        """Whether a file with this number along the first axis was asked for and not found."""
        if not self._store.absent:
            return False
        counts = [-(-size // step) for size, step in zip(self.row_shape, self._stored_shape()[1:], strict=True)]
        return any(
            self.stored_key(number, *rest) in self._store.absent for rest in itertools.product(*map(range, counts))
        )

    def stored_key(self, *number: int) -> str:
        """Key of the file with these numbers along the axes."""
        return f"{self.path}/{self._array.metadata.encode_chunk_key(number)}"
