"""Where the annotations of a session go, and whether they arrived."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from psygnal import Signal

from failview.loaders.index_cache import IndexCache
from failview.model.annotation import AnnotationRecord, Stage
from failview.sidecars.codec import is_newer_major
from failview.sidecars.store import SidecarStore
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
    """

    state_changed = Signal(SaveState, str)
    warned = Signal(str, str)

    def __init__(self, store: SidecarStore, writer: SidecarWriter) -> None:
        self._store = store
        self._writer = writer
        known = IndexCache(store.location.folder, f"sidecars of {store.annotator}")
        overviews = list(store.overviews(known))
        self._finished = {stage: {item.episode_id for item in overviews if stage in item.finished} for stage in Stage}
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

    def put_away(self, record: AnnotationRecord) -> None:
        """Write a record in the background; state_changed tells when it is on disk."""
        self._writer.save(record)
        if self.state[0] is not SaveState.FAILED:
            self._tell(SaveState.SAVING, "")

    def finished_episodes(self, stage: Stage) -> set[str]:
        """Ids of the episodes whose stage was finished when the session began."""
        return self._finished[stage]

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
