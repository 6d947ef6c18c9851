"""The one thing that leads to the next episode, by stage and by what is known about the open one."""

from typing import NamedTuple

from failview.model.annotation import Outcome, Stage
from failview.model.detection import ProposedField
from failview.session.session import Session

_OUTCOMES = {Outcome.SUCCESS: "success", Outcome.PARTIAL_SUCCESS: "partial", Outcome.FAILURE: "failure"}


class NextStep(NamedTuple):
    """What leads on.

    Attributes:
        action_id: The action; empty while there is none.
        words: What it does; while there is none, what is missing.
        short: The same for less room.
    """

    action_id: str
    words: str
    short: str


_FINISH = NextStep("finish_stage", "Finish and next", "Finish")
_NOTHING = NextStep("", "Nothing to do", "Nothing")
_SAY = NextStep("", "Say how it ended", "Say how")
_READ_ONLY = NextStep("", "Read-only", "Read-only")


def next_step(session: Session) -> NextStep:
    """What the one button at the end does now."""
    opened = session.open_episode
    if not session.queue.place.total:
        return _NOTHING
    if session.labelling.read_only_reason:
        return _READ_ONLY
    if session.stage is Stage.REVIEW:
        word = "Uphold" if session.review.upholds else "Decide"
        return NextStep("accept", f"{word} and next", word)
    if session.stage is Stage.DETAIL or opened is None or opened.annotation.outcome is not None:
        return _FINISH
    findings = session.judging.of(opened.episode).findings
    proposed = None if findings is None else findings.proposal.get(ProposedField.OUTCOME)
    if proposed is None or proposed.value not in set(Outcome):
        return _SAY
    return NextStep("accept", f"Accept {_OUTCOMES[Outcome(str(proposed.value))]}, next", "Accept")
