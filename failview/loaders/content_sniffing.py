"""What a file or folder is, by its content and never by its name alone."""

import json
from itertools import pairwise
from pathlib import Path

from failview.errors import DatasetError

_GIT_LFS_START = b"version https://git-lfs"
HDF5_SUFFIXES = (".hdf5", ".h5", ".he5")
_HDF5_USER_BLOCKS = (0, 512, 1024, 2048)
"""Offsets at which the HDF5 signature may stand, by the HDF5 file format specification (section II.A)."""
_LEROBOT_PARTS = frozenset({"data", "videos", "images", "meta"})
_LEROBOT_DEPTH = 5
"""videos/<chunk>/<camera>/<file> is the deepest place of a file."""
_HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"


def is_git_lfs_pointer(path: Path) -> bool:
    """Whether a file is the small text that Git LFS leaves in place of the data."""
    return _head(path, len(_GIT_LFS_START)) == _GIT_LFS_START


def refuse_git_lfs(content: bytes, where: Path) -> None:
    """Refuse the small text that Git LFS leaves in place of the data.

    Raises:
        DatasetError: It is one.
    """
    if content.startswith(_GIT_LFS_START):
        raise DatasetError("a Git LFS pointer is here in place of the data", where=where, hint="Run: git lfs pull")


def require_readable_file(path: Path) -> None:
    """Refuse a file that holds no data.

    Raises:
        DatasetError: Empty, unreadable, a Git LFS pointer, or named HDF5 without being it.
    """
    head = _head(path, _HDF5_USER_BLOCKS[-1] + len(_HDF5_SIGNATURE))
    if not head:
        raise DatasetError("this file is empty", where=path, hint="Copy or download it again")
    refuse_git_lfs(head, path)
    if path.suffix.lower() in HDF5_SUFFIXES and not _has_hdf5_signature(head):
        raise DatasetError("not an HDF5 file, whatever its name says", where=path, hint="Open the right file")


def has_hdf5_signature(path: Path) -> bool:
    """Whether a file begins as an HDF5 file does."""
    return path.is_file() and _has_hdf5_signature(_head(path, _HDF5_USER_BLOCKS[-1] + len(_HDF5_SIGNATURE)))


def is_broken_hdf5(path: Path) -> bool:
    """Whether a file is named like HDF5 but is none: empty, a Git LFS pointer, or something else."""
    return path.is_file() and path.suffix.lower() in HDF5_SUFFIXES and not has_hdf5_signature(path)


def is_lerobot_folder(path: Path) -> bool:
    """Whether a folder holds a LeRobot dataset (meta/info.json that names a codebase version).

    Raises:
        DatasetError: The description is there but cannot be read.
    """
    info = path / "meta" / "info.json"
    if not path.is_dir() or not info.is_file():
        return False
    require_readable_file(info)
    try:
        content = json.loads(info.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DatasetError("this is not valid JSON", where=info, hint="Restore it from the dataset's source") from error
    return isinstance(content, dict) and ("codebase_version" in content or "features" in content)


def lerobot_folder_around(path: Path) -> Path | None:
    """The LeRobot dataset that a file or folder is a part of; None when it is of none.

    Raises:
        DatasetError: There is one, but its description cannot be read.
    """
    whole = path.absolute()
    for part, folder in list(pairwise([whole, *whole.parents]))[:_LEROBOT_DEPTH]:
        if part.name in _LEROBOT_PARTS and is_lerobot_folder(folder):
            return folder
    return None


def head_or_nothing(path: Path, size: int) -> bytes:
    """The first bytes of a file; none when it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError:
        return b""


def _head(path: Path, size: int) -> bytes:
    if not path.is_file():
        return b""
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise DatasetError(f"this file cannot be read ({error.strerror})", where=path) from error


def _has_hdf5_signature(head: bytes) -> bool:
    return any(head[start:].startswith(_HDF5_SIGNATURE) for start in _HDF5_USER_BLOCKS)
