"""Confidences as `calibrate` learnt them."""

import math
from dataclasses import replace

from failview.model.detection import Detection
from failview.settings.thresholds import DetectorSettings

_FARTHEST = 1e-4
"""Confidences are kept this far from 0 and 1, whose logits are infinite."""


def calibrated(detection: Detection, settings: DetectorSettings) -> Detection:
    """The detection with the confidence that experience gives it; unchanged where there is none."""
    line = settings.confidence.get(detection.kind)
    if line is None:
        return detection
    return replace(detection, confidence=through(detection.confidence, *line))


def through(confidence: float, slope: float, offset: float) -> float:
    """The logistic of slope * logit(confidence) + offset."""
    bounded = min(max(confidence, _FARTHEST), 1.0 - _FARTHEST)
    return 1.0 / (1.0 + math.exp(-(slope * math.log(bounded / (1.0 - bounded)) + offset)))
