"""Takes sidecars that somebody made elsewhere over into a dataset, after checking that they are of its episodes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from failview.errors import FailviewError, SidecarError
from failview.model.annotation import AnnotationRecord
from failview.sidecars import codec
from failview.sidecars.atomic_file import read_file
from failview.sidecars.location import SidecarLocation
from failview.sidecars.os_errors import in_words
from failview.sidecars.store import SidecarStore


class Fate(StrEnum):
    """What became of a file."""

    TAKEN = "taken"
    THERE = "there already"
    REFUSED = "refused"


@dataclass(frozen=True)
class Imported:
    """One file.

    Attributes:
        path: The file.
        fate: What became of it.
        words: Why, or what a reader should know; may be empty.
        episode_id: The episode of the dataset that it is of; empty when that is not known.
        annotator: Whose label it is; empty when that is not known.
    """

    path: Path
    fate: Fate
    words: str = ""
    episode_id: str = ""
    annotator: str = ""


class SidecarImport:
    """Takes files over, one at a time. A label that is there already is never replaced.

    Args:
        location: Where the dataset's sidecars lie.
        num_frames: Frames by episode id.
        fingerprint_of: Reads an episode and tells the fingerprint of its content; may fail.
        annotator: Under whose name they are kept; None for the name in the file.
        dry_run: Check, and write nothing.
    """

    def __init__(
        self,
        location: SidecarLocation,
        num_frames: Mapping[str, int],
        fingerprint_of: Callable[[str], str],
        annotator: str | None = None,
        *,
        dry_run: bool = False,
    ) -> None:
        self._location = location
        self._num_frames = num_frames
        self._fingerprint_of = fingerprint_of
        self._annotator = annotator
        self._dry_run = dry_run
        self._by_name: dict[str, list[str]] = {}
        for episode_id in num_frames:
            for name in {episode_id, location.name_of(episode_id)}:
                self._by_name.setdefault(name, []).append(episode_id)

    def take(self, path: Path) -> Imported:
        """Check a file, and keep it as a sidecar of the dataset."""
        try:
            record = _read(path)
            episode_id, words = self._episode_of(record)
            annotator = self._annotator or record.annotator
            placed = replace(record, episode_id=episode_id, annotator=annotator)
            fate, more = self._keep(placed)
        except FailviewError as error:
            words = error.what if isinstance(error, SidecarError) else str(error)
            return Imported(path, Fate.REFUSED, " ".join(words.split()))
        return Imported(path, fate, "; ".join(filter(None, (words, more))), episode_id, annotator)

    def _episode_of(self, record: AnnotationRecord) -> tuple[str, str]:
        """(episode of the dataset, what a reader should know).

        Raises:
            SidecarError: It is of none of them.
        """
        candidates = self._by_name.get(record.episode_id, [])
        if not candidates:
            raise SidecarError(f"the dataset has no episode {record.episode_id}")
        same_length = [key for key in candidates if record.num_frames in {0, self._num_frames[key]}]
        if not same_length:
            frames = self._num_frames[candidates[0]]
            raise SidecarError(f"made of {record.num_frames} frames, but {candidates[0]} has {frames}")
        if not record.source_fingerprint:
            if len(same_length) > 1:
                raise SidecarError(f"names no fingerprint, and {len(same_length)} episodes have its id and length")
            return same_length[0], "names no fingerprint: taken by its id and length"
        matching = [key for key in same_length if self._fingerprint_of(key) == record.source_fingerprint]
        if not matching:
            raise SidecarError(f"made of other data: its fingerprint is not that of {same_length[0]}")
        return matching[0], ""

    def _keep(self, record: AnnotationRecord) -> tuple[Fate, str]:
        """Write the record, unless there is one.

        Raises:
            SidecarError: There is another label of that annotator, or it cannot be written.
        """
        for path in (
            self._location.path(record.episode_id, record.annotator),
            self._location.other_path(record.episode_id, record.annotator),
        ):
            if not path.exists():
                continue
            known = replace(_read(path), episode_id=record.episode_id)
            if known == record:
                return Fate.THERE, ""
            who, what = record.annotator, record.episode_id
            raise SidecarError(f"{who} has another label of {what} here: give it another name with --annotator")
        if not self._dry_run:
            with SidecarStore(self._location, record.annotator) as store:
                store.save(record)
        return Fate.TAKEN, ""


def _read(path: Path) -> AnnotationRecord:
    """The record in a file.

    Raises:
        SidecarError: It cannot be read, or is none.
    """
    try:
        found = read_file(path)
    except OSError as error:
        raise SidecarError(f"cannot be read: {in_words(error)[0]}", where=path) from error
    if found is None:
        raise SidecarError("there is no such file", where=path)
    return codec.decode(found[0], str(path))
