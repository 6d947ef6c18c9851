"""Both sides on one card, and a decision by keys."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from failview.model.annotation import ChangedField, Outcome, ReReview, Stage
from failview.model.detection import EpisodeFindings
from failview.model.review import Decision
from failview.settings.work_rules import WorkRules
from tests.fakes.fake_findings import SLIP, FakeFindings, slip_findings, success_proposal
from tests.panel.conftest import Desk, MakeDesk, some_episodes
from tests.panel.test_look import cut_off

RULES = WorkRules(blind_share=0.0, review_share=0.0)
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def reviewed(make_desk: MakeDesk) -> Desk:
    """demo_0 is called a success although it slipped; demo_3 is a success that nobody doubts. demo_0 is in review."""
    found = {f"demo_{number}": slip_findings(f"demo_{number}") for number in range(3)}
    found["demo_3"] = EpisodeFindings("demo_3", (), success_proposal(), {})
    desk = make_desk(findings=FakeFindings(found), rules=RULES, stage=Stage.TRIAGE, episodes=some_episodes()[:4])
    for episode_id in ("demo_3", "demo_0"):
        desk.open(episode_id)
        desk.until(lambda known=episode_id: desk.session.board.of(known).proposal is not None)
        desk.type("s")
    desk.press(Qt.Key.Key_F8)
    desk.until(lambda: desk.is_open("demo_0"))
    desk.until(lambda: len(desk.session.review.sides) == 2)
    return desk


def cells(desk: Desk) -> dict[tuple[str, int], str]:
    return {key: cell.text() for key, cell in desk.window.review.table.cells.items()}


def test_both_sides_why_and_the_evidence_are_on_the_card(reviewed: Desk) -> None:
    window = reviewed.window
    card = window.review
    assert card.isVisible()
    assert not window.proposal.isVisible()
    assert card.reasons.text() == "<b>The detectors disagree</b>"
    shown = cells(reviewed)
    assert "Success" in shown["outcome", 0]
    assert "≠ Failure" in shown["outcome", 1]
    assert "≠ Slip during lift" in shown["failure_subcategory", 1]
    assert ">20</a>" in shown["failure_onset_frame", 1]
    assert SLIP.evidence.split(" at ")[0] in card.evidence.text()
    assert card.needed.text() == "needed: the sides differ"
    assert not card.history.isVisible()
    assert reviewed.window.footer.finish.text() == "Uphold and next  ⏎"


def test_the_form_is_folded_until_somebody_wants_it(reviewed: Desk) -> None:
    fold = reviewed.window.fold
    assert (fold.switch.isVisible(), fold.content.isVisible()) == (True, False)
    assert reviewed.window.outcome.isVisible()
    fold.switch.click()
    assert reviewed.window.confidence.isVisible()
    fold.switch.click()
    assert not fold.content.isVisible()
    reviewed.type("t")
    assert reviewed.keyboard is reviewed.window.notes.edit


def test_a_decision_without_a_reason_leads_to_the_reason_and_enter_decides(reviewed: Desk) -> None:
    reviewed.press(Qt.Key.Key_Return)
    card = reviewed.window.review
    assert reviewed.is_open("demo_0")
    assert reviewed.keyboard is card.why
    assert "say in a few words" in reviewed.window.problems.words.text()
    reviewed.type("s is right")
    assert card.needed.text() == ""
    assert not reviewed.window.problems.isVisible()
    reviewed.press(Qt.Key.Key_Return)
    reviewed.until(lambda: reviewed.session.queue.is_done("demo_0"))
    record = reviewed.session.open_episode.draft.record
    assert record.annotation.outcome is Outcome.SUCCESS
    (decided,) = record.adjudications
    assert (decided.decision, decided.why, decided.reviewer) == (Decision.UPHELD, "s is right", "anna")


def test_the_other_side_is_taken_by_one_key_and_undone_by_one(reviewed: Desk) -> None:
    reviewed.type("y")
    assert reviewed.label.failure_subcategory == "slip_during_lift"
    window = reviewed.window
    assert window.footer.finish.text() == "Decide and next  ⏎"
    assert ["✓" in head.text() for head in window.review.table.heads] == [False, True]
    assert not window.review.take.isVisible()
    assert window.review.reasons.text() == "<b>The detectors disagree</b>"
    reviewed.press(Qt.Key.Key_Z, CTRL)
    assert reviewed.label.outcome is Outcome.SUCCESS
    assert [head.text() for head in window.review.table.heads] == ["anna", "detectors"]
    window.review.take.click()
    assert reviewed.label.outcome is Outcome.FAILURE


def test_a_third_answer_is_told_below_the_sides_and_what_it_lacks_is_shown(reviewed: Desk) -> None:
    reviewed.type("f2")
    reviewed.type("r")
    reviewed.type("it was never held")
    reviewed.press(Qt.Key.Key_Escape)
    below = reviewed.window.review.table.below
    assert below.isVisible()
    assert ">now:</span>" in below.text()
    assert ">Placement</span>" in below.text()
    reviewed.press(Qt.Key.Key_Return)
    assert reviewed.is_open("demo_0")
    assert reviewed.window.fold.content.isVisible()
    assert reviewed.window.root_cause.isVisible()
    assert reviewed.window.fold.isAncestorOf(reviewed.keyboard)


def test_the_reason_has_the_key_of_the_root_cause(reviewed: Desk) -> None:
    reviewed.type("r")
    assert reviewed.keyboard is reviewed.window.review.why
    reviewed.type("r2y")
    assert reviewed.session.review.why == "r2y"
    assert reviewed.label.outcome is Outcome.SUCCESS
    reviewed.press(Qt.Key.Key_Escape)
    assert reviewed.keyboard is reviewed.window


def test_what_was_decided_before_is_told(reviewed: Desk) -> None:
    reviewed.type("r")
    reviewed.type("seen in the side view")
    reviewed.press(Qt.Key.Key_Return)
    reviewed.until(lambda: reviewed.session.queue.is_done("demo_0"))
    reviewed.open("demo_3")
    reviewed.open("demo_0")
    history = reviewed.window.review.history
    assert history.isVisible()
    assert "anna · upheld: seen in the side view" in history.text()


def test_an_onset_leads_to_its_frame(reviewed: Desk) -> None:
    reviewed.window.review.table.cells["failure_onset_frame", 1].linkActivated.emit("20")
    assert reviewed.session.transport.frame == 20


def test_an_agreed_label_is_upheld_by_enter_alone(reviewed: Desk) -> None:
    reviewed.open("demo_3")
    reviewed.until(lambda: len(reviewed.session.review.sides) == 2)
    card = reviewed.window.review
    assert "opened by hand" in card.reasons.text().lower()
    assert set(card.table.cells) == {("outcome", 0), ("outcome", 1)}
    assert "≠" not in "".join(cells(reviewed).values())
    assert (card.needed.text(), card.take.isVisible()) == ("", False)
    reviewed.press(Qt.Key.Key_Return)
    reviewed.until(lambda: reviewed.session.board.of("demo_3").work.finished_at(Stage.REVIEW) is not None)


def test_a_changed_taxonomy_says_what_to_decide(make_desk: MakeDesk) -> None:
    desk = make_desk(rules=RULES).open()
    desk.label_failure()
    desk.press(Qt.Key.Key_Return, CTRL)
    desk.until(lambda: desk.is_open("demo_2"))
    desk.open("demo_1")
    change = ChangedField("failure_subcategory", "slip", "slip_during_lift", "slip became two", ("missed_grasp",))
    draft = desk.session.open_episode.draft
    asked = ReReview("2026-01-01T00:00:00+00:00", "failview-tabletop 1.0.0", "failview-tabletop 1.1.0", (change,))
    draft.replace_record(replace(draft.record, re_reviews=(asked,)))
    desk.type("+")
    desk.press(Qt.Key.Key_F8)
    desk.until(lambda: desk.is_open("demo_1"))
    card = desk.window.review
    assert card.reasons.text() == "<b>Asked to look again</b>"
    assert "Subcategory: slip → Slip during lift. slip became two Choose among: Missed grasp." in card.requests.text()


def test_outside_the_review_there_is_no_card(desk: Desk) -> None:
    assert not desk.window.review.isVisible()
    desk.press(Qt.Key.Key_F6)
    desk.until(lambda: desk.session.open_episode is not None)
    assert not desk.window.review.isVisible()


@pytest.mark.parametrize("width", [360, 480])
def test_nothing_of_the_card_is_cut_off(reviewed: Desk, width: int) -> None:
    reviewed.window.resize(width, 760)
    reviewed.type("y")

    def everything_fits() -> None:
        assert reviewed.window.width() == width
        assert cut_off(reviewed.window) == []

    reviewed.qtbot.waitUntil(everything_fits)


def test_a_finished_review_names_the_command_that_checks_it_all(reviewed: Desk) -> None:
    reviewed.session.review.set_why("the profile has another goal")
    reviewed.press(Qt.Key.Key_Return, CTRL)
    card = reviewed.window.summary
    reviewed.until(card.isVisible)
    assert (card.title.text(), card.words.text()) == ("Review is finished", "1 of 1 episode.")
    assert card.command.isVisible()
    assert card.command.text().startswith("Next: failview qa ")
    assert card.go_on.text() == "Go on with triage"
