"""Joins rows with contact into contacts, and weighs the witnesses.

The hand's contacts show at the wrist and in the torques; those of the arm in the torques alone. So:
- where both see contact, half of the defined duration is enough, but never a single row: a dead stop between two
  samples may shake both;
- torque alone counts when it is clear and lasts as long as the definition says: it is then the arm, or nobody else
  can see it;
- the wrist alone counts so only where no torque is judged. Where torque is judged, it must see something too.
"""

from dataclasses import dataclass

import numpy as np

from failview.detectors.collision.witnesses import Witness, blind
from failview.detectors.conditioning.conditioned import Flags
from failview.detectors.conditioning.windows import sliding_max
from failview.detectors.conditioning.working_clock import WorkingClock
from failview.detectors.intervals import intervals
from failview.model.signals import Values

_SUPPORT = 0.7
"""Share of its limit that the torque must reach beside a wrist that sees contact."""

_LONE = 1.3
"""A lone witness must see a third more than its limit."""

_LEAST_ROWS = 2

_GAP_S = 0.25
"""What bounces and touches again within this time is one contact."""

_BOUNCE_S = 0.15
"""A blow bounces off, and comes back within this time."""

_BACK_S = 0.5
"""A contact may have begun this long before it passes its limit."""


@dataclass(frozen=True)
class Span:
    """One contact; rows inclusive.

    Attributes:
        onset_row: First row at which a witness leaves its usual level.
        first_row: First row beyond a limit.
        last_row: Last row beyond a limit.
        both: Whether torque and wrist agree.
    """

    onset_row: int
    first_row: int
    last_row: int
    both: bool


def contact_spans(torque: Witness | None, wrist: Witness | None, clock: WorkingClock, least_s: float) -> list[Span]:
    """The contacts that a witness, or both, can vouch for, in order.

    Args:
        torque: What the joints say; None without.
        wrist: What the wrist says; None without.
        clock: The working clock.
        least_s: How long a contact lasts at least, s.
    """
    rows = len(clock.times_s)
    torque, wrist = torque or blind(rows), wrist or blind(rows)
    by_torque, by_wrist = _near(torque.ratio), _near(wrist.ratio)
    sees_torque, sees_wrist = torque.ratio > 1.0, wrist.ratio > 1.0
    both = (sees_torque & (by_wrist > 1.0)) | (sees_wrist & (by_torque > 1.0))
    lone = (torque.ratio > _LONE) | ((wrist.ratio > _LONE) & ~torque.judged)
    touching = both | (sees_wrist & (by_torque > _SUPPORT)) | lone
    by_either = (torque.unusual & torque.judged) | (wrist.unusual & wrist.judged)
    by_both = (torque.unusual & torque.judged) & (wrist.unusual & wrist.judged)
    spans = []
    for first, last in intervals(touching, gap=clock.rows(_GAP_S) - 1):
        inside = slice(first, last + 1)
        agreed = _longest(both[inside]) >= _least_rows(clock, least_s / 2)
        if agreed or _longest(touching[inside]) >= _least_rows(clock, least_s):
            spans.append(Span(_onset(by_either, by_both, first, clock), first, last, agreed))
    return spans


def _least_rows(clock: WorkingClock, seconds: float) -> int:
    return max(_LEAST_ROWS, int(np.ceil(seconds * clock.rate_hz - 1e-6)))


def _near(ratio: Values) -> Values:
    """The largest within a row to both sides: the witnesses sample, average and filter differently."""
    return sliding_max(ratio, before=1, after=1)


def _longest(flags: Flags) -> int:
    """Length of the longest run."""
    return max((last - first + 1 for first, last in intervals(flags)), default=0)


def _onset(by_either: Flags, by_both: Flags, first: int, clock: WorkingClock) -> int:
    """Back from the crossing to where the level is usual, and on to a first touch that both felt right before."""
    row, earliest = first, max(0, first - clock.rows(_BACK_S))
    while row > earliest:
        if by_either[row - 1]:
            row -= 1
            continue
        touches = np.flatnonzero(by_both[max(earliest, row - clock.rows(_BOUNCE_S)) : row])
        if not touches.size:
            break
        row = max(earliest, row - clock.rows(_BOUNCE_S)) + int(touches[-1])
    return row
