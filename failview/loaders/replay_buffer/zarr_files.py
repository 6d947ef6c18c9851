"""The files of a zarr hierarchy, in a folder or in a zip."""

import threading
import zipfile
import zlib
from pathlib import Path
from typing import Protocol

from failview.errors import DatasetError
from failview.loaders.content_sniffing import refuse_git_lfs
from failview.loaders.safe_paths import inside

ENDS_PATHS = ("meta/episode_ends", "episode_ends")
"""Where a replay buffer keeps the row after the last of each episode."""
_ARRAY_MARKS = (".zarray", "zarr.json")
_GROUP_MARKS = (".zgroup", ".zmetadata", "zarr.json")
_MAX_FILE_BYTES = 2 * 1024**3
"""No chunk of a useful dataset is larger once unpacked."""


class ZarrFiles(Protocol):
    """Reads files by their key ("data/img/0.0.0.0"). Thread-safe; nothing is ever written.

    Attributes:
        outside: Keys that were asked for and lead out of the hierarchy: there is nothing behind them.
    """

    outside: set[str]

    def read(self, key: str) -> bytes | None:
        """The content of a file; None when there is none.

        Raises:
            DatasetError: It is there but cannot be read.
        """

    def names(self, folder: str) -> list[str]:
        """Names directly below a folder key; empty when there is none."""

    def close(self) -> None:
        """Release files. Safe to repeat."""


class FolderFiles:
    """A hierarchy in a folder."""

    def __init__(self, path: Path) -> None:
        self._root = path
        self.outside: set[str] = set()

    def read(self, key: str) -> bytes | None:
        """The content of a file; None when there is none, or when it lies outside the folder."""
        path = self._inside(key)
        if path is None:
            return None
        try:
            content = path.read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None
        except OSError as error:
            raise DatasetError(f"this file cannot be read ({error.strerror})", where=path) from error
        refuse_git_lfs(content, path)
        return content

    def names(self, folder: str) -> list[str]:
        """Names directly below a folder key."""
        path = self._inside(folder) if folder else self._root
        try:
            return [] if path is None else [child.name for child in path.iterdir()]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise DatasetError(f"this folder cannot be read ({error.strerror})", where=path) from error

    def close(self) -> None:
        """Nothing stays open between reads."""

    def _inside(self, key: str) -> Path | None:
        path = inside(self._root, key)
        if path is None:
            self.outside.add(key)
        return path


class ZipFiles:
    """A hierarchy in a zip, at its root or in a folder of it.

    Raises:
        DatasetError: No zip, or a damaged one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.outside: set[str] = set()
        self._lock = threading.Lock()
        self._stream = path.open("rb")
        try:
            self._zip = zipfile.ZipFile(self._stream)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            self._stream.close()
            raise DatasetError(
                "this zip is truncated or damaged", where=path, hint="Copy or download it again"
            ) from error
        self._prefix = _prefix(self._zip.namelist())
        self._folders: dict[str, dict[str, None]] = {}
        for name in self._zip.namelist():
            self._list(name.removeprefix(self._prefix) if name.startswith(self._prefix) else "")

    def read(self, key: str) -> bytes | None:
        """The content of a file; None when there is none."""
        try:
            entry = self._zip.getinfo(self._prefix + key)
        except KeyError:
            return None
        if entry.file_size > _MAX_FILE_BYTES:
            raise DatasetError(f"{entry.filename} unpacks to {entry.file_size} bytes: refused", where=self._path)
        try:
            with self._lock:
                content = self._zip.read(entry)
        except NotImplementedError as error:
            raise DatasetError(
                f"{entry.filename} is packed in a way that Python cannot read",
                where=self._path,
                hint="Unpack the zip and open the folder",
            ) from error
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
            raise DatasetError(
                f"{entry.filename} is damaged ({error})", where=self._path, hint="Copy or download it again"
            ) from error
        refuse_git_lfs(content, self._path / entry.filename)
        return content

    def names(self, folder: str) -> list[str]:
        """Names directly below a folder key."""
        return list(self._folders.get(folder, ()))

    def close(self) -> None:
        """Release the zip. Safe to repeat."""
        self._zip.close()
        self._stream.close()

    def _list(self, key: str) -> None:
        """Note a file in its folder, and each folder in the one above, up to the first that is known."""
        while key:
            folder, _, name = key.rpartition("/")
            known = self._folders.setdefault(folder, {})
            if name in known:
                return
            known[name] = None
            key = folder


def _prefix(names: list[str]) -> str:
    """The folder within a zip that is the root of the hierarchy, with its "/"; "" for the zip's own root."""
    marks = [f"{ends}/{mark}" for ends in ENDS_PATHS for mark in _ARRAY_MARKS] + list(_GROUP_MARKS)
    for mark in marks:
        prefixes = [name.removesuffix(mark) for name in names if name.endswith(mark)]
        roots = [prefix for prefix in prefixes if not prefix or prefix.endswith("/")]
        if roots:
            return min(roots, key=len)
    return ""


def open_files(path: Path) -> ZarrFiles:
    """The files of a hierarchy in a folder or a zip."""
    return FolderFiles(path) if path.is_dir() else ZipFiles(path)


def is_zarr(path: Path) -> bool:
    """Whether a folder, or a zip, holds a zarr hierarchy.

    Raises:
        DatasetError: A damaged zip of that kind.
    """
    if path.is_dir():
        return any((path / mark).is_file() for mark in _GROUP_MARKS) or any(
            (path / ends / mark).is_file() for ends in ENDS_PATHS for mark in _ARRAY_MARKS
        )
    if not zipfile_signature(path):
        return False
    try:
        with path.open("rb") as stream, zipfile.ZipFile(stream) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        if ".zarr" not in path.name.lower():
            return False
        raise DatasetError("this zip is truncated or damaged", where=path, hint="Copy or download it again") from error
    return any(name.rsplit("/", 1)[-1] in {*_GROUP_MARKS, ".zarray"} for name in names)


def zipfile_signature(path: Path) -> bool:
    """Whether a file begins as a zip does."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"
