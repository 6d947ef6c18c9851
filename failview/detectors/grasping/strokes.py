"""Strokes of the fingers: the stretches in which the aperture closes or opens."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from failview.detectors.conditioning.conditioned import Flags
from failview.detectors.conditioning.derivatives import derivative
from failview.detectors.conditioning.medians import quantile
from failview.detectors.intervals import intervals
from failview.model.signals import Values

_WINDOW_S = 0.15
"""For the aperture's speed: shorter than the fastest stroke of common grippers (80 mm in 0.3 to 0.6 s)."""

_SPEED_M_S = 0.010
"""A finger that moves slower than this presses on something, or settles; grippers close at 50 mm/s and more."""

_PAUSE_S = 0.15
"""Strokes with a shorter pause between them are one: fingers bounce when they touch."""

_SMALLEST_M = 0.002
"""Smaller strokes are compliance of the fingers and what they hold."""

_ARRIVED_M = 0.0005
_NOISES = 4.0
"""Within so much of where a stroke begins or ends the fingers have not left, or have arrived."""

_SIGMAS = 2.2
"""Of a normal noise the lower quartile of the steps is 1 / 2.2 sigma."""

_QUANTA = 3
"""Steps of a quantised aperture that a stroke must span."""


@dataclass(frozen=True)
class Stroke:
    """A movement of the fingers in one direction. Rows of the working clock.

    Attributes:
        begin: Last row before the movement.
        end: First row after it.
        from_m: Aperture before.
        to_m: Aperture after.
    """

    begin: int
    end: int
    from_m: float
    to_m: float

    @property
    def closes(self) -> bool:
        """Whether the fingers come together."""
        return self.to_m < self.from_m


def strokes(aperture_m: Values, rate_hz: float, quantum_m: float) -> list[Stroke]:
    """Every stroke in order of time.

    Args:
        aperture_m: (rows,) aperture, m.
        rate_hz: Rows per second.
        quantum_m: Its step, where it is quantised.
    """
    noise_m = _noise_m(aperture_m)
    # one step of a quantised aperture within the window is no movement, and no slope that noise alone would have
    rows = max(_WINDOW_S * rate_hz, 3.0)
    slope_noise_m_s = noise_m * rate_hz * math.sqrt(12.0 / rows**3)
    speed_limit = max(_SPEED_M_S, 1.5 * quantum_m / _WINDOW_S, _NOISES * slope_noise_m_s)
    speed = derivative(aperture_m, rate_hz, window_s=_WINDOW_S)
    smallest = max(_SMALLEST_M, _QUANTA * quantum_m, 2.0 * _NOISES * noise_m)
    pause = max(1, round(_PAUSE_S * rate_hz))
    slack = max(_ARRIVED_M, _NOISES * noise_m, quantum_m)
    found = [
        _tightened(stroke, aperture_m, slack)
        for moving in (speed < -speed_limit, speed > speed_limit)
        for stroke in _runs(moving, aperture_m, pause)
        if abs(stroke.to_m - stroke.from_m) >= smallest
    ]
    return sorted(found, key=lambda stroke: stroke.begin)


def _noise_m(aperture_m: Values) -> float:
    """Standard deviation of the noise: fingers stand for a quarter of the time at least."""
    steps_m = np.abs(np.diff(aperture_m))
    return _SIGMAS * quantile(steps_m, 0.25) if steps_m.size else 0.0


def _runs(moving: Flags, aperture_m: Values, pause: int) -> Iterator[Stroke]:
    for first, last in intervals(moving, gap=pause - 1):
        before, after = max(first - 1, 0), min(last + 1, len(aperture_m) - 1)
        yield Stroke(before, after, float(aperture_m[before]), float(aperture_m[after]))


def _tightened(stroke: Stroke, aperture_m: Values, slack_m: float) -> Stroke:
    """The stroke from where the fingers leave their place to where they arrive: the smoothed speed reaches beyond."""
    way = aperture_m[stroke.begin : stroke.end + 1]
    left = int(np.argmax(np.abs(way - stroke.from_m) > slack_m))
    arrived = left + int(np.argmax(np.abs(way[left:] - stroke.to_m) <= slack_m))
    return replace(stroke, begin=stroke.begin + max(left - 1, 0), end=stroke.begin + arrived)
