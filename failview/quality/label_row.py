"""What quality assurance keeps of one sidecar, small enough that ten thousand are remembered between runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from failview.model.annotation import (
    Annotation,
    AnnotationRecord,
    Attribution,
    Origin,
    Outcome,
    Severity,
    Stage,
    StageRecord,
)
from failview.model.review import Decision, SideValue
from failview.sidecars.dataset_records import counts_as_finished
from failview.sidecars.json_values import WrongValueError, section
from failview.sidecars.stage_json import stage_from_json, stage_to_json

REMEMBERED_AS = "labels for quality 2"
"""Kind of what is remembered between runs; another number when `to_json` changes."""

COMPARED = ("outcome", "failure_category", "failure_subcategory", "failure_onset_frame", "failure_obvious_frame")
"""Fields that raters are compared by."""

_KEPT = (*COMPARED, "severity", "attribution", "proximal_cause", "distal_cause", "preventable", "annotator_confidence")


@dataclass(frozen=True)
class LabelRow:
    """One label, in short.

    Attributes:
        episode_id: The episode; in what is remembered, the id that the sidecar itself names.
        annotator: Whose label it is.
        taxonomy: Id and version ("failview-tabletop 1.0.0").
        saved_at: ISO 8601 time in UTC of the last change.
        num_frames: Frames of the episode.
        annotation: The label, without its texts, chains and provenance.
        own: What the annotator said before anybody reviewed it, by field of COMPARED, where a review changed it.
        origins: How each field got its value, by field name.
        stages: Work per stage.
        decided_by: The reviewer who decided, with a reason, that the label is to be as it is; empty when nobody did.
    """

    episode_id: str
    annotator: str
    taxonomy: str
    saved_at: str
    num_frames: int
    annotation: Annotation
    own: Mapping[str, SideValue] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)
    stages: Mapping[Stage, StageRecord] = field(default_factory=dict)
    decided_by: str = ""

    @cached_property
    def finished_stages(self) -> frozenset[Stage]:
        """Stages that are done."""
        return frozenset(stage for stage, work in self.stages.items() if work.finished_at)

    @cached_property
    def is_finished(self) -> bool:
        """Whether the label counts: triage of a success, detail or review of anything."""
        return counts_as_finished(self.stages, self.annotation.outcome)

    @property
    def finished_at(self) -> str:
        """When the label was first finished, ISO 8601 in UTC; the order of work. Empty while it is open."""
        times = [work.finished_at for stage, work in self.stages.items() if work.finished_at and stage != Stage.REVIEW]
        return max(times, default=self.saved_at if Stage.REVIEW in self.finished_stages else "")

    @property
    def is_blind(self) -> bool:
        """Whether it was made without seeing a proposal."""
        return any(work.blind for work in self.stages.values())

    @property
    def is_in_bulk(self) -> bool:
        """Whether the proposal was accepted together with others, the episode unseen."""
        return any(work.in_bulk for work in self.stages.values())

    def said(self, name: str) -> SideValue:
        """What the annotator alone said in a field of COMPARED."""
        value: SideValue = self.own[name] if name in self.own else getattr(self.annotation, name)
        return value


def row_of(record: AnnotationRecord) -> LabelRow:
    """The row of a record."""
    label = record.annotation
    before = record.adjudications[0].sides[0].values if record.adjudications and record.adjudications[0].sides else {}
    now = {name: getattr(label, name) for name in COMPARED}
    return LabelRow(
        record.episode_id,
        record.annotator,
        f"{record.taxonomy_id} {record.taxonomy_version}",
        record.saved_at,
        record.num_frames,
        Annotation(**{name: getattr(label, name) for name in _KEPT}),
        {name: value for name, value in before.items() if name in now and value != now[name]},
        {name: how.origin for name, how in label.provenance.items()},
        record.stages,
        _decided_by(record),
    )


def _decided_by(record: AnnotationRecord) -> str:
    """Who decided with a reason, if nothing was changed or finished since."""
    last = record.adjudications[-1] if record.adjudications else None
    if last is None or not last.decided_at or not last.why.strip() or not last.sides:
        return ""
    label = record.annotation
    said = last.sides[0].values
    if last.decision is Decision.UPHELD and any(getattr(label, name) != said.get(name) for name in COMPARED[:3]):
        return ""
    made = [work.finished_at for stage, work in record.stages.items() if stage != Stage.REVIEW and work.finished_at]
    return last.reviewer if all(_time(at) <= _time(last.decided_at) for at in made) else ""


def _time(at: str) -> datetime:
    """A time of a sidecar, to the second, as decisions have it."""
    return datetime.fromisoformat(at).replace(microsecond=0)


def to_json(row: LabelRow) -> list[Any]:
    """The row as something to remember."""
    return [
        row.episode_id,
        row.annotator,
        row.taxonomy,
        row.saved_at,
        row.num_frames,
        [getattr(row.annotation, name) for name in _KEPT],
        dict(row.own),
        {name: origin.value for name, origin in row.origins.items()},
        {stage.value: stage_to_json(work) for stage, work in row.stages.items()},
        row.decided_by,
    ]


def from_json(remembered: Any) -> LabelRow | None:
    """The row out of what was remembered; None for anything else."""
    if not isinstance(remembered, list):
        return None
    try:
        episode_id, annotator, taxonomy, saved_at, num_frames, values, own, origins, stages, decided_by = remembered
        label = dict(zip(_KEPT, values, strict=True))
        return LabelRow(
            str(episode_id),
            str(annotator),
            str(taxonomy),
            str(saved_at),
            int(num_frames),
            Annotation(**(label | _words(label))),
            dict(own),
            {str(name): Origin(value) for name, value in origins.items()},
            {Stage(name): stage_from_json(section(stages, name)) for name in stages},
            str(decided_by),
        )
    except (ValueError, TypeError, KeyError, AttributeError, WrongValueError):
        return None


_ENUMS = {"outcome": Outcome, "severity": Severity, "attribution": Attribution}


def _words(label: Mapping[str, Any]) -> dict[str, Any]:
    return {name: None if label[name] is None else kind(label[name]) for name, kind in _ENUMS.items()}
