"""Confidences made to mean what they say: a line on the logit, fitted to what was right (Platt scaling).

The chance that something of confidence c is right is taken as the logistic of slope * logit(c) + offset (J. Platt,
"Probabilistic outputs for support vector machines", 1999). Few labels must not shift it far: the fit begins at the
confidences as they are (slope 1, offset 0) and is held there by a prior; and targets keep Platt's distance from 0
and 1.
"""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize

from failview.detectors.calibrated import through
from failview.model.signals import Values

Line = tuple[float, float]
"""(slope, offset)."""

AS_IT_IS: Line = (1.0, 0.0)

_SLOPE_SIGMA = 0.5
_OFFSET_SIGMA = 1.5
_SLOPES = (0.1, 4.0)
"""A line never turns the order of confidences round."""
_OFFSETS = (-6.0, 6.0)
_FARTHEST = 1e-4


def fit_line(confidences: Sequence[float], right: Sequence[bool]) -> Line:
    """The line through which these confidences say best what was right."""
    logits = _logits(confidences)
    hits = np.asarray(right, dtype=np.bool_)
    good = int(hits.sum())
    bad = len(hits) - good
    targets = np.where(hits, (good + 1.0) / (good + 2.0), 1.0 / (bad + 2.0))

    def cost(line: Values) -> float:
        slope, offset = float(line[0]), float(line[1])
        score = slope * logits + offset
        doubt = ((slope - 1.0) / _SLOPE_SIGMA) ** 2 / 2 + (offset / _OFFSET_SIGMA) ** 2 / 2
        return float(np.sum(np.logaddexp(0.0, score) - targets * score)) + doubt

    found = minimize(cost, np.array(AS_IT_IS), method="L-BFGS-B", bounds=(_SLOPES, _OFFSETS))
    return round(float(found.x[0]), 4), round(float(found.x[1]), 4)


def log_loss(confidences: Sequence[float], right: Sequence[bool], line: Line = AS_IT_IS) -> float:
    """Mean surprise, in nats, at what was right, for confidences sent through a line."""
    chances = np.array([through(confidence, *line) for confidence in confidences])
    hits = np.asarray(right, dtype=np.bool_)
    return float(-np.mean(np.log(np.where(hits, chances, 1.0 - chances)))) if len(hits) else 0.0


def _logits(confidences: Sequence[float]) -> Values:
    bounded = np.clip(np.asarray(confidences, dtype=np.float64), _FARTHEST, 1.0 - _FARTHEST)
    return np.asarray(np.log(bounded / (1.0 - bounded)))
