"""The story of the grasps from grip force alone: where force stays up, something is held.

Without the aperture a release and a loss look the same, and so do closing on nothing and not closing: confidences are
low, and an episode without a hold says nothing about missed grasps.
"""

import math

import numpy as np

from failview.detectors.conditioning.medians import median
from failview.detectors.grasping.grasp_story import GraspAttempt, GraspEnd, GraspState, GraspStory
from failview.detectors.grasping.taring import TaredForce
from failview.detectors.intervals import intervals

_SHORTEST_S = 0.3
"""Contacts of shorter duration are touches."""

_FLICKER_S = 0.2
_CONFIDENCE = 0.5
_NOISES = 5.0


def holds_by_force(force: TaredForce, rate_hz: float, lost_n: float) -> GraspStory:
    """Holds as stretches of force; their ends are releases of unknown command.

    Args:
        force: Tared grip force.
        rate_hz: Rows per second.
        lost_n: Force below which nothing is held.
    """
    pressing = force.force_n > max(lost_n, _NOISES * force.noise_n)
    states = np.zeros(len(force.force_n))
    attempts = []
    gap, shortest = max(1, round(_FLICKER_S * rate_hz)) - 1, math.ceil(_SHORTEST_S * rate_hz)
    for begin, last in intervals(pressing, gap=gap, shortest=shortest):
        held_on = last == len(states) - 1
        states[begin : last + 1] = GraspState.HOLDING
        attempts.append(
            GraspAttempt(
                close_row=begin,
                stop_row=begin,
                hold_row=begin,
                end_row=last if held_on else last + 1,
                end=GraspEnd.HELD if held_on else GraspEnd.RELEASED,
                hold_aperture_m=float("nan"),
                hold_force_n=median(force.force_n[begin : last + 1]),
                commanded_end=None,
                confidence=_CONFIDENCE,
            )
        )
    return GraspStory(tuple(attempts), "", states, None, force)
