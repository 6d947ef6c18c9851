"""When an episode counts as a success, as a profile says it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SuccessCriterion:
    """When an episode counts as a success. Everything may be left out.

    Attributes:
        criterion: What is trusted first: "distance" (object to goal), "flag" (as recorded), "template" (the object's
            picture, found in the last frame), "onnx" (the object, found there by a detector of the user's); "" for
            not said.
        distance_m: Largest distance between object and goal, m.
        template: Picture of the object, to be found in the last frame.
        onnx: Detector in YOLOv8's format, to be run on the last frame.
        onnx_class: Number or name of the object's class in it; "" takes any.
        camera: Camera in whose last frame the object is looked for; "" takes the first.
        region: (left, top, right, bottom) of the part of the picture in which the object must be found, as shares of
            its width and height, 0 to 1; empty for the whole picture.
        min_score: Least score of a match or of the detector, 0 to 1; None leaves it to the detector's threshold.
    """

    criterion: str = ""
    distance_m: float | None = None
    template: Path | None = None
    onnx: Path | None = None
    onnx_class: str = ""
    camera: str = ""
    region: tuple[float, ...] = ()
    min_score: float | None = None
