"""All labels of a dataset, read once and remembered, sorted by who made them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from failview.errors import SidecarError
from failview.model.annotation import Outcome
from failview.model.guise import is_plain
from failview.quality.label_row import LabelRow, from_json, row_of, to_json
from failview.sidecars import codec
from failview.sidecars.atomic_file import read_file
from failview.sidecars.dataset_records import one_each, weight
from failview.sidecars.location import SidecarLocation
from failview.sidecars.migration_run import Progress, SidecarRemark
from failview.sidecars.os_errors import in_words
from failview.sidecars.work_done import Remembered

FAILED = frozenset({Outcome.FAILURE.value, Outcome.PARTIAL_SUCCESS.value})
"""Outcomes that have a category."""


@dataclass(frozen=True)
class Labels:
    """The labels of a dataset.

    Attributes:
        rows: One per episode and annotator, finished or not; re-tests, practice and exams among them.
        paths: Sidecar by (episode id, annotator).
        unreadable: Sidecars that cannot be read, with the reason.
        not_counted: Sidecars of no episode here, and older copies.
    """

    rows: tuple[LabelRow, ...]
    paths: Mapping[tuple[str, str], Path]
    unreadable: tuple[SidecarRemark, ...] = ()
    not_counted: tuple[SidecarRemark, ...] = ()

    @cached_property
    def plain(self) -> tuple[LabelRow, ...]:
        """Those that are labels of the dataset: no re-tests, practice or exams."""
        return tuple(row for row in self.rows if is_plain(row.annotator))

    @cached_property
    def by_annotator(self) -> dict[str, list[LabelRow]]:
        """Plain labels whose outcome is decided, in a finished stage, by annotator."""
        sorted_out: dict[str, list[LabelRow]] = {}
        for row in self.plain:
            if row.finished_stages and row.annotation.outcome is not None:
                sorted_out.setdefault(row.annotator, []).append(row)
        return dict(sorted(sorted_out.items()))

    @cached_property
    def by_key(self) -> dict[tuple[str, str], LabelRow]:
        """Every label by (episode id, annotator)."""
        return {(row.episode_id, row.annotator): row for row in self.rows}

    @cached_property
    def final(self) -> dict[str, LabelRow]:
        """The label that holds for each episode, by id, of those that are finished."""
        best: dict[str, LabelRow] = {}
        for row in self.plain:
            known = best.get(row.episode_id)
            if row.is_finished and (known is None or _weight(row) > _weight(known)):
                best[row.episode_id] = row
        return best


def failed(row: LabelRow) -> bool:
    """Whether the label calls the episode a failure, or a partial success."""
    return row.annotation.outcome is not None and row.annotation.outcome.value in FAILED


def read_labels(location: SidecarLocation, remembered: Remembered, progress: Progress[Path]) -> Labels:
    """All labels of a dataset; only sidecars that changed since are read. Changes nothing.

    Args:
        location: Where the sidecars lie.
        remembered: From an earlier run; gets what is found now.
        progress: Goes through a list and shows how far it is.

    Raises:
        SidecarError: A folder cannot be listed.
    """
    unreadable: list[SidecarRemark] = []

    def rows() -> Iterator[tuple[Path, LabelRow]]:
        for path in progress(location.all_sidecars(), "reading sidecars"):
            try:
                yield path, _row_at(path, remembered)
            except SidecarError as error:
                unreadable.append(SidecarRemark(path, error.what))

    kept, left_out = one_each(location, rows())
    remembered.save()
    return Labels(
        tuple(row for _, row in kept),
        {(row.episode_id, row.annotator): path for path, row in kept},
        tuple(unreadable),
        tuple(left_out),
    )


def _row_at(path: Path, remembered: Remembered) -> LabelRow:
    """The row of a sidecar.

    Raises:
        SidecarError: It cannot be read.
    """
    known = from_json(remembered.get(path))
    if known is not None:
        return known
    try:
        found = read_file(path)
    except OSError as error:
        raise SidecarError(f"cannot be read: {in_words(error)[0]}", where=path) from error
    if found is None:
        raise SidecarError("is gone", where=path)
    row = row_of(codec.decode(found[0], str(path)))
    remembered.put(path, to_json(row))
    return row


def _weight(row: LabelRow) -> tuple[bool, str]:
    return weight(row.stages, row.saved_at)
