"""Everything that quality assurance says about a dataset, before anything is printed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from failview.model.annotation import Outcome
from failview.model.taxonomy import Taxonomy
from failview.proposals.short_proposals import ShortProposal
from failview.quality.agreement import COHEN, Agreement, Ratings, Scale, pairs, together
from failview.quality.annotators import (
    AnnotatorReport,
    Surroundings,
    annotator_report,
    categories_of,
    frames_of,
    outcomes_of,
)
from failview.quality.clusters import Cluster, clusters
from failview.quality.confusions import Confusion, confusions
from failview.quality.disagreements import Disagreement, disagreements
from failview.quality.distribution import Distribution, distribution
from failview.quality.frame_agreement import FrameAgreement, frame_agreement
from failview.quality.label_consistency import DatasetConsistency
from failview.quality.label_row import LabelRow
from failview.quality.labels import Labels
from failview.quality.retests import Retest, retests

OUTCOME_KAPPA, CATEGORY_KAPPA = 0.85, 0.75
FRAMES = ("failure_onset_frame", "failure_obvious_frame")


@dataclass(frozen=True)
class QaInput:
    """What the report is made of.

    Attributes:
        dataset: The dataset, as the user named it.
        num_episodes: Its episodes.
        labels: Of everybody.
        taxonomy: The vocabulary.
        proposals: By episode id.
        rates_hz: Frames per second by episode id; None where nothing tells.
        tasks: Task by episode id; empty where the data does not say.
        objects: Object by episode id; empty where nothing names one.
        consistency: Labels against signals.
    """

    dataset: str
    num_episodes: int
    labels: Labels
    taxonomy: Taxonomy
    proposals: Mapping[str, ShortProposal]
    rates_hz: Mapping[str, float | None]
    tasks: Mapping[str, str]
    objects: Mapping[str, str]
    consistency: DatasetConsistency = field(default_factory=DatasetConsistency)


@dataclass(frozen=True)
class QaReport:
    """What is said.

    Attributes:
        given: What it is made of.
        agreements: Pairs, and all together, on outcome, category and subcategory.
        frames: Pairs, on onset and obvious frame.
        why_no_agreement: A sentence where there are no two annotators; empty otherwise.
        retests: How far people agree with themselves.
        disagreements: Episodes about which annotators differ.
        annotators: Each of them.
        distribution: Of the labels that hold.
        confusions: Subcategories taken for each other.
        clusters: Of causes.
        taxonomies: Labels by taxonomy and version.
    """

    given: QaInput
    agreements: tuple[Agreement, ...]
    frames: tuple[FrameAgreement, ...]
    why_no_agreement: str
    retests: tuple[Retest, ...]
    disagreements: tuple[Disagreement, ...]
    annotators: tuple[AnnotatorReport, ...]
    distribution: Distribution
    confusions: tuple[Confusion, ...]
    clusters: tuple[Cluster, ...]
    taxonomies: Mapping[str, int]

    def kappa_with_others(self, annotator: str) -> float | None:
        """Mean of Cohen's kappa on the outcome with each other annotator, by episodes; None where none is known."""
        known = [
            (item.kappa.value, item.n)
            for item in self.agreements
            if item.field == "outcome" and item.coefficient == COHEN and annotator in item.raters
        ]
        counted = [(value, n) for value, n in known if value is not None]
        total = sum(n for _, n in counted)
        return sum(value * n for value, n in counted) / total if total else None

    @property
    def num_final(self) -> int:
        """Episodes with a label that holds."""
        return len(self.given.labels.final)


def qa_report(given: QaInput) -> QaReport:
    """Work everything out."""
    rows = given.labels.by_annotator
    usual = Counter(row.taxonomy for labels in rows.values() for row in labels)
    same = _of_one_taxonomy(rows, usual)
    scales = _scales(given.taxonomy)
    final = [given.labels.final[key] for key in sorted(given.labels.final)]
    around = Surroundings(rows, given.proposals, _categories(given.taxonomy), (scales[0], scales[1]), given.rates_hz)
    several = len(rows) > 1
    return QaReport(
        given,
        _agreements(rows, same, scales) if several else (),
        _frame_agreements(rows, given.rates_hz) if several else (),
        _why_no_agreement(list(rows)),
        retests(given.labels, (scales[0], scales[1]), given.rates_hz),
        disagreements(rows),
        tuple(annotator_report(name, around) for name in rows),
        distribution(final, lambda key: given.tasks.get(key, ""), lambda key: given.objects.get(key, "")),
        confusions(same, given.proposals),
        clusters(final),
        dict(usual.most_common()),
    )


def _scales(taxonomy: Taxonomy) -> tuple[Scale, Scale, Scale]:
    categories = tuple(category.id for category in taxonomy.categories)
    subcategories = tuple(item.id for category in taxonomy.categories for item in category.subcategories)
    return (
        Scale("outcome", tuple(outcome.value for outcome in Outcome), pair_target=OUTCOME_KAPPA),
        Scale("failure_category", categories, all_target=CATEGORY_KAPPA),
        Scale("failure_subcategory", subcategories),
    )


def _agreements(
    rows: Mapping[str, Sequence[LabelRow]], same: Mapping[str, Sequence[LabelRow]], scales: tuple[Scale, ...]
) -> tuple[Agreement, ...]:
    """Outcomes of everybody; categories of those who chose from the same taxonomy."""
    found: list[Agreement] = []
    for scale in scales:
        if scale.field == "outcome":
            ratings: Ratings = {name: outcomes_of(labels) for name, labels in rows.items()}
        else:
            ratings = {name: categories_of(labels, scale.field) for name, labels in same.items()}
        found += [together(ratings, scale), *pairs(ratings, scale)]
    return tuple(found)


def _frame_agreements(
    rows: Mapping[str, Sequence[LabelRow]], rates_hz: Mapping[str, float | None]
) -> tuple[FrameAgreement, ...]:
    return tuple(
        frame_agreement(name, (one, other), (frames_of(rows[one], name), frames_of(rows[other], name)), rates_hz)
        for name in FRAMES
        for one, other in combinations(sorted(rows), 2)
    )


def _of_one_taxonomy(rows: Mapping[str, Sequence[LabelRow]], usual: Counter[str]) -> dict[str, list[LabelRow]]:
    """Labels of the taxonomy that most of them have: ids of another version may mean something else."""
    most = usual.most_common(1)[0][0] if usual else ""
    return {name: [row for row in labels if row.taxonomy == most] for name, labels in rows.items()}


def _why_no_agreement(names: Sequence[str]) -> str:
    if not names:
        return "nobody has finished a label yet"
    if len(names) == 1:
        return f"only {names[0]} has labelled: nobody to agree with but the detectors"
    return ""


def _categories(taxonomy: Taxonomy) -> dict[str, str]:
    return {item.id: category.id for category in taxonomy.categories for item in category.subcategories}
