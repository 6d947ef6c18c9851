"""The work of one stage as a JSON object, and back; what is seldom so is left out where it is not."""

from collections.abc import Mapping
from typing import Any

from failview.model.annotation import StageRecord
from failview.sidecars import json_values as values


def stage_to_json(done: StageRecord) -> dict[str, Any]:
    """The work of a stage as a JSON object."""
    document: dict[str, Any] = {"finished_at": done.finished_at, "active_s": done.active_s}
    if done.put_off:
        document["put_off"] = done.put_off
    if done.blind:
        document["blind"] = True
    if done.in_bulk:
        document["in_bulk"] = True
    return document


def stage_from_json(document: Mapping[str, Any]) -> StageRecord:
    """The work of a stage from a JSON object.

    Raises:
        WrongValueError: A value of the wrong kind.
    """
    return StageRecord(
        values.optional_text(document, "finished_at"),
        values.number(document, "active_s") or 0.0,
        values.text(document, "put_off"),
        values.flag(document, "blind") or False,
        values.flag(document, "in_bulk") or False,
    )
