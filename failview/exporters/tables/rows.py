"""The rows and columns of the tables."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from failview.loaders.dataset import EpisodeEntry
from failview.model.annotation import Annotation, AnnotationRecord, Stage
from failview.model.clock import Clock
from failview.model.detection import EpisodeFindings, ProposedField
from failview.sidecars.codec import record_to_json

Row = Mapping[str, Any]

_TEXT, _FRAME, _NUMBER, _FLAG = pa.string(), pa.int64(), pa.float64(), pa.bool_()

EPISODES = pa.schema(
    [
        ("episode_id", _TEXT),
        ("task", _TEXT),
        ("num_frames", _FRAME),
        ("rate_hz", _NUMBER),
        ("outcome", _TEXT),
        ("failure_category", _TEXT),
        ("failure_subcategory", _TEXT),
        ("failure_onset_frame", _FRAME),
        ("failure_onset_s", _NUMBER),
        ("failure_obvious_frame", _FRAME),
        ("failure_obvious_s", _NUMBER),
        ("recovery_attempted", _FLAG),
        ("recovery_start_frame", _FRAME),
        ("recovery_end_frame", _FRAME),
        ("recovery_outcome", _TEXT),
        ("root_cause", _TEXT),
        ("annotator_confidence", _NUMBER),
        ("severity", _TEXT),
        ("attribution", _TEXT),
        ("proximal_cause", _TEXT),
        ("distal_cause", _TEXT),
        ("preventable", _FLAG),
        ("causal_chain", _TEXT),
        ("failures", _FRAME),
        ("notes", _TEXT),
        ("annotator", _TEXT),
        ("taxonomy", _TEXT),
        ("triage_s", _NUMBER),
        ("detail_s", _NUMBER),
        ("review_s", _NUMBER),
        ("saved_at", _TEXT),
        ("proposed_outcome", _TEXT),
        ("proposed_subcategory", _TEXT),
        ("proposed_onset_frame", _FRAME),
        ("proposed_confidence", _NUMBER),
        ("sidecar", _TEXT),
    ]
)
"""One row per episode; empty where nothing is said. `sidecar` is the whole sidecar as JSON."""

FAILURES = pa.schema(
    [
        ("episode_id", _TEXT),
        ("failure", _FRAME),
        ("category", _TEXT),
        ("subcategory", _TEXT),
        ("onset_frame", _FRAME),
        ("onset_s", _NUMBER),
        ("obvious_frame", _FRAME),
        ("recovery_start_frame", _FRAME),
        ("recovery_end_frame", _FRAME),
        ("recovery_outcome", _TEXT),
        ("severity", _TEXT),
        ("attribution", _TEXT),
        ("proximal_cause", _TEXT),
        ("distal_cause", _TEXT),
        ("preventable", _FLAG),
        ("root_cause", _TEXT),
    ]
)
"""One row per failure: number 0 is the one that the label is about, 1 and up are the further ones of its episode."""

_AS_THEY_ARE = (
    "outcome",
    "failure_category",
    "failure_subcategory",
    "failure_onset_frame",
    "failure_obvious_frame",
    "recovery_attempted",
    "recovery_start_frame",
    "recovery_end_frame",
    "recovery_outcome",
    "annotator_confidence",
    "severity",
    "attribution",
    "proximal_cause",
    "distal_cause",
    "preventable",
)


def episode_row(
    entry: EpisodeEntry, clock: Clock, record: AnnotationRecord | None, findings: EpisodeFindings | None
) -> Row:
    """The row of an episode."""
    row: dict[str, Any] = {
        "episode_id": entry.episode_id,
        "task": entry.task,
        "num_frames": entry.num_frames,
        "rate_hz": clock.rate_hz,
        **_proposed(findings),
    }
    if record is None:
        return row
    label = record.annotation
    plain = record_to_json(record)
    for stage in Stage:
        work = record.stages.get(stage)
        row[f"{stage.value}_s"] = None if work is None else work.active_s
    return row | {
        **{name: plain[name] for name in _AS_THEY_ARE},
        "failure_onset_s": _time_s(clock, label.failure_onset_frame),
        "failure_obvious_s": _time_s(clock, label.failure_obvious_frame),
        "root_cause": label.root_cause,
        "notes": label.notes,
        "causal_chain": json.dumps(plain["causal_chain"], ensure_ascii=False),
        "failures": sum(1 for _ in failure_rows(entry.episode_id, clock, label)),
        "annotator": record.annotator,
        "taxonomy": f"{record.taxonomy_id} {record.taxonomy_version}",
        "saved_at": record.saved_at,
        "sidecar": json.dumps(plain, ensure_ascii=False),
    }


def failure_rows(episode_id: str, clock: Clock, label: Annotation) -> Iterator[Row]:
    """The rows of the failures of an episode."""
    if label.failure_category is not None or label.failure_onset_frame is not None:
        yield {
            "episode_id": episode_id,
            "failure": 0,
            "category": label.failure_category,
            "subcategory": label.failure_subcategory,
            "onset_frame": label.failure_onset_frame,
            "onset_s": _time_s(clock, label.failure_onset_frame),
            "obvious_frame": label.failure_obvious_frame,
            **{name: getattr(label, name) for name in FAILURES.names[7:]},
        }
    for number, further in enumerate(label.further_failures, 1):
        yield {
            "episode_id": episode_id,
            "failure": number,
            "category": further.category,
            "subcategory": further.subcategory,
            "onset_frame": further.onset_frame,
            "onset_s": _time_s(clock, further.onset_frame),
        }


def _time_s(clock: Clock, frame: int | None) -> float | None:
    return None if frame is None else clock.time_s(frame)


def _proposed(findings: EpisodeFindings | None) -> Row:
    proposal = {} if findings is None else findings.proposal
    fields = {
        "proposed_outcome": ProposedField.OUTCOME,
        "proposed_subcategory": ProposedField.SUBCATEGORY,
        "proposed_onset_frame": ProposedField.ONSET,
    }
    found: dict[str, Any] = {name: proposal[item].value for name, item in fields.items() if item in proposal}
    if ProposedField.OUTCOME in proposal:
        found["proposed_confidence"] = proposal[ProposedField.OUTCOME].confidence
    return found
