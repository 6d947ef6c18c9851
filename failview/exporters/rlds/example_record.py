"""Records of a TFRecord file, each holding one tf.train.Example, as bytes.

Protocol: https://www.tensorflow.org/tutorials/load_data/tfrecord (framing) and tensorflow/core/example/feature.proto.
"""

import struct
from collections.abc import Mapping, Sequence

import google_crc32c
import numpy as np
import numpy.typing as npt

from failview.errors import ExportError

Feature = Sequence[bytes] | npt.NDArray[np.float32] | npt.NDArray[np.int64]
"""Texts and pictures as bytes; numbers flat, of one of two types."""

_LENGTH_DELIMITED = 2
_BYTES_LIST, _FLOAT_LIST, _INT64_LIST = 1, 2, 3
_MOST_BYTES = 2**31 - 1
"""No protocol buffer is larger."""
_MASK_DELTA = 0xA282EAD8


def record(features: Mapping[str, Feature]) -> bytes:
    """A record of a TFRecord file; the same features give the same bytes.

    Raises:
        ExportError: It would be larger than any reader takes.
    """
    entries = []
    for name in sorted(features):
        entry = _field(1, name.encode()) + _field(2, _value(features[name]))
        entries.append(_field(1, entry))
    example = _field(1, b"".join(entries))
    if len(example) > _MOST_BYTES:
        what = f"the episode takes {len(example) / 2**30:.1f} GiB, and TFDS reads at most 2"
        raise ExportError(what, hint="Take smaller pictures: --pictures PIXELS")
    length = struct.pack("<Q", len(example))
    return b"".join((length, _masked_crc(length), example, _masked_crc(example)))


def _value(values: Feature) -> bytes:
    if not isinstance(values, np.ndarray):
        return _field(_BYTES_LIST, b"".join(_field(1, value) for value in values))
    if values.dtype == np.float32:
        return _field(_FLOAT_LIST, _field(1, values.astype("<f4").tobytes()))
    if values.dtype == np.int64:
        return _field(_INT64_LIST, _field(1, b"".join(map(_varint, values.tolist()))))
    raise TypeError(f"no feature holds {values.dtype}")


def _field(number: int, content: bytes) -> bytes:
    return b"".join((_varint(number << 3 | _LENGTH_DELIMITED), _varint(len(content)), content))


def _varint(value: int) -> bytes:
    value &= 0xFFFFFFFFFFFFFFFF
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def _masked_crc(content: bytes) -> bytes:
    crc = google_crc32c.value(content)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + _MASK_DELTA) & 0xFFFFFFFF)
