"""One failview at a time writes an annotator's sidecars. The system takes the lock back when the process dies."""

import contextlib
import os
import socket
from collections import OrderedDict
from pathlib import Path

import filelock

from failview.errors import SidecarError, SidecarLockedError
from failview.sidecars.file_names import annotator_part
from failview.sidecars.os_errors import in_words

MAX_HELD = 32
"""Locks held at a time; each is an open file, of which a process often may have no more than 1024."""


class AnnotatorLock:
    """A held lock.

    Args:
        path: The lock file; its folder is made when it is not there.
        annotator: Whose sidecars, for messages.

    Raises:
        SidecarLockedError: Another process holds it.
        SidecarError: The lock file cannot be made.
    """

    def __init__(self, path: Path, annotator: str) -> None:
        self._path = path
        self._made_folder = not path.parent.exists()
        # Released by whichever thread closes the store.
        self._lock = filelock.FileLock(path, thread_local=False)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
            path.write_text(f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8")
        except filelock.Timeout:
            raise SidecarLockedError(
                f"another failview ({self._holder()}) works on the annotations of {annotator}",
                where=path.parent,
                hint="Close it, or give another --annotator",
            ) from None
        except OSError as error:
            what, hint = in_words(error)
            raise SidecarError(f"cannot be locked: {what}", where=path.parent, hint=hint) from error

    @property
    def held(self) -> bool:
        """Whether it is still ours."""
        return self._lock.is_locked

    def release(self) -> None:
        """Give the lock back and leave nothing behind. Safe to repeat."""
        if not self._lock.is_locked:
            return
        # Unlinking under the lock is safe: whoever locks an unlinked file notices (st_nlink 0) and tries again.
        with contextlib.suppress(OSError):
            self._path.unlink()
        self._lock.release()
        if self._made_folder:
            with contextlib.suppress(OSError):
                self._path.parent.rmdir()

    def _holder(self) -> str:
        try:
            return self._path.read_text(encoding="utf-8", errors="replace")[:100] or "process unknown"
        except OSError:
            return "process unknown"


class AnnotatorLocks:
    """One annotator's locks on folders of sidecars, each taken when the folder is first worked in.

    The promise: two failviews never write an annotator's sidecars in one folder at the same time, however each of them
    opened the data, because the lock lies with the sidecars and not with the dataset. Only the last MAX_HELD folders
    worked in stay locked. Whoever comes back to a folder given up before locks it again, or is refused when somebody
    else works there now; what was written there meanwhile is noticed by the store and kept aside.

    Args:
        annotator: Whose sidecars.
    """

    def __init__(self, annotator: str) -> None:
        self._annotator = annotator
        self._name = f".{annotator_part(annotator)}.failview.lock"
        self._held: OrderedDict[Path, AnnotatorLock] = OrderedDict()

    def holds(self, folder: Path) -> bool:
        """Whether a folder is locked by us."""
        lock = self._held.get(folder)
        return lock is not None and lock.held

    def hold(self, folder: Path) -> bool:
        """Lock a folder, unless it is locked by us already; whether it was not.

        Raises:
            SidecarLockedError: Another process works there.
            SidecarError: The lock file cannot be made.
        """
        if self.holds(folder):
            self._held.move_to_end(folder)
            return False
        lock = AnnotatorLock(folder / self._name, self._annotator)
        self._held[folder] = lock
        if len(self._held) > MAX_HELD:
            self._held.popitem(last=False)[1].release()
        return True

    def release(self) -> None:
        """Give all locks back. Safe to repeat."""
        while self._held:
            self._held.popitem()[1].release()
