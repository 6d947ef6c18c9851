"""Values out of a sidecar's JSON: each is of the kind it should be, or the message says which is not."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar

from failview.model.annotation import (
    AnnotationRecord,
    Attribution,
    Origin,
    Outcome,
    Provenance,
    RecoveryOutcome,
    Severity,
)


class WrongValueError(ValueError):
    """A known field holds a value of the wrong kind."""


_Choice = TypeVar("_Choice", bound=StrEnum)

Reader = Callable[[Mapping[str, Any], str], Any]


def section(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object inside an object; empty when it is not there."""
    value = document.get(name, {})
    if not isinstance(value, dict):
        raise WrongValueError(f"{name} is not an object")
    return value


def items(document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """A list of objects; empty when it is not there."""
    value = document.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise WrongValueError(f"{name} is not a list of objects")
    return value


def optional_text(document: Mapping[str, Any], name: str) -> str | None:
    """Text or null."""
    value = document.get(name)
    if value is not None and not isinstance(value, str):
        raise WrongValueError(f"{name} is not text")
    return value


def text(document: Mapping[str, Any], name: str) -> str:
    """Text; empty when it is not there."""
    return optional_text(document, name) or ""


def required_text(document: Mapping[str, Any], name: str) -> str:
    """Text that must be there and say something."""
    value = text(document, name)
    if not value:
        raise WrongValueError(f"{name} is missing")
    return value


def frame(document: Mapping[str, Any], name: str) -> int | None:
    """A whole number or null."""
    value = document.get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise WrongValueError(f"{name} is not a whole number")
    return value


def required_frame(document: Mapping[str, Any], name: str) -> int:
    """A whole number that must be there."""
    value = frame(document, name)
    if value is None:
        raise WrongValueError(f"{name} is missing")
    return value


def number(document: Mapping[str, Any], name: str) -> float | None:
    """A number or null."""
    value = document.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongValueError(f"{name} is not a number")
    try:
        result = float(value)
    except OverflowError as error:
        raise WrongValueError(f"{name} is too large") from error
    if result in (float("inf"), float("-inf")):
        raise WrongValueError(f"{name} is too large")
    return result


def flag(document: Mapping[str, Any], name: str) -> bool | None:
    """True, false or null."""
    value = document.get(name)
    if value is not None and not isinstance(value, bool):
        raise WrongValueError(f"{name} is not true or false")
    return value


def provenance(document: Mapping[str, Any]) -> Provenance:
    """How a field got its value."""
    origin = _choice(Origin)(document, "origin")
    if origin is None:
        raise WrongValueError("origin is missing")
    return Provenance(origin, optional_text(document, "detector"), number(document, "confidence"))


def with_unknown(record: AnnotationRecord, unknown: Mapping[str, object]) -> AnnotationRecord:
    """The record with what this failview does not know."""
    return replace(record, unknown_fields=unknown) if unknown else record


def _choice(choices: type[_Choice]) -> Callable[[Mapping[str, Any], str], _Choice | None]:
    def read(document: Mapping[str, Any], name: str) -> _Choice | None:
        value = optional_text(document, name)
        if value is None:
            return None
        try:
            return choices(value)
        except ValueError:
            raise WrongValueError(f"{name} is {value!r}, not one of {', '.join(choices)}") from None

    return read


LABEL_READERS: Mapping[str, Reader] = {
    "outcome": _choice(Outcome),
    "failure_category": optional_text,
    "failure_subcategory": optional_text,
    "failure_onset_frame": frame,
    "failure_obvious_frame": frame,
    "recovery_attempted": flag,
    "recovery_start_frame": frame,
    "recovery_end_frame": frame,
    "recovery_outcome": _choice(RecoveryOutcome),
    "root_cause": text,
    "annotator_confidence": number,
    "severity": _choice(Severity),
    "attribution": _choice(Attribution),
    "proximal_cause": optional_text,
    "distal_cause": optional_text,
    "preventable": flag,
    "notes": text,
}
"""How each field of the label is read; lists are read by the codec."""
