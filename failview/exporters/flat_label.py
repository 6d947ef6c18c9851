"""A label as flat values, as files hold them that know no null: text is then "", a number -1."""

import json
from collections.abc import Mapping

from failview.model.annotation import AnnotationRecord
from failview.sidecars.codec import record_from_json, record_to_json

FlatValue = str | int | float | bool

_NO_FRAME = -1
_YES_NO = {True: "yes", False: "no", None: ""}


def flat_label(record: AnnotationRecord | None) -> dict[str, FlatValue]:
    """Every field of a label, always the same fields in the same order and of the same type.

    Frames are int and -1 for null; confidence is float and -1.0 for null; texts and words are "" for null; what is a
    list in the sidecar is JSON text. `recovery_attempted` is true only where the label says so; `preventable` is "yes",
    "no" or "". `sidecar` is the whole sidecar as JSON text, "" without a label: from it nothing is lost.

    Args:
        record: The finished label; None for an episode without one.
    """
    plain = {} if record is None else record_to_json(record)

    def text(name: str) -> str:
        return storable(str(plain.get(name) or ""))

    def frame(name: str) -> int:
        value = plain.get(name)
        return _NO_FRAME if value is None else int(value)

    confidence = plain.get("annotator_confidence")
    return {
        "outcome": text("outcome"),
        "failure_category": text("failure_category"),
        "failure_subcategory": text("failure_subcategory"),
        "failure_onset_frame": frame("failure_onset_frame"),
        "failure_obvious_frame": frame("failure_obvious_frame"),
        "recovery_attempted": plain.get("recovery_attempted") is True,
        "recovery_start_frame": frame("recovery_start_frame"),
        "recovery_end_frame": frame("recovery_end_frame"),
        "recovery_outcome": text("recovery_outcome"),
        "root_cause": text("root_cause"),
        "annotator_confidence": -1.0 if confidence is None else float(confidence),
        "severity": text("severity"),
        "attribution": text("attribution"),
        "proximal_cause": text("proximal_cause"),
        "distal_cause": text("distal_cause"),
        "preventable": _YES_NO[plain.get("preventable")],
        "causal_chain": _json(plain.get("causal_chain", [])),
        "further_failures": _json(plain.get("further_failures", [])),
        "notes": text("notes"),
        "annotator": text("annotator"),
        "taxonomy": "" if record is None else f"{record.taxonomy_id} {record.taxonomy_version}",
        "sidecar": _json(plain) if plain else "",
    }


def record_of_flat(label: Mapping[str, FlatValue]) -> AnnotationRecord | None:
    """The record behind flat values; None for an episode without a label.

    Raises:
        ValueError: Not what `flat_label` made.
    """
    text = str(label["sidecar"])
    return record_from_json(json.loads(text)) if text else None


def storable(text: str) -> str:
    """Text without half of a surrogate pair, which UTF-8 cannot hold: it is written out."""
    return text.encode("utf-8", "backslashreplace").decode()


def _json(plain: object) -> str:
    return storable(json.dumps(plain, ensure_ascii=False, sort_keys=True))
