"""The proposed annotation, from what all detectors found.

Outcome: the task's end decides. Reached without a failure on the way is a success, with one a partial success; not
reached is a failure. Category, subcategory, onset and obvious frame are those of the chosen failure (candidates.py).
Each field carries the chance that it is right: the detection's own for what it saw, multiplied by that of what else
must hold for it (a success needs the goal reached and no failure overlooked).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from failview.detectors.suggestion.attribution import attribution
from failview.detectors.suggestion.candidates import LIKELY, Candidate, candidates, primary
from failview.detectors.suggestion.facts import EpisodeFacts
from failview.detectors.suggestion.recovery import Recovery, recovery_after
from failview.model.annotation import Outcome, RecoveryOutcome
from failview.model.detection import Detection, FieldProposal, Proposal, ProposedField

_UNKNOWN_END = 0.5
_WEAK = 0.7
_SPOILS_THE_END = frozenset({"tipped_after_release"})
"""Failures after which the object does not stand where it should, whatever the gripper did right."""

_UNEXPLAINED = 0.4
"""Confidence in "another failure" when the goal was not reached and nothing else was seen."""

_ONSET = 0.9
"""Share of a subcategory's confidence: of ten onsets of a rightly named failure nine are within five frames."""


@dataclass(frozen=True)
class _Ending:
    """How the task ended."""

    reached: bool
    chance: float
    evidence: str

    @property
    def weak(self) -> bool:
        """Whether it rests on the gripper's story alone, which cannot see what became of the object."""
        return self.chance < _WEAK


def suggest(detections: Sequence[Detection], facts: EpisodeFacts) -> Proposal:
    """The proposed annotation of an episode; empty when no detector could tell anything."""
    if facts.num_frames == 0:
        return {}
    ending = _ending(detections)
    found = candidates(detections, facts)
    chosen = primary(found, facts.rate_hz)
    if ending is None and chosen is None and not facts.story_known:
        return {}
    ending = ending or _by_default(chosen)
    if chosen is not None and chosen.subcategory in _SPOILS_THE_END and chosen.confidence >= LIKELY and ending.weak:
        ending = _Ending(False, chosen.confidence, chosen.detection.evidence)
    failed = chosen is not None and (chosen.confidence >= LIKELY or not ending.reached)
    if not failed or chosen is None:
        return _success(ending, found) if ending.reached else _unexplained(ending, facts)
    return _failure(ending, chosen, detections, facts)


def _ending(detections: Sequence[Detection]) -> _Ending | None:
    for item in detections:
        if item.kind in {"task.reached", "task.not_reached"}:
            return _Ending(item.kind == "task.reached", item.confidence, item.evidence)
    return None


def _by_default(chosen: Candidate | None) -> _Ending:
    """No word on the goal: an episode in which nothing went wrong has probably ended well."""
    if chosen is not None and chosen.confidence >= LIKELY:
        return _Ending(False, _UNKNOWN_END, "nothing tells whether the goal was reached")
    return _Ending(True, _UNKNOWN_END, "nothing tells whether the goal was reached, and nothing went wrong")


def _success(ending: _Ending, found: Sequence[Candidate]) -> Proposal:
    overlooked = max((item.confidence for item in found), default=0.0)
    chance = ending.chance * (1.0 - overlooked)
    why = f"{ending.evidence}; no failure seen on the way"
    return {
        ProposedField.OUTCOME: FieldProposal(Outcome.SUCCESS.value, chance, why, "task_success"),
        ProposedField.CATEGORY: FieldProposal(None, chance, why, "task_success"),
        ProposedField.SUBCATEGORY: FieldProposal(None, chance, why, "task_success"),
    }


def _unexplained(ending: _Ending, facts: EpisodeFacts) -> Proposal:
    """The goal was not reached, and no detector saw why."""
    category = "placement" if facts.released else "grasp" if facts.grasps else "planning"
    why = f"{ending.evidence}; nothing else was seen to go wrong"
    chance = _UNEXPLAINED * ending.chance
    return {
        ProposedField.OUTCOME: FieldProposal(Outcome.FAILURE.value, ending.chance, ending.evidence, "task_success"),
        ProposedField.CATEGORY: FieldProposal(category, chance, why, "suggestion"),
        ProposedField.SUBCATEGORY: FieldProposal(f"other_{category}", chance, why, "suggestion"),
    }


def _failure(ending: _Ending, chosen: Candidate, detections: Sequence[Detection], facts: EpisodeFacts) -> Proposal:
    event, last = chosen.detection, facts.num_frames - 1
    onset = min(event.start_frame, last)
    obvious = min(max(onset, event.end_frame if event.obvious_frame is None else event.obvious_frame), last)
    outcome = Outcome.PARTIAL_SUCCESS if ending.reached else Outcome.FAILURE
    chance = ending.chance * (chosen.confidence if ending.reached else 1.0)
    told = f"{event.evidence}; {ending.evidence}"
    named = chosen.confidence
    proposal = {
        ProposedField.OUTCOME: FieldProposal(outcome.value, chance, told, event.detector),
        ProposedField.CATEGORY: FieldProposal(chosen.category, named, event.evidence, event.detector),
        ProposedField.SUBCATEGORY: FieldProposal(chosen.subcategory, named, event.evidence, event.detector),
        ProposedField.ONSET: FieldProposal(onset, _ONSET * named, event.evidence, event.detector),
        ProposedField.OBVIOUS: FieldProposal(obvious, _ONSET * named, event.evidence, event.detector),
    }
    again = recovery_after(onset, facts, reached=ending.reached) if facts.story_known else None
    if facts.story_known:
        proposal |= _recovery(again, named)
    whose = attribution(chosen, detections, facts)
    return proposal | ({} if whose is None else {ProposedField.ATTRIBUTION: whose})


def _recovery(again: Recovery | None, chance: float) -> Proposal:
    if again is None:
        why = "the fingers did not close again afterwards"
        return {
            ProposedField.RECOVERY_ATTEMPTED: FieldProposal(False, chance, why, "grasp"),
            ProposedField.RECOVERY_OUTCOME: FieldProposal(RecoveryOutcome.NO_ATTEMPT.value, chance, why, "grasp"),
        }
    why = again.evidence
    return {
        ProposedField.RECOVERY_ATTEMPTED: FieldProposal(True, chance, why, "grasp"),
        ProposedField.RECOVERY_START: FieldProposal(again.start_frame, _ONSET * chance, why, "grasp"),
        ProposedField.RECOVERY_END: FieldProposal(again.end_frame, _ONSET * chance, why, "grasp"),
        ProposedField.RECOVERY_OUTCOME: FieldProposal(again.outcome.value, chance, why, "grasp"),
    }
