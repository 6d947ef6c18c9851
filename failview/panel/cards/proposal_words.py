"""What is proposed, in the words of the panel."""

from collections.abc import Mapping

from failview.model.annotation import Outcome, RecoveryOutcome
from failview.model.detection import EpisodeFindings, FieldProposal, Proposal, ProposedField
from failview.model.taxonomy import Taxonomy
from failview.panel.look.evidence_words import clauses, frame_link
from failview.session.desk.event_words import DETECTOR_TITLES, confidence_words

_OUTCOMES = {
    Outcome.SUCCESS.value: ("Success", "green"),
    Outcome.PARTIAL_SUCCESS.value: ("Partial success", "amber"),
    Outcome.FAILURE.value: ("Failure", "red"),
}
_RECOVERIES = {
    RecoveryOutcome.RECOVERED.value: "recovered",
    RecoveryOutcome.FAILED_RECOVERY.value: "failed recovery",
    RecoveryOutcome.NO_ATTEMPT.value: "no recovery",
}
_ATTRIBUTIONS = {"operator_error": "operator", "robot_failure": "robot", "ambiguous": "operator or robot"}

_UNBROKEN = "&nbsp;"

_TITLES: Mapping[ProposedField, str] = {
    ProposedField.SUBCATEGORY: "What failed",
    ProposedField.OUTCOME: "Outcome",
    ProposedField.ONSET: "Onset",
    ProposedField.RECOVERY_OUTCOME: "Recovery",
    ProposedField.ATTRIBUTION: "Attribution",
}
"""Fields whose evidence is worth a line; the others share that of one of these."""


def path_words(proposal: Proposal, taxonomy: Taxonomy) -> tuple[list[str], str]:
    """Outcome, category and subcategory as people call them, and the hue of the outcome."""
    outcome = str(proposal[ProposedField.OUTCOME].value)
    title, hue = _OUTCOMES.get(outcome, (outcome, "text"))
    words = [title]
    category_id = _value(proposal, ProposedField.CATEGORY)
    category = taxonomy.category(category_id)
    if category_id:
        words.append(category_id if category is None else category.name)
    if subcategory_id := _value(proposal, ProposedField.SUBCATEGORY):
        found = None if category is None else category.subcategory(subcategory_id)
        words.append(subcategory_id if found is None else found.name)
    return words, hue


def chance(proposal: Proposal) -> float:
    """The chance that all of the path is right: that of its least certain part."""
    deciding = (ProposedField.OUTCOME, ProposedField.CATEGORY, ProposedField.SUBCATEGORY)
    return min(proposal[field].confidence for field in deciding if field in proposal)


def main_evidence(proposal: Proposal) -> str:
    """The reason for what the path ends with."""
    named = proposal.get(ProposedField.SUBCATEGORY)
    return (proposal[ProposedField.OUTCOME] if named is None else named).evidence


def frames_words(proposal: Proposal, colour: str) -> str:
    """Rich text: the proposed frames as links with their confidence, the recovery, and who caused it."""
    parts = []
    for field, title in ((ProposedField.ONSET, "onset"), (ProposedField.OBVIOUS, "obvious")):
        if (item := proposal.get(field)) is not None and isinstance(item.value, int):
            parts.append((title, frame_link(item.value, colour), _sure(item)))
    if (recovery := proposal.get(ProposedField.RECOVERY_OUTCOME)) is not None:
        ends = [proposal.get(field) for field in (ProposedField.RECOVERY_START, ProposedField.RECOVERY_END)]
        frames = [frame_link(item.value, colour) for item in ends if item is not None and isinstance(item.value, int)]
        said = _RECOVERIES.get(str(recovery.value), str(recovery.value))
        parts.append((said, "–".join(frames), _sure(recovery)))
    if (whose := proposal.get(ProposedField.ATTRIBUTION)) is not None:
        parts.append((_ATTRIBUTIONS.get(str(whose.value), str(whose.value)), "", _sure(whose)))
    return " · ".join(_UNBROKEN.join(filter(None, part)) for part in parts)


def all_evidence(proposal: Proposal) -> list[tuple[str, str, str]]:
    """Title, confidence and evidence of the fields; no clause is told twice."""
    told: set[str] = set()
    found = []
    for field, title in _TITLES.items():
        item = proposal.get(field)
        if item is None or (field is ProposedField.SUBCATEGORY and item.value is None):
            continue
        news = [clause for clause in clauses(item.evidence) if clause not in told]
        told.update(news)
        if news:
            found.append((title, confidence_words(item.confidence), "; ".join(news)))
    return found


def not_judged_words(findings: EpisodeFindings) -> list[tuple[str, str]]:
    """Short names of the detectors that could not judge, with the reason."""
    return [(DETECTOR_TITLES.get(name, name), reason) for name, reason in findings.not_judged.items()]


def _value(proposal: Proposal, field: ProposedField) -> str:
    item = proposal.get(field)
    return "" if item is None or item.value is None else str(item.value)


def _sure(item: FieldProposal) -> str:
    return f"({confidence_words(item.confidence)})"
