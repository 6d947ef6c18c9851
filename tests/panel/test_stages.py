"""What the panel shows and does in each stage, by keys."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from failview.model.annotation import Origin, Outcome, Stage
from failview.model.detection import EpisodeFindings, ProposedField
from failview.session.actions import action
from failview.session.obstacles import why_not
from failview.settings.work_rules import WorkRules
from tests.fakes.fake_findings import FakeFindings, slip_findings, success_proposal
from tests.panel.conftest import BROKEN_ID, WHY, Desk, MakeDesk

NO_BLIND = WorkRules(blind_share=0.0, review_share=0.0)
EVERYTHING_BLIND = WorkRules(blind_share=1.0, review_share=0.0)


def some_findings() -> FakeFindings:
    """Slips, and a success."""
    found = {f"demo_{number}": slip_findings(f"demo_{number}") for number in range(5)}
    return FakeFindings(found | {"demo_3": EpisodeFindings("demo_3", (), success_proposal(), {})})


StagedDesk = Callable[..., Desk]


@pytest.fixture
def staged(make_desk: MakeDesk) -> StagedDesk:
    """A desk in a stage, with an episode that has been judged."""

    def make(stage: Stage, episode_id: str = "demo_1", **options: object) -> Desk:
        desk = make_desk(**{"findings": some_findings(), "rules": NO_BLIND, "stage": stage, **options})
        return open_judged(desk, episode_id)

    return make


def open_judged(desk: Desk, episode_id: str) -> Desk:
    desk.open(episode_id)
    desk.until(lambda: "judging…" not in desk.window.proposal.caption.text())
    return desk


def shown_parts(desk: Desk) -> list[str]:
    return [type(part).__name__ for part in desk.window.form_parts if part.isVisible()]


def test_triage_asks_for_the_outcome_alone(staged: StagedDesk) -> None:
    desk = staged(Stage.TRIAGE)
    assert shown_parts(desk) == ["OutcomePart"]
    assert desk.window.header.stage.text() == "Triage"
    assert "goes on" in desk.window.outcome.caption.text()
    assert desk.window.proposal.isVisible()


def test_one_key_is_enough_for_a_right_proposal(staged: StagedDesk) -> None:
    desk = staged(Stage.TRIAGE)
    assert desk.window.footer.finish.text() == "Accept failure, next  ⏎"
    desk.press(Qt.Key.Key_Return)
    desk.until(lambda: desk.is_open("demo_2"))
    open_judged(desk, "demo_1")
    assert desk.label.outcome is Outcome.FAILURE
    assert desk.label.provenance["outcome"].origin is Origin.ACCEPTED
    assert desk.label.failure_category is None
    assert "Accepted" in desk.window.proposal.path.text()
    assert not desk.window.proposal.caption.isVisible()
    assert desk.window.footer.finish.text() == "Finish and next  Ctrl ⏎"
    assert desk.window.header.stage.text() == "Triage ✓"


def test_a_partial_success_is_accepted_in_as_many_words(staged: StagedDesk) -> None:
    proposal = success_proposal()
    partial = replace(proposal[ProposedField.OUTCOME], value=Outcome.PARTIAL_SUCCESS.value)
    found = EpisodeFindings("demo_1", (), {**proposal, ProposedField.OUTCOME: partial}, {})
    desk = staged(Stage.TRIAGE, findings=FakeFindings({"demo_1": found}))
    finish = desk.window.footer.finish
    assert finish.text() == "Accept partial, next  ⏎"
    assert finish.width() >= finish.sizeHint().width()


@pytest.mark.parametrize("stage", [Stage.TRIAGE, Stage.DETAIL])
def test_what_is_read_only_offers_nothing_to_finish(staged: StagedDesk, stage: Stage) -> None:
    desk = staged(stage, read_only=True)
    finish = desk.window.footer.finish
    assert (finish.text(), finish.isEnabled()) == ("Read-only", False)
    assert not desk.window.proposal.accept.isEnabled()


@pytest.mark.parametrize(("key", "outcome"), [("s", "success"), ("p", "partial_success"), ("f", "failure")])
def test_the_outcome_goes_on_in_triage(staged: StagedDesk, key: str, outcome: str) -> None:
    desk = staged(Stage.TRIAGE)
    desk.type(key)
    desk.until(lambda: desk.is_open("demo_2"))
    assert desk.session.board.of("demo_1").work.outcome == outcome
    button = desk.window.outcome.row.buttons[outcome]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    desk.until(lambda: desk.is_open("demo_3"))
    assert desk.session.board.of("demo_2").work.outcome == outcome


def test_the_buttons_of_triage_do_what_their_keys_do(staged: StagedDesk) -> None:
    desk = staged(Stage.TRIAGE)
    QTest.mouseClick(desk.window.proposal.accept, Qt.MouseButton.LeftButton)
    desk.until(lambda: desk.is_open("demo_2"))
    open_judged(desk, "demo_2")
    QTest.mouseClick(desk.window.footer.finish, Qt.MouseButton.LeftButton)
    desk.until(lambda: desk.is_open("demo_3"))


def test_without_a_proposal_triage_waits_for_an_outcome(make_desk: MakeDesk) -> None:
    desk = make_desk(rules=NO_BLIND, stage=Stage.TRIAGE).open()
    finish = desk.window.footer.finish
    assert (finish.text(), finish.isEnabled()) == ("Say how it ended", False)
    desk.press(Qt.Key.Key_Return)
    assert desk.notices[-1] == "Nothing is proposed here."
    assert desk.is_open("demo_1")


@pytest.mark.parametrize("key", ["1", "r", "t", "+", "c", "a", "h"])
def test_what_triage_does_not_show_it_does_not_change(staged: StagedDesk, key: str) -> None:
    desk = staged(Stage.TRIAGE)
    before = desk.label
    desk.type(key)
    assert desk.label == before
    assert desk.keyboard is desk.window
    assert desk.notices[-1] == "That belongs to the detail stage."


def test_detail_shows_the_whole_form_and_enter_stays(staged: StagedDesk) -> None:
    desk = staged(Stage.DETAIL)
    assert len(shown_parts(desk)) == len(desk.window.form_parts) - hidden_in_detail(desk)
    assert not desk.window.outcome.caption.isVisible()
    desk.press(Qt.Key.Key_Return)
    assert desk.is_open("demo_1")
    assert desk.label.failure_subcategory == "slip_during_lift"
    assert desk.window.footer.finish.text() == "Finish and next  Ctrl ⏎"


def hidden_in_detail(desk: Desk) -> int:
    """Parts that hide themselves until they have something to show."""
    return sum(part.isHidden() for part in desk.window.form_parts)


def test_the_stage_pill_offers_the_other_stages(staged: StagedDesk) -> None:
    desk = staged(Stage.TRIAGE)
    pill = desk.window.header.stage
    assert all(key in pill.toolTip() for key in ("F6", "F7", "F8"))
    QTest.mouseClick(pill, Qt.MouseButton.LeftButton)
    desk.until(pill.menu.isVisible)
    words = [item.text() for item in pill.menu.actions()]
    assert words == ["Triage: outcomes\tF6", "Detail: failures\tF7", "Review: second looks\tF8"]
    assert [item.isChecked() for item in pill.menu.actions()] == [True, False, False]
    pill.menu.actions()[1].trigger()
    pill.menu.close()
    assert pill.text() == "Detail"
    desk.press(Qt.Key.Key_F6)
    desk.until(lambda: pill.text() == "Triage")


def test_a_blind_episode_shows_nothing_of_the_detectors(staged: StagedDesk) -> None:
    desk = staged(Stage.TRIAGE, rules=EVERYTHING_BLIND)
    window = desk.window
    desk.until(lambda: desk.session.judging.found_in(desk.session.open_episode.episode) is not None)
    assert window.proposal.caption.text() == "Blind: label this one without a proposal"
    for widget in (window.proposal.path, window.proposal.accept, window.proposal.sure, window.proposal.frames):
        assert not widget.isVisible()
    assert not window.proposal.reasons.isVisible()
    assert not window.timeline.event_line.isVisible()
    assert not window.contradiction.isVisible()
    assert [lane.title for lane in window.timeline.strip.lanes] == ["label"]
    assert desk.session.landmarks.frames == []
    assert desk.viewer.findings == {}
    assert window.footer.finish.text() == "Say how it ended"
    desk.press(Qt.Key.Key_Return)
    assert desk.notices[-1] == "This episode is blind: say yourself how it ended."
    desk.type("s")
    desk.until(lambda: desk.is_open("demo_2"))
    assert desk.session.board.of("demo_1").work.stages[Stage.TRIAGE].blind
    desk.press(Qt.Key.Key_F7)
    open_judged(desk, "demo_1")
    desk.type("f12")
    assert not window.contradiction.isVisible()
    assert not window.header.informative.isVisible()
    assert desk.viewer.findings == {}


def test_an_informative_failure_says_that_its_chain_is_wanted(staged: StagedDesk) -> None:
    desk = staged(Stage.DETAIL, "demo_0")
    informative = sorted(desk.session.board.informative)
    assert informative == ["demo_0"]
    assert desk.window.header.informative.isVisible()
    header = desk.window.header
    for width, beside in ((440, True), (360, True)):
        desk.window.resize(width, 760)
        desk.until(lambda w=width: desk.window.width() == w)
        assert (header.informative.y() == header.stage.y()) is beside
    desk.open("demo_2")
    assert not desk.window.header.informative.isVisible()


def test_a_stage_is_left_and_found_again(staged: StagedDesk) -> None:
    desk = staged(Stage.TRIAGE)
    desk.type("f")
    desk.until(lambda: desk.is_open("demo_2"))
    desk.press(Qt.Key.Key_F7)
    desk.until(lambda: desk.is_open("demo_1"))
    assert desk.window.header.stage.text() == "Detail"
    desk.label_failure()
    assert desk.label.root_cause == WHY


def test_nothing_is_finished_while_nothing_is_open(make_desk: MakeDesk) -> None:
    desk = make_desk(rules=NO_BLIND)
    desk.session.go_to(BROKEN_ID)
    desk.until(desk.window.opening.isVisible)
    assert not desk.window.footer.finish.isEnabled()
    desk.press(Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    desk.until(lambda: desk.is_open("demo_4"))
    assert desk.window.footer.finish.isEnabled()


def test_what_the_viewer_has_seen_in_the_review_is_not_shown_in_a_blind_stage(staged: StagedDesk) -> None:
    desk = staged(Stage.TRIAGE, rules=EVERYTHING_BLIND)
    desk.press(Qt.Key.Key_F)
    desk.until(lambda: desk.is_open("demo_2"))
    desk.press(Qt.Key.Key_F8)
    open_judged(desk, "demo_1")
    desk.until(lambda: "demo_1" in desk.viewer.findings)
    reviewed = desk.viewer.shows[-1].episode
    desk.press(Qt.Key.Key_F6)
    desk.until(lambda: desk.session.open_episode is not None)
    desk.open("demo_1")
    blind = desk.viewer.shows[-1].episode
    assert (blind.episode_id, reviewed.episode_id) == ("demo_1", "demo_1")
    assert blind.source.fingerprint != reviewed.source.fingerprint
    assert desk.session.open_episode.episode.source == reviewed.source


@pytest.mark.parametrize(
    ("stage", "why"),
    [
        (Stage.TRIAGE, {"digit_1": "belongs to the detail stage", "root_cause": "belongs to the detail stage"}),
        (Stage.DETAIL, {"digit_1": "", "take_other_side": "sides are compared in the review", "bulk": ""}),
        (Stage.REVIEW, {"accept": "", "take_other_side": "", "stage_review": "this is the stage"}),
    ],
)
def test_what_a_stage_does_not_do_is_dim_in_the_palette(staged: StagedDesk, stage: Stage, why: dict[str, str]) -> None:
    desk = staged(stage)
    assert {name: why_not(action(name), desk.session) for name in why} == why
    assert why_not(action("whole_queue"), desk.session) == "all of it is shown"
