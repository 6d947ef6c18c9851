"""ROS 1 bags (version 2.0), through the index that they carry."""

import io
import itertools
import struct
from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from rosbags.rosbag1 import Reader
from rosbags.rosbag1.reader import Chunk, Compression, Header, IndexData, RecordType, decompressors

from failview.errors import DatasetError
from failview.loaders.rosbag.bag_storage import HEAD_BYTES, Channel, Message, damage_told

_CACHED_CHUNKS = 4
_U32 = struct.Struct("<I")


class _IndexOnly(Reader):
    """Reads the lists at the end of the bag and nothing of its chunks."""

    def read_chunk(self) -> Chunk:
        """No chunk."""
        return Chunk(0, 0, bytes)

    def read_index_data(self, pos: int, indexes: dict[int, list[IndexData]]) -> None:
        """No index of messages."""


class _Entry(NamedTuple):
    offset: int
    channel: int
    time_ns: int


class Ros1Storage:
    """One .bag file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.warnings: Sequence[str] = ()
        with damage_told(path), _told_when_unindexed(path), _IndexOnly(path) as reader:
            counts: dict[int, int] = {}
            for key, count in itertools.chain.from_iterable(
                info.connection_counts.items() for info in reader.chunk_infos
            ):
                counts[key] = counts.get(key, 0) + count
            self.channels: Sequence[Channel] = [
                Channel(item.id, item.topic, item.msgtype, "ros1", item.msgdef.data, "msg", counts.get(item.id, 0))
                for item in reader.connections
            ]

    @contextmanager
    def open(self, path: Path) -> Iterator["Ros1Access"]:
        """Open it for reading messages; reads the index of messages."""
        with damage_told(path), Reader(path) as reader:
            chunks = dict(reader.chunks)
            indexes = dict(reader.indexes)
        with path.open("rb") as file:
            yield Ros1Access(path, file, chunks, indexes)


@contextmanager
def _told_when_unindexed(path: Path) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if "not indexed" in str(error):
            raise DatasetError(
                "the recording of this bag was not finished: it has no index", where=path, hint="Run: rosbag reindex"
            ) from error
        raise


class Ros1Access:
    """An open .bag file; keeps the chunks last decompressed."""

    def __init__(
        self, path: Path, file: BinaryIO, chunks: dict[int, Chunk], indexes: dict[int, list[IndexData]]
    ) -> None:
        self._path = path
        self._file = file
        self._chunks = chunks
        self._indexes = indexes
        self._kept: OrderedDict[int, bytes] = OrderedDict()

    def messages(self, whole: Collection[int], heads: Collection[int], warnings: list[str]) -> Iterator[Message]:
        """Messages chunk by chunk."""
        wanted: dict[int, list[_Entry]] = {}
        for key in {*whole, *heads}:
            for item in self._indexes.get(key, ()):
                wanted.setdefault(item.chunk_pos, []).append(_Entry(item.offset, key, item.time))
        damaged = 0
        for position in sorted(wanted):
            try:
                yield from self._of_chunk(position, sorted(wanted[position]), heads)
            except Exception:  # noqa: BLE001 - whatever the bytes make a decompressor or parser raise, it is damage
                damaged += 1
        if damaged:
            warnings.append(f"{self._path.name}: {damaged} of {len(wanted)} chunks are damaged: left out")

    def read(self, place: tuple[int, int]) -> bytes:
        """One message by (position of its chunk, offset in it)."""
        with damage_told(self._path, "a message is damaged"):
            return self._read(*place, limit=None)

    def _of_chunk(self, position: int, entries: list[_Entry], heads: Collection[int]) -> Iterator[Message]:
        for entry in entries:
            limit = HEAD_BYTES if entry.channel in heads else None
            data = self._read(position, entry.offset, limit)
            yield Message(entry.channel, entry.time_ns, (position, entry.offset), data)

    def _read(self, position: int, offset: int, limit: int | None) -> bytes:
        chunk = self._chunks[position]
        stream: BinaryIO = self._file
        if chunk.decompressor is decompressors[Compression.NONE.value]:
            stream.seek(chunk.datapos + offset)
        else:
            stream = io.BytesIO(self._decompressed(position, chunk))
            stream.seek(offset)
        return _message_at(stream, limit)

    def _decompressed(self, position: int, chunk: Chunk) -> bytes:
        kept = self._kept.get(position)
        if kept is None:
            self._file.seek(chunk.datapos)
            kept = chunk.decompressor(self._file.read(chunk.datasize))
            self._kept[position] = kept
            while len(self._kept) > _CACHED_CHUNKS:
                self._kept.popitem(last=False)
        return kept


def _message_at(stream: BinaryIO, limit: int | None) -> bytes:
    """The data of the message record at the stream's position; connection records may stand before it."""
    while True:
        header = Header.read(stream)
        size = _U32.unpack(stream.read(4))[0]
        if header.get_uint8("op") == RecordType.CONNECTION:
            stream.seek(size, io.SEEK_CUR)
            continue
        if header.get_uint8("op") != RecordType.MSGDATA:
            raise ValueError("no message where the index says")
        wanted = size if limit is None else min(size, limit)
        data = stream.read(wanted)
        if len(data) != wanted:
            raise EOFError("the file ends within a message")
        return data
