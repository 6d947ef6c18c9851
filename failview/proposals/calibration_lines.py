"""Confidence lines for detections and proposed fields, each kept only where other episodes confirm it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from failview.detectors.calibrated import FIELD_PREFIX
from failview.detectors.calibration.confidence_lines import AS_IT_IS, Line, fit_line, log_loss
from failview.detectors.calibration.labels import Label, Meanings
from failview.detectors.calibration.scores import field_pairs, kind_pairs
from failview.model.detection import EpisodeFindings, ProposedField
from failview.proposals.calibration_looks import LookedAt, Variant

LEAST_OF_KIND = 8
"""Labels of a kind that its thresholds, and detections of a kind that its confidence, can be chosen by."""

FIELDS = (ProposedField.OUTCOME, ProposedField.CATEGORY, ProposedField.SUBCATEGORY, ProposedField.ONSET)

Judged = Sequence[tuple[EpisodeFindings, Label]]
Pairs = Mapping[str, Sequence[tuple[float, bool]]]
_Halves = tuple[Judged, Judged]
"""What the lines are fitted to, and what they are measured on."""


@dataclass(frozen=True)
class ChosenLines:
    """What was chosen.

    Attributes:
        lines: By detection kind, and by field as "proposal.<field>"; fitted to all labels.
        measured: Findings of every episode with lines that have not seen its label.
        kept: Why a kind or field stays as it is.
    """

    lines: Mapping[str, Line]
    measured: Judged
    kept: Mapping[str, str]


def choose_lines(
    looked: LookedAt, labels: Sequence[Label], folds: Sequence[Sequence[Label]], variant: Variant, meanings: Meanings
) -> ChosenLines:
    """Lines for the detections first, then for the fields that are proposed from them."""
    return _Choosing(looked, labels, folds, variant, meanings).chosen()


class _Choosing:
    def __init__(
        self,
        looked: LookedAt,
        labels: Sequence[Label],
        folds: Sequence[Sequence[Label]],
        variant: Variant,
        meanings: Meanings,
    ) -> None:
        self._looked = looked
        self._labels = labels
        self._folds = [frozenset(label.episode_id for label in fold) for fold in folds]
        self._variant = variant
        self._meanings = meanings
        old = looked.in_force(labels[0]).confidence
        self._old_fields = {key: line for key, line in old.items() if key.startswith(FIELD_PREFIX)}
        self._old_kinds = {key: line for key, line in old.items() if key not in self._old_fields}
        self._raw = self._concluded({})
        self._kept: dict[str, str] = {}

    def chosen(self) -> ChosenLines:
        """Choose, and measure what is kept."""
        kinds = self._worthwhile(lambda fold: _split(self._raw, fold), self._of_kinds, self._old_kinds)
        if kinds and self._right(kinds) < self._right(frozenset()):
            self._kept.update(dict.fromkeys(kinds, "the proposals would be worse for it"))
            kinds = frozenset()
        fields = self._worthwhile(lambda fold: self._with_kinds(fold, kinds), self._of_fields, self._old_fields)
        measured = [item for fold in self._folds for item in self._measured(fold, kinds, fields)]
        kind_lines = _fitted(self._of_kinds(self._raw), kinds)
        refined = self._concluded({**self._old_kinds, **kind_lines})
        return ChosenLines(kind_lines | _fitted(self._of_fields(refined), fields), measured, self._kept)

    def _concluded(self, lines: Mapping[str, Line]) -> Judged:
        return self._looked.conclude(self._labels, self._labels, self._variant, lines)

    def _of_kinds(self, judged: Judged) -> Pairs:
        return kind_pairs(judged, self._meanings)

    def _of_fields(self, judged: Judged) -> Pairs:
        pairs = {f"{FIELD_PREFIX}{name.value}": list(field_pairs(judged, name, self._meanings)) for name in FIELDS}
        return {key: found for key, found in pairs.items() if found}

    def _kind_lines(self, fold: frozenset[str], kinds: frozenset[str]) -> dict[str, Line]:
        """Lines in force, and those of some kinds fitted to all but a fold."""
        return {**self._old_kinds, **_fitted(self._of_kinds(_split(self._raw, fold)[0]), kinds)}

    def _with_kinds(self, fold: frozenset[str], kinds: frozenset[str]) -> _Halves:
        return _split(self._concluded(self._kind_lines(fold, kinds)), fold)

    def _measured(self, fold: frozenset[str], kinds: frozenset[str], fields: frozenset[str]) -> Judged:
        """Findings of a fold with lines fitted to the others."""
        lines = self._kind_lines(fold, kinds)
        others, _ = _split(self._concluded(lines), fold)
        lines = {**lines, **self._old_fields, **_fitted(self._of_fields(others), fields)}
        return _split(self._concluded(lines), fold)[1]

    def _right(self, kinds: frozenset[str]) -> int:
        """Subcategories right over all folds."""
        measured = [item for fold in self._folds for item in self._with_kinds(fold, kinds)[1]]
        return sum(hit for _, hit in field_pairs(measured, ProposedField.SUBCATEGORY, self._meanings))

    def _worthwhile(
        self, halves: Callable[[frozenset[str]], _Halves], pairs_of: Callable[[Judged], Pairs], old: Mapping[str, Line]
    ) -> frozenset[str]:
        """Keys whose fitted line says better than the one in force what is right, on episodes that it has not seen."""
        gains: dict[str, float] = {}
        counts: dict[str, int] = {}
        for fold in self._folds:
            others, measured = halves(fold)
            known = pairs_of(others)
            for key, pairs in pairs_of(measured).items():
                line, before = _line(known.get(key, ())), old.get(key, AS_IT_IS)
                counts[key] = counts.get(key, 0) + len(pairs)
                gains[key] = gains.get(key, 0.0) + len(pairs) * (_loss(pairs, before) - _loss(pairs, line))
        for key, count in counts.items():
            if count < LEAST_OF_KIND:
                self._kept[key] = f"{count} of them in the labelled episodes, {LEAST_OF_KIND} are needed"
            elif gains[key] <= 0.0:
                self._kept[key] = "its confidence says as well as it can what is right"
        return frozenset(key for key in counts if key not in self._kept)


def _split(judged: Judged, fold: frozenset[str]) -> _Halves:
    return (
        [item for item in judged if item[1].episode_id not in fold],
        [item for item in judged if item[1].episode_id in fold],
    )


def _fitted(pairs: Pairs, keys: Iterable[str]) -> dict[str, Line]:
    return {key: _line(pairs[key]) for key in sorted(keys) if key in pairs}


def _line(pairs: Sequence[tuple[float, bool]]) -> Line:
    return fit_line([confidence for confidence, _ in pairs], [hit for _, hit in pairs]) if pairs else AS_IT_IS


def _loss(pairs: Sequence[tuple[float, bool]], line: Line) -> float:
    return log_loss([confidence for confidence, _ in pairs], [hit for _, hit in pairs], line)
