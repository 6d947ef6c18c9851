"""Archives of arrays that numpy reads as .npz, read with every size checked before anything is allocated."""

import io
import struct
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_ENDING = ".npy"
_KINDS = "bifS"
"""Numbers and texts in UTF-8; never objects, which would be pickles."""

_LONGEST_HEAD = 4096
_SAME_TIME = (2020, 1, 1, 0, 0, 0)
"""Of every member, so that equal content is an equal file."""

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
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        _add(archive, arrays)
    return content.getvalue()


def with_last(content: bytes, name: str, array: Array) -> bytes:
    """The archive with one more array at its end, in place of the one of the same name that may stand there.

    Raises:
        One of DAMAGED: It is no archive.
    """
    buffer = io.BytesIO(content)
    with zipfile.ZipFile(buffer) as archive:
        members = archive.infolist()
        old = next((member for member in members if member.filename == name + _ENDING), None)
        if old is not None:
            rest = {item.filename.removesuffix(_ENDING): _read(archive, item) for item in members if item is not old}
            return pack({**rest, name: array})
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_STORED) as archive:
        _add(archive, {name: array})
    return buffer.getvalue()


def unpack(archive: zipfile.ZipFile, name: str) -> Array:
    """One array.

    Raises:
        One of DAMAGED: It is not there, or damaged.
    """
    return _read(archive, archive.getinfo(name + _ENDING))


def names(archive: zipfile.ZipFile) -> list[str]:
    """Names of the arrays, in their order."""
    return [name.removesuffix(_ENDING) for name in archive.namelist() if name.endswith(_ENDING)]


def _add(archive: zipfile.ZipFile, arrays: Mapping[str, Array]) -> None:
    for name, array in arrays.items():
        member = io.BytesIO()
        np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)
        archive.writestr(zipfile.ZipInfo(name + _ENDING, _SAME_TIME), member.getvalue())


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
