"""One host or bucket: what is there, and its content."""

import importlib
import io
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast
from urllib.parse import quote, unquote

from failview.errors import DatasetError
from failview.loaders.remote.network_errors import as_dataset_error, is_silence, network_told, status_of
from failview.loaders.remote.remote_file import RemoteBlocks, RemoteFile
from failview.loaders.remote.remote_url import HTTP_SCHEMES, RemoteUrl

Kind = Literal["file", "folder"]

_READ_WHOLE_BYTES = 1024 * 1024
"""Files up to this size are read in one piece."""
_COPIED_AT_MOST = 4 * 1024**3
_CONNECT_S, _SILENCE_S = 10, 60
_MARKS = (".zmetadata", ".zgroup", "zarr.json", "meta/info.json")
"""A folder of a server that lists nothing is known by the descriptions in it."""
_ANONYMOUS = {"s3": {"anon": True}, "s3a": {"anon": True}}


class RemoteStore:
    """Files of one host or bucket, by their path there. Thread-safe; nothing is ever written.

    Args:
        url: An address there.

    Raises:
        DatasetError: The libraries for this kind of address are not installed.
    """

    def __init__(self, url: RemoteUrl) -> None:
        self._url = url
        self._queries = {url.path: url.query}
        self._lock = threading.Lock()
        self._infos: dict[str, dict[str, Any] | None] = {}
        self._blocks = RemoteBlocks(self._read_part)
        self._fs = _filesystem(url, self.options)

    def options(self) -> dict[str, Any]:
        """What the filesystem is told."""
        return {}

    def add(self, url: RemoteUrl) -> None:
        """Another address of this host, with a signature of its own."""
        self._queries[url.path] = url.query

    def forget(self) -> None:
        """Ask again what is there."""
        with self._lock:
            self._infos.clear()
        self._blocks.clear()
        self._fs.invalidate_cache()

    def shown(self, path: str) -> str:
        """The address of a path, without what is secret."""
        return f"{self._url.scheme}://{self._url.host}/{path}".rstrip("/")

    def kind(self, path: str) -> Kind | None:
        """What is at a path; None for nothing.

        Raises:
            DatasetError: Nobody answers, or the server has a fault.
        """
        info = self.info(path)
        return None if info is None else "folder" if info.get("type") == "directory" else "file"

    def info(self, path: str) -> dict[str, Any] | None:
        """What the server says about a path; None when nothing is there that may be seen."""
        if path not in self._infos:
            found = self._ask(path)
            with self._lock:
                self._infos[path] = found
        return self._infos[path]

    def require(self, path: str) -> None:
        """Refuse a path where nothing is.

        Raises:
            DatasetError: Nothing there, not allowed, or nobody answers.
        """
        if self.kind(path) is None:
            with network_told(self.shown(path)):
                self._fs.info(self.address(path))
            raise DatasetError("there is nothing at this address", where=self.shown(path), hint="Check it")

    def names(self, path: str) -> list[str]:
        """Names directly below a folder; empty when the server lists nothing."""
        try:
            entries = self._fs.ls(self.address(path), detail=True)
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            return []
        except Exception as error:
            raise as_dataset_error(error, self.shown(path)) from error
        names = []
        for entry in entries:
            name = str(entry["name"]).rstrip("/").rpartition("/")[2]
            if name and f"{path}/{name}".strip("/") != path:
                names.append(name)
                self._remember(f"{path}/{name}".strip("/"), entry)
        return names

    def read(self, path: str) -> bytes:
        """A whole file.

        Raises:
            FileNotFoundError: There is none.
            DatasetError: It cannot be read.
        """
        try:
            return bytes(self._fs.cat_file(self.address(path)))
        except FileNotFoundError as error:
            if is_silence(error):
                raise as_dataset_error(error, self.shown(path)) from error
            raise FileNotFoundError(self.shown(path)) from error
        except Exception as error:
            raise as_dataset_error(error, self.shown(path)) from error

    def open(self, path: str) -> BinaryIO:
        """A file to read parts of; it can be sought in.

        Raises:
            FileNotFoundError: There is none.
            DatasetError: It cannot be read.
        """
        info = self.info(path)
        if info is None:
            raise FileNotFoundError(self.shown(path))
        with network_told(self.shown(path)):
            return self._open(path, info.get("size"))

    def _open(self, path: str, size: int | None) -> BinaryIO:
        if size is None:
            return io.BytesIO(self.read(path))
        return cast("BinaryIO", RemoteFile(self._blocks, path, size))

    def _read_part(self, path: str, start: int, stop: int) -> bytes:
        with network_told(self.shown(path)):
            content = bytes(self._fs.cat_file(self.address(path), start=start, end=stop))
        if len(content) != stop - start:
            raise DatasetError("the server sent another part than was asked for", where=self.shown(path))
        return content

    def address(self, path: str) -> str:
        """The full address of a path, as the filesystem wants it."""
        return f"{self._url.scheme}://{self._url.secret}{self._url.host}/{path}".rstrip("/")

    def query(self, path: str) -> str:
        """What follows the path in the address, with its "?"."""
        return self._queries.get(path, "")

    def _ask(self, path: str) -> dict[str, Any] | None:
        try:
            return dict(self._fs.info(self.address(path)))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except Exception as error:
            if status_of(error) in {403, 404} or isinstance(error, PermissionError):
                return None
            raise as_dataset_error(error, self.shown(path)) from error

    def _remember(self, path: str, entry: dict[str, Any]) -> None:
        with self._lock:
            self._infos.setdefault(path, dict(entry))


class HttpStore(RemoteStore):
    """A web server: folders are pages with links, if it lists them at all."""

    def __init__(self, url: RemoteUrl) -> None:
        super().__init__(url)
        self._sends_parts: bool | None = None
        self._copies: tempfile.TemporaryDirectory[str] | None = None
        self._copied: dict[str, Path] = {}

    def options(self) -> dict[str, Any]:
        """Time limits: a server that is silent must not stop the work for ever."""
        aiohttp = importlib.import_module("aiohttp")
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S, sock_read=_SILENCE_S)
        return {"client_kwargs": {"timeout": timeout}}

    def address(self, path: str) -> str:
        """The full address, percent-encoded, with its signature."""
        return f"{super().address(quote(path, safe='/!$&()*+,;=:@~-._'))}{self.query(path)}"

    def names(self, path: str) -> list[str]:
        """Names that the page of a folder links to; links that sort the page or lead elsewhere are none."""
        if self.kind(path) != "folder":
            return []
        address = self.address(path).rstrip("/") + "/"
        try:
            entries: Iterable[dict[str, Any]] = self._fs.ls(address, detail=True)
        except FileNotFoundError:
            return []
        except Exception as error:
            raise as_dataset_error(error, self.shown(path)) from error
        names: dict[str, None] = {}
        for entry in entries:
            rest = str(entry["name"]).removeprefix(address)
            name = unquote(rest.rstrip("/"))
            if (
                rest == entry["name"]
                or "/" in rest.rstrip("/")
                or "?" in rest
                or "#" in rest
                or not name
                or name[0] == "."
            ):
                names.update({name: None} if name.startswith(".z") and "/" not in name else {})
                continue
            names[name] = None
            if rest.endswith("/"):
                self._remember(f"{path}/{name}".strip("/"), {"type": "directory"})
        return list(names)

    def _ask(self, path: str) -> dict[str, Any] | None:
        try:
            info = dict(self._fs.info(self.address(path)))
        except FileNotFoundError as error:
            status = status_of(error)
            if is_silence(error) or (status is not None and status >= 500):
                raise as_dataset_error(error, self.shown(path)) from error
            return self._unlisted_folder(path)
        except Exception as error:
            raise as_dataset_error(error, self.shown(path)) from error
        is_page = info.get("mimetype") == "text/html"
        return {**info, "type": "directory" if is_page else "file"}

    def _unlisted_folder(self, path: str) -> dict[str, Any] | None:
        """A dataset's folder on a server without pages for folders."""
        if path not in self._queries:
            return None
        for mark in _MARKS:
            try:
                self._fs.info(self.address(f"{path}/{mark}"))
            except FileNotFoundError:
                continue
            return {"type": "directory"}
        return None

    def _open(self, path: str, size: int | None) -> BinaryIO:
        if size and size > _READ_WHOLE_BYTES and self._sends_parts is None:
            self._sends_parts = self._try_a_part(path, size)
        if not size or (size > _READ_WHOLE_BYTES and not self._sends_parts):
            size = self._copy(path, size).stat().st_size
        return super()._open(path, size)

    def _read_part(self, path: str, start: int, stop: int) -> bytes:
        """Of small files the server may send all; of large ones it was tried whether it sends parts."""
        if path in self._copied:
            with self._copied[path].open("rb") as file:
                file.seek(start)
                return file.read(stop - start)
        size = (self.info(path) or {}).get("size")
        if size is not None and size <= _READ_WHOLE_BYTES:
            return self.read(path)[start:stop]
        return super()._read_part(path, start, stop)

    def _try_a_part(self, path: str, size: int) -> bool:
        """Whether the server sends the end of a file without its beginning."""
        with self._fs.open(
            self.address(path), "rb", block_size=_READ_WHOLE_BYTES, size=size, cache_type="none"
        ) as file:
            try:
                file.seek(size - 1)
                return len(file.read(1)) == 1
            except ValueError:
                return False

    def _copy(self, path: str, size: int | None) -> Path:
        """A temporary copy of a file of a server that only sends whole files; it goes when the program ends."""
        with self._lock:
            if path in self._copied:
                return self._copied[path]
            if self._copies is None:
                self._copies = tempfile.TemporaryDirectory(prefix="failview-remote-")
            free = shutil.disk_usage(self._copies.name).free
            if (size or 0) > min(_COPIED_AT_MOST, free // 2):
                raise DatasetError(
                    "the server only sends whole files, and this one is too large",
                    where=self.shown(path),
                    hint="Download it",
                )
            target = Path(self._copies.name) / str(len(self._copied))
            self._fs.get_file(self.address(path), str(target))
            self._copied[path] = target
            return target


def open_store(url: RemoteUrl) -> RemoteStore:
    """The store of an address.

    Raises:
        DatasetError: The libraries for this kind of address are not installed, or the kind is not known.
    """
    return HttpStore(url) if url.scheme in HTTP_SCHEMES else RemoteStore(url)


def _filesystem(url: RemoteUrl, options: Callable[[], dict[str, Any]]) -> Any:
    try:
        fsspec = importlib.import_module("fsspec")
        filesystem = fsspec.filesystem(url.scheme, **options())
    except ImportError as error:
        raise DatasetError(
            f"reading {url.scheme}:// needs libraries that are not installed",
            where=url.shown,
            hint="Install them with: pip install 'failview[remote]'",
        ) from error
    except ValueError as error:
        raise DatasetError(f"{url.scheme}:// is no kind of address that failview knows", where=url.shown) from error
    return _anonymous_if_need_be(fsspec, filesystem, url)


def _anonymous_if_need_be(fsspec: Any, filesystem: Any, url: RemoteUrl) -> Any:
    """Without credentials a public bucket can still be read."""
    options = _ANONYMOUS.get(url.scheme)
    if options is None:
        return filesystem
    try:
        filesystem.info(url.shown)
    except Exception as error:  # noqa: BLE001 - botocore is not imported here to name its errors
        if any("Credentials" in type(item).__name__ for item in (error, error.__cause__, error.__context__)):
            return fsspec.filesystem(url.scheme, **options)
    return filesystem
