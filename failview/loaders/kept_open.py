"""Files that stay open while one episode after the other is read from them.

A loader has a file open only while it reads an episode: a folder may hold more of them than a process may have open,
and somebody may want to write to one. Work over many episodes of one file says so, and has it opened once.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

from failview.loaders.remote.remote_path import RemotePath

_File = TypeVar("_File")


class _OfThread(threading.local):
    """The file that one thread leaves open, if it wants that at all."""

    def __init__(self) -> None:
        self.is_wanted = False
        self._open = contextlib.ExitStack()
        self._file: Any = None
        self._state: tuple[object, ...] = ()

    def file(self, path: Path, open_it: Callable[[Path], AbstractContextManager[_File]]) -> _File:
        """The file, open; the one that was open before is closed, and so is one that has changed since."""
        status = path.stat()
        state = (path, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        if state != self._state:
            self.close()
            self._file = self._open.enter_context(open_it(path))
            self._state = state
        file: _File = self._file
        return file

    def close(self) -> None:
        self._state, self._file = (), None
        self._open.close()


_MINE = _OfThread()


@contextlib.contextmanager
def kept_open() -> Iterator[None]:
    """While this lasts, this thread leaves the file open from which it read last."""
    if _MINE.is_wanted:
        yield
        return
    _MINE.is_wanted = True
    try:
        yield
    finally:
        _MINE.is_wanted = False
        _MINE.close()


@contextlib.contextmanager
def opened(path: Path, open_it: Callable[[Path], AbstractContextManager[_File]]) -> Iterator[_File]:
    """The file, open at least as long as this lasts.

    Args:
        path: The file; one on another machine is never left open.
        open_it: Opens it.

    Raises:
        Whatever `open_it` raises.
    """
    if not _MINE.is_wanted or isinstance(path, RemotePath) or not path.exists():
        with open_it(path) as file:
            yield file
        return
    try:
        yield _MINE.file(path, open_it)
    except BaseException:
        _MINE.close()
        raise
