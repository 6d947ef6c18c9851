"""Sums and extremes over a window that slides along the rows; beyond the ends the first and last row are repeated.

(scipy.ndimage has them too, but takes half a second to be imported, in every process.)
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from failview.model.signals import Values


def weighted_sum(values: Values, weights: Values) -> Values:
    """Convolution along the rows with an odd number of weights, same shape as the values.

    Args:
        values: (rows,) or (rows, columns).
        weights: (width,) odd; the middle one is that of the row itself.
    """
    half = len(weights) // 2
    padded = _padded(values, half, half)
    if values.ndim == 1:
        return np.convolve(padded, weights, mode="valid")
    return np.asarray(sliding_window_view(padded, len(weights), axis=0) @ weights[::-1])


def sliding_max(values: Values, *, before: int, after: int) -> Values:
    """Largest value from some rows before to some rows after each row, same shape as the values.

    Args:
        values: (rows,) or (rows, columns).
        before: Rows before.
        after: Rows after.
    """
    wanted, reached = before + after + 1, 1
    largest = _padded(values, before, after)
    while reached < wanted:
        # the largest of a window is the larger one of two shorter windows that cover it
        step = min(reached, wanted - reached)
        largest = np.maximum(largest[:-step], largest[step:])
        reached += step
    return largest


def _padded(values: Values, before: int, after: int) -> Values:
    return np.concatenate((np.repeat(values[:1], before, axis=0), values, np.repeat(values[-1:], after, axis=0)))
