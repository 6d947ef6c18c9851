"""How sure a measured margin makes us."""

import math


def from_margin(value: float, limit: float, spread: float, *, most: float = 0.97) -> float:
    """Chance that a value is truly beyond a limit: the logistic of its distance in units of the uncertainty.

    Args:
        value: What was measured.
        limit: What it is compared with.
        spread: Uncertainty of the measurement, same unit: at one spread beyond the limit the answer is 0.73.
        most: Nothing is surer than this: the signals themselves may be wrong.

    Returns:
        0 when nothing was measured (NaN).
    """
    if math.isnan(value):
        return 0.0
    return most / (1.0 + math.exp(-max(-50.0, min(50.0, (value - limit) / spread))))


def from_ratio(value: float, limit: float, *, sharpness: float = 3.0, most: float = 0.97) -> float:
    """As from_margin, for quantities whose uncertainty grows with them: by the logarithm of value to limit."""
    if not value > 0 or limit <= 0:
        return 0.0
    return from_margin(math.log(value / limit), 0.0, 1.0 / sharpness, most=most)
