"""Samples of any rate at the frames of an episode."""

import numpy as np
import numpy.typing as npt

from failview.model.clock import Clock, TimesNs
from failview.model.signals import Values


def values_at_frames(values: Values, times_ns: TimesNs | None, clock: Clock) -> Values:
    """(frames, columns) the last sample at or before each frame; NaN where there is none yet, or none any more.

    Args:
        values: (samples,) or (samples, columns).
        times_ns: (samples,) times on the episode's clock, never decreasing; None when sample i belongs to frame i.
        clock: The episode's clock; without times sample i is taken for frame i.
    """
    columns = values[:, None] if values.ndim == 1 else values
    rows = np.arange(clock.num_frames)
    if times_ns is not None and clock.times_ns is not None:
        rows = np.searchsorted(times_ns, clock.times_ns, side="right") - 1
    found = (rows >= 0) & (rows < len(columns))
    result: npt.NDArray[np.float64] = np.full((clock.num_frames, columns.shape[1]), np.nan)
    result[found] = columns[rows[found]]
    return result
