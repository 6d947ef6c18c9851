"""One failview at a time writes an annotator's sidecars. The system takes the lock back when the process dies."""

import contextlib
import os
import socket
from collections.abc import Sequence
from pathlib import Path

import filelock

from failview.errors import SidecarError, SidecarLockedError
from failview.sidecars.os_errors import in_words


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


def hold_locks(paths: Sequence[Path], annotator: str) -> tuple[AnnotatorLock, ...]:
    """All of the locks, or none.

    Raises:
        SidecarLockedError: Another process holds one of them.
        SidecarError: One of the lock files cannot be made.
    """
    held: list[AnnotatorLock] = []
    try:
        for path in paths:
            held.append(AnnotatorLock(path, annotator))  # noqa: PERF401 - those held before a refusal are given back
    except SidecarError:
        for lock in held:
            lock.release()
        raise
    return tuple(held)
