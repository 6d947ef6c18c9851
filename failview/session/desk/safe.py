"""Where the annotations of a session go, and whether they arrived."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from psygnal import Signal

from failview.errors import SidecarError
from failview.loaders.index_cache import IndexCache
from failview.model.annotation import AnnotationRecord
from failview.sidecars import codec
from failview.sidecars.atomic_file import read_file
from failview.sidecars.codec import is_newer_major
from failview.sidecars.store import SidecarStore
from failview.sidecars.work_done import REMEMBERED_AS, WorkDone, find_work
from failview.sidecars.writer import SidecarWriter


class SaveState(StrEnum):
    """What a person must know about the safety of the work."""

    UNTOUCHED = "untouched"
    SAVING = "saving"
    SAVED = "saved"
    FAILED = "failed"
    READ_ONLY = "read-only"


@dataclass(frozen=True)
class StoredRecord:
    """A record as it comes from the disk.

    Attributes:
        record: The record, or a fresh one.
        warnings: What a person must know about its sidecar.
        read_only_reason: Why it cannot be changed; empty when it can.
    """

    record: AnnotationRecord
    warnings: tuple[str, ...] = ()
    read_only_reason: str = ""


class Safe:
    """Keeps the annotations of one annotator and one dataset on disk.

    Args:
        store: The sidecars.
        writer: Writes them in the background; its signals arrive on the session's thread.

    Attributes:
        state_changed: Emits (SaveState, text): the local time of the last save, or what a person must know.
        warned: Emits (episode id, line) when something about a sidecar came up after it was opened.
        state: The last one emitted.
        works: The work of every annotator when the session began.
    """

    state_changed = Signal(SaveState, str)
    warned = Signal(str, str)

    def __init__(self, store: SidecarStore, writer: SidecarWriter) -> None:
        self._store = store
        self._writer = writer
        known = IndexCache(store.location.folder, REMEMBERED_AS)
        self.works = find_work(store.location, known, lambda paths, _title: paths).works
        read_only = bool(store.read_only_reason)
        self.state = (SaveState.READ_ONLY, store.read_only_reason) if read_only else (SaveState.UNTOUCHED, "")
        writer.saved.connect(self._on_saved)
        writer.failed.connect(self._on_failed)
        writer.warned.connect(self.warned.emit)

    @property
    def read_only_reason(self) -> str:
        """Why nothing can be changed; empty when it can."""
        return self._store.read_only_reason

    @property
    def place_notice(self) -> str:
        """What a person should know about where the sidecars lie; empty when they lie next to the data."""
        return self._store.location.notice

    def take_out(self, fresh: AnnotationRecord) -> StoredRecord:
        """The stored record of an episode, or the fresh one when there is none. May be called on any thread.

        A record of data that has changed since takes over what the data is now, with a warning: from the next change
        on it speaks of that.

        Raises:
            failview.errors.SidecarError: There is one, and it cannot be used.
        """
        loaded = self._store.load(fresh.episode_id)
        warnings = list(loaded.warnings)
        if self.place_notice and not any(self.place_notice in line for line in warnings):
            warnings.append(self.place_notice)
        record = loaded.record
        reason = self.read_only_reason or loaded.read_only_reason
        if record is None:
            return StoredRecord(fresh, tuple(warnings), reason)
        if record.source_fingerprint not in ("", fresh.source_fingerprint):
            warnings.append("the data of this episode changed after it was annotated: check the frames")
        if is_newer_major(record.schema_version):
            reason = reason or "A newer failview wrote this annotation. It cannot be changed here: update failview."
        present = replace(
            record,
            source_path=fresh.source_path,
            source_format=fresh.source_format,
            source_fingerprint=fresh.source_fingerprint,
            num_frames=fresh.num_frames,
        )
        return StoredRecord(present, tuple(warnings), reason)

    def companions_of_dataset(self, name: str) -> tuple[Path, Path]:
        """A file about the dataset, beside the annotations: where it is written, and where it could lie as well."""
        return self._store.location.companions_of_dataset(name)

    def put_away(self, record: AnnotationRecord) -> None:
        """Write a record in the background; state_changed tells when it is on disk."""
        self._writer.save(record)
        if self.state[0] is not SaveState.FAILED:
            self._tell(SaveState.SAVING, "")

    def labels_of_others(self, works: Sequence[WorkDone]) -> list[AnnotationRecord]:
        """The labels behind works of other annotators, as far as they can be read. May be called on any thread."""
        location = self._store.location
        found = []
        for work in works:
            places = (location.path, location.other_path)
            records = [_readable(place(work.episode_id, work.annotator)) for place in places]
            known = [replace(record, episode_id=work.episode_id) for record in records if record is not None]
            found += sorted(known, key=lambda record: record.saved_at)[-1:]
        return found

    def close(self) -> bool:
        """Wait until everything is on disk; False when something could not be written."""
        done = self._writer.close()
        self._store.close()
        return done

    def _on_saved(self, _record: AnnotationRecord, at: str) -> None:
        if self._writer.unsaved == 0:
            self._tell(SaveState.SAVED, datetime.fromisoformat(at).astimezone().strftime("%H:%M:%S"))

    def _on_failed(self, reason: str) -> None:
        self._tell(SaveState.FAILED, reason)

    def _tell(self, state: SaveState, text: str) -> None:
        if (state, text) != self.state:
            self.state = (state, text)
            self.state_changed.emit(state, text)


def _readable(path: Path) -> AnnotationRecord | None:
    with contextlib.suppress(OSError, SidecarError):
        if (found := read_file(path)) is not None:
            return codec.decode(found[0], str(path))
    return None
