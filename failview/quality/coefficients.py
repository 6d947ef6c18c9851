"""Coefficients of agreement, for many weightings of the same items at once, which is what a bootstrap asks for.

Items that were judged alike form a pattern: `counts` tells per pattern how many raters chose each class, `weights` how
many items show the pattern. NaN where a coefficient is not defined; whoever asks puts it into words.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def observed(counts: Floats, weights: Floats) -> Floats:
    """(draws,) share of agreeing pairs of raters, each item counting once.

    Args:
        counts: (patterns, classes) raters per class; every pattern has two at least.
        weights: (draws, patterns) items per pattern.
    """
    raters = counts.sum(axis=1)
    agreeing = (counts * (counts - 1.0)).sum(axis=1) / (raters * (raters - 1.0))
    return _ratio(weights @ agreeing, weights.sum(axis=1))


def fleiss_kappa(counts: Floats, weights: Floats) -> Floats:
    """(draws,) Fleiss' kappa (J. L. Fleiss, Measuring nominal scale agreement among many raters, 1971).

    Args:
        counts: (patterns, classes) raters per class, the same number of raters in each.
        weights: (draws, patterns) items per pattern.
    """
    chosen = weights @ counts
    shares = _ratio(chosen, chosen.sum(axis=1, keepdims=True))
    return _beyond_chance(observed(counts, weights), (shares**2).sum(axis=1))


def gwet_ac1(counts: Floats, weights: Floats) -> Floats:
    """(draws,) Gwet's AC1, which stays meaningful when nearly all items are of one class.

    K. L. Gwet, Computing inter-rater reliability and its variance in the presence of high agreement, 2008.

    Args:
        counts: (patterns, classes) raters per class; all classes that can be chosen, chosen or not.
        weights: (draws, patterns) items per pattern.
    """
    each = counts / counts.sum(axis=1, keepdims=True)
    shares = _ratio(weights @ each, weights.sum(axis=1, keepdims=True))
    chance = (shares * (1.0 - shares)).sum(axis=1) / (counts.shape[1] - 1.0)
    return _beyond_chance(observed(counts, weights), chance)


def cohen_kappa(first: Floats, second: Floats, weights: Floats) -> Floats:
    """(draws,) Cohen's kappa (J. Cohen, A coefficient of agreement for nominal scales, 1960).

    Args:
        first: (patterns, classes) 1 at the class that the first rater chose, else 0.
        second: The same of the second rater.
        weights: (draws, patterns) items per pattern.
    """
    total = weights.sum(axis=1)
    same = _ratio(weights @ (first * second).sum(axis=1), total)
    one, other = _ratio(weights @ first, total[:, None]), _ratio(weights @ second, total[:, None])
    return _beyond_chance(same, (one * other).sum(axis=1))


def _beyond_chance(agreed: Floats, chance: Floats) -> Floats:
    return _ratio(agreed - chance, np.where(1.0 - chance < 1e-12, 0.0, 1.0 - chance))


def _ratio(over: Floats, under: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(under != 0.0, over / np.where(under != 0.0, under, 1.0), np.nan))
