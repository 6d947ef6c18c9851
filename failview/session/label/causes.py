"""Why it failed, as a person says it: the causes, whose failure it was, whether it was preventable, and how bad."""

from collections.abc import Callable, Mapping

from failview.model.annotation import MANUAL, Attribution, Origin, Outcome, Provenance, Severity
from failview.model.detection import Detection, FieldProposal, ProposedField
from failview.session.desk.judging import Judging
from failview.session.desk.open_episode import OpenEpisode
from failview.session.label.acceptance import as_said
from failview.session.label.labelling import Labelling

CAUSE_FIELDS = ("proximal_cause", "distal_cause")
"""Fields that hold a cause of the taxonomy: the immediate event, and what lies behind it."""

CHOICES: Mapping[str, tuple[object, ...]] = {
    "attribution": (Attribution.ROBOT_FAILURE, Attribution.OPERATOR_ERROR, Attribution.AMBIGUOUS),
    "preventable": (True, False),
    "severity": tuple(Severity),
}
"""Fields of a few choices, in the order in which a key goes round."""

_NO_CAUSES = "A success has no causes. Press F or P first."


class Causes:
    """Changes the causes of the open episode. A success has none, and says so.

    Args:
        labelling: Knows the open episode and whether it may be changed.
        judging: Knows what is proposed.
        say: Takes one line for the person.
    """

    def __init__(self, labelling: Labelling, judging: Judging, say: Callable[[str], None]) -> None:
        self._labelling = labelling
        self._judging = judging
        self._say = say

    def failed_episode(self) -> OpenEpisode | None:
        """The open episode if something about its failure may be said; says why when it may not."""
        opened = self._labelling.editable()
        if opened is not None and opened.annotation.outcome is Outcome.SUCCESS:
            self._say(_NO_CAUSES)
            return None
        return opened

    def choose(self, field: str, value: object) -> None:
        """Say a field of the causes; None unsays it. What is chosen as it is proposed counts as accepted."""
        if opened := self.failed_episode():
            proposal = self.proposal(opened, field)
            agrees = proposal is not None and as_said(ProposedField(field), proposal.value) == value
            how = _accepted(proposal) if proposal is not None and agrees else MANUAL
            opened.draft.set_fields({field: value}, {field: how})

    def go_round(self, field: str) -> None:
        """Choose the next of CHOICES; the first stroke chooses what is proposed, where something is."""
        opened = self.failed_episode()
        if opened is None:
            return
        choices, now = CHOICES[field], getattr(opened.annotation, field)
        proposal = self.proposal(opened, field)
        if now is not None:
            self.choose(field, choices[(choices.index(now) + 1) % len(choices)])
        elif proposal is not None:
            self.choose(field, as_said(ProposedField(field), proposal.value))
        else:
            self.choose(field, choices[0])

    def proposal(self, opened: OpenEpisode, field: str) -> FieldProposal | None:
        """What is proposed for a field of an episode."""
        findings = self._judging.of(opened.episode).findings
        if findings is None or field not in set(ProposedField):
            return None
        found = findings.proposal.get(ProposedField(field))
        return None if found is None or found.value is None else found

    def tracking_events(self, opened: OpenEpisode) -> list[Detection]:
        """Where the hand was not where it was told to be: what bears on whose failure it was."""
        findings = self._judging.of(opened.episode).findings
        return [] if findings is None else [event for event in findings.detections if event.detector == "tracking"]


def _accepted(proposal: FieldProposal) -> Provenance:
    return Provenance(Origin.ACCEPTED, proposal.detector, proposal.confidence)
