"""Annotations of a Label Studio export in JSON as labels, with where each field comes from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from failview.errors import ExportError
from failview.exporters.foreign_labels import ForeignLabel
from failview.exporters.labelstudio import labelling_config as config
from failview.exporters.labelstudio.tasks import FIRST_FRAME, PROPOSAL
from failview.model.annotation import (
    Annotation,
    AnnotationRecord,
    Attribution,
    Origin,
    Outcome,
    Provenance,
    RecoveryOutcome,
    Severity,
)

_ORIGINS = {"prediction": Origin.ACCEPTED, "prediction-changed": Origin.CHANGED, "manual": Origin.MANUAL}
_MARK_FIELDS = {config.ONSET: "failure_onset_frame", config.OBVIOUS: "failure_obvious_frame"}
_KINDS = {
    "outcome": Outcome,
    "recovery_outcome": RecoveryOutcome,
    "severity": Severity,
    "attribution": Attribution,
}
_OF_FAILURES = frozenset(
    {
        "failure_category",
        "failure_subcategory",
        *_MARK_FIELDS.values(),
        "recovery_attempted",
        "recovery_start_frame",
        "recovery_end_frame",
        "recovery_outcome",
        "root_cause",
        "severity",
        "attribution",
        "proximal_cause",
        "distal_cause",
        "preventable",
    }
)


@dataclass
class _Fields:
    """Values of one annotation as they are found, each with its origin."""

    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, Origin] = field(default_factory=dict)
    subcategories: dict[str, tuple[str, Origin]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def put(self, name: str, value: Any, origin: Origin) -> None:
        """Note a value."""
        self.values[name] = value
        self.origins[name] = origin


def read_export(file: Path, annotator: str = "") -> tuple[list[ForeignLabel], list[tuple[str, str]]]:
    """Labels of a JSON export, and (where, why) of annotations that cannot be understood.

    Args:
        file: The export.
        annotator: Whose labels they are; without, each is of the account that made it.

    Raises:
        ExportError: The file is no such export.
    """
    try:
        tasks = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ExportError(f"cannot be read ({error.strerror})", where=file) from error
    except ValueError as error:
        raise ExportError("is no JSON", where=file, hint="Export from Label Studio as JSON") from error
    if not isinstance(tasks, list) or not all(isinstance(task, dict) and "annotations" in task for task in tasks):
        what = "is no export of Label Studio with its tasks and annotations"
        raise ExportError(what, where=file, hint="Choose JSON, not JSON-MIN, when you export")
    labels, refused = [], []
    for task in tasks:
        for found in task["annotations"]:
            where = f"task {task.get('id')}, annotation {found.get('id')}"
            if found.get("was_cancelled"):
                continue
            try:
                labels.append(_label(task, found, annotator, where))
            except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
                refused.append((where, f"cannot be understood ({type(error).__name__}: {error})"))
    return _latest(labels), refused


def _latest(labels: list[ForeignLabel]) -> list[ForeignLabel]:
    """The last one of each annotator for an episode."""
    last: dict[tuple[str, str], ForeignLabel] = {}
    for label in sorted(labels, key=lambda item: item.finished_at):
        last[label.record.annotator, label.record.episode_id] = label
    return [label for label in labels if last[label.record.annotator, label.record.episode_id] is label]


def _label(task: Mapping[str, Any], found: Mapping[str, Any], annotator: str, where: str) -> ForeignLabel:
    data = task["data"]
    fields = _Fields()
    for result in found["result"]:
        _take(fields, result)
    _choose_subcategory(fields)
    _reconcile(fields)
    finished_at = _utc(found.get("updated_at") or found.get("created_at"))
    taxonomy_id, _, version = str(data["taxonomy"]).rpartition(" ")
    record = AnnotationRecord(
        episode_id=str(data["episode_id"]),
        annotator=annotator or _account(found.get("completed_by")),
        taxonomy_id=taxonomy_id,
        taxonomy_version=version,
        annotation=Annotation(**fields.values, provenance=_provenance(fields, json.loads(data.get(PROPOSAL) or "{}"))),
        source_path="Label Studio",
        source_format=str(data.get("source_format", "")),
        source_fingerprint=str(data.get("source_fingerprint", "")),
        num_frames=int(data["num_frames"]),
        saved_at=finished_at,
    )
    return ForeignLabel(where, record, finished_at, float(found.get("lead_time") or 0.0), tuple(fields.notes))


def _take(fields: _Fields, result: Mapping[str, Any]) -> None:
    name, value = result.get("from_name"), result["value"]
    origin = _ORIGINS.get(result.get("origin", "manual"), Origin.MANUAL)
    if name == config.EVENTS:
        _take_range(fields, value, origin)
    elif name in {config.ROOT_CAUSE, config.NOTES}:
        text = value["text"]
        fields.put(name, " ".join(text) if isinstance(text, list) else str(text), origin)
    elif name == config.CONFIDENCE:
        fields.put(name, float(value["number"]), origin)
    elif name == config.PREVENTABLE:
        fields.put(name, value["choices"][0] == config.YES, origin)
    elif isinstance(name, str) and name.startswith(f"{config.SUBCATEGORY}_"):
        fields.subcategories[name.removeprefix(f"{config.SUBCATEGORY}_")] = (value["choices"][0], origin)
    elif name in {config.CATEGORY, *config.CAUSES, *_KINDS}:
        choice = value["choices"][0]
        fields.put(name, _KINDS[name](choice) if name in _KINDS else choice, origin)


def _take_range(fields: _Fields, value: Mapping[str, Any], origin: Origin) -> None:
    """A region of the timeline; of several with one label the first one holds."""
    (label,) = value["timelinelabels"]
    first = int(value["ranges"][0]["start"]) - FIRST_FRAME
    last = int(value["ranges"][-1]["end"]) - FIRST_FRAME
    name = _MARK_FIELDS.get(label, "recovery_start_frame")
    if name in fields.values:
        fields.notes.append(f"several regions {label}: the first one holds")
        if fields.values[name] <= first:
            return
    fields.put(name, first, origin)
    if label == config.RECOVERY:
        fields.put("recovery_end_frame", last, origin)
        fields.put("recovery_attempted", True, origin)


def _choose_subcategory(fields: _Fields) -> None:
    """The subcategory of the category that was chosen: those of others, chosen before, are still in the export."""
    chosen = fields.subcategories.get(fields.values.get(config.CATEGORY, ""))
    if chosen is not None:
        fields.put(config.SUBCATEGORY, *chosen)


def _reconcile(fields: _Fields) -> None:
    """What the outcome rules out: Label Studio hides such choices, and keeps regions all the same."""
    if fields.values.get("outcome") is Outcome.SUCCESS:
        dropped = sorted(_OF_FAILURES & set(fields.values))
        for name in dropped:
            del fields.values[name], fields.origins[name]
        if dropped:
            fields.notes.append(f"a success: dropped {', '.join(dropped)}")
    elif fields.values.get("recovery_outcome") is RecoveryOutcome.NO_ATTEMPT:
        if fields.values.get("recovery_attempted"):
            fields.notes.append("no attempt to recover: the region of the recovery is dropped")
            for name in ("recovery_start_frame", "recovery_end_frame"):
                fields.values.pop(name)
                fields.origins.pop(name)
        fields.put("recovery_attempted", False, fields.origins["recovery_outcome"])


def _provenance(fields: _Fields, proposal: Mapping[str, Mapping[str, Any]]) -> dict[str, Provenance]:
    """Where each field comes from; a field that was proposed keeps detector and confidence."""
    found = {}
    for name, origin in fields.origins.items():
        proposed = proposal.get(name, {}) if origin is not Origin.MANUAL else {}
        confidence = proposed.get("confidence")
        found[name] = Provenance(origin, proposed.get("detector"), None if confidence is None else float(confidence))
    return found


def _account(completed_by: object) -> str:
    """Name of whoever made an annotation: the address where the export has it, else the number."""
    if isinstance(completed_by, dict):
        return str(completed_by.get("email") or f"labelstudio-{completed_by['id']}")
    return f"labelstudio-{completed_by}"


def _utc(text: object) -> str:
    """A time as ISO 8601 in UTC.

    Raises:
        ValueError: It is none.
    """
    moment = datetime.fromisoformat(str(text))
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
