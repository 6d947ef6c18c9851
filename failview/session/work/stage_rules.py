"""Which episodes a stage is for, when it is done with one, and in which order it takes them.

- Triage takes every episode. Those whose proposed outcome is ambiguous come first, then the least sure ones.
- Detail takes failures and partial successes; after them what nobody has triaged, so that one can work without triage.
- Review takes requests to look again, then labels that the detectors or another annotator contradict, then a sample.

Skipped episodes come last in every stage.
"""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from failview.model.annotation import Outcome, Stage, StageRecord
from failview.proposals.short_proposals import ShortProposal
from failview.quality.frame_agreement import CLOSE_FRAMES
from failview.settings.work_rules import WorkRules
from failview.sidecars.work_done import WorkDone

FAILED = (Outcome.FAILURE, Outcome.PARTIAL_SUCCESS)
"""Outcomes that want the detail stage."""

_NOT_DONE = StageRecord()


class ReviewReason(StrEnum):
    """Why a label is reviewed, the most urgent first."""

    ASKED = "asked to look again"
    DETECTORS = "the detectors disagree"
    ANNOTATORS = "annotators disagree"
    SAMPLE = "drawn for the sample"


@dataclass(frozen=True)
class KnownEpisode:
    """What is known about an episode without opening it.

    Attributes:
        index: Place in the dataset.
        work: This annotator's work on it; None when there is none.
        others: The work of other annotators.
        proposal: What the detectors propose; None when they have not judged it.
        drawn: Whether it is in the sample for review.
        blind: Whether its proposal is hidden.
    """

    index: int
    work: WorkDone | None = None
    others: Sequence[WorkDone] = field(default=())
    proposal: ShortProposal | None = None
    drawn: bool = False
    blind: bool = False

    def stage(self, stage: Stage) -> StageRecord:
        """This annotator's work in a stage."""
        return _NOT_DONE if self.work is None else self.work.stages.get(stage, _NOT_DONE)

    @property
    def label(self) -> WorkDone | None:
        """The label that a review is about: this annotator's when it is finished, else another's that is."""
        return next((work for work in self._works if is_labelled(work)), None)

    @property
    def is_finished(self) -> bool:
        """Whether anybody has finished any stage of it."""
        return any(done.finished_at for work in self._works for done in work.stages.values())

    @property
    def is_decided_by_another(self) -> bool:
        """Whether another annotator reviewed the label as it is now."""
        label = self.label
        reviewed = [work for work in self.others if work.finished_at(Stage.REVIEW)]
        return label is not None and any(work.saved_at >= label.saved_at for work in reviewed)

    @property
    def _works(self) -> tuple[WorkDone, ...]:
        return (*(() if self.work is None else (self.work,)), *self.others)


def is_labelled(work: WorkDone) -> bool:
    """Whether a label is ready for review, or under review: triage of a success, detail of anything else."""
    if Stage.REVIEW in work.stages:
        return True
    if work.outcome is None:
        return False
    if work.finished_at(Stage.DETAIL):
        return True
    return bool(work.finished_at(Stage.TRIAGE)) and work.outcome is Outcome.SUCCESS


def is_done(stage: Stage, known: KnownEpisode) -> bool:
    """Whether a stage is done with an episode. What was labelled in detail or reviewed needs no triage."""
    work = known.work
    if work is None:
        return False
    if stage is Stage.REVIEW:
        return bool(work.finished_at(stage)) and not work.re_review_due
    later = list(Stage)[list(Stage).index(stage) :]
    return any(work.finished_at(item) for item in later)


def is_due(stage: Stage, known: KnownEpisode) -> bool:
    """Whether a stage takes an episode: because it is to be done, or because it was done here."""
    if stage is Stage.TRIAGE:
        return True
    if stage is Stage.REVIEW:
        begun = known.work is not None and stage in known.work.stages
        reasons = review_reasons(known)
        return begun or ReviewReason.ASKED in reasons or (bool(reasons) and not known.is_decided_by_another)
    outcome = None if known.work is None else known.work.outcome
    return outcome in FAILED or bool(known.stage(stage).finished_at) or not is_done(Stage.TRIAGE, known)


def review_reasons(known: KnownEpisode) -> list[ReviewReason]:
    """Why a label should be reviewed, the most urgent reason first; empty when it need not be."""
    label = known.label
    asked = known.work is not None and known.work.re_review_due
    if label is None:
        return [ReviewReason.ASKED] if asked else []
    others = [work for work in known.others if work is not label and is_labelled(work)]
    checks = {
        ReviewReason.ASKED: asked,
        ReviewReason.DETECTORS: known.proposal is not None and _contradicts(label, known.proposal),
        ReviewReason.ANNOTATORS: any(_differs(label, work) for work in others),
        ReviewReason.SAMPLE: known.drawn,
    }
    return [reason for reason, holds in checks.items() if holds]


def order_key(stage: Stage, known: KnownEpisode, rules: WorkRules) -> tuple[float, ...]:
    """What the queue of a stage is sorted by; see the top of this file."""
    skipped = float(bool(known.stage(stage).put_off) and not is_done(stage, known))
    if stage is Stage.TRIAGE:
        return (skipped, *_triage_key(known, rules), known.index)
    if stage is Stage.DETAIL:
        outcome = None if known.work is None else known.work.outcome
        return (skipped, float(outcome not in FAILED), known.index)
    reasons = review_reasons(known)
    return (skipped, float(list(ReviewReason).index(reasons[0])) if reasons else len(ReviewReason), known.index)


def most_informative(known: Mapping[str, KnownEpisode], share: float) -> frozenset[str]:
    """The failures that teach most: of the rarest kinds, and where the detectors were least sure or wrong.

    Args:
        known: Every episode by id.
        share: How many of the failures, 0 to 1; at least one where there is any.
    """
    kinds = {key: kind for key, item in known.items() if (kind := _failure_kind(item)) is not None}
    if not kinds or share <= 0:
        return frozenset()
    counts: dict[str, int] = {}
    for kind in kinds.values():
        counts[kind] = counts.get(kind, 0) + 1
    rarity = {kind: 1.0 - count / len(kinds) for kind, count in counts.items()}
    ranked = [(-(rarity[kind] + _doubt(known[key], kind)), known[key].index, key) for key, kind in kinds.items()]
    first = heapq.nsmallest(max(1, round(share * len(kinds))), ranked)
    return frozenset(key for *_, key in first)


def _failure_kind(known: KnownEpisode) -> str | None:
    """What failed, by the label or else by the proposal; None for anything but a failure."""
    if known.work is not None and known.work.outcome is not None:
        return (known.work.subcategory or "") if known.work.outcome in FAILED else None
    proposal = known.proposal
    return (proposal.subcategory or "") if proposal is not None and proposal.outcome in FAILED else None


def _doubt(known: KnownEpisode, kind: str) -> float:
    """0 where the detectors are sure of what the label says, 1 where they say something else or nothing."""
    proposal = known.proposal
    if proposal is None or (proposal.subcategory or "") != kind:
        return 1.0
    return 1.0 - proposal.subcategory_confidence


def _triage_key(known: KnownEpisode, rules: WorkRules) -> tuple[float, float]:
    """(0 for the ambiguous ones, confidence); without a proposal none is known, and blind ones stand among the sure."""
    (low, high), proposal = rules.ambiguous, known.proposal
    if known.blind:
        return 1.0, rules.bulk_confidence
    if proposal is None:
        return 1.0, 0.0
    if low <= proposal.confidence <= high:
        return 0.0, abs(proposal.confidence - (low + high) / 2)
    return 1.0, proposal.confidence


def _contradicts(label: WorkDone, proposal: ShortProposal) -> bool:
    if label.outcome is not proposal.outcome:
        return True
    if label.outcome not in FAILED or proposal.subcategory is None:
        return False
    return label.subcategory != proposal.subcategory or _apart(label.onset_frame, proposal.onset_frame)


def _differs(one: WorkDone, other: WorkDone) -> bool:
    if one.outcome is not other.outcome or one.subcategory != other.subcategory:
        return True
    return _apart(one.onset_frame, other.onset_frame)


def _apart(one: int | None, other: int | None) -> bool:
    return one is not None and other is not None and abs(one - other) > CLOSE_FRAMES
