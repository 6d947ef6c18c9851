"""Zarr's view of the files: a store that only reads, and remembers which chunks are not there."""

from collections.abc import AsyncIterator, Iterable

from zarr.abc.store import ByteRequest, OffsetByteRequest, RangeByteRequest, Store, SuffixByteRequest
from zarr.core.buffer import Buffer, BufferPrototype

from failview.loaders.replay_buffer.zarr_files import ZarrFiles


class FilesStore(Store):
    """A zarr store over files.

    Attributes:
        absent: Keys that zarr asked for and that are not there; it takes the array's fill value for them.
    """

    def __init__(self, files: ZarrFiles) -> None:
        super().__init__(read_only=True)
        self._files = files
        self.absent: set[str] = set()

    def __eq__(self, other: object) -> bool:
        """The same store only."""
        return self is other

    __hash__ = Store.__hash__

    @property
    def supports_writes(self) -> bool:
        """Never."""
        return False

    @property
    def supports_deletes(self) -> bool:
        """Never."""
        return False

    @property
    def supports_listing(self) -> bool:
        """Never: `find_arrays` lists."""
        return False

    def stored(self, key: str) -> bytes | None:
        """A file as it is; None when it is not there."""
        return self._files.read(key)

    async def get(self, key: str, prototype: BufferPrototype, byte_range: ByteRequest | None = None) -> Buffer | None:
        """The content of a file, or a part of it."""
        content = self._files.read(key)
        if content is None:
            self.absent.add(key)
            return None
        return prototype.buffer.from_bytes(_part(content, byte_range))

    async def get_partial_values(
        self, prototype: BufferPrototype, key_ranges: Iterable[tuple[str, ByteRequest | None]]
    ) -> list[Buffer | None]:
        """Parts of files."""
        return [await self.get(key, prototype, byte_range) for key, byte_range in key_ranges]

    async def exists(self, key: str) -> bool:
        """Whether there is such a file."""
        return self._files.read(key) is not None

    async def set(self, key: str, value: Buffer) -> None:  # noqa: ARG002 - signature of the base class
        """Refused."""
        raise PermissionError(f"{key}: failview never writes to a dataset")

    async def delete(self, key: str) -> None:
        """Refused."""
        raise PermissionError(f"{key}: failview never writes to a dataset")

    def list(self) -> AsyncIterator[str]:
        """Not offered."""
        return _nothing()

    def list_prefix(self, prefix: str) -> AsyncIterator[str]:  # noqa: ARG002 - signature of the base class
        """Not offered."""
        return _nothing()

    def list_dir(self, prefix: str) -> AsyncIterator[str]:  # noqa: ARG002 - signature of the base class
        """Not offered."""
        return _nothing()


async def _nothing() -> AsyncIterator[str]:
    """Arrays are opened by their path: zarr never needs a list."""
    for key in tuple[str, ...]():
        yield key


def _part(content: bytes, byte_range: ByteRequest | None) -> bytes:
    if isinstance(byte_range, RangeByteRequest):
        return content[byte_range.start : byte_range.end]
    if isinstance(byte_range, OffsetByteRequest):
        return content[byte_range.offset :]
    if isinstance(byte_range, SuffixByteRequest):
        return content[-byte_range.suffix :]
    return content
