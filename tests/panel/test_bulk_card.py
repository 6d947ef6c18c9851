"""Accepting sure proposals together, by keys."""

from PySide6.QtCore import Qt

from failview.model.annotation import Outcome, Stage
from failview.model.detection import EpisodeFindings
from failview.panel.work.bulk_words import audit_words, plan_words, result_words
from failview.proposals.short_proposals import in_short
from failview.session.work.bulk import AuditResult, BulkPlan, BulkResult
from failview.settings.work_rules import WorkRules
from tests.fakes.fake_findings import FakeFindings, slip_findings, success_proposal
from tests.panel.conftest import Desk, MakeDesk, some_episodes

CTRL = Qt.KeyboardModifier.ControlModifier
RULES = WorkRules(blind_share=0.0, review_share=0.0, audit_least=1)


def bulk_desk(make_desk: MakeDesk, stage: Stage = Stage.TRIAGE, **options: object) -> Desk:
    """A success in demo_3 (.97), slips (.98) in the others; demo_0 is open."""
    found = {f"demo_{number}": slip_findings(f"demo_{number}") for number in range(5)}
    found["demo_3"] = EpisodeFindings("demo_3", (), success_proposal(), {})
    proposals = {key: short for key, item in found.items() if (short := in_short(item.proposal)) is not None}
    known = {"findings": FakeFindings(found), "proposals": proposals, "rules": RULES, "episodes": some_episodes()[:5]}
    return make_desk(**known, stage=stage, **options).open("demo_0")


def test_the_numbers_come_first_and_escape_changes_nothing(make_desk: MakeDesk) -> None:
    desk = bulk_desk(make_desk)
    desk.press(Qt.Key.Key_B, CTRL)
    card = desk.window.bulk
    assert card.isVisible()
    assert card.plan.threshold == 0.9
    assert (len(card.plan.accepted), len(card.plan.audited)) == (3, 1)
    assert card.numbers.text() == plan_words(card.plan)
    assert card.checked.text() == "How many of such proposals are wrong is not measured yet."
    assert card.go.text() == "Accept 3  ⏎"
    desk.press(Qt.Key.Key_Escape)
    assert not card.isVisible()
    assert all(known.work is None for known in desk.session.board.known.values())


def test_left_and_right_choose_the_confidence(make_desk: MakeDesk) -> None:
    desk = bulk_desk(make_desk)
    desk.press(Qt.Key.Key_B, CTRL)
    card = desk.window.bulk
    for expected in (0.95, 0.98, 0.98):
        desk.press(Qt.Key.Key_Right)
        assert card.plan.threshold == expected
        assert card.row.buttons[str(expected)].isChecked()
    assert len(card.plan.accepted) + len(card.plan.audited) == 3
    desk.press(Qt.Key.Key_Left)
    assert card.plan.threshold == 0.95


def test_enter_accepts_and_tells_what_became_of_it(make_desk: MakeDesk) -> None:
    desk = bulk_desk(make_desk)
    desk.press(Qt.Key.Key_B, CTRL)
    card = desk.window.bulk
    plan = card.plan
    desk.press(Qt.Key.Key_Return)
    desk.until(lambda: card.go.text() == "Close  ⏎")
    assert card.numbers.text() == "Done. 3 episodes accepted, 1 kept back for the blind check."
    assert card.checked.text().endswith("1 episode still to check.")
    for episode_id in plan.accepted:
        work = desk.session.board.of(episode_id).work
        assert work.outcome is not None
        assert work.stages[Stage.TRIAGE].in_bulk
    desk.press(Qt.Key.Key_Return)
    assert not card.isVisible()
    assert desk.keyboard is desk.window
    assert desk.window.header.place.text().endswith("of 5 · 3 done")
    desk.open(plan.audited[0])
    assert desk.window.proposal.caption.text() == "Blind: label this one without a proposal"
    desk.type("s")
    desk.press(Qt.Key.Key_B, CTRL)
    assert card.checked.text().startswith("Measured: ")


def test_nothing_sure_enough(make_desk: MakeDesk) -> None:
    desk = make_desk(rules=RULES, stage=Stage.TRIAGE).open()
    desk.press(Qt.Key.Key_B, CTRL)
    card = desk.window.bulk
    assert card.numbers.text() == "No proposal without a label is as sure as .90."
    desk.press(Qt.Key.Key_Return)
    assert not card.isVisible()


def test_escape_stops_what_is_under_way(make_desk: MakeDesk) -> None:
    desk = bulk_desk(make_desk)
    desk.press(Qt.Key.Key_B, CTRL)
    card = desk.window.bulk
    desk.dataset.gate.clear()
    desk.press(Qt.Key.Key_Return)
    assert card.progress.isVisible()
    assert card.hints.text() == "Esc stops; what is accepted stays"
    desk.press(Qt.Key.Key_Escape)
    assert card.isVisible()
    desk.dataset.gate.set()
    desk.until(card.go.isVisible)
    assert card.numbers.text().startswith("Stopped. What was accepted stays.")
    assert not desk.session.bulk.is_running


def test_what_cannot_be_changed_is_not_accepted(make_desk: MakeDesk) -> None:
    desk = bulk_desk(make_desk, read_only=True)
    desk.press(Qt.Key.Key_B, CTRL)
    assert not desk.window.bulk.isVisible()
    assert desk.notices[-1].startswith("Another failview")


def test_words() -> None:
    outcomes = {Outcome.FAILURE: 20, Outcome.SUCCESS: 120}
    plan = BulkPlan(0.9, tuple(map(str, range(140))), ("a",), outcomes)
    assert plan_words(plan) == (
        "140 episodes would be accepted unseen: 120 successes, 20 failures.\n"
        "1 more, drawn at random, is kept back: label it blind in triage."
    )
    assert plan_words(BulkPlan(0.9, ("a",), (), {Outcome.SUCCESS: 1})).endswith("too few for a blind check.")
    measured = audit_words(AuditResult(20, 1, 4, (0.009, 0.236)))
    assert (
        measured
        == "Measured: 1 of 20 checked blind were wrong: 5 % (1 to 24 %, 95 % interval). 4 episodes still to check."
    )
    result = BulkResult(3, 1, {"a": "it is open", "b": "it is open"}, cancelled=True)
    stopped, left_out = result_words(result).splitlines()
    assert stopped == "Stopped. What was accepted stays. 3 episodes accepted, 1 kept back for the blind check."
    assert left_out == "2 left out: it is open"
