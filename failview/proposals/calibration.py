"""Calibrates the detectors on labelled episodes, and measures by cross-validation what that is worth.

What is chosen on four fifths of the labels is measured on the other fifth, five times; so every episode is measured
with settings that have not seen its label. What is kept in the end is chosen on all labels, and only where the measured
gain says so: thresholds and limits when more subcategories are right, or as many and the detections are better; a
confidence line when it says better what is right.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from failview.detectors.calibration.confidence_lines import Line
from failview.detectors.calibration.folds import folds_of
from failview.detectors.calibration.labels import Label, Meanings, to_be_found
from failview.detectors.calibration.scores import Counts, Scores, count_kinds, field_pairs, score
from failview.detectors.collision.learnt_limits import LIMITS, learnt_limits
from failview.errors import DatasetError
from failview.loaders.opening import OpenedDataset
from failview.model.detection import ProposedField
from failview.proposals.calibration_lines import LEAST_OF_KIND, Judged, choose_lines
from failview.proposals.calibration_looks import AS_IN_FORCE, LookedAt, Progress, Variant
from failview.proposals.detectors_port import CATALOGUE
from failview.proposals.episode_work import JudgedSet
from failview.proposals.spreading import Workers
from failview.settings.thresholds import THRESHOLDS, Threshold

LEAST_EPISODES, LEAST_FAILURES, LEAST_SUCCESSES = 20, 5, 5
_LEAST_GAIN = 0.02
"""Of F1: a smaller one is chance."""
_RIGHT_ALREADY = "its detections are right as it is"
_PREFIXES = {"smoothness": "motion", "success": "task"}
"""Detections of these detectors are named otherwise than their thresholds."""


@dataclass(frozen=True)
class CalibrationResult:
    """What calibration found.

    Attributes:
        labels: The labelled episodes that could be judged.
        before: With the settings in force.
        after: Cross-validated, with what is kept.
        thresholds: (value before, value after) of those that change, by name.
        confidence: Lines by detection kind, and by field as "proposal.<field>".
        joint_residual_nm: Limit per joint, Nm; empty where nothing was learnt.
        kept: Why something stays as it is, by what it is about.
        problems: Why a labelled episode could not be judged, by id.
    """

    labels: tuple[Label, ...]
    before: Scores
    after: Scores
    thresholds: Mapping[str, tuple[float, float]]
    confidence: Mapping[str, Line]
    joint_residual_nm: tuple[float, ...]
    kept: Mapping[str, str]
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CalibrationRequest:
    """What to calibrate by.

    Attributes:
        labels: What is true of labelled episodes.
        meanings: What the kinds of detections mean.
        profile: Profile in place of the one beside the data.
        workers: Who does the work.
        detectors: Module with the detectors.
    """

    labels: Sequence[Label]
    meanings: Meanings
    profile: Path | None = None
    workers: Workers = field(default_factory=Workers)
    detectors: str = CATALOGUE


def calibrate(dataset: OpenedDataset, path: str, request: CalibrationRequest, progress: Progress) -> CalibrationResult:
    """Calibrate on labelled episodes.

    Args:
        dataset: The dataset, open.
        path: As the user named it; other processes open it by this.
        request: What to calibrate by.
        progress: Shows how far it is.

    Raises:
        DatasetError: Too few labels; the message says how many are needed.
    """
    require_enough(request.labels, dataset.path)
    looked = LookedAt(dataset, JudgedSet(path, request.profile, request.detectors), request.workers, progress)
    looked.look(request.labels, [AS_IN_FORCE], "looking at the signals")
    usable = [label for label in request.labels if label.episode_id not in looked.problems]
    require_enough(usable, dataset.path)
    return _Calibration(looked, usable, request.meanings).result()


def require_enough(labels: Sequence[Label], where: Path) -> None:
    """Refuse labels that are too few.

    Raises:
        DatasetError: They are; the message says how many are needed.
    """
    failures = sum(label.failed for label in labels)
    reached = len(labels) - failures
    if len(labels) >= LEAST_EPISODES and failures >= LEAST_FAILURES and reached >= LEAST_SUCCESSES:
        return
    what = f"too few labels: {len(labels)} episodes, {failures} of them failures and {reached} that reached the goal"
    begin = "" if labels else "Finish some annotations (failview open), or give --truth FILE. "
    hint = begin + (
        f"Needed are {LEAST_EPISODES}, at least {LEAST_FAILURES} failures and {LEAST_SUCCESSES} that reached it; "
        f"and {LEAST_OF_KIND} of a kind for its threshold"
    )
    raise DatasetError(what, where=where, hint=hint)


class _Calibration:
    """The labels, the folds, and what is measured over them."""

    def __init__(self, looked: LookedAt, labels: list[Label], meanings: Meanings) -> None:
        self._looked = looked
        self._labels = labels
        self._meanings = meanings
        self._folds = [[labels[index] for index in fold] for fold in folds_of(labels)]
        self._old_lines = dict(looked.in_force(labels[0]).confidence)
        self._kept: dict[str, str] = {}

    def result(self) -> CalibrationResult:
        """Choose, measure, and keep what is worth it."""
        variant = self._variant()
        before = score(self._concluded(self._labels, AS_IN_FORCE, self._old_lines), self._meanings)
        found = choose_lines(self._looked, self._labels, self._folds, variant, self._meanings)
        self._kept.update(found.kept)
        in_force = self._looked.in_force(self._labels[0])
        return CalibrationResult(
            labels=tuple(self._labels),
            before=before,
            after=score(found.measured, self._meanings),
            thresholds={name: (in_force[name], value) for name, value in variant.thresholds},
            confidence=found.lines,
            joint_residual_nm=variant.joint_residual_nm,
            kept=self._kept,
            problems=self._looked.problems,
        )

    def _concluded(self, labels: Sequence[Label], variant: Variant, lines: Mapping[str, Line]) -> Judged:
        return self._looked.conclude(labels, self._labels, variant, lines)

    def _others(self, fold: Sequence[Label]) -> list[Label]:
        """All labels but those of a fold."""
        left_out = {label.episode_id for label in fold}
        return [label for label in self._labels if label.episode_id not in left_out]

    def _variant(self) -> Variant:
        """Thresholds and joint limits that are worth more than those in force."""
        options = self._options()
        self._look([item for several in options.values() for item in several], "trying thresholds")
        chosen = self._if_worth(AS_IN_FORCE, lambda labels: self._thresholds(options, labels), "thresholds")
        if self._cannot_gain("collision."):
            self._kept["joint_residual_nm"] = _RIGHT_ALREADY
            return chosen
        return self._if_worth(chosen, lambda labels: self._with_joints(chosen, labels), "joint_residual_nm")

    def _cannot_gain(self, prefix: str) -> bool:
        """Whether detections are so right already that no other threshold could be clearly better."""
        return self._f1_of(self._labels, AS_IN_FORCE, prefix) >= 1.0 - _LEAST_GAIN

    def _options(self) -> dict[str, list[Variant]]:
        """Variants to try, by threshold."""
        options = {}
        in_force = self._looked.in_force(self._labels[0])
        for threshold in THRESHOLDS:
            values = [value for value in threshold.tried if value != in_force[threshold.name]]
            wanted = sum(_is_of(threshold, label, self._meanings) for label in self._labels)
            if values and wanted < LEAST_OF_KIND:
                self._kept[threshold.name] = f"{wanted} labels of its kinds, {LEAST_OF_KIND} are needed"
            elif values and self._cannot_gain(_prefix(threshold.name)):
                self._kept[threshold.name] = _RIGHT_ALREADY
            elif values:
                options[threshold.name] = [Variant(((threshold.name, value),)) for value in values]
        return options

    def _look(self, variants: Sequence[Variant], what: str) -> None:
        """Look at all labelled episodes; one that cannot be judged under a variant counts no more, before or after."""
        self._looked.look(self._labels, variants, what)
        self._labels, *self._folds = [
            [label for label in labels if label.episode_id not in self._looked.problems]
            for labels in (self._labels, *self._folds)
        ]

    def _if_worth(self, base: Variant, choose: Callable[[Sequence[Label]], Variant], what: str) -> Variant:
        """What is chosen on all labels, if what is chosen on parts of them serves the rest better than the base."""
        by_fold = [choose(self._others(fold)) for fold in self._folds]
        final = choose(self._labels)
        if final == base:
            self._kept.setdefault(what, "nothing else served better")
            return base
        self._look(list(dict.fromkeys([*by_fold, final])), f"measuring {what}")
        measured = [
            item
            for variant, fold in zip(by_fold, self._folds, strict=True)
            for item in self._concluded(fold, variant, self._old_lines)
        ]
        now, then = self._worth(measured), self._worth(self._concluded(self._labels, base, self._old_lines))
        if now > then:
            return final
        self._kept[what] = f"measured on other episodes, a change is worth nothing ({now[0]} right, {then[0]} before)"
        return base

    def _worth(self, judged: Judged) -> tuple[int, float]:
        """(subcategories right, F1 of all detections)."""
        right = sum(hit for _, hit in field_pairs(judged, ProposedField.SUBCATEGORY, self._meanings))
        return right, round(_f1(count_kinds(judged, self._meanings), ""), 3)

    def _thresholds(self, options: Mapping[str, Sequence[Variant]], labels: Sequence[Label]) -> Variant:
        """The best value of each threshold by itself; the one in force where none is clearly better."""
        chosen: list[tuple[str, float]] = []
        for name, variants in options.items():
            prefix = _prefix(name)
            best, least = None, self._f1_of(labels, AS_IN_FORCE, prefix) + _LEAST_GAIN
            for variant in variants:
                reached = self._f1_of(labels, variant, prefix)
                if reached > least:
                    best, least = variant, reached
            chosen += best.thresholds if best is not None else ()
        return Variant(tuple(chosen))

    def _f1_of(self, labels: Sequence[Label], variant: Variant, prefix: str) -> float:
        return _f1(count_kinds(self._concluded(labels, variant, self._old_lines), self._meanings), prefix)

    def _with_joints(self, base: Variant, labels: Sequence[Label]) -> Variant:
        """The base with limits per joint from the successes among these labels."""
        successes = [label for label in labels if label.is_clean]
        summaries = [self._looked.summary(label, "collision") for label in successes]
        limits = learnt_limits(summaries, [True] * len(summaries)).get(LIMITS)
        if limits is None:
            self._kept["joint_residual_nm"] = "too few successes with joint torques"
            return base
        return replace(base, joint_residual_nm=tuple(round(float(limit), 3) for limit in limits))


def _prefix(threshold: str) -> str:
    """How the kinds of a threshold's detections begin."""
    detector = threshold.partition(".")[0]
    return f"{_PREFIXES.get(detector, detector)}."


def _is_of(threshold: Threshold, label: Label, meanings: Meanings) -> bool:
    """Whether a label is one that the threshold's detector should find."""
    kinds = [kind for kind in meanings.finds if kind.startswith(_prefix(threshold.name))]
    return any(to_be_found(kind, label, meanings) for kind in kinds)


def _f1(counts: Mapping[str, Counts], prefix: str) -> float:
    """F1 over all kinds that begin with a prefix together."""
    return sum((count for kind, count in counts.items() if kind.startswith(prefix)), Counts()).f1 or 0.0
