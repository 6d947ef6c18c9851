"""The lines about detectors in a profile that failview writes: everything that may be said, with what holds now."""

import json
from collections.abc import Iterator

from failview.loaders.profiles.profile import DetectorValues
from failview.settings.success_criterion import SuccessCriterion
from failview.settings.thresholds import THRESHOLDS, Threshold


def success_lines(success: SuccessCriterion) -> Iterator[str]:
    """The [success] table; what the profile before said stays."""
    given = {
        "criterion": success.criterion or None,
        "distance_m": success.distance_m,
        "template": None if success.template is None else str(success.template.resolve()),
        "onnx": None if success.onnx is None else str(success.onnx.resolve()),
        "onnx_class": success.onnx_class or None,
        "camera": success.camera or None,
        "region": list(success.region) or None,
        "min_score": success.min_score,
    }
    yield "[success]"
    for key, (example, about) in _SUCCESS.items():
        value = given[key]
        shown = json.dumps(example if value is None else value)
        yield f"{'# ' if value is None else ''}{key} = {shown}  # {about}"


_SUCCESS: dict[str, tuple[object, str]] = {
    "criterion": ("distance", '"distance" (object to goal), "flag" (as recorded), "template" or "onnx" (last picture)'),
    "distance_m": (0.03, "largest distance between object and goal that counts as a success"),
    "template": ("object.png", "picture of the object, relative to this file, to be found in the last picture"),
    "onnx": ("model.onnx", "detector in YOLOv8's format, relative to this file, run on the last picture"),
    "onnx_class": ("cup", "name or number of the object's class in it"),
    "camera": ("front", "camera whose last picture is looked at"),
    "region": ([0.5, 0.5, 1.0, 1.0], "left, top, right, bottom of the goal, as shares of the picture"),
    "min_score": (0.7, "least score of what is found, 0 to 1"),
}


def detector_lines(values: DetectorValues) -> Iterator[str]:
    """The [detectors] table: every threshold with unit, meaning and source; those of the profile before in force."""
    yield "[detectors]  # thresholds; remove the # of a line to change one"
    if values.joint_residual_nm:
        yield f"joint_residual_nm = {list(values.joint_residual_nm)}  # limit per joint, as learnt from successes"
    for threshold in THRESHOLDS:
        yield _threshold_line(threshold, values.thresholds.get(threshold.name))
    if values.confidence:
        yield ""
        yield "[detectors.confidence]  # slope and offset by detection kind, as failview calibrate learnt them"
        for kind, (slope, offset) in values.confidence.items():
            yield f"{json.dumps(kind)} = [{slope!r}, {offset!r}]"


def _threshold_line(threshold: Threshold, given: float | None) -> str:
    value = threshold.value if given is None else given
    unit = f"{threshold.unit}: " if threshold.unit else ""
    about = f"{unit}{threshold.meaning} ({threshold.source})"
    return f'{"# " if given is None else ""}"{threshold.name}" = {value!r}  # {about}'
