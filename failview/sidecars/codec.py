"""Annotation records as JSON, and back. What a newer failview wrote and this one does not know survives."""

import json
import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from failview.errors import SidecarError
from failview.model.annotation import (
    SIDECAR_SCHEMA_VERSION,
    Annotation,
    AnnotationRecord,
    CausalLink,
    FurtherFailure,
    Stage,
    StageRecord,
)
from failview.sidecars import json_values as values
from failview.sidecars.re_review_json import re_review_from_json, re_review_to_json
from failview.sidecars.review_json import (
    adjudication_from_json,
    adjudication_to_json,
    audit_from_json,
    audit_to_json,
)
from failview.sidecars.stage_json import stage_from_json, stage_to_json
from failview.sidecars.unknown_fields import merge_unknown, unknown_parts

LABEL_FIELDS = tuple(item.name for item in fields(Annotation) if item.name != "provenance")
"""Fields of the label itself, in the order in which they are written."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_VERSION = re.compile(r"(\d{1,9})\.(\d{1,9})\.(\d{1,9})")


class BrokenSidecarError(SidecarError):
    """The content is not a sidecar: cut off, overwritten, or edited into something that cannot be read."""


class NewerSidecarError(SidecarError):
    """A newer failview wrote this, in a way that this one must not touch."""


def encode(record: AnnotationRecord) -> bytes:
    """A record as the bytes of its sidecar.

    Raises:
        NewerSidecarError: The record is of a newer major schema version, which this failview must not write.
        SidecarError: A number that JSON cannot hold.
    """
    refuse_newer_major(record, record.episode_id)
    try:
        text = json.dumps(record_to_json(record), indent=2, ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise SidecarError(f"cannot be written as JSON ({error})", where=record.episode_id) from error
    # Text from outside may hold half a surrogate pair, which UTF-8 cannot; JSON can, escaped.
    escaped = _LONE_SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return f"{escaped}\n".encode()


def decode(content: bytes, where: str = "") -> AnnotationRecord:
    """The record in a sidecar's bytes.

    Args:
        content: The whole file.
        where: Name of the file, for messages.

    Raises:
        BrokenSidecarError: Not a sidecar.
        NewerSidecarError: A newer version that cannot be understood.
    """
    document = parse(content, where)
    version = document.get("schema_version")
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        raise BrokenSidecarError("schema_version is missing or not like 1.0.0", where=where)
    try:
        return record_from_json(document)
    except values.WrongValueError as error:
        if _numbers(version) > _numbers(SIDECAR_SCHEMA_VERSION):
            raise NewerSidecarError(
                f"written by a newer failview (schema {version}): {error}", where=where, hint="Update failview"
            ) from error
        raise BrokenSidecarError(str(error), where=where) from error


def refuse_newer_major(record: AnnotationRecord, where: str) -> None:
    """Nothing for a record that this failview may write.

    Raises:
        NewerSidecarError: It must not.
    """
    if is_newer_major(record.schema_version):
        raise NewerSidecarError(
            f"schema version {record.schema_version} is newer than {SIDECAR_SCHEMA_VERSION} of this failview",
            where=where,
            hint="Update failview to change it",
        )


def is_newer_major(schema_version: str) -> bool:
    """Whether a schema version is beyond what this failview may write."""
    return _numbers(schema_version)[0] > _numbers(SIDECAR_SCHEMA_VERSION)[0]


def record_to_json(record: AnnotationRecord) -> dict[str, Any]:
    """A record as a JSON object, with its keys in the order of the schema; unknown ones last."""
    label = record.annotation
    document: dict[str, Any] = {
        "schema_version": record.schema_version,
        "taxonomy": {"id": record.taxonomy_id, "version": record.taxonomy_version},
        "episode_id": record.episode_id,
        "annotator": record.annotator,
        **{name: getattr(label, name) for name in LABEL_FIELDS},
        "causal_chain": [_link_to_json(link) for link in label.causal_chain],
        "further_failures": [_further_to_json(item) for item in label.further_failures],
        "stages": {
            stage.value: stage_to_json(done) for stage in Stage if (done := record.stages.get(stage)) is not None
        },
        "source": {
            "path": record.source_path,
            "format": record.source_format,
            "num_frames": record.num_frames,
            "fingerprint": record.source_fingerprint,
        },
        "provenance": {
            name: {"origin": how.origin.value, "detector": how.detector, "confidence": how.confidence}
            for name in sorted(label.provenance, key=_field_position)
            if (how := label.provenance[name])
        },
        "saved_at": record.saved_at,
    }
    if record.re_reviews:
        document["re_review"] = [re_review_to_json(item) for item in record.re_reviews]
    if record.audits:
        document["audits"] = [audit_to_json(item) for item in record.audits]
    if record.adjudications:
        document["adjudications"] = [adjudication_to_json(item) for item in record.adjudications]
    return merge_unknown(document, _still_wanted(record))


def record_from_json(document: Mapping[str, Any]) -> AnnotationRecord:
    """A record from a JSON object; missing fields get their defaults.

    Raises:
        WrongValueError: A known field has a value of the wrong kind.
    """
    taxonomy = values.section(document, "taxonomy")
    source = values.section(document, "source")
    record = AnnotationRecord(
        episode_id=values.required_text(document, "episode_id"),
        annotator=values.required_text(document, "annotator"),
        taxonomy_id=values.text(taxonomy, "id"),
        taxonomy_version=values.text(taxonomy, "version"),
        annotation=_label_from_json(document),
        stages=_stages_from_json(values.section(document, "stages")),
        source_path=values.text(source, "path"),
        source_format=values.text(source, "format"),
        source_fingerprint=values.text(source, "fingerprint"),
        num_frames=values.frame(source, "num_frames") or 0,
        saved_at=values.text(document, "saved_at"),
        re_reviews=tuple(re_review_from_json(item) for item in values.items(document, "re_review")),
        audits=tuple(audit_from_json(item) for item in values.items(document, "audits")),
        adjudications=tuple(adjudication_from_json(item) for item in values.items(document, "adjudications")),
        schema_version=values.required_text(document, "schema_version"),
    )
    return values.with_unknown(record, unknown_parts(document, record_to_json(record)))


def _label_from_json(document: Mapping[str, Any]) -> Annotation:
    readers = values.LABEL_READERS
    label = {name: readers[name](document, name) for name in LABEL_FIELDS if name in readers}
    return Annotation(
        **label,
        causal_chain=tuple(
            CausalLink(values.text(item, "cause"), values.text(item, "effect"), values.frame(item, "frame"))
            for item in values.items(document, "causal_chain")
        ),
        further_failures=tuple(
            FurtherFailure(
                values.text(item, "category"),
                values.text(item, "subcategory"),
                values.required_frame(item, "onset_frame"),
            )
            for item in values.items(document, "further_failures")
        ),
        provenance={
            name: values.provenance(values.section(document["provenance"], name))
            for name in values.section(document, "provenance")
        },
    )


def _stages_from_json(stages: Mapping[str, Any]) -> dict[Stage, StageRecord]:
    return {stage: stage_from_json(values.section(stages, stage.value)) for stage in Stage if stage.value in stages}


def _link_to_json(link: CausalLink) -> dict[str, Any]:
    return {"cause": link.cause, "effect": link.effect, "frame": link.frame}


def _further_to_json(item: FurtherFailure) -> dict[str, Any]:
    return {"category": item.category, "subcategory": item.subcategory, "onset_frame": item.onset_frame}


def _still_wanted(record: AnnotationRecord) -> Mapping[str, Any]:
    """Unknown fields without those about the provenance of a value that has been cleared since."""
    about = record.unknown_fields.get("provenance")
    if not isinstance(about, Mapping):
        return record.unknown_fields
    kept = {name: value for name, value in about.items() if name in record.annotation.provenance}
    return {**record.unknown_fields, "provenance": kept}


def _field_position(name: str) -> tuple[int, str]:
    return (LABEL_FIELDS.index(name) if name in LABEL_FIELDS else len(LABEL_FIELDS), name)


def _numbers(version: str) -> tuple[int, ...]:
    match = _VERSION.fullmatch(version)
    return tuple(int(part) for part in match.groups()) if match else (0, 0, 0)


def parse(content: bytes, where: str = "") -> dict[str, Any]:
    """The JSON object in a sidecar's bytes, whatever it holds.

    Raises:
        BrokenSidecarError: There is none.
    """
    try:
        document = json.loads(
            content.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_object_without_doubles
        )
    except (ValueError, RecursionError) as error:
        raise BrokenSidecarError("is not valid JSON", where=where) from error
    if not isinstance(document, dict):
        raise BrokenSidecarError("holds no JSON object", where=where)
    return document


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _object_without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a key occurs twice")
    return document
