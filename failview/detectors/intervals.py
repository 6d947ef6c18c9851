"""Stretches of rows in which something holds."""

import numpy as np

from failview.detectors.conditioning.conditioned import Flags


def intervals(flags: Flags, *, gap: int = 0, shortest: int = 1) -> list[tuple[int, int]]:
    """(first, last) row of every stretch where `flags` holds, last inclusive.

    Args:
        flags: (rows,).
        gap: Stretches with at most this many rows between them are one.
        shortest: Stretches of fewer rows are left out.
    """
    rows = np.flatnonzero(flags)
    if not rows.size:
        return []
    cuts = np.flatnonzero(np.diff(rows) > gap + 1)
    first, last = rows[np.append(0, cuts + 1)], rows[np.append(cuts, len(rows) - 1)]
    return [
        (begin, end) for begin, end in zip(first.tolist(), last.tolist(), strict=True) if end - begin + 1 >= shortest
    ]


def back_to(flags: Flags, row: int) -> int:
    """First row of the stretch of `flags` that leads up to a row; the row itself when the one before is not in it."""
    before = np.flatnonzero(~flags[:row])
    return int(before[-1]) + 1 if before.size else 0
