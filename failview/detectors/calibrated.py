"""Confidences as `calibrate` learnt them."""

import math
from dataclasses import replace

from failview.model.detection import Detection, Proposal
from failview.settings.thresholds import DetectorSettings

FIELD_PREFIX = "proposal."
"""Before the name of a proposed field, where lines go by kind of detection otherwise."""

_FARTHEST = 1e-4
"""Confidences are kept this far from 0 and 1, whose logits are infinite."""

_STEEPEST = 50.0
"""Logits beyond this are 0 or 1 to all digits that matter, and would overflow."""


def calibrated(detection: Detection, settings: DetectorSettings) -> Detection:
    """The detection with the confidence that experience gives it; unchanged where there is none."""
    line = settings.confidence.get(detection.kind)
    if line is None:
        return detection
    return replace(detection, confidence=through(detection.confidence, *line))


def calibrated_proposal(proposal: Proposal, settings: DetectorSettings) -> Proposal:
    """The proposal with the confidences that experience gives its fields."""
    lines = {name: settings.confidence.get(f"{FIELD_PREFIX}{name.value}") for name in proposal}
    return {
        name: given if (line := lines[name]) is None else replace(given, confidence=through(given.confidence, *line))
        for name, given in proposal.items()
    }


def through(confidence: float, slope: float, offset: float) -> float:
    """The logistic of slope * logit(confidence) + offset."""
    bounded = min(max(confidence, _FARTHEST), 1.0 - _FARTHEST)
    logit = slope * math.log(bounded / (1.0 - bounded)) + offset
    return 1.0 / (1.0 + math.exp(-min(max(logit, -_STEEPEST), _STEEPEST)))
