"""How far raters agree on outcome, category and subcategory: pair by pair, and all together."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from failview.quality.coefficients import Floats, cohen_kappa, fleiss_kappa, gwet_ac1, observed
from failview.quality.estimate import Estimate, of_patterns

Ratings = Mapping[str, Mapping[str, str]]
"""Rater to episode id to the class that was chosen."""

COHEN, FLEISS = "Cohen's kappa", "Fleiss' kappa"


@dataclass(frozen=True)
class Scale:
    """What is agreed upon.

    Attributes:
        field: Field of the annotation.
        classes: Everything that can be chosen.
        pair_target: Cohen's kappa that a pair should pass; None for no target.
        all_target: Fleiss' kappa that all together should pass.
    """

    field: str
    classes: tuple[str, ...]
    pair_target: float | None = None
    all_target: float | None = None


@dataclass(frozen=True)
class Agreement:
    """Agreement of some raters on one field.

    Attributes:
        field: Field of the annotation.
        raters: Who; two for a pair.
        coefficient: "Cohen's kappa" of a pair, "Fleiss' kappa" of all together.
        n: Episodes that count.
        percentage: Share of agreement, 0 to 1.
        kappa: The coefficient.
        ac1: Gwet's AC1.
        target: What kappa should pass; None for none.
        notes: What a reader should know, as sentences.
    """

    field: str
    raters: tuple[str, ...]
    coefficient: str
    n: int
    percentage: Estimate
    kappa: Estimate
    ac1: Estimate
    target: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def is_short(self) -> bool:
        """Whether the coefficient is known and misses its target."""
        return self.target is not None and self.kappa.value is not None and self.kappa.value <= self.target


def pairs(ratings: Ratings, scale: Scale) -> list[Agreement]:
    """Every pair of raters, by name."""
    return [pair(ratings, scale, (one, other)) for one, other in combinations(sorted(ratings), 2)]


def pair(ratings: Ratings, scale: Scale, raters: tuple[str, str]) -> Agreement:
    """Two raters, over the episodes that both have rated."""
    one, other = (ratings[name] for name in raters)
    cells = Counter((one[key], other[key]) for key in one.keys() & other.keys())
    if not cells:
        return _nothing(scale.field, raters, COHEN, f"{_names(raters)} share no episode")
    classes = _all_classes(scale, cells)
    patterns = sorted(cells)
    weights = np.array([cells[pattern] for pattern in patterns], dtype=np.float64)
    first, second = (
        np.array([[float(pattern[rater] == name) for name in classes] for pattern in patterns]) for rater in (0, 1)
    )
    return Agreement(
        scale.field,
        raters,
        COHEN,
        int(weights.sum()),
        of_patterns(lambda drawn: observed(first + second, drawn), weights, ""),
        of_patterns(lambda drawn: cohen_kappa(first, second, drawn), weights, _one_class(patterns)),
        of_patterns(lambda drawn: gwet_ac1(first + second, drawn), weights, _ONE_CLASS_EXISTS),
        scale.pair_target,
        _remarks(raters, patterns),
    )


def together(ratings: Ratings, scale: Scale) -> Agreement:
    """All raters, over the episodes that two of them at least have rated."""
    raters = tuple(sorted(ratings))
    rated: dict[str, list[str]] = {}
    for chosen in ratings.values():
        for key, value in chosen.items():
            rated.setdefault(key, []).append(value)
    several = [tuple(sorted(values)) for values in rated.values() if len(values) > 1]
    if not several:
        return _nothing(scale.field, raters, FLEISS, "no episode has been rated by two")
    patterns = Counter(several)
    counts, weights = _tables(patterns, _all_classes(scale, patterns))
    usual = _usual_raters(counts, weights)
    alike = counts.sum(axis=1) == usual
    notes = [*_remarks(raters, list(patterns))]
    if not alike.all():
        notes.append(
            f"the numbers of raters differ: kappa counts the {int(weights[alike].sum())} episodes with {usual} raters, "
            f"the percentage and AC1 all {int(weights.sum())}"
        )
    return Agreement(
        scale.field,
        raters,
        FLEISS,
        int(weights.sum()),
        of_patterns(lambda drawn: observed(counts, drawn), weights, ""),
        of_patterns(lambda drawn: fleiss_kappa(counts[alike], drawn), weights[alike], _one_class(list(patterns))),
        of_patterns(lambda drawn: gwet_ac1(counts, drawn), weights, _ONE_CLASS_EXISTS),
        scale.all_target,
        tuple(notes),
    )


_ONE_CLASS_EXISTS = "only one class can be chosen"


def _all_classes(scale: Scale, patterns: Iterable[tuple[str, ...]]) -> list[str]:
    """Classes of the scale, and strangers that somebody chose all the same (of another taxonomy)."""
    strangers = {name for pattern in patterns for name in pattern} - set(scale.classes)
    return [*scale.classes, *sorted(strangers)]


def _tables(patterns: Mapping[tuple[str, ...], int], classes: Sequence[str]) -> tuple[Floats, Floats]:
    """((patterns, classes) raters per class, (patterns,) items)."""
    keys = sorted(patterns)
    counts = np.array([[float(pattern.count(name)) for name in classes] for pattern in keys])
    return counts, np.array([patterns[key] for key in keys], dtype=np.float64)


def _usual_raters(counts: Floats, weights: Floats) -> int:
    """The number of raters per episode that most ratings come with."""
    raters = counts.sum(axis=1)
    return int(max(np.unique(raters), key=lambda count: float(weights[raters == count].sum() * count)))


def _one_class(patterns: Sequence[tuple[str, ...]]) -> str:
    chosen = sorted({name for pattern in patterns for name in pattern})
    said = chosen[0].replace("_", " ") if chosen else "the same"
    return f"everybody said {said} throughout: kappa needs two classes, see the percentage and AC1"


def _remarks(raters: tuple[str, ...], patterns: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    if all(len(set(pattern)) == len(pattern) for pattern in patterns):
        return (f"{_names(raters)} agree on no episode",)
    return ()


def _nothing(field: str, raters: tuple[str, ...], coefficient: str, words: str) -> Agreement:
    none = Estimate(None, words=words)
    return Agreement(field, raters, coefficient, 0, none, none, none)


def _names(raters: Sequence[str]) -> str:
    return f"{', '.join(raters[:-1])} and {raters[-1]}" if len(raters) > 1 else "".join(raters)
