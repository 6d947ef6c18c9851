"""Taking over what the detectors propose, with one key."""

from collections.abc import Callable

from failview.model.annotation import Annotation, Attribution, Origin, Outcome, Provenance, RecoveryOutcome
from failview.model.detection import FieldValue, Proposal, ProposedField
from failview.model.taxonomy import Taxonomy
from failview.session.desk.draft import FAILURE_FIELDS
from failview.session.desk.judging import Judging, JudgingState
from failview.session.desk.open_episode import OpenEpisode
from failview.session.label.labelling import Labelling

_DECIDING = (ProposedField.OUTCOME, ProposedField.CATEGORY, ProposedField.SUBCATEGORY)
"""Fields that a proposal stands or falls with."""

_NOTHING = {
    JudgingState.JUDGING: "The detectors are still judging.",
    JudgingState.HIDDEN: "This episode is blind: say yourself how it ended.",
}

_OF_DETECTORS = frozenset({Origin.PROPOSED, Origin.ACCEPTED})
_BLANK = Annotation()
_KINDS: dict[ProposedField, Callable[[str], object]] = {
    ProposedField.OUTCOME: Outcome,
    ProposedField.RECOVERY_OUTCOME: RecoveryOutcome,
    ProposedField.ATTRIBUTION: Attribution,
}


class Acceptance:
    """Takes over the proposal for the open episode. What was said by hand stays.

    Args:
        taxonomy: Vocabulary in use.
        labelling: Knows the open episode and whether it may be changed.
        judging: Knows the proposal.
        say: Takes one line for the person.
    """

    def __init__(self, taxonomy: Taxonomy, labelling: Labelling, judging: Judging, say: Callable[[str], None]) -> None:
        self._taxonomy = taxonomy
        self._labelling = labelling
        self._judging = judging
        self._say = say

    def accept(self) -> None:
        """Take the proposal over, in one step that undo takes back; say why when it cannot be."""
        opened = self._labelling.editable()
        proposal = None if opened is None else self._acceptable(opened)
        if opened is None or proposal is None:
            return
        before = opened.annotation
        left = {field: item for field, item in proposal.items() if not _is_by_hand(before, field.value)}
        how = {field.value: Provenance(Origin.ACCEPTED, item.detector, item.confidence) for field, item in left.items()}
        if proposal[ProposedField.OUTCOME].value == Outcome.SUCCESS.value:
            opened.draft.set_outcome(Outcome.SUCCESS, how.get("outcome"))
        else:
            opened.draft.set_fields({field.value: as_said(field, item.value) for field, item in left.items()}, how)
        self._labelling.choose_again()
        if opened.annotation == before:
            self._say("Everything proposed is in the label already.")

    def accept_outcome(self) -> bool:
        """Take over the proposed outcome and nothing else; False, with the reason said, when it cannot be."""
        opened = self._labelling.editable()
        proposal = None if opened is None else self._acceptable(opened)
        if opened is None or proposal is None:
            return False
        item = proposal[ProposedField.OUTCOME]
        if not _is_by_hand(opened.annotation, "outcome"):
            opened.draft.set_outcome(
                Outcome(str(item.value)), Provenance(Origin.ACCEPTED, item.detector, item.confidence)
            )
        return True

    def _acceptable(self, opened: OpenEpisode) -> Proposal | None:
        """The proposal for an episode; None, with the reason said, when there is none or the label contradicts it."""
        judgement = self._judging.of(opened.episode)
        proposal = {} if judgement.findings is None else self._known(judgement.findings.proposal)
        if ProposedField.OUTCOME not in proposal:
            self._say(_NOTHING.get(judgement.state, "Nothing is proposed here."))
            return None
        against = contradicting(opened.annotation, proposal)
        if against:
            self._say(f"Your {_title(against[0])} differs from the proposal: yours stays. Undo it to accept.")
            return None
        return proposal

    def _known(self, proposal: Proposal) -> Proposal:
        """Without a category that the vocabulary in use does not have."""
        category = proposal.get(ProposedField.CATEGORY)
        subcategory = proposal.get(ProposedField.SUBCATEGORY)
        if category is None or category.value is None:
            return proposal
        found = self._taxonomy.category(str(category.value))
        unknown = set() if found else {ProposedField.CATEGORY}
        if subcategory is not None and (found is None or found.subcategory(str(subcategory.value)) is None):
            unknown.add(ProposedField.SUBCATEGORY)
        return {field: item for field, item in proposal.items() if field not in unknown}


def _title(field: str) -> str:
    return field.removeprefix("failure_").replace("_", " ")


def as_said(field: ProposedField, value: FieldValue) -> object:
    """A proposed value as the annotation holds it."""
    kind = _KINDS.get(field)
    return kind(str(value)) if kind is not None and value is not None else value


def contradicting(annotation: Annotation, proposal: Proposal) -> list[str]:
    """Deciding fields that were said by hand and differ from the proposal; for a success, all that it would clear."""
    against = [
        field.value
        for field in _DECIDING
        if field in proposal
        and _is_by_hand(annotation, field.value)
        and getattr(annotation, field.value) != as_said(field, proposal[field].value)
    ]
    outcome = proposal.get(ProposedField.OUTCOME)
    if outcome is not None and outcome.value == Outcome.SUCCESS.value:
        against += [name for name in FAILURE_FIELDS if name not in against and _is_by_hand(annotation, name)]
    return against


def is_accepted(annotation: Annotation, proposal: Proposal) -> bool:
    """Whether the label says all that is proposed."""
    return bool(proposal) and all(
        getattr(annotation, field.value) == as_said(field, item.value) for field, item in proposal.items()
    )


def _is_by_hand(annotation: Annotation, field: str) -> bool:
    """Whether a person said it; what came with a label that does not tell how counts as said."""
    provenance = annotation.provenance.get(field)
    if provenance is None:
        return bool(getattr(annotation, field) != getattr(_BLANK, field))
    return provenance.origin not in _OF_DETECTORS
