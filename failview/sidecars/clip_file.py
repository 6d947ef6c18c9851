"""The reference clips of a dataset: "this is what it looks like", one for each cause, in a file beside the sidecars."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import filelock

from failview.errors import SidecarError
from failview.model.taxonomy import ReferenceClip
from failview.sidecars.atomic_file import TEMPORARY_SUFFIX, fsync_folder, read_file, replace_file, set_aside
from failview.sidecars.file_names import PREVIOUS_SUFFIX
from failview.sidecars.json_values import WrongValueError, required_frame, required_text
from failview.sidecars.os_errors import in_words

CLIPS_NAME = "reference_clips.json"

CAUSE_KINDS = ("proximal_cause", "distal_cause")
"""Fields of the annotation whose causes have clips; the two sections of the file."""

_VERSION = 1
_LOCK_S, _POLL_S = 2.0, 0.005
"""How long another failview may hold the file, which needs it for some milliseconds, and how often we look."""

CauseKey = tuple[str, str]
"""Field of the annotation, and id of the cause."""

Clips = Mapping[CauseKey, ReferenceClip]


class _BrokenClipsError(ValueError):
    """The content is not a file of clips."""


@dataclass(frozen=True)
class ReadClips:
    """What is in the file.

    Attributes:
        clips: By field and cause.
        warnings: What a person must know, one line each.
    """

    clips: Clips
    warnings: tuple[str, ...] = ()


class ClipFile:
    """The clips that people set for one dataset. Every annotator of the dataset shares them.

    Args:
        path: Where the file is written.
        other: Where it could lie as well: the data folder may have been (or not been) read-only before.
    """

    def __init__(self, path: Path, other: Path) -> None:
        self._path = path
        self._other = other

    def read(self) -> ReadClips:
        """All clips; changes nothing but that a broken file is set aside.

        Where both places have a clip of the same cause, that of the first holds.
        """
        here, there = _read_if_possible(self._path), _read_if_possible(self._other)
        return ReadClips({**there.clips, **here.clips}, here.warnings + there.warnings)

    def put(self, key: CauseKey, clip: ReferenceClip) -> ReadClips:
        """Keep a clip; when this returns it is on disk. Clips that others set meanwhile are kept.

        Returns:
            All clips as they are now.

        Raises:
            SidecarError: Not written, with the reason; what was on disk is still there.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with _locked(self._path):
                here, there = _read(self._path), _read_if_possible(self._other)
                clips = {**there.clips, **here.clips, key: clip}
                replace_file(self._path, _encode(clips), self._path.with_name(CLIPS_NAME + PREVIOUS_SUFFIX))
                fsync_folder(self._path.parent)
        except OSError as error:
            what, hint = in_words(error)
            raise SidecarError(f"the clip is not kept: {what}", where=self._path, hint=hint) from error
        return ReadClips(clips, here.warnings + there.warnings)


def _read_if_possible(path: Path) -> ReadClips:
    try:
        return _read(path)
    except OSError as error:
        return ReadClips({}, (f"{path}: no clips are read: {in_words(error)[0]}",))


def _read(path: Path) -> ReadClips:
    """The clips at a place; those of the version before where the file is broken, which is set aside.

    Raises:
        OSError: It cannot be read, is too new, or is broken and cannot be set aside.
    """
    try:
        return _decoded(path)
    except _BrokenClipsError as error:
        warning = f"{path} is broken ({error}); it is kept as {set_aside(path, 'broken').name}"
    with contextlib.suppress(OSError, _BrokenClipsError):
        if clips := _decoded(path.with_name(path.name + PREVIOUS_SUFFIX)).clips:
            return ReadClips(clips, (f"{warning}, and the version before it is used",))
    return ReadClips({}, (warning,))


def _decoded(path: Path) -> ReadClips:
    found = read_file(path)
    if found is None:
        return ReadClips({})
    try:
        document = json.loads(found[0])
    except (ValueError, RecursionError) as error:
        raise _BrokenClipsError(f"not JSON: {error}") from error
    if not isinstance(document, dict) or type(document.get("version")) is not int:
        raise _BrokenClipsError("not a file of reference clips")
    if document["version"] > _VERSION:
        raise OSError(None, f"a newer failview wrote it (version {document['version']}); update failview")
    return ReadClips(dict(_clips_in(document)))


def _clips_in(document: Mapping[str, Any]) -> Iterator[tuple[CauseKey, ReferenceClip]]:
    for kind in CAUSE_KINDS:
        causes = document.get(kind, {})
        if not isinstance(causes, dict):
            raise _BrokenClipsError(f"{kind} is not a table of causes")
        for cause_id, entry in causes.items():
            yield (kind, cause_id), _clip(entry, f"{kind} {cause_id}")


def _clip(entry: Any, where: str) -> ReferenceClip:
    if not isinstance(entry, dict):
        raise _BrokenClipsError(f"{where} is not a clip")
    try:
        clip = ReferenceClip(
            required_text(entry, "episode_id"), required_frame(entry, "start_frame"), required_frame(entry, "end_frame")
        )
    except WrongValueError as error:
        raise _BrokenClipsError(f"{where}: {error}") from error
    if not 0 <= clip.start_frame <= clip.end_frame:
        raise _BrokenClipsError(f"{where}: frames {clip.start_frame} to {clip.end_frame} are no stretch")
    return clip


def _encode(clips: Clips) -> bytes:
    document: dict[str, Any] = {"version": _VERSION, **{kind: {} for kind in CAUSE_KINDS}}
    for (kind, cause_id), clip in sorted(clips.items()):
        document[kind][cause_id] = asdict(clip)
    return f"{json.dumps(document, indent=2)}\n".encode()


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Meanwhile no other failview changes the file; what killed ones left behind is removed."""
    lock_path = path.with_name(f".{path.name}.lock")
    lock = filelock.FileLock(lock_path)
    try:
        lock.acquire(timeout=_LOCK_S, poll_interval=_POLL_S)
    except filelock.Timeout:
        raise OSError(None, "another failview holds the file") from None
    try:
        for leftover in path.parent.glob(f".{path.name}.*{TEMPORARY_SUFFIX}"):
            leftover.unlink(missing_ok=True)
        yield
    finally:
        with contextlib.suppress(OSError):
            lock_path.unlink()
        lock.release()
