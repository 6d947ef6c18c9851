"""Files replaced so that at every instant a whole old or a whole new version is on disk, power cuts included.

The order is SQLite's: write a temporary file, fsync it, rename it, fsync the folder.
"""

import contextlib
import errno
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

TEMPORARY_SUFFIX = ".tmp"

MAX_SIDECAR_BYTES = 16 * 1024 * 1024
"""No annotation comes near; a larger file is not one of ours and is not read into memory."""

_NO_HARD_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV})


@dataclass(frozen=True)
class FileState:
    """What a file looked like, to notice that somebody else changed it.

    Attributes:
        inode: Inode number.
        modified_ns: Time of the last change.
        size: Bytes.
        sha256: Hash of the content.
    """

    inode: int
    modified_ns: int
    size: int
    sha256: bytes

    def looks_like(self, status: os.stat_result) -> bool:
        """Whether a file with this status cannot have changed."""
        return (self.inode, self.modified_ns, self.size) == (status.st_ino, status.st_mtime_ns, status.st_size)


def read_file(path: Path) -> tuple[bytes, FileState] | None:
    """Content and state of a regular file; None when there is none.

    Raises:
        OSError: It cannot be read, is not a regular file, or is too large to be a sidecar.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    with open(handle, "rb") as file:  # noqa: PTH123 - a descriptor
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a regular file")
        if status.st_size > MAX_SIDECAR_BYTES:
            raise OSError(errno.EOVERFLOW, "too large to be a sidecar")
        content = file.read(MAX_SIDECAR_BYTES + 1)
    return content, _state(status, content)


def replace_file(path: Path, content: bytes, keep_as: Path) -> FileState:
    """Put new content in place of a file; durable once the folder has been fsynced as well.

    Args:
        path: The file; it need not exist.
        content: All of the new content.
        keep_as: Where the present version stays, replacing what is there.

    Raises:
        OSError: Not done (disk full, read-only, …); the present version is in place and no temporary file is left.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY_SUFFIX}")
    spare = path.with_name(f".{path.name}.{os.getpid()}.kept{TEMPORARY_SUFFIX}")
    moved = False
    try:
        status = _write_durably(temporary, content)
        moved = _keep(path, keep_as, spare)
        temporary.rename(path)
    except OSError:
        if moved:
            keep_as.rename(path)
        for leftover in (temporary, spare):
            with contextlib.suppress(OSError):
                leftover.unlink()
        raise
    return _state(status, content)


def replace_computed(path: Path, content: bytes) -> None:
    """Put new content in place of a file that can be computed again: whole, but without waiting for the disk.

    A power cut may leave less than all of it; whoever reads it must notice.

    Raises:
        OSError: Not done; no temporary file is left.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY_SUFFIX}")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def set_aside(path: Path, mark: str) -> Path:
    """Move a file to `<name>.<mark>-<n>` with the first n that is free, never over another file."""
    number = 1
    while True:
        target = path.with_name(f"{path.name}.{mark}-{number}")
        try:
            os.link(path, target, follow_symlinks=False)
        except FileExistsError:
            number += 1
            continue
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
            if os.path.lexists(target):
                number += 1
                continue
            path.rename(target)
        else:
            path.unlink()
        fsync_folder(path.parent)
        return target


def free_name(path: Path, mark: str) -> Path:
    """`<name>.<mark>-<n>` with the first n that is free."""
    number = 1
    while os.path.lexists(target := path.with_name(f"{path.name}.{mark}-{number}")):
        number += 1
    return target


def fsync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    except OSError as error:
        # Some network and FUSE file systems cannot fsync folders; there is nothing better to do there.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def _write_durably(path: Path, content: bytes) -> os.stat_result:
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        return os.fstat(file.fileno())


def _keep(path: Path, keep_as: Path, spare: Path) -> bool:
    """Give the present version a second name, or where there are no hard links another name; True for the latter.

    Then, for an instant, only the other name is valid.
    """
    with contextlib.suppress(FileNotFoundError):
        spare.unlink()
    try:
        os.link(path, spare, follow_symlinks=False)
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        with contextlib.suppress(FileNotFoundError):
            path.rename(keep_as)
            return True
        return False
    spare.rename(keep_as)
    return False


def _state(status: os.stat_result, content: bytes) -> FileState:
    return FileState(status.st_ino, status.st_mtime_ns, status.st_size, hashlib.sha256(content).digest())
