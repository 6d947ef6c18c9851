"""How far an annotator is, from the work in the sidecars."""

from collections.abc import Mapping, Sequence

import pytest

from failview.loaders.dataset import EpisodeEntry
from failview.model.annotation import Outcome, Stage, StageRecord
from failview.session.work.work_board import WorkBoard
from failview.session.work.work_progress import WorkProgress, progress_of
from failview.settings.work_rules import WorkRules
from failview.sidecars.work_done import WorkDone


def at(minute: int) -> str:
    return f"2025-01-01T{minute // 60:02}:{minute % 60:02}:00+00:00"


def work(
    number: int,
    outcome: Outcome | None = Outcome.SUCCESS,
    stages: Mapping[Stage, StageRecord] | None = None,
    subcategory: str | None = None,
    *,
    due: bool = False,
) -> WorkDone:
    return WorkDone(f"e{number}", "anna", at(number), outcome, subcategory, stages or {}, re_review_due=due)


def triaged(minute: int, active_s: float) -> dict[Stage, StageRecord]:
    return {Stage.TRIAGE: StageRecord(at(minute), active_s)}


def progress(works: Sequence[WorkDone], count: int) -> WorkProgress:
    entries = [EpisodeEntry(f"e{number}", 40, 20.0, "") for number in range(count)]
    return progress_of("anna", WorkBoard(entries, "anna", works, {}, WorkRules(review_share=0.0)))


def test_nothing_done_yet() -> None:
    found = progress([], 7)
    triage, detail, review = found.stages.values()
    assert (triage.due, triage.done, triage.left) == (7, 0, 7)
    assert (triage.median_s, triage.mean_s, triage.estimated_left_s) == (None, None, None)
    assert (detail.due, review.due) == (0, 0)
    assert found.failure_rate is None
    assert found.next_stage is Stage.TRIAGE
    assert found.without_sidecar == 7


def test_median_and_mean_of_the_active_seconds() -> None:
    works = [work(number, stages=triaged(number, active_s)) for number, active_s in enumerate((2.0, 4.0, 12.0))]
    triage = progress(works, 10).stages[Stage.TRIAGE]
    assert (triage.done, triage.median_s, triage.mean_s) == (3, 4.0, 6.0)
    assert triage.estimated_left_s == 7 * 4.0


@pytest.mark.parametrize("timed", [1, 2])
def test_too_few_episodes_tell_nothing_about_the_rest(timed: int) -> None:
    works = [work(number, stages=triaged(number, 5.0)) for number in range(timed)]
    triage = progress(works, 10).stages[Stage.TRIAGE]
    assert (triage.median_s, triage.estimated_left_s) == (5.0, None)


def test_labels_without_a_time_say_nothing_about_the_pace() -> None:
    works = [work(number, stages=triaged(number, 0.0)) for number in range(5)]
    works += [work(number, stages=triaged(number, 6.0)) for number in range(5, 8)]
    triage = progress(works, 10).stages[Stage.TRIAGE]
    assert (triage.done, triage.median_s, triage.mean_s, triage.estimated_left_s) == (8, 6.0, 6.0, 12.0)


def test_the_estimate_follows_the_last_twenty_in_order_of_time() -> None:
    early = [work(number, stages=triaged(number, 100.0)) for number in range(30)]
    late = [work(number, stages=triaged(number, 3.0)) for number in range(30, 50)]
    triage = progress([*late, *early], 60).stages[Stage.TRIAGE]
    assert triage.median_s == 100.0
    assert triage.estimated_left_s == 10 * 3.0


def test_nothing_left_takes_no_time() -> None:
    found = progress([work(0, stages=triaged(0, 4.0))], 1)
    assert found.stages[Stage.TRIAGE].estimated_left_s == 0.0
    assert found.next_stage is None


def test_detail_is_due_for_failures_and_partial_successes() -> None:
    detailed = {Stage.DETAIL: StageRecord(at(1), 30.0)}
    works = [
        work(0, Outcome.SUCCESS, detailed),
        work(1, Outcome.FAILURE, detailed, "slip_during_lift"),
        work(2, Outcome.FAILURE, None, "slip_during_lift"),
        work(3, Outcome.PARTIAL_SUCCESS, None, "missed_grasp"),
        work(4, Outcome.FAILURE),
        work(5, None),
    ]
    found = progress(works, 8)
    detail = found.stages[Stage.DETAIL]
    assert (detail.due, detail.done, detail.left) == (4, 1, 3)
    assert found.outcomes == {Outcome.SUCCESS: 1, Outcome.PARTIAL_SUCCESS: 1, Outcome.FAILURE: 3}
    assert found.failure_rate == 3 / 5
    assert list(found.subcategories.items()) == [("slip_during_lift", 2), ("", 1), ("missed_grasp", 1)]
    assert (found.begun, found.without_sidecar) == (4, 2)


def test_review_is_due_where_a_label_is_to_be_looked_at_again() -> None:
    reviewed = {Stage.REVIEW: StageRecord(at(1), 10.0)}
    works = [work(0, stages=reviewed), work(1, stages=reviewed, due=True), work(2, due=True), work(3)]
    found = progress(works, 4)
    review = found.stages[Stage.REVIEW]
    assert (review.due, review.done, review.left) == (3, 1, 2)
    assert found.re_reviews_due == 2


def test_the_next_stage_is_the_first_with_something_left() -> None:
    both = {Stage.TRIAGE: StageRecord(at(1), 5.0), Stage.DETAIL: StageRecord(at(2), 5.0)}
    assert progress([work(0, Outcome.FAILURE, triaged(1, 5.0))], 1).next_stage is Stage.DETAIL
    assert progress([work(0, Outcome.FAILURE, both, due=True)], 1).next_stage is Stage.REVIEW
    assert progress([work(0, Outcome.FAILURE, both)], 1).next_stage is None
