"""Reads TFRecord files of tf.train.Example by the letter of their protocol, for files written without TensorFlow."""

import struct
from collections.abc import Iterator
from pathlib import Path

import google_crc32c

Value = list[bytes] | list[float] | list[int]


def examples(path: Path) -> Iterator[dict[str, Value]]:
    """Every example of a file; its checksums are checked."""
    content = path.read_bytes()
    at = 0
    while at < len(content):
        (length,) = struct.unpack_from("<Q", content, at)
        assert _crc(content[at : at + 8]) == content[at + 8 : at + 12]
        data = content[at + 12 : at + 12 + length]
        assert len(data) == length
        assert _crc(data) == content[at + 12 + length : at + 16 + length]
        at += 16 + length
        yield _example(data)


def _crc(data: bytes) -> bytes:
    crc = google_crc32c.value(data)
    return struct.pack("<I", (((crc >> 15) | (crc << 17)) + 0xA282EAD8) % 2**32)


def _example(data: bytes) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for _, features in _fields(data):
        for _, entry in _fields(features):
            name, value = (part for _, part in _fields(entry))
            found[name.decode()] = _value(value)
    return found


def _value(data: bytes) -> Value:
    ((kind, content),) = _fields(data)
    parts = [part for _, part in _fields(content)]
    if kind == 1:
        return parts
    (packed,) = parts
    if kind == 2:
        return list(struct.unpack(f"<{len(packed) // 4}f", packed))
    assert kind == 3
    return list(_varints(packed))


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        assert tag & 7 == 2, "every field of an example is delimited by its length"
        length, at = _varint(data, at)
        yield tag >> 3, data[at : at + length]
        at += length


def _varints(data: bytes) -> Iterator[int]:
    at = 0
    while at < len(data):
        value, at = _varint(data, at)
        yield value - 2**64 if value >= 2**63 else value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if not data[at - 1] & 0x80:
            return value, at
