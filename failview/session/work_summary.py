"""What a stage came to, and what comes next."""

import shlex
from dataclasses import dataclass

from failview.model.annotation import Stage
from failview.session.session import Session
from failview.session.work.stage_rules import FAILED

_ONE = {Stage.TRIAGE: "stage_triage", Stage.DETAIL: "stage_detail", Stage.REVIEW: "stage_review"}


@dataclass(frozen=True)
class WorkSummary:
    """A stage of one annotator.

    Attributes:
        stage: The stage.
        done: Episodes of its queue that are done.
        due: Episodes of its queue.
        failures: Failures and partial successes among all labels of the annotator.
        next_stage: Another stage with something left; None when nothing is left.
        next_action: The action that goes on; empty when it is a command.
        next_command: The command that goes on.
    """

    stage: Stage
    done: int
    due: int
    failures: int
    next_stage: Stage | None
    next_action: str
    next_command: str

    @property
    def finished(self) -> bool:
        """Whether everything that is due is done, and there was something."""
        return 0 < self.due == self.done


def work_summary(session: Session) -> WorkSummary:
    """What the present stage came to so far."""
    place = session.queue.place
    labels = [known.work for known in session.board.known.values() if known.work is not None]
    dataset = shlex.quote(str(session.workplace.dataset.path))
    next_stage = next((stage for stage in Stage if stage is not session.stage and _is_left(session, stage)), None)
    command = f"failview qa {dataset}"
    if next_stage is not None:
        command = f"failview open {dataset} --stage {next_stage.value}"
    return WorkSummary(
        stage=session.stage,
        done=place.done,
        due=place.total,
        failures=sum(work.outcome in FAILED for work in labels),
        next_stage=next_stage,
        next_action=_ONE[next_stage] if next_stage is not None else "",
        next_command=command,
    )


def _is_left(session: Session, stage: Stage) -> bool:
    place = session.board.queue(stage).place
    return place.done < place.total
