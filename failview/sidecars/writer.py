"""Writes records in the background, only the newest of each episode, so that the screen never waits for the disk."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime

from psygnal import Signal

from failview.errors import FailviewError
from failview.model.annotation import AnnotationRecord
from failview.sidecars.store import SidecarStore

RETRY_S = 3.0
"""Pause after a failed write; a full disk or a lost network folder comes back by itself or not at all."""

Post = Callable[[Callable[[], None]], None]


class SidecarWriter:
    """Saves records on a thread of its own. The signals are emitted through `post`.

    Args:
        store: Where the records go.
        post: Runs a function on the thread that owns the signals.
        retry_s: Pause in seconds before a failed write is tried again.

    Attributes:
        saved: Emits (record, ISO 8601 time in UTC) when a record is on disk.
        warned: Emits (episode id, line) that a person should read (another program changed a sidecar).
        failed: Emits one line why a record is not on disk; it is kept and tried again.
    """

    saved = Signal(AnnotationRecord, str)
    warned = Signal(str, str)
    failed = Signal(str)

    def __init__(self, store: SidecarStore, post: Post, *, retry_s: float = RETRY_S) -> None:
        self._store = store
        self._post = post
        self._retry_s = retry_s
        self._waiting: dict[str, AnnotationRecord] = {}
        self._failed: dict[str, AnnotationRecord] = {}
        self._writing = False
        self._closing = False
        self._change = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="sidecar-writer", daemon=True)
        self._thread.start()

    @property
    def unsaved(self) -> int:
        """Number of records that are not on disk yet."""
        with self._change:
            return len(self._waiting) + len(self._failed) + self._writing

    def save(self, record: AnnotationRecord) -> None:
        """Write a record soon; an older one of the same episode that is not on disk yet is dropped for it."""
        with self._change:
            self._failed.pop(record.episode_id, None)
            self._waiting[record.episode_id] = record
            self._retry_failed()

    def flush(self, timeout: float) -> bool:
        """Try to bring everything to disk, what failed before too, and wait for it.

        Args:
            timeout: Longest wait in seconds.

        Returns:
            Whether everything is on disk.
        """
        with self._change:
            self._retry_failed()
            self._change.wait_for(lambda: not self._waiting and not self._writing, timeout)
            return not self._waiting and not self._writing and not self._failed

    def close(self, timeout: float = 5.0) -> bool:
        """Write what is waiting and stop; False when something is not on disk."""
        done = self.flush(timeout)
        with self._change:
            self._closing = True
            self._change.notify_all()
        self._thread.join(timeout)
        return done

    def _retry_failed(self) -> None:
        self._waiting = {**self._failed, **self._waiting}
        self._failed = {}
        self._change.notify_all()

    def _run(self) -> None:
        while (record := self._next()) is not None:
            reason, tell = self._write(record)
            with self._change:
                self._writing = False
                if reason and record.episode_id not in self._waiting:
                    self._failed[record.episode_id] = record
                self._change.notify_all()
            # Told only now: who hears it may ask at once what is still unsaved.
            self._post(tell)

    def _next(self) -> AnnotationRecord | None:
        """The next record to write; None when it is time to stop."""
        with self._change:
            while not self._closing:
                if self._waiting:
                    self._writing = True
                    return self._waiting.pop(next(iter(self._waiting)))
                if not self._change.wait(self._retry_s if self._failed else None):
                    self._retry_failed()
            return None

    def _write(self, record: AnnotationRecord) -> tuple[str, Callable[[], None]]:
        """Write one record: the reason when it could not be, and how to tell what became of it."""
        try:
            written = self._store.save(record)
        except FailviewError as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001 - the thread must outlive a defect, and the work must be kept
            reason = f"not saved: {type(error).__name__}: {error}"
        else:
            at = datetime.now(UTC).isoformat(timespec="milliseconds")
            return "", lambda: self._tell_saved(record, at, written.warnings)
        return reason, lambda: self.failed.emit(reason)

    def _tell_saved(self, record: AnnotationRecord, at: str, warnings: tuple[str, ...]) -> None:
        self.saved.emit(record, at)
        for line in warnings:
            self.warned.emit(record.episode_id, line)
