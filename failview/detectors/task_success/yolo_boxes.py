"""Boxes from the output of a detector in YOLOv8's format.

Output (1, 4 + classes, boxes): centre x, centre y, width, height in pixels of the input, then one score per class, no
separate objectness (Ultralytics, "Export": ONNX). The picture is fitted into the input with grey borders (letterbox,
114), so that its shape is kept.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from failview.detectors.task_success.onnx_model import OnnxError, OnnxModel, Tensor
from failview.model.camera import Picture

_GREY = 114
_OVERLAP = 0.7
"""Boxes of one class that overlap more are one object (YOLOv8's default)."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Box:
    """One object found. Pixels of the picture."""

    class_id: int
    score: float
    x: float
    y: float
    width: float
    height: float


def find_boxes(model: OnnxModel, picture: Picture, least_score: float, wanted_class: str) -> list[Box]:
    """Objects of a class, best first.

    Args:
        model: The detector.
        picture: (height, width, 3) RGB.
        least_score: Boxes below are left out.
        wanted_class: Name or number of the class; "" for any.

    Raises:
        OnnxError: The model does not speak YOLOv8's format, or does not know the class.
    """
    class_id = _class_id(model, wanted_class)
    fitted, scale, left, top = _letterbox(picture, model.input_size)
    rows = _rows(model.run(_batch(fitted)), len(model.class_names))
    if class_id is not None and class_id >= rows.shape[1] - 4:
        raise OnnxError(f"has {rows.shape[1] - 4} classes, no number {class_id}")
    best = rows[:, 4:].argmax(axis=1)
    scores = rows[np.arange(len(rows)), 4 + best]
    keep = (scores >= least_score) & ((best == class_id) if class_id is not None else True)
    rows, best, scores = rows[keep], best[keep], scores[keep]
    if not len(rows):
        return []
    centres = (rows[:, :2] - (left, top)) / scale
    sizes = rows[:, 2:4] / scale
    corners = np.hstack([centres - sizes / 2, sizes])
    kept = cv2.dnn.NMSBoxesBatched(corners.tolist(), scores.tolist(), best.tolist(), least_score, _OVERLAP)
    order = sorted((int(index) for index in np.ravel(kept)), key=lambda index: -scores[index])
    return [Box(int(best[i]), float(scores[i]), *map(float, centres[i]), *map(float, sizes[i])) for i in order]


def _class_id(model: OnnxModel, wanted: str) -> int | None:
    if not wanted:
        return None
    for number, name in model.class_names.items():
        if name.lower() == wanted.strip().lower():
            return number
    if wanted.strip().isdigit():
        return int(wanted)
    if not model.class_names:
        raise OnnxError(f"its class names are not known here: give the number of {wanted!r} (success.onnx_class)")
    known = ", ".join(list(model.class_names.values())[:8])
    raise OnnxError(f"knows no class {wanted!r}; it knows {known}")


def _letterbox(picture: Picture, size: tuple[int, int]) -> tuple[Picture, float, float, float]:
    """(fitted picture, scale, left border, top border)."""
    height, width = picture.shape[:2]
    scale = min(size[0] / height, size[1] / width)
    inner = (round(width * scale), round(height * scale))
    left, top = (size[1] - inner[0]) // 2, (size[0] - inner[1]) // 2
    fitted = np.full((*size, 3), _GREY, dtype=np.uint8)
    fitted[top : top + inner[1], left : left + inner[0]] = cv2.resize(picture, inner, interpolation=cv2.INTER_LINEAR)
    return fitted, scale, float(left), float(top)


def _batch(picture: Picture) -> Tensor:
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[None], dtype=np.float32) / np.float32(255.0)


def _rows(output: Tensor, classes: int) -> Floats:
    """(boxes, 4 + classes) of an output in either order."""
    if output.ndim != 3 or output.shape[0] != 1 or min(output.shape[1:]) < 1:
        raise OnnxError(f"its output is {output.shape}, wanted (1, 4 + classes, boxes)")
    first, second = output.shape[1:]
    upright = first == 4 + classes if classes else first <= second
    rows = output[0].T if upright else output[0]
    if rows.shape[1] < 5 or (classes and rows.shape[1] != 4 + classes):
        raise OnnxError(f"its output is {output.shape}, wanted (1, {4 + classes if classes else '4 + classes'}, boxes)")
    return np.asarray(rows, dtype=np.float32)
