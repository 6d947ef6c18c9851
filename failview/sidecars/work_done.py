"""What the sidecars of a dataset say about the work: whose it is, which stages are finished, in how much time."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from failview.errors import SidecarError
from failview.model.annotation import AnnotationRecord, Outcome, Stage, StageRecord
from failview.model.guise import is_plain
from failview.model.review import Audit
from failview.sidecars import codec
from failview.sidecars.atomic_file import read_file
from failview.sidecars.json_values import WrongValueError, section
from failview.sidecars.location import SidecarLocation
from failview.sidecars.migration_run import Progress, SidecarRemark
from failview.sidecars.os_errors import in_words
from failview.sidecars.review_json import audit_from_json, audit_to_json
from failview.sidecars.stage_json import stage_from_json, stage_to_json

REMEMBERED_AS = "work in sidecars 2"
"""Kind of what is remembered between runs; another number when `to_json` changes."""

_STAGES = {stage.value: stage for stage in Stage}
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}


class Remembered(Protocol):
    """What is known of files since an earlier run; it forgets a file that has changed."""

    def get(self, file: Path) -> Any:
        """What was remembered of a file; None when it changed or is new."""

    def put(self, file: Path, found: Any) -> None:
        """Remember something that JSON can hold."""

    def save(self) -> None:
        """Keep it for the next run."""


@dataclass(frozen=True)
class WorkDone:
    """The work in one sidecar.

    Attributes:
        episode_id: The episode; in what is remembered, the id that the sidecar itself names.
        annotator: Whose work it is.
        saved_at: ISO 8601 time in UTC of the last change.
        outcome: How the episode ended; None when that is not said yet.
        subcategory: What failed; None when nothing did, or it is not said yet.
        stages: Work per stage.
        re_review_due: Whether the label is to be looked at again.
        onset_frame: First frame of the failure; None when there is none, or it is not said yet.
        audit: The last blind check that the episode was drawn for.
    """

    episode_id: str
    annotator: str
    saved_at: str
    outcome: Outcome | None
    subcategory: str | None
    stages: Mapping[Stage, StageRecord]
    re_review_due: bool
    onset_frame: int | None = None
    audit: Audit | None = None

    def finished_at(self, stage: Stage) -> str | None:
        """When a stage was finished, ISO 8601 in UTC; None while it is open."""
        record = self.stages.get(stage)
        return None if record is None else record.finished_at


@dataclass(frozen=True)
class WorkFound:
    """The work in all sidecars of a dataset.

    Attributes:
        works: One per episode and annotator; re-tests, practice and exams among them.
        not_counted: Sidecars that cannot be read, or are of no episode here, with the reason.
    """

    works: tuple[WorkDone, ...]
    not_counted: tuple[SidecarRemark, ...]

    @property
    def annotators(self) -> list[str]:
        """Whose work it is, by name; nobody for re-tests, practice and exams."""
        return sorted({work.annotator for work in self.works if is_plain(work.annotator)})


def find_work(location: SidecarLocation, remembered: Remembered, progress: Progress[Path]) -> WorkFound:
    """The work of every annotator; only sidecars that changed since are read. Changes nothing.

    Args:
        location: Where the sidecars lie.
        remembered: From an earlier run; gets what is found now.
        progress: Goes through a list and shows how far it is.

    Raises:
        SidecarError: A folder cannot be listed.
    """
    found: dict[tuple[str, str], tuple[Path, WorkDone]] = {}
    left_out: list[SidecarRemark] = []
    for path in progress(location.all_sidecars(), "reading sidecars"):
        try:
            work = _placed(location, path, _work_at(path, remembered))
        except SidecarError as error:
            left_out.append(SidecarRemark(path, error.what))
            continue
        before = found.setdefault((work.episode_id, work.annotator), (path, work))
        if before[0] != path:
            # Beside the data and in the user folder: the later one holds, as everywhere.
            older, newer = sorted((before, (path, work)), key=lambda item: item[1].saved_at)
            found[work.episode_id, work.annotator] = newer
            left_out.append(SidecarRemark(older[0], f"an older copy of {newer[0]}"))
    remembered.save()
    return WorkFound(tuple(work for _, work in found.values()), tuple(left_out))


def work_of(record: AnnotationRecord) -> WorkDone:
    """The work in a record."""
    label = record.annotation
    return WorkDone(
        record.episode_id,
        record.annotator,
        record.saved_at,
        label.outcome,
        label.failure_subcategory,
        record.stages,
        re_review_due=bool(record.due_re_reviews),
        onset_frame=label.failure_onset_frame,
        audit=record.audits[-1] if record.audits else None,
    )


def to_json(work: WorkDone) -> list[Any]:
    """The work as something to remember."""
    return [
        work.episode_id,
        work.annotator,
        work.saved_at,
        "" if work.outcome is None else work.outcome.value,
        work.subcategory or "",
        {stage.value: stage_to_json(done) for stage, done in work.stages.items()},
        work.re_review_due,
        work.onset_frame,
        None if work.audit is None else audit_to_json(work.audit),
    ]


def from_json(remembered: Any) -> WorkDone | None:
    """The work out of what was remembered; None for anything else."""
    match remembered:
        case [
            str(episode_id),
            str(annotator),
            str(saved_at),
            str(outcome),
            str(subcategory),
            dict(stages),
            bool(due),
            int() | None as onset,
            dict() | None as audit,
        ] if (not outcome or outcome in _OUTCOMES) and set(stages) <= set(_STAGES):
            with contextlib.suppress(WrongValueError):
                return WorkDone(
                    episode_id,
                    annotator,
                    saved_at,
                    _OUTCOMES.get(outcome),
                    subcategory or None,
                    {_STAGES[name]: stage_from_json(section(stages, name)) for name in stages},
                    due,
                    onset,
                    None if audit is None else audit_from_json(audit),
                )
    return None


def _work_at(path: Path, remembered: Remembered) -> WorkDone:
    """The work in a sidecar.

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
    work = work_of(codec.decode(found[0], str(path)))
    remembered.put(path, to_json(work))
    return work


def _placed(location: SidecarLocation, path: Path, work: WorkDone) -> WorkDone:
    """The work with the dataset's id of its episode.

    Raises:
        SidecarError: The dataset has no such episode, or the file is not where the panel looks for it.
    """
    episode_id = location.episode_at(path, work.episode_id)
    if episode_id is None:
        raise SidecarError(f"the dataset has no episode {work.episode_id}", where=path)
    name = location.file_name(episode_id, work.annotator)
    if path.name != name:
        raise SidecarError(f"should be named {name} by its episode and annotator", where=path)
    return replace(work, episode_id=episode_id)
