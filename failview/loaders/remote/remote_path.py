"""Paths to files on other machines that behave like paths of this one."""

import fnmatch
import hashlib
import io
import os
import posixpath
import stat
import time
from collections.abc import Generator
from pathlib import Path, PosixPath
from typing import Any
from urllib.parse import unquote

from failview.loaders.remote.remote_file import RemoteFile
from failview.loaders.remote.remote_store import Kind, RemoteStore, open_store
from failview.loaders.remote.remote_url import RemoteUrl
from failview.settings.user_folders import remote_datasets

_STORES: dict[str, RemoteStore] = {}
"""Store of each host or bucket, by the local folder that stands for it."""


class RemotePath(PosixPath):
    """A path whose content lies on another machine.

    Its own text is the local address: a place in a user folder where what belongs beside the dataset is kept
    (annotations, profile). Reading goes to the other machine. In messages (`f"{path}"`) it shows the remote address.
    """

    def __format__(self, spec: str) -> str:
        """The remote address."""
        store, path = self._there()
        return format(store.shown(path), spec)

    def exists(self, **_: Any) -> bool:
        """Whether something is there."""
        return self._kind() is not None

    def is_file(self, **_: Any) -> bool:
        """Whether a file is there."""
        return self._kind() == "file"

    def is_dir(self, **_: Any) -> bool:
        """Whether a folder is there."""
        return self._kind() == "folder"

    def is_symlink(self) -> bool:
        """Never."""
        return False

    def resolve(self, strict: bool = False) -> "RemotePath":  # noqa: ARG002 - signature of the base class
        """Without "..": other machines have no links."""
        return RemotePath(posixpath.normpath(os.fspath(self)))

    def absolute(self) -> "RemotePath":
        """Itself."""
        return self

    def stat(self, **_: Any) -> os.stat_result:
        """Size, and an identity that changes with the content where the server tells one."""
        store, path = self._there()
        info = store.info(path)
        if info is None:
            raise FileNotFoundError(store.shown(path))
        told = [
            info.get(key) for key in ("ETag", "etag", "md5Hash", "Last-Modified", "LastModified", "mtime", "created")
        ]
        known = any(item is not None for item in told)
        identity = repr(told) if known else str(time.monotonic_ns())
        number = int(hashlib.sha256(identity.encode()).hexdigest()[:15], 16)
        mode = stat.S_IFDIR if info.get("type") == "directory" else stat.S_IFREG
        return os.stat_result((mode, number, 0, 1, 0, 0, int(info.get("size") or 0), 0, 0, 0))

    def open(self, mode: str = "r", *_: Any, **more: Any) -> Any:
        """The content, to be read only."""
        if set(mode) & set("wax+"):
            raise PermissionError(f"{self}: failview never writes to a dataset")
        store, path = self._there()
        file = store.open(path)
        if isinstance(file, RemoteFile):
            file.local_address = os.fspath(self)
        return file if "b" in mode else io.TextIOWrapper(file, encoding=more.get("encoding") or "utf-8")

    def read_bytes(self) -> bytes:
        """The whole content."""
        store, path = self._there()
        return store.read(path)

    def read_text(self, encoding: str | None = None, errors: str | None = None, **_: Any) -> str:
        """The whole content as text."""
        return self.read_bytes().decode(encoding or "utf-8", errors or "strict")

    def iterdir(self) -> Generator["RemotePath", None, None]:
        """What lies in the folder, as far as the server lists it."""
        store, path = self._there()
        for name in store.names(path):
            yield self / name

    def glob(self, pattern: str) -> Generator["RemotePath", None, None]:
        """What lies in the folder and fits a pattern of names."""
        yield from (item for item in self.iterdir() if fnmatch.fnmatchcase(item.name, pattern))

    def rglob(self, pattern: str) -> Generator["RemotePath", None, None]:
        """What lies in the folder or below and fits a pattern of names."""
        for item in self.iterdir():
            if fnmatch.fnmatchcase(item.name, pattern):
                yield item
            if item.is_dir():
                yield from item.rglob(pattern)

    def require(self) -> None:
        """Refuse a path where nothing is.

        Raises:
            failview.errors.DatasetError: Nothing there, not allowed, or nobody answers.
        """
        store, path = self._there()
        store.require(path)

    def _kind(self) -> Kind | None:
        store, path = self._there()
        return store.kind(path)

    def _there(self) -> tuple[RemoteStore, str]:
        """(store, path in it)."""
        text = os.fspath(self)
        root = next(root for root in _STORES if text == root or text.startswith(f"{root}/"))
        return _STORES[root], text[len(root) :].strip("/")


def remote_path(url: RemoteUrl) -> RemotePath:
    """The path of an address; the network is asked when the path is.

    Raises:
        failview.errors.DatasetError: The libraries for this kind of address are not installed.
    """
    root = os.fspath(remote_datasets() / url.scheme / url.host.replace(":", "_"))
    if root in _STORES:
        _STORES[root].add(url)
        _STORES[root].forget()
    else:
        _STORES[root] = open_store(url)
    return RemotePath(root, url.path)


def path_of_open_file(name: str) -> Path:
    """The path of a file that h5py has open, by the name that h5py knows it under."""
    text = unquote(name)
    is_remote = any(text.startswith(f"{root}/") for root in _STORES)
    return RemotePath(text) if is_remote else Path(name)


def local_address(path: Path) -> Path:
    """Where things beside a dataset are kept on this machine: for a remote one in a user folder."""
    return Path(os.fspath(path)) if isinstance(path, RemotePath) else path


def place_beside(path: Path) -> Path:
    """The local address of an episode's file; the folder for what lies beside it is made if need be."""
    if isinstance(path, RemotePath):
        local_address(path).parent.mkdir(parents=True, exist_ok=True)
    return local_address(path)
