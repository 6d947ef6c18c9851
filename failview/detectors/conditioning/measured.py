"""Tells rows that were measured from rows that are lines across a gap."""

import numpy as np

from failview.detectors.conditioning.conditioned import ConditionedEpisode, Flags
from failview.detectors.conditioning.medians import median
from failview.model.clock import NS_PER_S
from failview.model.roles import Role

_NEAR = 1.5
"""Steps within which a sample stands for a row: one frame that was repeated, or lost, is bridged."""


def measured_rows(conditioned: ConditionedEpisode, role: Role) -> Flags:
    """(rows,) True where the file has a measurement at or right beside the row.

    Gaps of a few tenths of a second are filled in, and count as known: fit for a story, not for a residual.
    """
    signal, clock = conditioned.episode.signals[role], conditioned.clock
    times_s = clock.frame_times_s if signal.times_ns is None else signal.times_ns / NS_PER_S
    finite: Flags = np.asarray(np.isfinite(signal.values).all(axis=1))
    if finite.all() and clock.is_frames:
        return conditioned.known[role]
    if signal.times_ns is None and clock.is_frames:
        return np.asarray(finite & conditioned.known[role])
    present = times_s[finite]
    if not present.size:
        return np.zeros(conditioned.rows, dtype=np.bool_)
    after = np.clip(np.searchsorted(present, clock.times_s), 0, len(present) - 1)
    before = np.clip(after - 1, 0, None)
    away_s = np.minimum(np.abs(present[after] - clock.times_s), np.abs(present[before] - clock.times_s))
    step_s = median(np.diff(times_s)) if len(times_s) > 1 else 0.0
    return np.asarray((away_s <= _NEAR * max(step_s, 1.0 / clock.rate_hz)) & conditioned.known[role])


def native_step(conditioned: ConditionedEpisode, role: Role) -> int:
    """Rows of the working clock per sample of a role, at least 1: the lines between samples carry no derivative."""
    rate_hz = conditioned.episode.signals[role].rate_hz(conditioned.episode.clock)
    return max(1, round(conditioned.clock.rate_hz / rate_hz)) if rate_hz else 1


def beside(flags: Flags, rows: int) -> Flags:
    """(rows,) True only where all rows within a distance are."""
    missing = ~flags
    if rows < 1 or not missing.any():
        return flags
    spread = np.convolve(missing, np.ones(2 * rows + 1), mode="full")[rows : rows + len(flags)]
    return np.asarray(spread < 0.5)
