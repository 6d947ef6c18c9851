"""Files on other machines, read in blocks that all readers of a host share."""

import io
import threading
from collections import OrderedDict
from collections.abc import Callable
from urllib.parse import quote

_BLOCK_BYTES = 1024 * 1024
_KEPT_BYTES = 64 * 1024 * 1024

ReadPart = Callable[[str, int, int], bytes]
"""(path, first byte, byte after the last) -> content."""


class RemoteBlocks:
    """The blocks last read. Thread-safe.

    Args:
        read_part: Reads from the other machine.
    """

    def __init__(self, read_part: ReadPart) -> None:
        self._read_part = read_part
        self._lock = threading.Lock()
        self._blocks: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._bytes = 0

    def read(self, path: str, start: int, stop: int, size: int) -> bytes:
        """Bytes start to stop - 1 of a file of this size."""
        first, last = start // _BLOCK_BYTES, (stop - 1) // _BLOCK_BYTES
        pieces = [self._block(path, number, size) for number in range(first, last + 1)]
        joined = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        return joined[start - first * _BLOCK_BYTES : stop - first * _BLOCK_BYTES]

    def clear(self) -> None:
        """Let go of all blocks."""
        with self._lock:
            self._blocks.clear()
            self._bytes = 0

    def _block(self, path: str, number: int, size: int) -> bytes:
        with self._lock:
            block = self._blocks.get((path, number))
            if block is not None:
                self._blocks.move_to_end((path, number))
                return block
        start = number * _BLOCK_BYTES
        block = self._read_part(path, start, min(start + _BLOCK_BYTES, size))
        with self._lock:
            if (path, number) not in self._blocks:
                self._blocks[path, number] = block
                self._bytes += len(block)
            while self._bytes > _KEPT_BYTES:
                self._bytes -= len(self._blocks.popitem(last=False)[1])
        return block


class RemoteFile(io.RawIOBase):
    """A file on another machine, as HDF5, Arrow, zipfile and FFmpeg want it.

    Attributes:
        local_address: Text of its path; h5py takes it, percent-encoded, for the name of the file.
    """

    def __init__(self, blocks: RemoteBlocks, path: str, size: int) -> None:
        super().__init__()
        self.local_address = ""
        self._blocks = blocks
        self._path = path
        self._size = size
        self._position = 0

    def __repr__(self) -> str:
        return quote(self.local_address)

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """Where the next byte comes from."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, counted from the beginning, from here or from the end."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a buffer as far as the file goes."""
        stop = min(self._position + len(buffer), self._size)
        if stop <= self._position:
            return 0
        content = self._blocks.read(self._path, self._position, stop, self._size)
        buffer[: len(content)] = content
        self._position += len(content)
        return len(content)
