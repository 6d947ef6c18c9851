"""How far an annotator is: what is due, done and left per stage, how long it takes, what was found so far."""

import statistics
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from failview.model.annotation import Outcome, Stage
from failview.session.work.stage_rules import FAILED, is_done, is_due
from failview.session.work.work_board import WorkBoard
from failview.sidecars.work_done import WorkDone

PACE_EPISODES = 20
"""The estimate follows the last episodes: people get faster, and tired."""

PACE_KNOWN_FROM = 3
"""Fewer episodes tell nothing about the next ones."""


@dataclass(frozen=True)
class StageProgress:
    """One stage of one annotator.

    Attributes:
        due: Episodes that the stage is for, as far as is known now.
        done: Of these, finished.
        median_s: Median of the active seconds of those done, idle time not counted; None while no time is known.
        mean_s: Their mean.
        estimated_left_s: Seconds of work left; None when too few episodes were timed to tell.
    """

    due: int
    done: int
    median_s: float | None
    mean_s: float | None
    estimated_left_s: float | None

    @property
    def left(self) -> int:
        """Episodes still to do."""
        return self.due - self.done


@dataclass(frozen=True)
class WorkProgress:
    """The work of one annotator on one dataset.

    Attributes:
        annotator: Who.
        stages: Every stage.
        outcomes: Episodes by outcome, as said so far.
        subcategories: Failures and partial successes by subcategory, most first; "" where none is said yet.
        re_reviews_due: Labels to look at again.
        begun: Episodes with a sidecar in which no stage is finished.
        without_sidecar: Episodes without a sidecar of this annotator that can be read.
    """

    annotator: str
    stages: Mapping[Stage, StageProgress]
    outcomes: Mapping[Outcome, int]
    subcategories: Mapping[str, int]
    re_reviews_due: int
    begun: int
    without_sidecar: int

    @property
    def failure_rate(self) -> float | None:
        """Share of failures among the episodes whose outcome is said, 0 to 1; None while there is none."""
        labelled = sum(self.outcomes.values())
        return self.outcomes[Outcome.FAILURE] / labelled if labelled else None

    @property
    def next_stage(self) -> Stage | None:
        """The first stage in which something is left; None when everything is done."""
        return next((stage for stage in Stage if self.stages[stage].left), None)


def progress_of(annotator: str, board: WorkBoard) -> WorkProgress:
    """How far an annotator is.

    Triage is due for every episode, detail for failures and partial successes, review as `stage_rules` says.

    Args:
        annotator: Who.
        board: Everything that is known, of this annotator.
    """
    known = board.known.values()
    works = [item.work for item in known if item.work is not None]
    failed = [work for work in works if work.outcome in FAILED]
    review = [item for item in known if is_due(Stage.REVIEW, item)]
    reviewed = [item.work for item in review if item.work is not None and is_done(Stage.REVIEW, item)]
    num_detailed = sum(
        is_done(Stage.DETAIL, item) for item in known if item.work is not None and item.work.outcome in FAILED
    )
    num_triaged = sum(is_done(Stage.TRIAGE, item) for item in known)
    subcategories = Counter(work.subcategory or "" for work in failed)
    return WorkProgress(
        annotator=annotator,
        stages={
            Stage.TRIAGE: _stage_progress(Stage.TRIAGE, len(known), num_triaged, works),
            Stage.DETAIL: _stage_progress(Stage.DETAIL, len(failed), num_detailed, failed),
            Stage.REVIEW: _stage_progress(Stage.REVIEW, len(review), len(reviewed), reviewed),
        },
        outcomes={outcome: sum(work.outcome is outcome for work in works) for outcome in Outcome},
        subcategories=dict(sorted(subcategories.items(), key=lambda item: (-item[1], item[0]))),
        re_reviews_due=sum(work.re_review_due for work in works),
        begun=sum(not any(work.finished_at(stage) for stage in Stage) for work in works),
        without_sidecar=len(known) - len(works),
    )


def _finished(works: Collection[WorkDone], stage: Stage) -> list[WorkDone]:
    """Works whose stage is finished, in the order in which it was; times sort as text."""
    done = [(finished_at, work) for work in works if (finished_at := work.finished_at(stage))]
    return [work for _, work in sorted(done, key=lambda item: item[0])]


def _stage_progress(stage: Stage, due: int, num_done: int, works: Collection[WorkDone]) -> StageProgress:
    # No time is kept of labels that were imported, accepted in bulk, or finished by a later stage: they say nothing
    # about the pace.
    times_s = [work.stages[stage].active_s for work in _finished(works, stage) if work.stages[stage].active_s > 0]
    left = due - num_done
    estimated_left_s = None
    if left == 0:
        estimated_left_s = 0.0
    elif len(times_s) >= PACE_KNOWN_FROM:
        estimated_left_s = statistics.median(times_s[-PACE_EPISODES:]) * left
    return StageProgress(
        due=due,
        done=num_done,
        median_s=statistics.median(times_s) if times_s else None,
        mean_s=statistics.fmean(times_s) if times_s else None,
        estimated_left_s=estimated_left_s,
    )
