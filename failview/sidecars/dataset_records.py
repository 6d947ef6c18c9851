"""Every label of a dataset: whose it is, where it lies, and which one holds for an episode."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeVar

from failview.errors import SidecarError
from failview.model.annotation import AnnotationRecord, Outcome, Stage, StageRecord
from failview.model.guise import is_plain
from failview.sidecars import codec
from failview.sidecars.atomic_file import read_file
from failview.sidecars.location import SidecarLocation
from failview.sidecars.migration_run import Progress, SidecarRemark
from failview.sidecars.os_errors import in_words


@dataclass(frozen=True)
class FoundRecord:
    """A label and its sidecar; the record names the episode as the dataset does."""

    path: Path
    record: AnnotationRecord


@dataclass(frozen=True)
class DatasetRecords:
    """The labels of a dataset.

    Attributes:
        found: One per episode and annotator, in the order of their paths; re-tests, practice and exams among them.
        unreadable: Sidecars that cannot be read, with the reason.
        not_counted: Sidecars of no episode here, and older copies.
    """

    found: tuple[FoundRecord, ...]
    unreadable: tuple[SidecarRemark, ...] = ()
    not_counted: tuple[SidecarRemark, ...] = ()

    @property
    def plain(self) -> list[AnnotationRecord]:
        """Those that are labels of the dataset: no re-tests, practice or exams."""
        return [item.record for item in self.found if is_plain(item.record.annotator)]

    def by_annotator(self) -> dict[str, dict[str, AnnotationRecord]]:
        """Plain records by annotator, then by episode id."""
        sorted_out: dict[str, dict[str, AnnotationRecord]] = {}
        for record in self.plain:
            sorted_out.setdefault(record.annotator, {})[record.episode_id] = record
        return sorted_out

    def final(self) -> dict[str, AnnotationRecord]:
        """The plain label that holds for each episode, by id, of those that are finished; see `is_finished`.

        Where several annotators have finished an episode, a reviewed label counts before others, then the one saved
        last.
        """
        best: dict[str, AnnotationRecord] = {}
        for record in self.plain:
            known = best.get(record.episode_id)
            if is_finished(record) and (known is None or _weight(record) > _weight(known)):
                best[record.episode_id] = record
        return best


class Named(Protocol):
    """What is known of a sidecar in whatever detail; a frozen dataclass."""

    @property
    def episode_id(self) -> str:
        """The episode that it names."""

    @property
    def annotator(self) -> str:
        """Whose it is."""

    @property
    def saved_at(self) -> str:
        """ISO 8601 time in UTC of the last change."""


Item = TypeVar("Item", bound=Named)


def is_finished(record: AnnotationRecord) -> bool:
    """Whether a label counts: triage of a success, detail or review of anything."""
    return counts_as_finished(record.stages, record.annotation.outcome)


def counts_as_finished(stages: Mapping[Stage, StageRecord], outcome: Outcome | None) -> bool:
    """Whether a label counts: triage of a success, detail or review of anything."""
    done = {stage for stage, work in stages.items() if work.finished_at}
    if Stage.REVIEW in done or Stage.DETAIL in done:
        return outcome is not None
    return Stage.TRIAGE in done and outcome is Outcome.SUCCESS


def weight(stages: Mapping[Stage, StageRecord], saved_at: str) -> tuple[bool, str]:
    """What decides between the labels of several annotators: reviewed before others, then the one saved last."""
    reviewed = stages.get(Stage.REVIEW)
    return bool(reviewed and reviewed.finished_at), saved_at


def read_records(location: SidecarLocation, progress: Progress[Path]) -> DatasetRecords:
    """All labels of a dataset, of every annotator. Changes nothing.

    Args:
        location: Where the sidecars lie.
        progress: Goes through a list and shows how far it is.

    Raises:
        SidecarError: A folder cannot be listed.
    """
    return sort_out(location, _read_all(progress(location.all_sidecars(), "reading sidecars")))


def sort_out(location: SidecarLocation, read: Iterable[tuple[Path, AnnotationRecord | SidecarError]]) -> DatasetRecords:
    """One record per episode and annotator out of sidecars that were read, or could not be."""
    unreadable: list[SidecarRemark] = []

    def records() -> Iterator[tuple[Path, AnnotationRecord]]:
        for path, record in read:
            if isinstance(record, SidecarError):
                unreadable.append(SidecarRemark(path, record.what))
            else:
                yield path, record

    kept, left_out = one_each(location, records())
    return DatasetRecords(tuple(FoundRecord(*item) for item in kept), tuple(unreadable), tuple(left_out))


def one_each(
    location: SidecarLocation, read: Iterable[tuple[Path, Item]]
) -> tuple[list[tuple[Path, Item]], list[SidecarRemark]]:
    """One item per episode and annotator, named as the dataset names the episode; and what is left out, with why."""
    kept: dict[tuple[str, str], tuple[Path, Item]] = {}
    left_out: list[SidecarRemark] = []
    for path, item in read:
        episode_id = location.episode_at(path, item.episode_id)
        if episode_id is None:
            left_out.append(SidecarRemark(path, f"the dataset has no episode {item.episode_id}"))
            continue
        placed = path, _renamed(item, episode_id)
        before = kept.setdefault((episode_id, item.annotator), placed)
        if before is not placed:
            # Beside the data and in the user folder: the later one holds, as everywhere.
            older, newer = sorted((before, placed), key=lambda one: one[1].saved_at)
            kept[episode_id, item.annotator] = newer
            left_out.append(SidecarRemark(older[0], f"an older copy of {newer[0]}"))
    return list(kept.values()), left_out


def _renamed(item: Item, episode_id: str) -> Item:
    return item if item.episode_id == episode_id else replace(item, episode_id=episode_id)  # type: ignore[type-var]


def _read_all(paths: Iterable[Path]) -> Iterable[tuple[Path, AnnotationRecord | SidecarError]]:
    for path in paths:
        try:
            found = read_file(path)
            yield path, SidecarError("is gone") if found is None else codec.decode(found[0], str(path))
        except OSError as error:
            yield path, SidecarError(f"cannot be read: {in_words(error)[0]}")
        except SidecarError as error:
            yield path, error


def _weight(record: AnnotationRecord) -> tuple[bool, str]:
    return weight(record.stages, record.saved_at)
