"""Fields that this failview does not know: taken out of a document when it is read, put back when it is written."""

from collections.abc import Mapping
from typing import Any


def unknown_parts(document: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """What a document has beyond what is known of it.

    Args:
        document: As read.
        known: The same, as it would be written without the unknown.

    Returns:
        Unknown fields by name. For a known object: its unknown fields. For a known list of objects: those items, whole,
        that hold unknown fields.
    """
    unknown: dict[str, Any] = {}
    for name, value in document.items():
        if name not in known:
            unknown[name] = value
        elif isinstance(value, dict) and isinstance(known[name], dict):
            if inner := unknown_parts(value, known[name]):
                unknown[name] = inner
        elif isinstance(value, list) and isinstance(known[name], list):
            pairs = zip(value, known[name], strict=True)
            if richer := [item for item, plain in pairs if isinstance(item, dict) and unknown_parts(item, plain)]:
                unknown[name] = richer
    return unknown


def merge_unknown(known: Mapping[str, Any], unknown: Mapping[str, Any]) -> dict[str, Any]:
    """A document with its unknown fields put back.

    Objects get theirs by name; an item of a list gets them when its known fields are still those it was read with.
    """
    merged = dict(known)
    for name, value in unknown.items():
        mine = merged.get(name)
        if name not in merged:
            merged[name] = value
        elif isinstance(mine, dict) and isinstance(value, dict):
            merged[name] = merge_unknown(mine, value)
        elif isinstance(mine, list) and isinstance(value, list):
            merged[name] = [_richer(item, value) for item in mine]
    return merged


def _richer(item: Any, richer_items: list[Any]) -> Any:
    if not isinstance(item, dict):
        return item
    for candidate in richer_items:
        if isinstance(candidate, dict) and _holds(candidate, item):
            known = {name: candidate.get(name, value) for name, value in item.items()}
            return {**known, **{name: value for name, value in candidate.items() if name not in item}}
    return item


def _holds(richer: Any, plain: Any) -> bool:
    """Whether something is what is known of it, but for unknown fields at any depth."""
    if isinstance(richer, dict) and isinstance(plain, dict):
        return all(_holds(richer.get(name), value) for name, value in plain.items())
    if isinstance(richer, list) and isinstance(plain, list):
        return len(richer) == len(plain) and all(map(_holds, richer, plain))
    return bool(richer == plain)
