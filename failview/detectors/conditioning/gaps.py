"""Finds samples that were not measured: repeated frames and NaN; and fills them in by straight lines."""

from collections.abc import Mapping

import numpy as np

from failview.detectors.conditioning.conditioned import Flags
from failview.detectors.intervals import intervals
from failview.model.signals import Values

LONGEST_REPEAT = 3
"""Rows. A recorder that misses a frame repeats the last one once or twice; longer is a robot at rest."""

_MOVES = 0.5
"""A signal that changes in at least this share of the rows is alive enough to witness a repeat."""

_WITNESSES = 2


def repeated_rows(signals: Mapping[str, Values]) -> Flags:
    """(rows,) True where the recorder wrote its last row again: every live signal equals the row before, exactly.

    Args:
        signals: (rows, columns) observations as the file holds them, all recorded together.
    """
    rows = len(next(iter(signals.values()))) if signals else 0
    same = np.ones(max(rows - 1, 0), dtype=np.bool_)
    witnesses = 0
    for values in signals.values():
        # what moves by less than its own rounding repeats by itself, and witnesses nothing
        unchanged = (values[1:] == values[:-1]).all(axis=1)
        if unchanged.size and unchanged.mean() <= 1.0 - _MOVES:
            same &= unchanged
            witnesses += 1
    flags = np.zeros(rows, dtype=np.bool_)
    if witnesses >= _WITNESSES:
        flags[1:] = same
    return flags & ~_long_runs(flags)


def _long_runs(flags: Flags) -> Flags:
    """True where `flags` holds for more than LONGEST_REPEAT rows in a row."""
    long = np.zeros_like(flags)
    for begin, last in intervals(flags, shortest=LONGEST_REPEAT + 1):
        long[begin : last + 1] = True
    return long


def fill(values: Values, times_s: Values, missing: Flags, *, longest_s: float) -> tuple[Values, Flags]:
    """The values with gaps filled in by lines (held at the ends), and (rows,) True where they are known.

    Args:
        values: (rows, columns); NaN is a gap too.
        times_s: (rows,) rising.
        missing: (rows,) rows that are no measurement.
        longest_s: A gap longer than this is filled as well, but does not count as known.

    Returns:
        The values themselves where there is no gap.
    """
    absent = missing | ~np.isfinite(values).all(axis=1)
    if not absent.any():
        return values, ~absent
    present = np.flatnonzero(~absent)
    if not present.size:
        return np.zeros_like(values), ~absent
    filled = values.copy()
    for column in range(values.shape[1]):
        filled[absent, column] = np.interp(times_s[absent], times_s[present], values[present, column])
    rows = np.arange(len(values))
    last, following = np.searchsorted(present, rows, side="right") - 1, np.searchsorted(present, rows)
    # a gap at an end reaches to that end
    begins_s = np.where(last >= 0, times_s[present[np.maximum(last, 0)]], times_s[0])
    ends_s = np.where(following < len(present), times_s[present[np.minimum(following, len(present) - 1)]], times_s[-1])
    return filled, ~absent | (ends_s - begins_s <= longest_s)
