"""Medians and quantiles of a few hundred numbers, without the ceremony that takes numpy most of the time."""

import math

import numpy as np

from failview.model.signals import Values


def median(values: Values) -> float:
    """Median of (n,) finite numbers; NaN of none."""
    count = len(values)
    if count == 0:
        return math.nan
    half = count // 2
    if count % 2:
        return float(np.partition(values, half)[half])
    parted = np.partition(values, (half - 1, half))
    return 0.5 * float(parted[half - 1] + parted[half])


def column_medians(values: Values) -> Values:
    """(columns,) medians of (n, columns) finite numbers; NaN of none."""
    count = len(values)
    if count == 0:
        return np.full(values.shape[1], np.nan)
    half = count // 2
    if count % 2:
        return np.asarray(np.partition(values, half, axis=0)[half])
    parted = np.partition(values, (half - 1, half), axis=0)
    return np.asarray(0.5 * (parted[half - 1] + parted[half]))


def quantile(values: Values, share: float) -> float:
    """Number below which a share (0 to 1) of (n,) finite numbers lies, by a line between two of them; NaN of none."""
    count = len(values)
    if count == 0:
        return math.nan
    place = (count - 1) * share
    below = min(math.floor(place), count - 1)
    above = min(below + 1, count - 1)
    parted = np.partition(values, (below, above))
    low, high, part = float(parted[below]), float(parted[above]), place - below
    # from the nearer one, as numpy does it
    return low + (high - low) * part if part < 0.5 else high - (high - low) * (1.0 - part)
