"""Derivatives of sampled signals, offline and without phase shift.

A Savitzky-Golay filter fits a polynomial to a short window around every sample and takes its derivative: noise is
averaged over the window, and an event stays where it is (A. Savitzky and M. Golay, Analytical Chemistry 36, 1964).
A bare difference at 20 Hz would turn a position noise of 0.1 mm into 2 mm/s, and that of a jerk into 0.8 m/s3.
"""

import math
from functools import cache

import numpy as np

from failview.detectors.conditioning.windows import weighted_sum
from failview.model.signals import Values

_ORDER = 2


def derivative(values: Values, rate_hz: float, *, window_s: float, order: int = 1) -> Values:
    """Smoothed derivative over time, same shape as the values; the ends are held.

    Args:
        values: (rows,) or (rows, columns) on an even clock, without gaps.
        rate_hz: Rows per second.
        window_s: Width of the window, s; never less than the polynomial needs.
        order: 0 smooths only; 1 to 3 differentiate.
    """
    width = _width(window_s * rate_hz, order)
    if len(values) < 2:
        return np.zeros_like(values)
    coefficients = _coefficients(width, order)
    return np.asarray(weighted_sum(values, coefficients) * rate_hz**order)


def _width(rows: float, order: int) -> int:
    """Odd, and wide enough for the polynomial."""
    least = max(_ORDER, order) + 1
    width = max(round(rows), least)
    return width + 1 - width % 2


@cache
def _coefficients(width: int, order: int) -> Values:
    """Weights for a convolution: the derivative, in the middle, of the polynomial that fits a window best.

    (scipy.signal has them too, but takes a second to be imported, in every process.)
    """
    offsets = np.arange(width) - width // 2
    powers = offsets[:, np.newaxis].astype(np.float64) ** np.arange(max(_ORDER, order) + 1)
    return np.asarray(np.linalg.pinv(powers)[order, ::-1] * math.factorial(order))
