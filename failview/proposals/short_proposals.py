"""What is proposed for every episode of a dataset, in short: enough to put them in order."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from failview.model.annotation import Outcome
from failview.model.detection import Proposal, ProposedField
from failview.proposals.array_archive import DAMAGED
from failview.proposals.findings_file import read_findings
from failview.proposals.findings_json import kept_findings
from failview.proposals.judged_episodes import findings_files
from failview.sidecars.location import SidecarLocation
from failview.sidecars.migration_run import Progress
from failview.sidecars.work_done import Remembered

REMEMBERED_AS = "proposals in short 1"
"""Kind of what is remembered between runs; another number when `ShortProposal` changes."""


@dataclass(frozen=True)
class ShortProposal:
    """The deciding fields of a proposal.

    Attributes:
        outcome: How the episode ended.
        confidence: Of the outcome, 0 to 1.
        subcategory: What failed; None for a success, or when it cannot be told.
        subcategory_confidence: Of the subcategory, 0 to 1; 0 when there is none.
        onset_frame: First frame of the failure, where it is proposed.
    """

    outcome: Outcome
    confidence: float
    subcategory: str | None = None
    subcategory_confidence: float = 0.0
    onset_frame: int | None = None


def in_short(proposal: Proposal) -> ShortProposal | None:
    """A proposal in short; None when it does not say how the episode ended."""
    outcome = proposal.get(ProposedField.OUTCOME)
    if outcome is None or outcome.value not in set(Outcome):
        return None
    subcategory, onset = proposal.get(ProposedField.SUBCATEGORY), proposal.get(ProposedField.ONSET)
    said = None if subcategory is None or subcategory.value is None else str(subcategory.value)
    frame = None if onset is None or type(onset.value) is not int else onset.value
    confidence = 0.0 if subcategory is None or said is None else subcategory.confidence
    return ShortProposal(Outcome(str(outcome.value)), outcome.confidence, said, confidence, frame)


def short_proposals(
    location: SidecarLocation, episode_ids: Iterable[str], remembered: Remembered, progress: Progress[str]
) -> dict[str, ShortProposal]:
    """What was proposed for each episode when it was judged last; whether that still holds is found out when it opens.

    Args:
        location: Where the findings lie, beside the sidecars.
        episode_ids: The episodes.
        remembered: From an earlier run; gets what is found now.
        progress: Goes through a list and shows how far it is.

    Raises:
        failview.errors.SidecarError: A folder cannot be listed.
    """
    files = findings_files(location, episode_ids)
    found: dict[str, ShortProposal] = {}
    for episode_id in progress([*files], "reading proposals"):
        for file in files[episode_id]:
            known = remembered.get(file)
            plain = _to_json(_read(file)) if known is None else known
            remembered.put(file, plain)
            proposal = _from_json(plain)
            if proposal is not None:
                found[episode_id] = proposal
                break
    remembered.save()
    return found


def _read(file: Path) -> ShortProposal | None:
    found = read_findings(file)
    if found is None:
        return None
    try:
        return in_short(kept_findings(found[1]).proposal)
    except DAMAGED:
        return None


def _to_json(proposal: ShortProposal | None) -> list[Any]:
    if proposal is None:
        return []
    return [
        proposal.outcome.value,
        proposal.confidence,
        proposal.subcategory,
        proposal.subcategory_confidence,
        proposal.onset_frame,
    ]


def _from_json(plain: Any) -> ShortProposal | None:
    match plain:
        case [str(outcome), float(sure) | int(sure), str() | None as kind, float(kind_sure) | int(kind_sure), onset]:
            if outcome in set(Outcome) and (onset is None or isinstance(onset, int)):
                return ShortProposal(Outcome(outcome), float(sure), kind, float(kind_sure), onset)
    return None
