"""Brings signals of any clock to the working clock."""

import numpy as np

from failview.detectors.conditioning.medians import median
from failview.detectors.conditioning.working_clock import WorkingClock
from failview.model.signals import Values


def to_clock(values: Values, times_s: Values, clock: WorkingClock, *, stepwise: bool = False) -> Values:
    """(rows, columns) at the times of the clock.

    A faster signal is averaged over the step before each row, which keeps noise from folding down; a slower one is
    joined by lines.

    Args:
        values: (samples, columns) without gaps.
        times_s: (samples,) rising.
        clock: The working clock.
        stepwise: For flags and commands: the last value at or before each row, never a mixture.
    """
    if stepwise:
        last = np.searchsorted(times_s, clock.times_s + 1e-6, side="right") - 1
        return np.asarray(values[np.clip(last, 0, None)])
    step_s = 1.0 / clock.rate_hz
    if len(times_s) > 1 and median(np.diff(times_s)) < step_s / 1.5:
        return _averaged(values, times_s, clock.times_s, step_s)
    columns = [np.interp(clock.times_s, times_s, values[:, column]) for column in range(values.shape[1])]
    return np.stack(columns, axis=1)


def _averaged(values: Values, times_s: Values, rows_s: Values, step_s: float) -> Values:
    """Mean over the step before each row; the nearest sample where the step holds none."""
    total = np.concatenate((np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)))
    begin = np.searchsorted(times_s, rows_s - step_s, side="right")
    end = np.searchsorted(times_s, rows_s + 1e-6, side="right")
    count = end - begin
    mean = (total[end] - total[begin]) / np.maximum(count, 1)[:, None]
    nearest = np.clip(end - 1, 0, len(values) - 1)
    return np.where((count > 0)[:, None], mean, values[nearest])


def continuous_quaternions(orientations_xyzw: Values) -> Values:
    """(rows, 4) unit quaternions without jumps of sign, so that they can be interpolated and differentiated.

    Rows without numbers, or without length, come out as NaN; the sign goes on across them.
    """
    norms = np.linalg.norm(orientations_xyzw, axis=1)
    valid = np.flatnonzero(np.isfinite(norms) & (norms > 0))
    unit = orientations_xyzw[valid] / norms[valid, None]
    turned = np.einsum("ij,ij->i", unit[1:], unit[:-1]) < 0
    signs = np.where(np.cumsum(turned) % 2 == 1, -1.0, 1.0)
    unit[1:] *= signs[:, None]
    continuous = np.full(orientations_xyzw.shape, np.nan)
    continuous[valid] = unit
    return continuous
