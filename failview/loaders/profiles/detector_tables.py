"""The tables of a profile that are for the detectors: [success] and [detectors]."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from failview.loaders.profiles.profile import DetectorValues
from failview.loaders.profiles.profile_text import ProfileTable, ProfileText, did_you_mean
from failview.settings.success_criterion import SuccessCriterion
from failview.settings.thresholds import THRESHOLDS, threshold_problem

SUCCESS_KEYS = ("criterion", "distance_m", "template", "onnx", "onnx_class", "camera", "region", "min_score")

_CRITERIA = ("distance", "flag", "template", "onnx")
_TABLE = "detectors"
_CONFIDENCE = "confidence"
_JOINTS = "joint_residual_nm"


def read_success(source: ProfileText, content: Mapping[str, Any]) -> SuccessCriterion:
    """The [success] table.

    Raises:
        ProfileError: A value that makes no sense; the message names the line.
    """
    table = ProfileTable(source, content, "success")
    found = SuccessCriterion(
        criterion=table.text("criterion", _CRITERIA),
        distance_m=table.number("distance_m", positive=True),
        template=_beside(source, table.text("template")),
        onnx=_beside(source, table.text("onnx")),
        onnx_class=table.text_or_number("onnx_class"),
        camera=table.text("camera"),
        region=table.numbers("region"),
        min_score=table.number("min_score"),
    )
    if found.criterion in {"template", "onnx"}:
        _require_file(source, found.criterion, found.template if found.criterion == "template" else found.onnx)
    if found.min_score is not None and not 0 <= found.min_score <= 1:
        raise source.refuse("min_score must lie between 0 and 1", "success", "min_score")
    if found.region and not _is_region(found.region):
        hint = "Write [left, top, right, bottom] as shares of the picture, 0 to 1"
        raise source.refuse("region must be a part of the picture", "success", "region", hint)
    return found


def _is_region(numbers: tuple[float, ...]) -> bool:
    if len(numbers) != 4:
        return False
    left, top, right, bottom = numbers
    return 0 <= left < right <= 1 and 0 <= top < bottom <= 1


def _beside(source: ProfileText, name: str) -> Path | None:
    return source.path.parent / name if name else None


def _require_file(source: ProfileText, criterion: str, path: Path | None) -> None:
    """Refuse a criterion whose picture or detector is not there."""
    if path is None:
        hint = f'Write {criterion} = "FILE" in [success]'
        raise source.refuse(f"criterion {criterion} needs a file", "success", "criterion", hint)
    if not path.is_file():
        hint = "Write its path relative to the profile"
        raise source.refuse(f"{criterion}: no such file: {path}", "success", criterion, hint)


def read_detector_values(source: ProfileText, table: Mapping[str, Any]) -> DetectorValues:
    """The [detectors] table: thresholds by their names, quoted or as tables within, and what `calibrate` learnt.

    Raises:
        ProfileError: An unknown name, or a value that cannot be; the message names the line.
    """
    own = {key: value for key, value in table.items() if key not in {_CONFIDENCE, _JOINTS}}
    thresholds: dict[str, float] = {}
    for name, value in _flat(own):
        thresholds[name] = _threshold(source, name, value, is_twice=name in thresholds)
    return DetectorValues(
        thresholds, _confidence(source, table.get(_CONFIDENCE, {})), _joints(source, table.get(_JOINTS, []))
    )


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Values by dotted names: "grasp.turn_deg" as one key and turn_deg in a table grasp are the same."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _threshold(source: ProfileText, name: str, value: Any, *, is_twice: bool) -> float:
    names = [threshold.name for threshold in THRESHOLDS]
    if name not in names:
        hint = did_you_mean(name, names) or "failview inspect --write-profile lists all of them"
        raise source.refuse(f"there is no threshold {name}", _TABLE, name, hint)
    if is_twice:
        raise source.refuse(f"{name} is given twice", _TABLE, name, "Remove one of the two")
    if not _is_number(value):
        raise source.refuse(f"{name} must be a number", _TABLE, name)
    problem = threshold_problem(name, float(value))
    if problem:
        raise source.refuse(problem, _TABLE, name)
    return float(value)


def _confidence(source: ProfileText, table: Any) -> dict[str, tuple[float, float]]:
    if not isinstance(table, dict):
        raise source.refuse("confidence must be a table", _TABLE, _CONFIDENCE, f"Write [{_TABLE}.{_CONFIDENCE}]")
    pairs = {}
    for kind, value in _flat(table):
        if not isinstance(value, list) or len(value) != 2 or not all(map(_is_number, value)):
            hint = f'Write "{kind}" = [slope, offset], as failview calibrate does'
            raise source.refuse(f"confidence of {kind} must be two numbers", f"{_TABLE}.{_CONFIDENCE}", kind, hint)
        pairs[kind] = (float(value[0]), float(value[1]))
    return pairs


def _joints(source: ProfileText, value: Any) -> tuple[float, ...]:
    if not isinstance(value, list) or not all(_is_number(item) and item > 0 for item in value):
        raise source.refuse(f"{_JOINTS} must be a list of limits above zero, in Nm", _TABLE, _JOINTS)
    return tuple(map(float, value))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
