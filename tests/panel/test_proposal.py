"""The proposal is seen, understood, accepted with one key, and never in the way."""

import threading
from dataclasses import replace
from functools import partial

import pytest
from PySide6.QtCore import QEvent, QObject, QPointF, Qt

from failview.model.annotation import Annotation, Origin, Outcome
from failview.model.detection import EpisodeFindings, FieldProposal, ProposedField
from failview.panel.cards.proposal_words import all_evidence
from failview.panel.look.evidence_words import folded, with_links
from failview.panel.look.window_size import WIDTHS_PX
from tests.episodes.synthetic import make_episode
from tests.fakes.fake_findings import SLIP, FakeFindings, slip_findings, slip_proposal, success_proposal
from tests.panel.conftest import EN_DASH, WHY, Desk, MakeDesk
from tests.panel.test_look import cut_off

LONG = f"{SLIP.evidence}; aperture 45 mm, then 0 mm; opening was not commanded; 6.0 cm above its support; {WHY}"
EVENT = replace(SLIP, evidence=LONG)


def findings_of(episode_id: str) -> EpisodeFindings:
    """A slip with everything there is to show."""
    found = slip_findings(episode_id)
    proposal = slip_proposal() | {
        ProposedField.SUBCATEGORY: FieldProposal("slip_during_lift", 0.86, LONG, "grasp"),
        ProposedField.RECOVERY_ATTEMPTED: FieldProposal(True, 0.6, "the fingers closed again at frame 120", "grasp"),
        ProposedField.RECOVERY_START: FieldProposal(110, 0.5, "the fingers closed again at frame 120", "grasp"),
        ProposedField.RECOVERY_END: FieldProposal(140, 0.5, "the fingers closed again at frame 120", "grasp"),
        ProposedField.RECOVERY_OUTCOME: FieldProposal(
            "failed_recovery", 0.6, "the fingers closed again at frame 120", "grasp"
        ),
    }
    return replace(found, detections=(EVENT, *found.detections[1:]), proposal=proposal)


@pytest.fixture
def source() -> FakeFindings:
    return FakeFindings(
        {f"demo_{number}": findings_of(f"demo_{number}") for number in range(3)}
        | {"demo_3": EpisodeFindings("demo_3", (), success_proposal(), {})}
    )


@pytest.fixture
def judged(make_desk: MakeDesk, source: FakeFindings) -> Desk:
    """A panel with an open episode that has been judged."""
    return open_judged(make_desk(findings=source), "demo_1")


def open_judged(desk: Desk, episode_id: str, frame: int = 0) -> Desk:
    desk.open(episode_id, frame)
    desk.until(lambda: "judging" not in desk.window.proposal.caption.text())
    return desk


def text_of(desk: Desk) -> str:
    card = desk.window.proposal
    return " ".join(
        label.text()
        for label in (card.caption, card.path, card.frames, card.reasons, card.details)
        if label.isVisibleTo(desk.window)
    )


def test_nothing_is_shown_where_nothing_is_judged(make_desk: MakeDesk) -> None:
    desk = make_desk().open()
    assert not desk.window.proposal.isVisible()
    assert not desk.window.timeline.event_line.isVisible()
    assert [lane.title for lane in desk.window.timeline.strip.lanes] == ["label"]


def test_the_event_line_is_painted_anew_when_the_cursor_enters_its_event(judged: Desk) -> None:
    painted = []

    class Paints(QObject):
        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 — Qt's name
            painted.extend([event] if event.type() is QEvent.Type.Paint else [])
            return False

    judged.window.resize(WIDTHS_PX[1], 1000)  # in low windows the form comes before this line
    line, transport = judged.window.timeline.event_line, judged.session.transport
    judged.until(line.isVisible)
    transport.seek(EVENT.start_frame - 5)
    judged.until(lambda: line.event_shown is not None)
    line.repaint()
    paints = Paints()
    line.installEventFilter(paints)
    transport.seek(EVENT.start_frame)
    judged.until(lambda: bool(painted))
    line.removeEventFilter(paints)


def test_labelling_goes_on_while_the_detectors_judge(make_desk: MakeDesk, source: FakeFindings) -> None:
    gate = source.gates["demo_1"] = threading.Event()
    desk = make_desk(findings=source).open("demo_1")
    assert desk.window.proposal.caption.text() == "judging…"
    assert not desk.window.proposal.accept.isVisible()
    desk.press(Qt.Key.Key_Return)
    assert desk.notices == ["The detectors are still judging."]
    desk.type("f12")
    assert desk.label.failure_subcategory == "slip_during_lift"
    gate.set()
    desk.until(lambda: desk.window.proposal.caption.text() == "Proposed")


def test_the_proposal_says_what_when_how_sure_and_why(judged: Desk) -> None:
    card = judged.window.proposal
    assert card.is_proposed
    assert all(word in card.path.text() for word in ("Failure", "Grasp", "Slip during lift"))
    assert ".86" in card.sure.text()
    for words in ("onset", ">20<", ">24<", "failed recovery", ">110<", ">140<", "robot", "(.77)"):
        assert words in card.frames.text(), words
    assert "force peaked at 4.3 N" in card.reasons.text()
    assert WHY not in text_of(judged), "the rest is folded"
    assert "2 not judged" in card.reasons.text()
    card.reasons.linkActivated.emit("more")
    assert WHY in text_of(judged)
    assert "needs external_torque or wrench" in text_of(judged)
    assert judged.label == Annotation(), "looking changes nothing"


def test_enter_accepts_and_undo_takes_it_back(judged: Desk) -> None:
    judged.press(Qt.Key.Key_Return)
    assert judged.label.failure_subcategory == "slip_during_lift"
    assert judged.label.recovery_end_frame == 140
    assert {item.origin for item in judged.label.provenance.values()} == {Origin.ACCEPTED}
    card = judged.window.proposal
    assert (card.caption.text(), card.accept.isVisible()) == ("Accepted", False)
    assert judged.window.frames.origins["failure_onset_frame"].text() == "accepted"
    judged.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert (card.caption.text(), card.accept.isVisible()) == ("Proposed", True)


def test_a_label_that_differs_is_told_apart_and_kept(judged: Desk) -> None:
    judged.type("s")
    card = judged.window.proposal
    assert card.caption.text() == "Proposed · yours differs"
    assert not card.accept.isVisible()
    judged.press(Qt.Key.Key_Return)
    assert judged.label.outcome is Outcome.SUCCESS


def test_enter_in_a_text_is_a_new_line_and_on_a_card_unfolds_it(make_desk: MakeDesk, source: FakeFindings) -> None:
    episode = replace(make_episode(312, (), 20.0, 1, episode_id="demo_1"), warnings=("one", "two"))
    desk = open_judged(make_desk(findings=source, episodes=[episode]), "demo_1")
    desk.type("r")
    desk.press(Qt.Key.Key_Return)
    assert desk.label.outcome is None
    desk.window.warnings.setFocus()
    desk.press(Qt.Key.Key_Return)
    assert desk.label.outcome is None
    assert desk.window.warnings.all.isVisible()


def test_a_detector_that_stumbles_is_named_and_nothing_else_changes(make_desk: MakeDesk) -> None:
    desk = open_judged(make_desk(findings=FakeFindings({})), "demo_1")
    assert desk.window.proposal.caption.text() == "not judged: demo_1: the detectors stumbled"
    desk.type("s")
    assert desk.label.outcome is Outcome.SUCCESS


def test_late_findings_do_not_appear_on_another_episode(make_desk: MakeDesk, source: FakeFindings) -> None:
    gate = source.gates["demo_1"] = threading.Event()
    desk = make_desk(findings=source).open("demo_1")
    desk.open("demo_3")
    gate.set()
    desk.until(lambda: desk.window.proposal.caption.text() == "Proposed")
    assert "Success" in desk.window.proposal.path.text()
    assert [lane.title for lane in desk.window.timeline.strip.lanes] == ["label"]


def test_each_detector_that_found_something_has_a_lane_with_its_colour(judged: Desk) -> None:
    strip = judged.window.timeline.strip
    assert [(lane.title, [span.hue for span in lane.spans]) for lane in strip.lanes] == [
        ("grasp", ["teal"]),
        ("task", ["red"]),
        ("label", []),
    ]
    over = QPointF(strip.scale.x_of(22), 18)
    assert strip.words_at(over).startswith(f"slip 20{EN_DASH}24 (.86)\nforce peaked")
    assert strip.words_at(QPointF(strip.scale.x_of(200), 18)) == ""
    assert strip.words_at(QPointF(strip.scale.x_of(22), 54)) == "", "the label's lane tells nothing"


def test_the_event_at_or_next_to_the_cursor_is_told(judged: Desk) -> None:
    line, transport = judged.window.timeline.event_line, judged.session.transport
    assert line.heading == f"grasp: slip 20{EN_DASH}24", "the next one"
    transport.seek(35)
    assert line.heading == f"task: not reached 30{EN_DASH}39"
    transport.seek(300)
    assert line.heading == f"task: not reached 30{EN_DASH}39", "the last one"
    assert "24.6 cm from the goal" in line.toolTip()


def test_keys_and_links_go_to_events(judged: Desk) -> None:
    judged.press(Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert judged.session.transport.frame == 20
    judged.window.proposal.frames.linkActivated.emit("140")
    assert judged.session.transport.frame == 140
    judged.press(Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert judged.session.transport.frame == 110


@pytest.mark.parametrize("width", WIDTHS_PX)
@pytest.mark.parametrize("height", [480, 760, 1000])
@pytest.mark.parametrize("unfolded", [False, True])
def test_nothing_is_cut_off(judged: Desk, width: int, height: int, unfolded: bool) -> None:
    judged.window.resize(width, height)
    if unfolded:
        judged.window.proposal.reasons.linkActivated.emit("more")
    window, card = judged.window, judged.window.proposal

    def fits() -> None:
        details = {f"QLabel {card.details.text()!r}"}
        assert [line for line in cut_off(window) if line.rpartition(":")[0] not in details] == []
        strip = window.timeline.strip
        assert strip.height() == strip.sizeHint().height()
        assert window.scroller.height() >= 60, "the form stays"
        assert card.geometry().bottom() < window.timeline.geometry().top()

    judged.qtbot.waitUntil(partial(fits))


def test_a_labelled_failure_needs_no_scrolling(judged: Desk) -> None:
    window = judged.window
    window.resize(440, 1000)
    judged.press(Qt.Key.Key_Return)
    judged.type("ger" + "word " * 20)
    judged.press(Qt.Key.Key_Escape)
    judged.type("+")
    assert judged.label.severity is not None
    assert judged.label.annotator_confidence is not None
    assert window.scroller.height() > 500
    judged.until(lambda: window.scroller.verticalScrollBar().maximum() == 0)


def test_clauses_are_folded_linked_and_told_once() -> None:
    assert folded("a; a; b") == "a; b"
    assert folded(LONG).endswith(" …")
    assert len(folded(LONG)) <= 130
    linked = with_links("gone by 84 <b>; 6 mm by 12 N at frame 59.5", "#fff")
    assert linked.count("<a ") == 1
    assert "&lt;b&gt;" in linked
    titles = [title for title, _, _ in all_evidence(findings_of("x").proposal)]
    assert titles == ["What failed", "Recovery"], "the outcome rests on the same clause"
