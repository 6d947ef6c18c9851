"""Requests to look at a label again, as they stand under `re_review` in a sidecar."""

from collections.abc import Mapping
from typing import Any

from failview.model.annotation import ChangedField, ReReview
from failview.sidecars import json_values as values


def re_review_to_json(item: ReReview) -> dict[str, Any]:
    """A request as a JSON object."""
    return {
        "asked_at": item.asked_at,
        "from": item.taxonomy_from,
        "to": item.taxonomy_to,
        "changes": [changed_field_to_json(change) for change in item.changes],
    }


def re_review_from_json(document: Mapping[str, Any]) -> ReReview:
    """A request from a JSON object.

    Raises:
        WrongValueError: A value of the wrong kind.
    """
    return ReReview(
        values.text(document, "asked_at"),
        values.text(document, "from"),
        values.text(document, "to"),
        tuple(_change_from_json(item) for item in values.items(document, "changes")),
    )


def changed_field_to_json(change: ChangedField) -> dict[str, Any]:
    """A changed field as a JSON object."""
    return {
        "field": change.field,
        "from": change.before,
        "to": change.after,
        "candidates": list(change.candidates),
        "reason": change.reason,
    }


def _change_from_json(document: Mapping[str, Any]) -> ChangedField:
    candidates = document.get("candidates", [])
    if not isinstance(candidates, list) or not all(isinstance(item, str) for item in candidates):
        raise values.WrongValueError("candidates is not a list of ids")
    return ChangedField(
        values.text(document, "field"),
        values.optional_text(document, "from"),
        values.optional_text(document, "to"),
        values.text(document, "reason"),
        tuple(candidates),
    )
