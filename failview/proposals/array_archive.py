"""Archives of arrays that numpy reads as .npz, read with every size checked before anything is allocated."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_ENDING = ".npy"
_KINDS = "bifS"
"""Numbers and texts in UTF-8; never objects, which would be pickles."""

_LONGEST_HEAD = 4096
_SAME_DATE = (2020 - 1980) << 9 | 1 << 5 | 1

DAMAGED = (
    OSError,
    EOFError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    struct.error,
    zipfile.BadZipFile,
)
"""What reading may raise when a file is damaged, or not one of ours."""


def pack(arrays: Mapping[str, Array]) -> bytes:
    """An archive of arrays, in their order, not compressed: it is read and written more often than sent."""
    return _written(b"", [], arrays)


def with_last(content: bytes, name: str, array: Array) -> bytes:
    """The archive, as `pack` makes them, with one more array at its end, in place of the one that stands there.

    Raises:
        One of DAMAGED: It is no archive, or an array of this name stands elsewhere.
    """
    members, end = _listed(content)
    if members and members[-1].name == f"{name}{_ENDING}":
        end = members.pop().offset
    if any(member.name == f"{name}{_ENDING}" for member in members):
        raise ValueError(f"{name} is not the last")
    return _written(content[:end], members, {name: array})


class _Member(NamedTuple):
    """One array in an archive (ZIP file format specification, sections 4.3.7 and 4.3.12)."""

    name: str
    crc: int
    size: int
    offset: int

    def head(self) -> bytes:
        """What stands before its content."""
        return struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, *self._common(), len(self.name), 0) + self.name.encode(
            "ascii"
        )

    def entry(self) -> bytes:
        """What the list at the end says of it."""
        fixed = (b"PK\x01\x02", 20, 20, *self._common(), len(self.name), 0, 0, 0, 0, 0, self.offset)
        return struct.pack("<4sHHHHHHIIIHHHHHII", *fixed) + self.name.encode("ascii")

    def _common(self) -> tuple[int, ...]:
        """No flags, not compressed, always the same time, so that equal content is an equal file."""
        return 0, 0, 0, _SAME_DATE, self.crc, self.size, self.size


def _written(before: bytes, members: list[_Member], arrays: Mapping[str, Array]) -> bytes:
    """The zipfile module would do, but it takes longer than some of the detectors."""
    parts, end = [before], len(before)
    listed = list(members)
    for name, array in arrays.items():
        content = _npy(np.asarray(array))
        member = _Member(name + _ENDING, zlib.crc32(content), len(content), end)
        head = member.head()
        parts += [head, content]
        end += len(head) + len(content)
        listed.append(member)
    entries = b"".join(member.entry() for member in listed)
    last = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, len(listed), len(listed), len(entries), end, 0)
    return b"".join([*parts, entries, last])


def _npy(array: Array) -> bytes:
    member = io.BytesIO()
    np.lib.format.write_array(member, array, version=(1, 0), allow_pickle=False)
    return member.getvalue()


def _listed(content: bytes) -> tuple[list[_Member], int]:
    """(the arrays of an archive, where their list begins)."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        found = [_Member(item.filename, item.CRC, item.file_size, item.header_offset) for item in archive.infolist()]
        return found, archive.start_dir


def unpack(archive: zipfile.ZipFile, name: str) -> Array:
    """One array.

    Raises:
        One of DAMAGED: It is not there, or damaged.
    """
    return _read(archive, archive.getinfo(name + _ENDING))


def names(archive: zipfile.ZipFile) -> list[str]:
    """Names of the arrays, in their order."""
    return [name.removesuffix(_ENDING) for name in archive.namelist() if name.endswith(_ENDING)]


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Array:
    if member.compress_type != zipfile.ZIP_STORED:
        raise ValueError("compressed")
    stream = io.BytesIO(archive.read(member))
    version = np.lib.format.read_magic(stream)
    if version != (1, 0):
        raise ValueError(f"npy version {version}")
    shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(stream, max_header_size=_LONGEST_HEAD)
    body = stream.read()
    count = int(np.prod(shape, dtype=object))
    if dtype.kind not in _KINDS or count * dtype.itemsize != len(body):
        raise ValueError("not the array that it promises")
    return np.frombuffer(body, dtype).reshape(shape, order="F" if is_fortran else "C")
