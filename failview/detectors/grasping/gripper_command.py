"""Which way the gripper was commanded, where the actions tell.

Actions end in a gripper column that jumps between two levels ("close", "open") in most datasets, with either sign. The
column and its sign are not declared anywhere; they are taken from what the fingers did after the jumps.
"""

from collections.abc import Sequence

import numpy as np

from failview.detectors.grasping.strokes import Stroke
from failview.model.signals import Values

_LEVEL = 0.05
"""Share of the range within which a sample counts as being at a level."""

_AT_LEVELS = 0.9
_DELAY_S = 0.6
"""Longest time between the command and the movement: recorders and grippers together lag up to half a second."""

_AGREEMENT = 0.75


def closing_command(action: Values, moves: Sequence[Stroke], rate_hz: float) -> Values | None:
    """(rows,) +1 where closing is commanded, -1 where opening; None when the actions do not tell.

    Args:
        action: (rows, columns) actions on the working clock.
        moves: Strokes of the fingers.
        rate_hz: Rows per second.
    """
    large = [move for move in moves if abs(move.to_m - move.from_m) > 0.25 * _range(moves)]
    for column in reversed(range(action.shape[1])):
        level = _two_levels(action[:, column])
        if level is None:
            continue
        sign = _sign(level, large, round(_DELAY_S * rate_hz))
        if sign:
            return level * sign
    return None


def _range(moves: Sequence[Stroke]) -> float:
    return max((abs(move.to_m - move.from_m) for move in moves), default=0.0)


def _two_levels(values: Values) -> Values | None:
    """-1 or +1 per row, for a column that jumps between two levels."""
    low, high = float(values.min()), float(values.max())
    span = high - low
    if not np.isfinite(span) or span <= 0:
        return None
    near = (values < low + _LEVEL * span) | (values > high - _LEVEL * span)
    level = np.where(values > low + 0.5 * span, 1.0, -1.0)
    jumps = int((level[1:] != level[:-1]).sum())
    return level if near.mean() >= _AT_LEVELS and jumps <= max(2, len(values) // 10) else None


def _sign(level: Values, moves: Sequence[Stroke], delay: int) -> float:
    """+1 when the upper level closes, -1 when it opens, 0 when the fingers do not follow this column."""
    jumps = np.flatnonzero(level[1:] != level[:-1]) + 1
    # the speed that finds a stroke is smoothed, and lets it begin a little early
    slack = max(2, delay // 4)
    votes = []
    for move in moves:
        close = jumps[(jumps >= move.begin - delay) & (jumps <= move.begin + slack)]
        if close.size:
            votes.append(float(level[close[-1]]) * (1.0 if move.closes else -1.0))
    if not votes or len(votes) < 0.5 * min(len(moves), len(jumps)):
        return 0.0
    mean = float(np.mean(votes))
    return float(np.sign(mean)) if abs(mean) >= _AGREEMENT else 0.0
