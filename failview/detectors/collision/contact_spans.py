"""Joins rows with contact into contacts, and weighs the witnesses.

The hand's contacts show at the wrist and in the torques; those of the arm in the torques alone. So:
- where both see contact, half of the defined duration is enough, but never a single row: a dead stop between two
  samples may shake both;
- torque alone counts when it lasts as long as the definition says: it is then the arm, or nobody else can see it;
- the wrist alone counts only where no torque is judged. Where torque is judged, it must see something too.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import maximum_filter1d

from failview.detectors.collision.witnesses import Witness
from failview.detectors.conditioning.conditioned import Flags
from failview.detectors.conditioning.working_clock import WorkingClock
from failview.model.signals import Values

_SUPPORT = 0.5
"""Share of its limit that the other witness must reach beside one that sees contact."""

_LEAST_ROWS = 2

_GAP_S = 0.25
"""What bounces and touches again within this time is one contact."""

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
    nothing = np.zeros(rows)
    by_torque = _near(torque.ratio if torque else nothing)
    by_wrist = _near(wrist.ratio if wrist else nothing)
    sees_torque = torque.ratio > 1.0 if torque else nothing > 0
    sees_wrist = wrist.ratio > 1.0 if wrist else nothing > 0
    both = (sees_torque & (by_wrist > 1.0)) | (sees_wrist & (by_torque > 1.0))
    backed = sees_wrist & (by_torque > _SUPPORT)
    alone = sees_wrist if torque is None else sees_wrist & ~torque.judged
    touching = sees_torque | backed | alone
    unusual = _either(torque, wrist, rows)
    spans = []
    for first, last in _joined(touching, clock.rows(_GAP_S)):
        inside = slice(first, last + 1)
        agreed = _longest(both[inside]) >= _least_rows(clock, least_s / 2)
        lasting = max(_longest((sees_torque | backed)[inside]), _longest(alone[inside]))
        if agreed or lasting >= _least_rows(clock, least_s):
            spans.append(Span(_onset(unusual, first, clock.rows(_BACK_S)), first, last, agreed))
    return spans


def _least_rows(clock: WorkingClock, seconds: float) -> int:
    return max(_LEAST_ROWS, int(np.ceil(seconds * clock.rate_hz - 1e-6)))


def _near(ratio: Values) -> Values:
    """The largest within a row to both sides: the witnesses sample, average and filter differently."""
    return np.asarray(maximum_filter1d(ratio, 3, mode="nearest"))


def _either(torque: Witness | None, wrist: Witness | None, rows: int) -> Flags:
    flags = np.zeros(rows, dtype=np.bool_)
    for witness in (torque, wrist):
        if witness is not None:
            flags |= witness.unusual & witness.judged
    return flags


def _joined(flags: Flags, gap: int) -> list[tuple[int, int]]:
    """(first, last) of runs, those closer than the gap joined."""
    rows = np.flatnonzero(flags)
    if not rows.size:
        return []
    breaks = np.flatnonzero(np.diff(rows) > gap)
    firsts = rows[np.concatenate(([0], breaks + 1))]
    lasts = rows[np.concatenate((breaks, [len(rows) - 1]))]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def _longest(flags: Flags) -> int:
    """Length of the longest run."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return int((edges[1::2] - edges[::2]).max()) if edges.size else 0


def _onset(unusual: Flags, first: int, back: int) -> int:
    """Back from the crossing to where the level is usual."""
    row = first
    while row > max(0, first - back) and unusual[row - 1]:
        row -= 1
    return row
