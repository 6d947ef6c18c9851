"""What a stage came to, and what comes next."""

import shlex
from dataclasses import dataclass

from failview.model.annotation import Outcome, Stage
from failview.session.session import Session

_ONE = {Stage.TRIAGE: "stage_triage", Stage.DETAIL: "stage_detail", Stage.REVIEW: "stage_review"}


@dataclass(frozen=True)
class WorkSummary:
    """A stage of one annotator.

    Attributes:
        stage: The stage.
        done: Episodes of its queue that are done.
        due: Episodes of its queue.
        failures: Failures among all labels of the annotator.
        partial: Partial successes among them.
        next_stage: Another stage with something left; None when nothing is left.
        next_action: The action that goes to that stage; empty when there is none.
        next_command: The command that checks it all.
    """

    stage: Stage
    done: int
    due: int
    failures: int
    partial: int
    next_stage: Stage | None
    next_action: str
    next_command: str

    @property
    def finished(self) -> bool:
        """Whether everything that is due is done, and there was something."""
        return 0 < self.due == self.done

    @property
    def names_command(self) -> bool:
        """Whether the way on is a command: after the last stage, and after a review, whatever else is left."""
        return self.next_stage is None or (self.stage is Stage.REVIEW and self.finished)

    @property
    def words(self) -> str:
        """How many episodes it was, and what they came to; a review is of a few, and says nothing of them all."""
        said = [f"{self.done} of {self.due} episode{'' if self.due == 1 else 's'}"]
        if self.stage is not Stage.REVIEW:
            said.append(f"{self.failures} failure{'' if self.failures == 1 else 's'}")
            if self.partial:
                said.append(f"{self.partial} partial success{'' if self.partial == 1 else 'es'}")
        return f"{', '.join(said)}."


def work_summary(session: Session) -> WorkSummary:
    """What the present stage came to so far."""
    place = session.queue.place
    labels = [known.work for known in session.board.known.values() if known.work is not None]
    dataset = shlex.quote(str(session.workplace.dataset.path))
    next_stage = next((stage for stage in Stage if stage is not session.stage and _is_left(session, stage)), None)
    return WorkSummary(
        stage=session.stage,
        done=place.done,
        due=place.total,
        failures=sum(work.outcome is Outcome.FAILURE for work in labels),
        partial=sum(work.outcome is Outcome.PARTIAL_SUCCESS for work in labels),
        next_stage=next_stage,
        next_action=_ONE[next_stage] if next_stage is not None else "",
        next_command=f"failview qa {dataset}",
    )


def _is_left(session: Session, stage: Stage) -> bool:
    place = session.board.queue(stage).place
    return place.done < place.total
