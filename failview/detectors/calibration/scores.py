"""How good findings are, measured against labels."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from failview.detectors.calibration.labels import (
    ONSET_TOLERANCE,
    Label,
    Meanings,
    detection_right,
    field_right,
    onset_error,
    to_be_found,
)
from failview.model.detection import EpisodeFindings, ProposedField

LIKELY = 0.5
"""A detection counts as made when it is more likely than not."""

BINS = 10
NO_FAILURE = "none"
"""Stands for "no failure" among subcategories."""

_FIELDS = (ProposedField.OUTCOME, ProposedField.SUBCATEGORY, ProposedField.ONSET)

Pairs = Sequence[tuple[float, bool]]
"""(confidence, whether it was right)."""


@dataclass(frozen=True)
class Counts:
    """Right, wrong and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float | None:
        """Share of what was found that is right; None when nothing was found."""
        return _share(self.right, self.right + self.wrong)

    @property
    def recall(self) -> float | None:
        """Share of what was to be found that was; None when nothing was."""
        return _share(self.right, self.right + self.missed)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of both; None when there was nothing to find and nothing found."""
        return _share(2 * self.right, 2 * self.right + self.wrong + self.missed)

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)


@dataclass(frozen=True)
class Bin:
    """Proposals of about the same confidence: their mean confidence, the share that is right, and how many."""

    confidence: float
    right: float
    count: int


@dataclass(frozen=True)
class Scores:
    """Findings of several episodes against their labels.

    Attributes:
        episodes: How many.
        outcome_right: Share of them.
        subcategory_right: Share of them; an episode without failure must be proposed without.
        onset_mean: Mean error where the subcategory is right, frames; None without any.
        onset_within: Share of those within ONSET_TOLERANCE frames.
        kinds: Detections by kind.
        subcategories: Proposals by subcategory.
        reliability: Bins by proposed field.
        brier: Mean squared distance of confidence from truth, by proposed field.
        pairs: (confidence, right) of every proposal, by field.
    """

    episodes: int
    outcome_right: float
    subcategory_right: float
    onset_mean: float | None
    onset_within: float | None
    kinds: Mapping[str, Counts]
    subcategories: Mapping[str, Counts]
    reliability: Mapping[str, tuple[Bin, ...]]
    brier: Mapping[str, float]
    pairs: Mapping[str, tuple[tuple[float, bool], ...]] = field(default_factory=dict)


def score(judged: Sequence[tuple[EpisodeFindings, Label]], meanings: Meanings) -> Scores:
    """Measure findings against labels."""
    pairs = {name.value: tuple(field_pairs(judged, name, meanings)) for name in _FIELDS}
    errors = list(_onset_errors(judged))
    return Scores(
        episodes=len(judged),
        outcome_right=_right(pairs[ProposedField.OUTCOME.value], len(judged)),
        subcategory_right=_right(pairs[ProposedField.SUBCATEGORY.value], len(judged)),
        onset_mean=float(np.mean(errors)) if errors else None,
        onset_within=float(np.mean(np.array(errors) <= ONSET_TOLERANCE)) if errors else None,
        kinds=count_kinds(judged, meanings),
        subcategories=_count_subcategories(judged),
        reliability={name: bins_of(found) for name, found in pairs.items()},
        brier={name: _brier(found) for name, found in pairs.items() if found},
        pairs=pairs,
    )


def field_pairs(
    judged: Iterable[tuple[EpisodeFindings, Label]], name: ProposedField, meanings: Meanings
) -> Iterable[tuple[float, bool]]:
    """(confidence, right) of a proposed field in every episode that has it and whose label tells."""
    for findings, label in judged:
        proposal = findings.proposal.get(name)
        right = None if proposal is None else field_right(name, proposal, label, meanings)
        if proposal is not None and right is not None:
            yield proposal.confidence, right


def kind_pairs(
    judged: Iterable[tuple[EpisodeFindings, Label]], meanings: Meanings
) -> dict[str, list[tuple[float, bool]]]:
    """(confidence, right) of the surest detection of each kind in every episode that has one, by kind."""
    pairs: dict[str, list[tuple[float, bool]]] = {}
    for findings, label in judged:
        surest = {item.kind: item for item in sorted(findings.detections, key=lambda item: item.confidence)}
        for kind, item in surest.items():
            right = detection_right(item, label, meanings)
            if right is not None:
                pairs.setdefault(kind, []).append((item.confidence, right))
    return pairs


def count_kinds(judged: Iterable[tuple[EpisodeFindings, Label]], meanings: Meanings) -> dict[str, Counts]:
    """Episodes by kind: rightly detected, wrongly detected, missed."""
    counts: dict[str, Counts] = {}
    for findings, label in judged:
        made = {item.kind: item for item in findings.detections if item.confidence >= LIKELY}
        for kind in {*made, *meanings.finds, "task.reached"}:
            right = detection_right(made[kind], label, meanings) if kind in made else None
            missed = kind not in made and to_be_found(kind, label, meanings)
            add = Counts(int(right is True), int(right is False), int(missed))
            counts[kind] = counts.get(kind, Counts()) + add
    return {kind: count for kind, count in sorted(counts.items()) if count != Counts()}


def bins_of(pairs: Pairs) -> tuple[Bin, ...]:
    """Proposals in bins of confidence; empty bins are left out."""
    if not pairs:
        return ()
    confidences = np.array([confidence for confidence, _ in pairs])
    right = np.array([hit for _, hit in pairs])
    number = np.clip((confidences * BINS).astype(int), 0, BINS - 1)
    return tuple(
        Bin(float(confidences[number == k].mean()), float(right[number == k].mean()), int((number == k).sum()))
        for k in np.unique(number)
    )


def _count_subcategories(judged: Iterable[tuple[EpisodeFindings, Label]]) -> dict[str, Counts]:
    counts: dict[str, Counts] = {}
    for findings, label in judged:
        proposal = findings.proposal.get(ProposedField.SUBCATEGORY)
        truth = label.subcategory or NO_FAILURE
        said = truth if proposal is None else str(proposal.value or NO_FAILURE)
        right = proposal is not None and proposal.value in label.subcategories
        if right:
            counts[said] = counts.get(said, Counts()) + Counts(right=1)
            continue
        counts[truth] = counts.get(truth, Counts()) + Counts(missed=1)
        if proposal is not None:
            counts[said] = counts.get(said, Counts()) + Counts(wrong=1)
    return dict(sorted(counts.items()))


def _onset_errors(judged: Iterable[tuple[EpisodeFindings, Label]]) -> Iterable[int]:
    for findings, label in judged:
        named, onset = findings.proposal.get(ProposedField.SUBCATEGORY), findings.proposal.get(ProposedField.ONSET)
        if named is None or onset is None or named.value not in label.subcategories:
            continue
        error = onset_error(onset, label)
        if error is not None:
            yield error


def _right(pairs: Pairs, total: int) -> float:
    return sum(hit for _, hit in pairs) / total if total else math.nan


def _brier(pairs: Pairs) -> float:
    return float(np.mean([(confidence - hit) ** 2 for confidence, hit in pairs]))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
