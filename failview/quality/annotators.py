"""What can be said about each annotator: agreement with the detectors, pace, drift, what is overridden."""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from failview.model.annotation import Origin, Stage
from failview.proposals.short_proposals import ShortProposal
from failview.quality.agreement import Agreement, Scale, pair
from failview.quality.drift import Drift, drift
from failview.quality.estimate import Estimate, of_mean
from failview.quality.frame_agreement import FrameAgreement, frame_agreement
from failview.quality.label_row import LabelRow
from failview.quality.labels import FAILED

DETECTORS = "detectors"
MOST_DISAGREEMENT = 0.25
"""Share of labels that differ from the proposals, above which somebody should look why."""

_NO_PROPOSAL = "no label of an episode with a proposal"


@dataclass(frozen=True)
class Override:
    """What became of the proposals for one field.

    Attributes:
        field: Field of the annotation.
        kept: Proposals that were accepted.
        changed: Proposals that were changed.
        manual: Values that were entered where nothing was proposed.
    """

    field: str
    kept: int
    changed: int
    manual: int

    @property
    def rate(self) -> float | None:
        """Share of the proposals that were changed; None where there was none."""
        return self.changed / (self.kept + self.changed) if self.kept + self.changed else None


@dataclass(frozen=True)
class AnnotatorReport:
    """One annotator.

    Attributes:
        annotator: Who.
        labels: Labels with a decided outcome.
        stages: Labels and median active seconds per stage that was finished.
        outcome: Agreement with the detectors on the outcome.
        category: Agreement with them on the category, where both call it a failure.
        onset: How far the onset is from the proposed one.
        disagreement: Share of labels whose outcome or subcategory is another than proposed.
        blind_disagreement: The same among labels that were made without seeing a proposal: what proposals talk into.
        drifts: Over the order of work.
        overrides: By field.
    """

    annotator: str
    labels: int
    stages: Mapping[Stage, tuple[int, float | None]]
    outcome: Agreement
    category: Agreement
    onset: FrameAgreement
    disagreement: Estimate
    blind_disagreement: Estimate
    drifts: tuple[Drift, ...]
    overrides: tuple[Override, ...]

    @property
    def disagrees_much(self) -> bool:
        """Whether more labels differ from the proposals than is usual."""
        return self.disagreement.value is not None and self.disagreement.value > MOST_DISAGREEMENT


@dataclass(frozen=True)
class Surroundings:
    """What one annotator is compared with.

    Attributes:
        rows: Labels by annotator.
        proposals: By episode id.
        categories: Category by subcategory.
        scales: Of outcome and category.
        rates_hz: Frames per second by episode id.
    """

    rows: Mapping[str, Sequence[LabelRow]]
    proposals: Mapping[str, ShortProposal]
    categories: Mapping[str, str]
    scales: tuple[Scale, Scale]
    rates_hz: Mapping[str, float | None]


def annotator_report(annotator: str, around: Surroundings) -> AnnotatorReport:
    """Everything about one annotator."""
    rows = around.rows[annotator]
    apart = _apart_from_proposals(rows, around)
    blind = {row.episode_id for row in rows if row.is_blind}
    proposed = {row.episode_id: around.proposals[row.episode_id] for row in rows if row.episode_id in around.proposals}
    outcomes = {
        annotator: outcomes_of(rows),
        DETECTORS: {key: proposal.outcome.value for key, proposal in proposed.items()},
    }
    theirs = {key: around.categories.get(item.subcategory or "", "") for key, item in proposed.items()}
    categories = {annotator: categories_of(rows), DETECTORS: {key: name for key, name in theirs.items() if name}}
    onsets = {key: item.onset_frame for key, item in proposed.items() if item.onset_frame is not None}
    who = (annotator, DETECTORS)
    return AnnotatorReport(
        annotator,
        len(rows),
        {stage: _pace(rows, stage) for stage in Stage},
        pair(outcomes, _without_target(around.scales[0]), who),
        pair(categories, _without_target(around.scales[1]), who),
        frame_agreement("failure_onset_frame", who, (frames_of(rows, "failure_onset_frame"), onsets), around.rates_hz),
        _share(apart.values(), _NO_PROPOSAL),
        _share([value for key, value in apart.items() if key in blind], "no label was made blind"),
        (drift(DETECTORS, rows, apart), drift("other annotators", rows, _apart_from_others(annotator, around))),
        _overrides(rows),
    )


def outcomes_of(rows: Sequence[LabelRow]) -> dict[str, str]:
    """Outcome by episode id, as each annotator alone said it."""
    return {row.episode_id: str(row.said("outcome")) for row in rows if row.said("outcome") is not None}


def categories_of(rows: Sequence[LabelRow], name: str = "failure_category") -> dict[str, str]:
    """Category (or another such field) of finished failures by episode id.

    Who did not call an episode a failure has no category for it: it counts where both did.
    """
    failed = [row for row in rows if row.is_finished and str(row.said("outcome")) in FAILED]
    return {row.episode_id: str(row.said(name)) for row in failed if row.said(name) is not None}


def frames_of(rows: Sequence[LabelRow], name: str) -> dict[str, int]:
    """Marked frame of finished failures by episode id."""
    return {row.episode_id: value for row in rows if row.is_finished and isinstance(value := row.said(name), int)}


def differ(one: tuple[str, str | None], other: tuple[str, str | None]) -> bool:
    """Whether two labels (outcome, subcategory) differ; a subcategory that one leaves open differs from none."""
    if one[0] != other[0]:
        return True
    return None not in {one[1], other[1]} and one[1] != other[1]


def said_of(row: LabelRow) -> tuple[str, str | None]:
    """(outcome, subcategory) as the annotator alone said them."""
    subcategory = row.said("failure_subcategory")
    return str(row.said("outcome")), None if subcategory is None else str(subcategory)


def _apart_from_proposals(rows: Sequence[LabelRow], around: Surroundings) -> dict[str, bool]:
    """Accepted in bulk is not looked at, and says nothing about the annotator."""
    found = {}
    for row in rows:
        proposal = around.proposals.get(row.episode_id)
        if proposal is not None and not row.is_in_bulk:
            found[row.episode_id] = differ(said_of(row), (proposal.outcome.value, proposal.subcategory))
    return found


def _apart_from_others(annotator: str, around: Surroundings) -> dict[str, bool]:
    """Whether a label differs from those of most others on the same episode."""
    others: dict[str, list[tuple[str, str | None]]] = {}
    for name, rows in around.rows.items():
        for row in rows if name != annotator else ():
            others.setdefault(row.episode_id, []).append(said_of(row))
    found = {}
    for row in around.rows[annotator]:
        said = others.get(row.episode_id)
        if said:
            apart = sum(differ(said_of(row), other) for other in said)
            found[row.episode_id] = apart * 2 > len(said)
    return found


def _pace(rows: Sequence[LabelRow], stage: Stage) -> tuple[int, float | None]:
    done = [row.stages[stage] for row in rows if stage in row.finished_stages]
    times = [work.active_s for work in done if work.active_s > 0]
    return len(done), statistics.median(times) if times else None


def _share(flags: Iterable[bool], why_none: str) -> Estimate:
    return of_mean(np.array([float(flag) for flag in flags]), why_none)


def _overrides(rows: Sequence[LabelRow]) -> tuple[Override, ...]:
    counts: dict[str, Counter[Origin]] = {}
    for row in rows:
        for name, origin in row.origins.items():
            counts.setdefault(name, Counter())[origin] += 1
    order = {name: number for number, name in enumerate(_FIELDS)}
    names = sorted(counts, key=lambda name: (order.get(name, len(order)), name))
    return tuple(
        Override(name, count[Origin.ACCEPTED] + count[Origin.PROPOSED], count[Origin.CHANGED], count[Origin.MANUAL])
        for name in names
        for count in [counts[name]]
    )


_FIELDS = (
    "outcome",
    "failure_category",
    "failure_subcategory",
    "failure_onset_frame",
    "failure_obvious_frame",
    "recovery_attempted",
    "recovery_start_frame",
    "recovery_end_frame",
    "recovery_outcome",
    "attribution",
)


def _without_target(scale: Scale) -> Scale:
    return Scale(scale.field, scale.classes)
