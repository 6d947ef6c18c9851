"""Blind checks and reviewers' decisions, as they stand under `audits` and `adjudications` in a sidecar."""

from collections.abc import Mapping
from typing import Any

from failview.model.review import Adjudication, Audit, Decision, Side, SideValue
from failview.sidecars import json_values as values


def audit_to_json(item: Audit) -> dict[str, Any]:
    """A blind check as a JSON object."""
    return {
        "asked_at": item.asked_at,
        "threshold": item.threshold,
        "proposed": item.proposed,
        "confidence": item.confidence,
        **({"answer": item.answer} if item.answer else {}),
    }


def audit_from_json(document: Mapping[str, Any]) -> Audit:
    """A blind check from a JSON object.

    Raises:
        WrongValueError: A value of the wrong kind.
    """
    return Audit(
        values.text(document, "asked_at"),
        values.number(document, "threshold") or 0.0,
        values.text(document, "proposed"),
        values.number(document, "confidence") or 0.0,
        values.text(document, "answer"),
    )


def adjudication_to_json(item: Adjudication) -> dict[str, Any]:
    """A decision as a JSON object."""
    return {
        "decided_at": item.decided_at,
        "reviewer": item.reviewer,
        "decision": item.decision.value,
        "why": item.why,
        "sides": [{"name": side.name, "values": dict(side.values)} for side in item.sides],
    }


def adjudication_from_json(document: Mapping[str, Any]) -> Adjudication:
    """A decision from a JSON object.

    Raises:
        WrongValueError: A value of the wrong kind.
    """
    decision = values.text(document, "decision")
    if decision not in set(Decision):
        raise values.WrongValueError(f"decision cannot be {decision!r}")
    return Adjudication(
        values.text(document, "decided_at"),
        values.text(document, "reviewer"),
        Decision(decision),
        values.text(document, "why"),
        tuple(_side_from_json(side) for side in values.items(document, "sides")),
    )


def _side_from_json(document: Mapping[str, Any]) -> Side:
    said = values.section(document, "values")
    if not all(isinstance(value, SideValue) for value in said.values()):
        raise values.WrongValueError("the values of a side are texts, frames or null")
    return Side(values.text(document, "name"), dict(said))
