"""What the deciding keys do, stage by stage: in triage one key says it all and goes on."""

from failview.model.annotation import Outcome, Stage
from failview.session.session import Session


def accept(session: Session) -> None:
    """Enter: in triage the proposed outcome and the next episode, in detail the proposal, in review the decision."""
    if session.stage is Stage.REVIEW:
        session.finish_stage()
    elif session.stage is Stage.DETAIL:
        session.acceptance.accept()
    elif session.acceptance.accept_outcome():
        session.finish_stage()


def say_outcome(session: Session, outcome: Outcome) -> None:
    """Say how the episode ended; in triage this is all there is to say, unless the signals contradict it.

    Then the episode stays, so that the contradiction is seen while the label is made; the same key again keeps it.
    """
    opened = session.labelling.editable()
    if opened is None:
        return
    before = opened.annotation.outcome
    session.labelling.set_outcome(outcome)
    if session.stage is not Stage.TRIAGE:
        return
    if before is not outcome and session.contradictions.now:
        session.notice.emit("The signals say otherwise (Z). The same key again keeps it.")
    else:
        session.finish_stage()
