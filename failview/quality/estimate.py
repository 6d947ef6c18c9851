"""A number with what it is worth: its interval, or a sentence where there is no number."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

DRAWS = 2000
SEED = 20_240_117
"""The same labels give the same interval."""

_INTERVAL = (2.5, 97.5)
_LEAST_ITEMS = 5
"""Of fewer items an interval says nothing."""

_LEAST_DEFINED = 0.5


@dataclass(frozen=True)
class Estimate:
    """A number from a sample.

    Attributes:
        value: The number; None when there is none.
        low: Lower end of the 95 % bootstrap interval; None without.
        high: Upper end.
        words: Why there is no number.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    words: str = ""

    @property
    def text(self) -> str:
        """The number and its interval, or the sentence."""
        if self.value is None:
            return self.words
        interval = "" if self.low is None else f" ({self.low:.2f} to {self.high:.2f})"
        return f"{self.value:.2f}{interval}"


def of_patterns(statistic: Callable[[Floats], Floats], weights: Floats, why_none: str) -> Estimate:
    """A statistic of items that fall into patterns. Drawing items again is drawing how many fall into each.

    Args:
        statistic: (draws, patterns) items per pattern to (draws,) values.
        weights: (patterns,) items per pattern.
        why_none: What to say when it is not defined.
    """
    value = float(statistic(weights[None, :])[0])
    if not np.isfinite(value):
        return Estimate(None, words=why_none)
    total = int(weights.sum())
    if total < _LEAST_ITEMS:
        return Estimate(value)
    drawn = np.random.default_rng(SEED).multinomial(total, weights / total, size=DRAWS)
    return _with_interval(value, statistic(drawn.astype(np.float64)))


def of_mean(values: Floats, why_none: str) -> Estimate:
    """The mean of (items,) values."""
    if not values.size:
        return Estimate(None, words=why_none)
    distinct, counts = np.unique(values, return_counts=True)
    return of_patterns(lambda drawn: (drawn @ distinct) / drawn.sum(axis=1), counts.astype(np.float64), why_none)


def _with_interval(value: float, drawn: Floats) -> Estimate:
    defined = drawn[np.isfinite(drawn)]
    if defined.size < _LEAST_DEFINED * drawn.size:
        return Estimate(value)
    low, high = np.percentile(defined, _INTERVAL)
    return Estimate(value, float(low), float(high))
