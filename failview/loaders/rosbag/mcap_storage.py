"""MCAP files of any profile, through the records of the mcap library; a file without an index is walked once."""

import io
import struct
import zlib
from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

import lz4.frame  # type: ignore[import-untyped]
import zstandard
from mcap.data_stream import ReadDataStream
from mcap.opcode import Opcode
from mcap.reader import SeekingReader
from mcap.records import Channel as ChannelRecord
from mcap.records import MessageIndex, Schema, Statistics
from rosbags.typesys.msg import normalize_msgtype

from failview.errors import DatasetError
from failview.loaders.rosbag.bag_storage import HEAD_BYTES, Channel, Message, damage_told

_MAGIC_BYTES = 8
_CACHED_CHUNKS = 4
_CHUNK_LIMIT = 1 << 30
_FORMATS = {"ros1msg": "msg", "ros2msg": "msg", "ros2idl": "idl", "omgidl": "idl"}
_RECORD = struct.Struct("<BQ")
_CHUNK_HEAD = struct.Struct("<QQQII")
_MESSAGE_HEAD = struct.Struct("<HIQQ")
_IN_FILE = -1
"""Stands in a place for "not in a compressed chunk": the offset is then one of the file."""


class _Record(NamedTuple):
    opcode: int
    start: int
    size: int


class McapStorage:
    """One .mcap file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.warnings: Sequence[str] = ()
        self._chunks: list[int] | None = None
        with damage_told(path), path.open("rb") as file:
            found = _from_summary(file)
            if found is None:
                warnings: list[str] = []
                found = _by_walking(file, warnings, path.name)
                self.warnings = warnings
        self._chunks = found.chunks
        self.channels: Sequence[Channel] = [
            _channel(record, found.schemas, found.counts) for record in found.channels.values()
        ]

    @contextmanager
    def open(self, path: Path) -> Iterator["McapAccess"]:
        """Open it for reading messages."""
        with damage_told(path), path.open("rb") as file:
            yield McapAccess(path, file, self._chunks)


class McapAccess:
    """An open .mcap file; keeps the chunks last decompressed."""

    def __init__(self, path: Path, file: BinaryIO, chunks: list[int] | None) -> None:
        self._path = path
        self._file = file
        self._chunks = chunks
        self._kept: OrderedDict[int, bytes] = OrderedDict()

    def messages(self, whole: Collection[int], heads: Collection[int], warnings: list[str]) -> Iterator[Message]:
        """Messages chunk by chunk; of plain chunks only what is wanted is read."""
        if self._chunks is None:
            with suppress(EOFError):  # a recording that was cut off has been told by the index
                yield from _messages(self._file, _MAGIC_BYTES, None, _IN_FILE, whole, heads)
            return
        damaged = 0
        for start in self._chunks:
            try:
                yield from self._of_chunk(start, whole, heads)
            except Exception:  # noqa: BLE001 - whatever the bytes make a decompressor or parser raise, it is damage
                damaged += 1
        if damaged:
            warnings.append(f"{self._path.name}: {damaged} of {len(self._chunks)} chunks are damaged: left out")

    def read(self, place: tuple[int, int]) -> bytes:
        """One message by (chunk, offset)."""
        chunk, offset = place
        with damage_told(self._path, "a message is damaged"):
            stream: BinaryIO = self._file if chunk == _IN_FILE else io.BytesIO(self._decompressed(chunk))
            record = next(_records(stream, offset, None))
            stream.seek(record.start + _MESSAGE_HEAD.size)
            return _exactly(stream, record.size - _MESSAGE_HEAD.size)

    def _of_chunk(self, start: int, whole: Collection[int], heads: Collection[int]) -> Iterator[Message]:
        head = _chunk_head(self._file, start)
        if not head.compression:
            yield from _messages(self._file, head.data_start, head.data_start + head.size, _IN_FILE, whole, heads)
            return
        content = self._decompressed(start)
        yield from _messages(io.BytesIO(content), 0, len(content), start, whole, heads)

    def _decompressed(self, start: int) -> bytes:
        kept = self._kept.get(start)
        if kept is None:
            kept = _chunk_content(self._file, start)
            self._kept[start] = kept
            while len(self._kept) > _CACHED_CHUNKS:
                self._kept.popitem(last=False)
        return kept


class _Index(NamedTuple):
    """What is known about a file: chunks is None where messages lie outside of chunks."""

    schemas: dict[int, Schema]
    channels: dict[int, ChannelRecord]
    counts: dict[int, int]
    chunks: list[int] | None


def _from_summary(file: BinaryIO) -> _Index | None:
    """The index at the end of the file; None when there is none, or not all that is needed."""
    try:
        summary = SeekingReader(file).get_summary()
    except Exception:  # noqa: BLE001 - a file whose recording was cut off ends in anything
        return None
    if summary is None or summary.statistics is None or (summary.statistics.message_count and not summary.channels):
        return None
    statistics: Statistics = summary.statistics
    chunks = sorted(item.chunk_start_offset for item in summary.chunk_indexes)
    if len(chunks) != statistics.chunk_count or (statistics.chunk_count and not statistics.channel_message_counts):
        return None
    if any(item.schema_id and item.schema_id not in summary.schemas for item in summary.channels.values()):
        return None
    return _Index(
        summary.schemas, summary.channels, statistics.channel_message_counts, chunks if statistics.chunk_count else None
    )


def _by_walking(file: BinaryIO, warnings: list[str], name: str) -> _Index:
    """Walk over the records; the data of chunks is skipped once their channels are known."""
    index = _Index({}, {}, {}, [])
    assert index.chunks is not None
    loose = False
    per_chunk: dict[int, dict[int, int] | None] = {}
    try:
        for record in _records(file, _MAGIC_BYTES, None):
            if record.opcode == Opcode.CHUNK:
                start = record.start - _RECORD.size
                per_chunk[start] = None
                index.chunks.append(start)
            elif record.opcode == Opcode.MESSAGE_INDEX and index.chunks:
                entries = MessageIndex.read(_stream(file, record))
                counts = per_chunk[index.chunks[-1]] or {}
                per_chunk[index.chunks[-1]] = {**counts, entries.channel_id: len(entries.records)}
            elif record.opcode == Opcode.MESSAGE:
                loose = True
                _learn(index, record, file)
            elif record.opcode in {Opcode.SCHEMA, Opcode.CHANNEL}:
                _learn(index, record, file)
            elif record.opcode == Opcode.DATA_END:
                break
        else:
            warnings.append(f"{name}: the recording was cut off: what was written is read")
    except EOFError:
        warnings.append(f"{name}: the recording was cut off: what was written is read")
    _look_into_chunks(file, index, per_chunk)
    return index._replace(chunks=None) if loose else index


def _look_into_chunks(file: BinaryIO, index: _Index, per_chunk: dict[int, dict[int, int] | None]) -> None:
    """Learn channels from the chunks that name one not yet known, and count where the index of messages is missing."""
    for start, counts in per_chunk.items():
        if counts is not None and counts.keys() <= index.channels.keys():
            for key, count in counts.items():
                index.counts[key] = index.counts.get(key, 0) + count
            continue
        try:
            content = io.BytesIO(_chunk_content(file, start))
            for record in _records(content, 0, len(content.getbuffer())):
                _learn(index, record, content)
        except Exception:  # noqa: BLE001, S112 - a damaged chunk is told when its messages are read
            continue


def _learn(index: _Index, record: _Record, stream: BinaryIO) -> None:
    if record.opcode == Opcode.SCHEMA:
        schema = Schema.read(_stream(stream, record))
        index.schemas[schema.id] = schema
    elif record.opcode == Opcode.CHANNEL:
        channel = ChannelRecord.read(_stream(stream, record))
        index.channels[channel.id] = channel
    elif record.opcode == Opcode.MESSAGE:
        stream.seek(record.start)
        key = _MESSAGE_HEAD.unpack(_exactly(stream, _MESSAGE_HEAD.size))[0]
        index.counts[key] = index.counts.get(key, 0) + 1


def _channel(record: ChannelRecord, schemas: dict[int, Schema], counts: dict[int, int]) -> Channel:
    schema = schemas.get(record.schema_id)
    encoding = "ros1" if record.message_encoding == "ros1" else record.message_encoding
    definition_format = _FORMATS.get(schema.encoding, "") if schema else ""
    name = schema.name if schema else ""
    return Channel(
        record.id,
        record.topic,
        normalize_msgtype(name) if definition_format and name else name,
        encoding,
        schema.data.decode(errors="replace") if schema and definition_format else "",
        definition_format,
        counts.get(record.id, 0),
    )


def _messages(  # noqa: PLR0913, PLR0917 - where the records lie and which are wanted
    stream: BinaryIO, start: int, stop: int | None, chunk: int, whole: Collection[int], heads: Collection[int]
) -> Iterator[Message]:
    for record in _records(stream, start, stop):
        if record.opcode == Opcode.DATA_END:
            return
        if record.opcode != Opcode.MESSAGE:
            continue
        stream.seek(record.start)
        key, _, log_time_ns, _ = _MESSAGE_HEAD.unpack(_exactly(stream, _MESSAGE_HEAD.size))
        size = record.size - _MESSAGE_HEAD.size
        if key in heads:
            size = min(size, HEAD_BYTES)
        elif key not in whole:
            continue
        yield Message(key, log_time_ns, (chunk, record.start - _RECORD.size), _exactly(stream, size))


def _records(stream: BinaryIO, start: int, stop: int | None) -> Iterator[_Record]:
    """Records from an offset on, until `stop` or the end; their contents are not read.

    Raises:
        EOFError: The last record is cut off.
    """
    position = start
    end = stream.seek(0, io.SEEK_END)
    while position < (end if stop is None else min(stop, end)):
        stream.seek(position)
        opcode, size = _RECORD.unpack(_exactly(stream, _RECORD.size))
        if position + _RECORD.size + size > end:
            raise EOFError("a record is cut off")
        yield _Record(opcode, position + _RECORD.size, size)
        position += _RECORD.size + size


class _ChunkHead(NamedTuple):
    compression: str
    uncompressed_size: int
    uncompressed_crc: int
    data_start: int
    size: int


def _chunk_head(file: BinaryIO, start: int) -> _ChunkHead:
    file.seek(start)
    opcode, record_size = _RECORD.unpack(_exactly(file, _RECORD.size))
    _, _, uncompressed_size, uncompressed_crc, name_size = _CHUNK_HEAD.unpack(_exactly(file, _CHUNK_HEAD.size))
    compression = _exactly(file, min(name_size, 16)).decode()
    size = struct.unpack("<Q", _exactly(file, 8))[0]
    if opcode != Opcode.CHUNK or record_size != _CHUNK_HEAD.size + name_size + 8 + size:
        raise ValueError("no chunk where the index says")
    return _ChunkHead(compression, uncompressed_size, uncompressed_crc, file.tell(), size)


def _chunk_content(file: BinaryIO, start: int) -> bytes:
    head = _chunk_head(file, start)
    if max(head.size, head.uncompressed_size) > _CHUNK_LIMIT:
        raise ValueError(f"a chunk of {head.uncompressed_size} bytes")
    content = _decompressed(_exactly(file, head.size), head)
    if head.uncompressed_crc and zlib.crc32(content) != head.uncompressed_crc:
        raise ValueError("the checksum of a chunk is wrong")
    return content


def _decompressed(data: bytes, head: _ChunkHead) -> bytes:
    if head.compression == "zstd":
        return zstandard.ZstdDecompressor().decompress(data, max_output_size=head.uncompressed_size)
    if head.compression == "lz4":
        with lz4.frame.LZ4FrameFile(io.BytesIO(data)) as plain:
            return bytes(plain.read(head.uncompressed_size))
    if head.compression:
        raise DatasetError(f"chunks are compressed with {head.compression}, which is not read")
    return data


def _stream(stream: BinaryIO, record: _Record) -> ReadDataStream:
    stream.seek(record.start)
    return ReadDataStream(io.BytesIO(_exactly(stream, record.size)))


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise EOFError("the file ends too early")
    return data
