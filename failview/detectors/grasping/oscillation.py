"""Grip force that oscillates: fingers that hunt, or an object that sticks and slips."""

import numpy as np

from failview.detectors.conditioning.conditioned import Flags
from failview.detectors.conditioning.medians import median
from failview.detectors.confidence import from_ratio
from failview.detectors.detector import Case
from failview.model.detection import Detection
from failview.model.signals import Values

OSCILLATION = "grasp.oscillation"

_LEAST_HZ = 2.0
"""Slower changes are the operator's, or come with the motion of the arm."""

_LEAST_S = 0.8
"""Shorter stretches hold too few periods to tell a frequency."""

_SHARE = 0.15
"""Amplitude in terms of the mean grip: less does not endanger a hold."""

_NOISES = 6.0

_ACROSS = 0.5
"""Share of the least amplitude that a swing must reach on both sides: noise on a slow change crosses the mean too."""


def oscillation(case: Case, number: int) -> Detection | None:
    """The stretch of a hold in which the force swings faster than 2 Hz; None when it does not."""
    attempt, clock, force = case.story.attempts[number], case.conditioned.clock, case.story.force
    width = clock.rows(_LEAST_S)
    if attempt.hold_row is None or force is None or clock.rate_hz < 4.0 * _LEAST_HZ or not clock.timed:
        return None
    begin, end = attempt.hold_row + clock.rows(0.2), attempt.end_row - clock.rows(0.2)
    if end - begin < width:
        return None
    held = force.force_n[begin:end]
    kernel = np.ones(max(3, round(clock.rate_hz / _LEAST_HZ))) / max(3, round(clock.rate_hz / _LEAST_HZ))
    swing = held - np.convolve(np.pad(held, len(kernel) // 2, mode="edge"), kernel, mode="valid")[: len(held)]
    energy = np.concatenate(([0.0], np.cumsum(swing**2)))
    amplitude = np.sqrt(2.0 * (energy[width:] - energy[:-width]) / width)
    limit = max(_SHARE * median(held), _NOISES * force.noise_n)
    crossings = np.concatenate(([0.0], np.cumsum(_changes_side(swing, _ACROSS * limit))))
    rate = (crossings[width - 1 :] - crossings[: len(crossings) - width + 1])[: len(amplitude)] / (2.0 * _LEAST_S)
    strong = np.flatnonzero((amplitude > limit) & (rate >= _LEAST_HZ))
    if not strong.size:
        return None
    first, last = begin + int(strong[0]), min(begin + int(strong[-1]) + width, end)
    peak = float(amplitude[strong].max())
    hz = float(rate[strong].mean())
    return Detection(
        "grasp",
        OSCILLATION,
        clock.frame_from(first),
        clock.frame_from(last),
        from_ratio(peak, limit),
        f"grip force swings by {peak:.1f} N at about {hz:.0f} Hz around {median(held):.1f} N",
        measures={"attempt": number, "amplitude_n": peak, "rate_hz": hz},
    )


def _changes_side(swing: Values, reach: float) -> Flags:
    """(rows - 1,) True where the swing has come from beyond `reach` on one side to beyond it on the other."""
    side = np.where(np.abs(swing) > reach, np.sign(swing), 0.0)
    last = np.maximum.accumulate(np.where(side != 0.0, np.arange(len(side)), 0))
    side = side[last]
    return np.asarray((side[1:] * side[:-1]) < 0)
