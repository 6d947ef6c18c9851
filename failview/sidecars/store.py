"""The sidecars of one annotator in one dataset: read, written atomically, never lost and never clobbered."""

import contextlib
import os
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from failview.errors import SidecarError
from failview.model.annotation import AnnotationRecord
from failview.sidecars import codec
from failview.sidecars.annotator_lock import AnnotatorLocks
from failview.sidecars.atomic_file import (
    TEMPORARY_SUFFIX,
    FileState,
    free_name,
    fsync_folder,
    read_file,
    replace_file,
    set_aside,
)
from failview.sidecars.file_names import PREVIOUS_SUFFIX, SIDECAR_SUFFIX, annotator_part
from failview.sidecars.location import SidecarLocation
from failview.sidecars.os_errors import in_words


@dataclass(frozen=True)
class LoadedSidecar:
    """What was found for an episode.

    Attributes:
        record: The record; None when there is none, or none that can be read.
        warnings: What a person must know, one line each.
        is_previous: The current version is missing or broken, and this is the one before it.
        set_aside: Where broken files went.
        read_only_reason: Why this sidecar cannot be saved; empty when it can.
    """

    record: AnnotationRecord | None
    warnings: tuple[str, ...] = ()
    is_previous: bool = False
    set_aside: tuple[Path, ...] = ()
    read_only_reason: str = ""


@dataclass(frozen=True)
class SavedSidecar:
    """What was written.

    Attributes:
        path: The sidecar.
        warnings: What a person must know, one line each.
        set_aside: Where a version that somebody else wrote went.
    """

    path: Path
    warnings: tuple[str, ...] = ()
    set_aside: tuple[Path, ...] = ()


@dataclass(frozen=True)
class _Found:
    """A readable or broken version on disk."""

    record: AnnotationRecord | None = None
    warnings: tuple[str, ...] = ()
    set_aside: tuple[Path, ...] = ()


_NOTHING = _Found()


class SidecarStore:
    """The sidecars of one annotator in one dataset. May be used from several threads.

    Where all sidecars lie in one folder it is locked at once. Where each file of the dataset has its own folder, each
    is locked when the first of its episodes is loaded or saved: if another failview works there, those episodes are
    read-only and the others are not.

    Args:
        location: Where the dataset's sidecars lie.
        annotator: Whose sidecars.
        read_only: Never write, and take no lock.
        reason: Why read-only, for people.

    Attributes:
        location: Where the dataset's sidecars lie.
        annotator: Whose sidecars.
        read_only_reason: Why nothing at all can be saved; empty when it can.

    Raises:
        SidecarLockedError: Another failview writes this annotator's sidecars now, and they lie in one folder.
        SidecarError: That folder cannot be made, or the annotator has no name.
    """

    def __init__(self, location: SidecarLocation, annotator: str, *, read_only: bool = False, reason: str = "") -> None:
        self.location = location
        self.annotator = annotator
        self.read_only_reason = (reason or "The sidecars are open read-only.") if read_only else ""
        self._ending = f".{annotator_part(annotator)}{SIDECAR_SUFFIX}"
        self._locks = AnnotatorLocks(annotator)
        self._is_open = not read_only
        self._states: dict[Path, FileState] = {}
        self._turn = threading.Lock()
        if self._is_open and location.is_one_folder:
            self._hold(location.folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def load(self, episode_id: str) -> LoadedSidecar:
        """The sidecar of an episode.

        A broken file is set aside and the previous version offered instead.

        Raises:
            SidecarError: It is there but cannot be used: not readable, of another annotator or episode, or too new.
        """
        path = self.location.path(episode_id, self.annotator)
        other = self.location.other_path(episode_id, self.annotator)
        with self._turn:
            reason = self._refusal(path.parent)
            here = self._load_at(path, episode_id)
            there = self._load_at(other, episode_id)
        found = _later(here, there, other)
        notice = self.location.notice_of(episode_id)
        warnings = (*found.warnings, notice) if notice else found.warnings
        return replace(found, warnings=warnings, read_only_reason=reason)

    def save(self, record: AnnotationRecord) -> SavedSidecar:
        """Write a record; when this returns it is on disk.

        The version before it is kept. A version that somebody else wrote meanwhile is kept aside.

        Raises:
            SidecarError: Not written, with the reason; what was on disk is still there.
        """
        path = self.location.path(record.episode_id, self.annotator)
        if record.annotator != self.annotator:
            raise SidecarError(f"not saved: it is a record of {record.annotator}, not of {self.annotator}", where=path)
        content = codec.encode(replace(record, episode_id=self.location.name_of(record.episode_id)))
        with self._turn:
            if reason := self._refusal(path.parent):
                raise SidecarError(f"not saved: {reason}", where=path)
            try:
                return self._write(path, content)
            except OSError as error:
                what, hint = in_words(error)
                raise SidecarError(f"not saved: {what}", where=path, hint=hint) from error

    def close(self) -> None:
        """Let go of the locks; nothing can be saved any more. Safe to repeat."""
        with self._turn:
            self._is_open = False
            self._locks.release()

    def _write(self, path: Path, content: bytes) -> SavedSidecar:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = free_name(path, "foreign") if self._is_foreign(path) else None
        keep_as = path.with_name(path.name + PREVIOUS_SUFFIX) if aside is None else aside
        self._states[path] = replace_file(path, content, keep_as)
        fsync_folder(path.parent)
        if aside is None:
            return SavedSidecar(path)
        return SavedSidecar(
            path, (f"{path.name} was changed by another program; that version is kept as {aside.name}",), (aside,)
        )

    def _is_foreign(self, path: Path) -> bool:
        """Whether somebody else wrote the file since we last read or wrote it.

        Raises:
            NewerSidecarError: And it is too new to be replaced.
        """
        known = self._states.get(path)
        try:
            status = path.stat()
        except FileNotFoundError:
            return False
        if known is not None and known.looks_like(status):
            return False
        found = read_file(path)
        if found is None or (known is not None and found[1].sha256 == known.sha256):
            return False
        with contextlib.suppress(codec.BrokenSidecarError):
            codec.refuse_newer_major(codec.decode(found[0], str(path)), str(path))
        return True

    def _load_at(self, path: Path, episode_id: str) -> LoadedSidecar:
        current = self._read(path, episode_id)
        if current.record is not None:
            return LoadedSidecar(current.record, current.warnings, set_aside=current.set_aside)
        before = self._read(path.with_name(path.name + PREVIOUS_SUFFIX), episode_id)
        warnings = current.warnings + before.warnings
        if before.record is not None:
            missing = () if current.warnings else (f"{path.name} is missing",)
            offer = f"the previous version, saved {before.record.saved_at or 'at an unknown time'}, is shown instead"
            warnings = (*missing, *warnings, offer)
            if current.set_aside:
                # Who reads the sidecars meanwhile must not take the episode for one without a label.
                self._restore(path, before.record)
        return LoadedSidecar(before.record, warnings, before.record is not None, current.set_aside + before.set_aside)

    def _restore(self, path: Path, record: AnnotationRecord) -> None:
        """Put the previous version in the place of a broken one that was set aside."""
        content = codec.encode(replace(record, episode_id=self.location.name_of(record.episode_id)))
        with contextlib.suppress(OSError):
            self._states[path] = replace_file(path, content, path.with_name(path.name + PREVIOUS_SUFFIX))
            fsync_folder(path.parent)

    def _read(self, path: Path, episode_id: str) -> _Found:
        try:
            found = read_file(path)
        except OSError as error:
            what, hint = in_words(error)
            raise SidecarError(f"cannot be read: {what}", where=path, hint=hint) from error
        if found is None:
            self._states.pop(path, None)
            return _NOTHING
        try:
            record = codec.decode(found[0], str(path))
        except codec.BrokenSidecarError as error:
            return self._put_aside(path, error.what)
        self._states[path] = found[1]
        newer = codec.is_newer_major(record.schema_version)
        warnings = (f"{path.name} was written by a newer failview and cannot be changed here",) if newer else ()
        return _Found(self._owned(record, path, episode_id), warnings)

    def _owned(self, record: AnnotationRecord, path: Path, episode_id: str) -> AnnotationRecord:
        if record.annotator != self.annotator:
            raise SidecarError(
                f"is of the annotator {record.annotator}, not {self.annotator}", where=path, hint="Move it away"
            )
        sidecar = path.with_name(path.name.removesuffix(PREVIOUS_SUFFIX))
        if self.location.episode_at(sidecar, record.episode_id) == episode_id:
            return replace(record, episode_id=episode_id)
        raise SidecarError(
            f"is of the episode {record.episode_id}, not {episode_id}", where=path, hint="Rename it or move it away"
        )

    def _put_aside(self, path: Path, reason: str) -> _Found:
        self._states.pop(path, None)
        if not self._locks.holds(path.parent):
            return _Found(warnings=(f"{path.name} is broken ({reason})",))
        try:
            aside = set_aside(path, "broken")
        except OSError as error:
            what, hint = in_words(error)
            raise SidecarError(f"is broken and cannot be set aside: {what}", where=path, hint=hint) from error
        return _Found(warnings=(f"{path.name} is broken ({reason}); it is kept as {aside.name}",), set_aside=(aside,))

    def _refusal(self, folder: Path) -> str:
        """Why nothing can be saved in a folder; empty once it is locked by us."""
        if not self._is_open:
            return self.read_only_reason or "The sidecars have been closed."
        try:
            self._hold(folder)
        except SidecarError as error:
            return str(error)
        return ""

    def _hold(self, folder: Path) -> None:
        """Lock a folder, and remove what killed processes left behind there: only the holder of the lock may."""
        if not self._locks.hold(folder):
            return
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            leftovers = [
                entry.name
                for entry in entries
                if entry.name.endswith(TEMPORARY_SUFFIX) and f"{self._ending}." in entry.name
            ]
            for name in leftovers:
                (folder / name).unlink()


def _later(here: LoadedSidecar, there: LoadedSidecar, other: Path) -> LoadedSidecar:
    """The later one of two places; times are ISO 8601 in UTC, which sort as text."""
    warnings = here.warnings + there.warnings
    aside = here.set_aside + there.set_aside
    if there.record is None or (here.record is not None and here.record.saved_at >= there.record.saved_at):
        return replace(here, warnings=warnings, set_aside=aside)
    note = f"the annotation comes from {other}; the next change is saved with the others"
    return replace(there, warnings=(*warnings, note), set_aside=aside)
