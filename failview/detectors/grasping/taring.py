"""Tares the grip force: sensors are biased and drift, and a grip force is zero when the fingers touch nothing."""

from dataclasses import dataclass

import numpy as np

from failview.detectors.conditioning.conditioned import Flags
from failview.detectors.conditioning.medians import median
from failview.model.signals import Values

_WINDOW_S = 1.0
"""The bias is followed at this pace: drift is slower, contacts are shorter."""

_LEAST_S = 0.2
"""Contact-free time that a baseline needs."""

_NOISE_FLOOR_N = 0.02
"""Below this no fingertip sensor resolves anything."""


@dataclass(frozen=True, eq=False)
class TaredForce:
    """A grip force without its bias.

    Attributes:
        force_n: (rows,) N.
        noise_n: Standard deviation where nothing is touched, N.
        bias_n: Median of what was taken off, N.
        tared: False when no contact-free stretch was found, and the force is as recorded.
    """

    force_n: Values
    noise_n: float
    bias_n: float
    tared: bool


def tare(force_n: Values, free: Flags, rate_hz: float) -> TaredForce:
    """The force less its baseline in contact-free rows, joined by lines across the others.

    Args:
        force_n: (rows,) as recorded, N.
        free: (rows,) True where the fingers should touch nothing.
        rate_hz: Rows per second.
    """
    rows = np.flatnonzero(free)
    if len(rows) < max(3, round(_LEAST_S * rate_hz)):
        return TaredForce(force_n, _NOISE_FLOOR_N, 0.0, tared=False)
    values = force_n[rows]
    # open fingers that push against the table read a force too, upwards only: the lower half is what is free
    low = values[values <= median(values)]
    spread = max(3.0 * 1.4826 * median(np.abs(low - median(low))) * 2.0, 0.3)
    quiet = rows[values <= median(low) + spread]
    baseline = _followed(force_n, quiet, max(3, round(_WINDOW_S * rate_hz)))
    left = force_n[quiet] - baseline[quiet]
    noise = max(1.4826 * median(np.abs(left)), _NOISE_FLOOR_N)
    return TaredForce(force_n - baseline, noise, median(baseline[quiet]), tared=True)


def _followed(force_n: Values, quiet: np.ndarray, width: int) -> Values:
    """Medians of blocks of quiet rows, joined by lines and held at the ends."""
    blocks = np.array_split(quiet, max(1, len(quiet) // width))
    centres = np.array([block.mean() for block in blocks])
    medians = np.array([median(force_n[block]) for block in blocks])
    return np.asarray(np.interp(np.arange(len(force_n)), centres, medians))
