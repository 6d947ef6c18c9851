"""Streams without a role: drawn where hardly anything else tells what the robot did."""

from collections.abc import Mapping

import numpy as np

from failview.model.episode import Episode
from failview.model.roles import Role
from failview.model.signals import Signal
from failview.viewer.entity_paths import PLOT_ROLES

MAX_OTHERS = 4
"""More tabs would not fit into their row."""

MAX_COLUMNS = 64
"""More curves in one plot tell nothing."""


def streams_drawn(episode: Episode) -> Mapping[str, Signal]:
    """Streams of numbers that move, where no role but the action has a curve; by name, the first ones."""
    if any(role in episode.signals for role in PLOT_ROLES if role is not Role.ACTION):
        return {}
    moving = {name: signal for name, signal in episode.other_signals.items() if _is_worth_a_plot(signal)}
    return dict(list(moving.items())[:MAX_OTHERS])


def _is_worth_a_plot(signal: Signal) -> bool:
    values = signal.values
    if signal.text_values or values.shape[1] > MAX_COLUMNS:
        return False
    finite = values[np.isfinite(values).all(axis=1)]
    return len(finite) > 1 and bool(np.any(np.ptp(finite, axis=0) > 0))
