"""Labels made in another program, on their way into sidecars: checked, never over another label unasked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from failview.errors import SidecarError
from failview.model.annotation import AnnotationRecord, Outcome, Stage, StageRecord
from failview.model.taxonomy import Taxonomy
from failview.proposals.labelled_dataset import LabelledDataset
from failview.sidecars.store import SidecarStore
from failview.sidecars.validation import validate_record


@dataclass(frozen=True)
class ForeignLabel:
    """One label as it came.

    Attributes:
        where: What it is, for messages ("task 3, annotation 7").
        record: The label; its stages are worked out on the way.
        finished_at: ISO 8601 time in UTC at which the annotator was done.
        active_s: Seconds of work.
        notes: What was changed on the way, one line each.
    """

    where: str
    record: AnnotationRecord
    finished_at: str
    active_s: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Imported:
    """What became of labels.

    Attributes:
        written: Sidecars that were written.
        unchanged: Labels that were there already, the same.
        incomplete: (where, what is missing) of those among the written that finish no stage.
        refused: (where, why) of labels that were not taken.
        notes: What was changed on the way.
    """

    written: tuple[Path, ...] = ()
    unchanged: int = 0
    incomplete: tuple[tuple[str, str], ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def save_labels(
    labelled: LabelledDataset, labels: Sequence[ForeignLabel], taxonomy: Taxonomy, *, force: bool
) -> Imported:
    """Write sidecars; the version before one that is replaced is kept.

    Args:
        labelled: The dataset with the labels that are there.
        labels: What to write.
        taxonomy: The vocabulary that they must belong to.
        force: Replace other labels of the same annotator.

    Raises:
        SidecarError: A folder cannot be written, or another failview works there.
    """
    run = _Import(labelled, taxonomy, force=force)
    for annotator in dict.fromkeys(label.record.annotator for label in labels):
        with SidecarStore(labelled.location, annotator) as store:
            for label in labels:
                if label.record.annotator == annotator:
                    run.take(label, store)
    return run.result()


class _Import:
    def __init__(self, labelled: LabelledDataset, taxonomy: Taxonomy, *, force: bool) -> None:
        self._taxonomy = taxonomy
        self._force = force
        self._frames = {entry.episode_id: entry.num_frames for entry in labelled.entries}
        known = (item.record for item in labelled.found.found)
        self._known = {(record.annotator, record.episode_id): record for record in known}
        self._written: list[Path] = []
        self._unchanged = 0
        self._incomplete: list[tuple[str, str]] = []
        self._refused: list[tuple[str, str]] = []
        self._notes: list[str] = []

    def take(self, label: ForeignLabel, store: SidecarStore) -> None:
        """Write one label, or note why not."""
        record = label.record
        num_frames = self._frames.get(record.episode_id)
        if num_frames is None:
            self._refused.append((label.where, f"the dataset has no episode {record.episode_id}"))
            return
        if record.num_frames not in {0, num_frames}:
            told = f"it was made for {record.num_frames} frames, the episode has {num_frames}"
            self._refused.append((label.where, told))
            return
        record = replace(record, num_frames=num_frames)
        if problems := validate_record(record, self._taxonomy, num_frames=num_frames, finished=False):
            self._refused.append((label.where, "; ".join(f"{item.field}: {item.message}" for item in problems)))
            return
        before = self._known.get((record.annotator, record.episode_id))
        if before is not None and before.annotation == record.annotation:
            self._unchanged += 1
            return
        if before is not None and not self._force:
            told = f"{record.annotator} has another label of {record.episode_id} already (--force replaces it)"
            self._refused.append((label.where, told))
            return
        record, missing = self._with_stages(label, record)
        try:
            saved = store.save(record)
        except SidecarError as error:
            self._refused.append((label.where, str(error)))
            return
        self._written.append(saved.path)
        self._notes += [f"{label.where}: {note}" for note in (*label.notes, *saved.warnings)]
        if missing:
            self._incomplete.append((label.where, missing))

    def result(self) -> Imported:
        """What became of all of them."""
        return Imported(
            tuple(self._written),
            self._unchanged,
            tuple(self._incomplete),
            tuple(self._refused),
            tuple(self._notes),
        )

    def _with_stages(self, label: ForeignLabel, record: AnnotationRecord) -> tuple[AnnotationRecord, str]:
        """The record with the stages that it finishes, and what is missing for the others.

        The work is counted where it was done: in triage for a success, in detail for anything else.
        """
        done = StageRecord(label.finished_at, label.active_s)
        if record.annotation.outcome is None:
            return replace(record, stages={Stage.TRIAGE: StageRecord(None, label.active_s)}), "the outcome"
        if record.annotation.outcome is Outcome.SUCCESS:
            return replace(record, stages={Stage.TRIAGE: done}), ""
        triage = StageRecord(label.finished_at, 0.0)
        problems = validate_record(
            record, self._taxonomy, num_frames=record.num_frames, finished=True, stage=Stage.DETAIL
        )
        if not problems:
            return replace(record, stages={Stage.TRIAGE: triage, Stage.DETAIL: done}), ""
        begun = StageRecord(None, label.active_s)
        missing = "; ".join(f"{item.field}: {item.message}" for item in problems)
        return replace(record, stages={Stage.TRIAGE: triage, Stage.DETAIL: begun}), missing
