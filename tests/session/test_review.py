"""The review: both sides on the table, a decision with who and why, and nothing lost on the way."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from failview.model.annotation import Stage
from failview.model.detection import EpisodeFindings
from failview.session.work.review import WHY
from failview.session.work_summary import work_summary
from tests.fakes.fake_findings import slip_findings, success_proposal
from tests.session.stage_desk import StageDesk

FINDINGS = {
    "demo_0": slip_findings("demo_0"),
    "demo_1": EpisodeFindings("demo_1", (), success_proposal(), {}),
}
REASON = "the force falls before the hand lifts"
MakeDesk = Callable[..., StageDesk]


@pytest.fixture
def make_desk(tmp_path: Path) -> Iterator[MakeDesk]:
    desks: list[StageDesk] = []

    def make(stage: Stage, annotator: str = "anna") -> StageDesk:
        for desk in desks:
            desk.session.close()
        desks.append(StageDesk(tmp_path, stage, FINDINGS, annotator=annotator, count=2))
        return desks[-1]

    yield make
    for desk in desks:
        desk.session.close()


@pytest.fixture
def labelled(make_desk: MakeDesk) -> StageDesk:
    """Anna calls both episodes a success; the detectors say that the first one slipped."""
    desk = make_desk(Stage.TRIAGE)
    for episode_id in ("demo_0", "demo_1"):
        desk.open(episode_id)
        desk.do("success")
    desk.close()
    return desk


def reviewed(desk: StageDesk) -> dict[str, object]:
    desk.close()
    (adjudication,) = desk.stored("demo_0")["adjudications"]
    return adjudication


@pytest.mark.usefixtures("labelled")
def test_only_what_is_contradicted_is_reviewed_and_both_sides_are_there(make_desk: MakeDesk) -> None:
    desk = make_desk(Stage.REVIEW)
    assert desk.order == ["demo_0"]
    desk.begin()
    review = desk.session.review
    assert [side.name for side in review.sides] == ["anna", "detectors"]
    assert review.sides[0].values["outcome"] == "success"
    assert review.sides[1].values["failure_onset_frame"] == 20
    assert review.differences == ("outcome", "failure_category", "failure_subcategory")


@pytest.mark.usefixtures("labelled")
def test_a_decision_against_a_side_needs_a_reason(make_desk: MakeDesk) -> None:
    desk = make_desk(Stage.REVIEW)
    desk.begin()
    problems: list[list[object]] = []
    desk.session.problems_found.connect(problems.append)
    desk.do("accept")
    assert [problem.field for problem in problems[-1]] == [WHY]
    desk.session.review.set_why(REASON)
    desk.do("accept")
    assert desk.notices[-1] == "Every episode of this stage is done."
    decision = reviewed(desk)
    assert (decision["decision"], decision["reviewer"], decision["why"]) == ("upheld", "anna", REASON)
    assert [side["name"] for side in decision["sides"]] == ["anna", "detectors"]
    assert decision["decided_at"]
    assert desk.stored("demo_0")["stages"]["review"]["finished_at"]


@pytest.mark.usefixtures("labelled")
def test_the_other_side_is_taken_in_one_step_that_undo_takes_back(make_desk: MakeDesk) -> None:
    desk = make_desk(Stage.REVIEW)
    desk.begin()
    desk.do("take_other_side")
    assert (desk.label.failure_subcategory, desk.label.failure_onset_frame) == ("slip_during_lift", 20)
    desk.do("undo")
    assert desk.label.outcome == "success"
    desk.do("take_other_side")
    assert desk.label.failure_obvious_frame == 24  # everything that is proposed, not only what is compared
    assert desk.label.provenance["failure_onset_frame"].origin == "accepted"
    desk.session.labelling.set_text("root_cause", "the fingers closed beside the middle of the cube and it slid out")
    desk.do("surer")
    desk.session.review.set_why(REASON)
    desk.do("accept")
    assert reviewed(desk)["decision"] == "overruled"
    assert desk.stored("demo_0")["outcome"] == "failure"


@pytest.mark.usefixtures("labelled")
def test_something_third_is_a_change(make_desk: MakeDesk) -> None:
    desk = make_desk(Stage.REVIEW)
    desk.begin()
    desk.do("partial_success")
    labelling = desk.session.labelling
    labelling.press_digit(2)
    labelling.press_digit(2)
    labelling.set_frame("failure_onset_frame", 33)
    labelling.nudge_confidence(1)
    desk.session.review.set_why(REASON)
    desk.do("accept")
    assert reviewed(desk)["decision"] == "changed"


@pytest.mark.usefixtures("labelled")
def test_a_review_that_was_broken_off_goes_on_with_the_same_sides_and_reason(make_desk: MakeDesk) -> None:
    desk = make_desk(Stage.REVIEW)
    desk.begin()
    desk.do("take_other_side")
    desk.session.review.set_why(REASON)
    desk.close()
    again = make_desk(Stage.REVIEW)
    again.begin()
    assert again.session.review.why == REASON
    assert again.session.review.sides[0].values["outcome"] == "success"
    assert again.label.outcome == "failure"


@pytest.mark.usefixtures("labelled")
def test_another_reviewer_begins_with_the_label_and_has_a_sidecar_of_his_own(make_desk: MakeDesk) -> None:
    desk = make_desk(Stage.REVIEW, "ben")
    desk.begin()
    assert [side.name for side in desk.session.review.sides] == ["anna", "detectors"]
    assert desk.label.outcome == "success"
    assert not desk.location.path("demo_0", "ben").exists()
    desk.session.review.set_why(REASON)
    desk.do("accept")
    decision = reviewed(desk)
    assert (decision["decision"], decision["reviewer"]) == ("upheld", "ben")
    assert decision["sides"][0] == {
        "name": "anna",
        "values": {
            "outcome": "success",
            "failure_category": None,
            "failure_subcategory": None,
            "failure_onset_frame": None,
        },
    }


def test_outside_the_review_there_are_no_sides(make_desk: MakeDesk) -> None:
    desk = make_desk(Stage.DETAIL)
    desk.open("demo_0")
    assert desk.session.review.sides == ()
    desk.do("take_other_side")
    assert desk.notices[-1] == "Sides are compared in the review (F8)."


@pytest.mark.usefixtures("labelled")
def test_the_side_of_another_annotator_is_his_whole_label(make_desk: MakeDesk) -> None:
    ben = make_desk(Stage.DETAIL, "ben")
    ben.open("demo_1")
    ben.do("failure", "digit_1", "digit_2", "onset", "obvious", "surer")
    why = "the fingers closed beside the middle of the cube and it slid out"
    ben.session.labelling.set_text("root_cause", why)
    ben.do("finish_stage")
    ben.run_until(lambda: ben.open_id not in ("", "demo_1"))
    desk = make_desk(Stage.REVIEW)
    desk.open("demo_1")
    assert [side.name for side in desk.session.review.sides] == ["anna", "detectors", "ben"]
    desk.do("take_other_side")
    assert (desk.label.failure_subcategory, desk.label.root_cause) == ("slip_during_lift", why)


@pytest.mark.usefixtures("labelled")
def test_a_finished_review_counts_no_failures_and_names_the_next_step(make_desk: MakeDesk) -> None:
    desk = make_desk(Stage.REVIEW, "ben")
    desk.begin()
    desk.session.review.set_why(REASON)
    assert not work_summary(desk.session).finished
    desk.do("finish_stage")
    summary = work_summary(desk.session)
    assert (summary.finished, summary.words) == (True, "1 of 1 episode.")
    assert summary.next_stage is Stage.TRIAGE, "ben has labelled nothing himself"
    assert summary.names_command
    assert summary.next_command == f"failview qa {desk.dataset.path}"


def test_partial_successes_are_no_failures(make_desk: MakeDesk) -> None:
    desk = make_desk(Stage.TRIAGE)
    for episode_id, outcome in (("demo_0", "failure"), ("demo_1", "partial_success")):
        desk.open(episode_id)
        desk.do(outcome)
        desk.do(outcome)
    summary = work_summary(desk.session)
    assert (summary.finished, summary.words) == (True, "2 of 2 episodes, 1 failure, 1 partial success.")
    assert not summary.names_command
