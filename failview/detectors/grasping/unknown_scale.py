"""Apertures in a unit that nobody tells (servo ticks, 0-1, percent): which way is open, and what is closed.

Their range in the episode is taken for that of a common gripper, and more for wider. Where grip force is recorded it
tells whether that is so: force comes up when fingers close, never when they open. What the narrowest place means, an
object or nothing, only the force tells, or another closing that stopped wider.
"""

import math
from collections.abc import Sequence

import numpy as np

from failview.detectors.conditioning.medians import median
from failview.detectors.grasping.strokes import Stroke, strokes
from failview.model.signals import Values

NOMINAL_RANGE_M = 0.08
"""Opening of common parallel grippers (Franka Hand 80 mm, Robotiq 2F-85 85 mm)."""

_BESIDE_S = 0.3
"""Before and after a stroke, for the force that it brings."""

_CLEARLY = 2.0
_LEAST_N = 0.15
_NOISES = 4.0
"""A force that comes up by less tells nothing."""


def in_nominal_range(aperture: Values, force_n: Values | None, rate_hz: float, quantum_m: float) -> Values:
    """(rows,) the aperture from 0 to that of a common gripper, m.

    Args:
        aperture: (rows,) in its own unit; not constant.
        force_n: (rows,) grip force as recorded; None without.
        rate_hz: Rows per second.
        quantum_m: Step of the aperture, where it is quantised, in the nominal range.
    """
    nominal_m = (aperture - aperture.min()) * (NOMINAL_RANGE_M / float(np.ptp(aperture)))
    if force_n is None:
        return np.asarray(nominal_m)
    brought = {True: 0.0, False: 0.0}
    for move in strokes(nominal_m, rate_hz, quantum_m):
        brought[move.closes] += max(_brought_n(force_n, move, rate_hz), 0.0)
    # of a normal noise the median step is 0.95 sigma
    least_n = max(_LEAST_N, _NOISES * median(np.abs(np.diff(force_n))))
    inverted = brought[False] > max(least_n, _CLEARLY * brought[True])
    return np.asarray(NOMINAL_RANGE_M - nominal_m if inverted else nominal_m)


def nominal_levels_m(moves: Sequence[Stroke], empty_m: float, *, has_force: bool) -> tuple[float, float]:
    """(aperture of the empty closed gripper, aperture below which it is empty), m; minus infinity where unknown.

    Args:
        moves: Strokes in the nominal range.
        empty_m: Opening, above that of the closed gripper, below which it is empty.
        has_force: Whether grip force tells a hold.
    """
    if has_force:
        return -math.inf, empty_m
    if any(move.closes and move.to_m > empty_m for move in moves):
        return 0.0, empty_m
    return -math.inf, -math.inf


def _brought_n(force_n: Values, move: Stroke, rate_hz: float) -> float:
    beside = max(1, round(_BESIDE_S * rate_hz))
    before, after = force_n[max(0, move.begin - beside) : move.begin + 1], force_n[move.end : move.end + beside]
    return median(after) - median(before)
