"""What one stage does to another: nothing is left finished that is not, nobody's work is overwritten or misnamed."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from failview.model.annotation import Outcome, Stage
from failview.model.detection import EpisodeFindings
from failview.session.work.bulk import BulkResult
from failview.session.work.queue_filter import QueueFilter, Show
from failview.session.work.queue_rows import row_of
from failview.settings.work_rules import WorkRules
from tests.fakes.fake_findings import slip_findings, success_proposal
from tests.session.stage_desk import PATIENCE_S, StageDesk

FINDINGS = {f"demo_{number}": slip_findings(f"demo_{number}") for number in range(2)} | {
    f"demo_{number}": EpisodeFindings(f"demo_{number}", (), success_proposal(), {}) for number in (2, 3)
}
CAUSE = "the fingers closed beside the middle of the cube and it slid out"
NO_AUDIT = WorkRules(review_share=0.0, blind_share=0.0, audit_least=0, audit_share=0.0)
MakeDesk = Callable[..., StageDesk]


@pytest.fixture
def make_desk(tmp_path: Path) -> Iterator[MakeDesk]:
    desks: list[StageDesk] = []

    def make(stage: Stage | None = Stage.TRIAGE, **more: object) -> StageDesk:
        for desk in desks:
            desk.session.close()
        desks.append(StageDesk(tmp_path, stage, FINDINGS, **more))
        return desks[-1]

    yield make
    for desk in desks:
        desk.session.close()


def label_slip(desk: StageDesk, episode_id: str) -> None:
    """Finish the detail stage of a slip as it is proposed; it must be open."""
    desk.do("accept")
    desk.session.labelling.set_text("root_cause", CAUSE)
    desk.do("surer", "finish_stage")
    assert desk.session.queue.is_done(episode_id)


def test_a_detail_stage_is_open_again_when_triage_makes_its_label_incomplete(make_desk: MakeDesk) -> None:
    desk = make_desk(Stage.DETAIL)
    desk.open("demo_2")
    desk.do("success", "finish_stage")
    desk.do("stage_triage")
    desk.open("demo_2")
    desk.do("failure")
    assert not desk.session.board.is_done(Stage.DETAIL, "demo_2")
    desk.do("stage_detail")
    assert "demo_2" in desk.order
    assert not desk.session.queue.is_done("demo_2")


def test_an_outcome_undone_in_detail_is_asked_for_again(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.open("demo_0")
    desk.do("failure", "stage_detail")
    desk.wait_for("demo_0")
    desk.do("undo")
    assert desk.label.outcome is None
    assert not desk.session.board.is_done(Stage.TRIAGE, "demo_0")
    again = make_desk(Stage.DETAIL)
    assert "demo_0" in again.order


def test_a_stage_changed_while_an_episode_is_read_reads_it_for_the_new_stage(make_desk: MakeDesk) -> None:
    anna = make_desk(Stage.DETAIL)
    anna.open("demo_0")
    anna.do("success", "finish_stage")
    ben = make_desk(Stage.TRIAGE, annotator="ben")
    ben.session.go_to("demo_0")
    arrival = ben.posted.get(timeout=PATIENCE_S)
    ben.do("stage_review")
    arrival()
    ben.wait_for("demo_0")
    assert ben.label.outcome is Outcome.SUCCESS
    assert ben.session.review.sides[0].name == "anna"
    assert ben.session.review.sides[0].values["outcome"] == "success"


def test_a_skipped_review_does_not_change_whose_label_it_is_about(make_desk: MakeDesk) -> None:
    anna = make_desk(Stage.DETAIL)
    anna.open("demo_0")
    anna.do("success", "finish_stage")
    ben = make_desk(Stage.REVIEW, annotator="ben")
    ben.open("demo_0")
    ben.session.put_off("ask her first")
    again = make_desk(Stage.REVIEW, annotator="ben")
    again.open("demo_0")
    assert [side.name for side in again.session.review.sides] == ["anna", "detectors"]


def test_one_who_only_skipped_an_episode_reviews_the_label_of_another(make_desk: MakeDesk) -> None:
    ben = make_desk(Stage.TRIAGE, annotator="ben")
    ben.open("demo_0")
    ben.session.put_off("camera covered")
    anna = make_desk(Stage.DETAIL)
    anna.open("demo_0")
    anna.do("success", "finish_stage")
    again = make_desk(Stage.REVIEW, annotator="ben")
    again.open("demo_0")
    assert again.label.outcome is Outcome.SUCCESS
    assert [side.name for side in again.session.review.sides] == ["anna", "detectors"]


def test_a_review_waits_for_the_side_of_the_detectors(make_desk: MakeDesk) -> None:
    desk = make_desk(Stage.DETAIL)
    desk.open("demo_0")
    desk.do("success", "finish_stage")
    again = make_desk(Stage.REVIEW)
    gate = again.source.gates["demo_0"] = threading.Event()
    again.session.go_to("demo_0")
    again.run_until(lambda: again.open_id == "demo_0")
    again.do("accept")
    assert again.notices[-1] == "The detectors are still judging."
    assert not again.session.open_episode.finished
    gate.set()


def test_merely_looking_begins_no_review(make_desk: MakeDesk) -> None:
    now = iter(range(10_000)).__next__
    desk = make_desk()
    desk.open("demo_0")
    desk.do("failure", "stage_review")
    desk.session.now = now
    desk.open("demo_0")
    desk.do("stage_detail")
    desk.wait_for("demo_0")
    desk.do("accept")
    desk.close()
    assert "review" not in desk.stored("demo_0")["stages"]


def test_a_label_changed_after_the_decision_is_decided_again(make_desk: MakeDesk) -> None:
    desk = make_desk(Stage.DETAIL)
    desk.open("demo_0")
    label_slip(desk, "demo_0")
    desk.do("stage_review")
    desk.open("demo_0")
    desk.do("accept")
    desk.open("demo_0")
    assert desk.session.queue.is_done("demo_0")
    desk.session.labelling.set_frame("failure_onset_frame", 10)
    assert not desk.session.queue.is_done("demo_0")
    assert not desk.session.board.is_done(Stage.REVIEW, "demo_0")
    desk.session.review.set_why("it begins earlier")
    desk.do("accept")
    desk.close()
    assert [item["decision"] for item in desk.stored("demo_0")["adjudications"]] == ["upheld", "changed"]


def test_what_one_has_decided_does_not_come_back_to_the_other(make_desk: MakeDesk) -> None:
    anna = make_desk(Stage.DETAIL)
    anna.open("demo_0")
    anna.do("success", "finish_stage")
    ben = make_desk(Stage.REVIEW, annotator="ben")
    ben.begin()
    ben.session.review.set_why("it lies on the goal")
    ben.do("accept")
    assert make_desk(Stage.REVIEW).order == []
    assert make_desk(Stage.REVIEW, annotator="carl").order == []


@pytest.mark.parametrize("show", [Show.ALL, Show.FAILURES])
def test_a_blind_episode_that_nobody_labelled_is_blind_in_the_review_too(make_desk: MakeDesk, show: Show) -> None:
    desk = make_desk(Stage.REVIEW, rules=WorkRules(blind_share=1.0, review_share=0.0))
    board, taxonomy = desk.session.board, desk.session.workplace.taxonomy
    entries = board.queue(Stage.REVIEW, QueueFilter(show)).entries
    assert not any(row_of(board, Stage.REVIEW, taxonomy, 1, entry).said for entry in entries)
    desk.open("demo_0")
    assert "demo_0" not in desk.viewer.findings


def carry_out(desk: StageDesk) -> list[BulkResult]:
    results: list[BulkResult] = []
    desk.session.bulk.finished.connect(results.append)
    desk.session.bulk.carry_out(desk.session.bulk.plan(0.9))
    return results


def test_bulk_acceptance_leaves_what_was_labelled_since_it_was_read(make_desk: MakeDesk) -> None:
    desk = make_desk(rules=NO_AUDIT)
    gate = desk.source.gate_known("demo_0")
    results = carry_out(desk)
    desk.open("demo_0")
    desk.do("partial_success")
    desk.run_until(lambda: desk.open_id not in ("", "demo_0"))
    gate.set()
    desk.run_until(lambda: bool(results))
    assert "demo_0" in results[0].left_out
    desk.close()
    assert desk.stored("demo_0")["outcome"] == "partial_success"


def test_bulk_acceptance_leaves_what_is_being_opened(make_desk: MakeDesk) -> None:
    desk = make_desk(rules=NO_AUDIT)
    gate = desk.source.gate_known("demo_0")
    results = carry_out(desk)
    desk.dataset.gate.clear()
    desk.session.go_to("demo_0")
    gate.set()
    desk.run_until(lambda: "demo_0" in desk.session.bulk._result.left_out or desk.session.queue.is_done("demo_0"))
    desk.dataset.gate.set()
    desk.run_until(lambda: bool(results))
    assert results[0].left_out["demo_0"] == "it is open"


def test_bulk_acceptance_does_not_mind_the_stage_of_the_desk(make_desk: MakeDesk) -> None:
    anna = make_desk(Stage.DETAIL)
    anna.open("demo_2")
    anna.do("success", "finish_stage")
    ben = make_desk(Stage.REVIEW, annotator="ben", rules=NO_AUDIT)
    results = carry_out(ben)
    ben.run_until(lambda: bool(results))
    assert results[0].left_out == {}
    assert results[0].accepted == 4


def test_what_was_accepted_in_bulk_is_known_before_it_is_on_disk(make_desk: MakeDesk) -> None:
    desk = make_desk(rules=NO_AUDIT)
    desk.session.safe.put_away = lambda record: None  # a disk that never comes back
    results = carry_out(desk)
    desk.run_until(lambda: bool(results))
    desk.open("demo_0")
    assert desk.label.outcome is Outcome.FAILURE


def test_what_is_open_stays_open_when_bulk_acceptance_ends(make_desk: MakeDesk) -> None:
    desk = make_desk(Stage.REVIEW, rules=NO_AUDIT)
    desk.open("demo_3")
    results: list[BulkResult] = []
    desk.session.bulk.finished.connect(results.append)
    desk.session.bulk.carry_out(desk.session.bulk.plan(0.9, "demo_3"))
    desk.run_until(lambda: bool(results))
    assert desk.open_id == "demo_3"


def test_an_episode_that_was_only_looked_at_does_not_stay_in_the_queue(make_desk: MakeDesk) -> None:
    desk = make_desk()
    for episode_id, outcome in {"demo_0": "failure", "demo_1": "success", "demo_2": "success"}.items():
        desk.open(episode_id)
        desk.do(outcome)
    desk.open("demo_3")
    desk.do("success", "stage_detail")
    desk.wait_for("demo_0")
    desk.open("demo_2")
    assert desk.order == ["demo_0", "demo_2"]
    desk.open("demo_0")
    label_slip(desk, "demo_0")
    assert (desk.open_id, desk.order) == ("demo_0", ["demo_0"])
    assert desk.notices[-1] == "Every episode of this stage is done."
