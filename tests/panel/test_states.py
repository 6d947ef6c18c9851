"""What the panel says about itself: opening, not opened, read-only, saving, viewer, warnings, help, timers."""

import threading
from dataclasses import replace

import pytest
import shiboken6
from psygnal import SignalInstance
from PySide6.QtCore import QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from failview.model.annotation import Outcome
from failview.panel.look.key_badge import KeyCaps
from failview.session.actions import ACTIONS
from failview.session.desk.safe import SaveState
from failview.session.desk.viewer_port import ViewerState, ViewerStatus
from tests.episodes.synthetic import make_episode
from tests.fakes.fake_findings import FakeFindings, slip_findings
from tests.panel.conftest import BROKEN_ID, WHY, Desk, MakeDesk
from tests.panel.test_look import cut_off


def test_while_an_episode_is_read_the_form_waits(desk: Desk) -> None:
    desk.label_failure()
    desk.dataset.gate.clear()
    desk.session.go_to("demo_4")
    window = desk.window
    assert window.timeline.head.frame_words == "opening demo_4 …"
    assert not window.form.isEnabled()
    assert window.root_cause.edit.toPlainText() == ""
    desk.type("f")
    desk.dataset.gate.set()
    desk.until(lambda: desk.is_open("demo_4"))
    assert window.form.isEnabled()
    assert desk.label.outcome is None
    assert window.windowTitle() == "demo_4 · failview"


def test_an_episode_that_does_not_open_says_why_and_how_to_go_on(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.session.go_to(BROKEN_ID)
    card = desk.window.opening
    desk.until(card.isVisible)
    assert "obs/eef_pos has 0 rows" in card.words.text()
    assert "N goes on to the next episode." in card.words.text()
    assert card.property("card") == "red"
    assert not desk.window.form.isEnabled()
    desk.press(Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    desk.until(lambda: desk.is_open("demo_4"))
    assert not card.isVisible()


def test_read_only_is_said_and_nothing_changes(make_desk: MakeDesk) -> None:
    desk = make_desk(read_only=True).open()
    window = desk.window
    assert window.header.saved.text() == "read-only"
    assert "Another failview writes" in window.safety.words.text()
    desk.type("rabc")
    desk.press(Qt.Key.Key_Escape)
    desk.type("f")
    assert desk.label.outcome is None
    assert desk.label.root_cause == ""
    assert window.footer.notice.text().startswith("Another failview")
    assert window.frames.fields["failure_onset_frame"].isReadOnly()
    assert (window.footer.finish.text(), window.footer.finish.isEnabled()) == ("Read-only", False)


def test_a_failed_save_is_red_with_its_reason(desk: Desk) -> None:
    desk.session.safe.state = (SaveState.FAILED, "set.hdf5.failview: no space left on the disk")
    desk.session.safe.state_changed.emit(*desk.session.safe.state)
    header, card = desk.window.header, desk.window.safety
    assert (header.saved.text(), header.saved.property("pill")) == ("NOT SAVED", "red")
    assert card.words.text() == "NOT SAVED: set.hdf5.failview: no space left on the disk"
    desk.session.safe.state = (SaveState.SAVED, "12:00:00")
    desk.session.safe.state_changed.emit(*desk.session.safe.state)
    assert not card.isVisible()


def test_the_saved_state_of_an_episode(desk: Desk) -> None:
    saved = desk.window.header.saved
    assert (saved.text(), saved.property("pill")) == ("not changed", "grey")
    desk.type("f")
    desk.until(lambda: saved.property("pill") == "green")
    assert saved.text().startswith("saved ")


def test_the_viewer_is_told_when_it_is_not_simply_there(desk: Desk) -> None:
    header, card = desk.window.header, desk.window.viewer
    desk.until(lambda: desk.session.link.status.state is ViewerState.READY)
    assert not header.viewer.isVisible()
    desk.viewer.emit_status(ViewerState.LOADING, loaded_fraction=0.4)
    desk.until(lambda: header.viewer.text() == "viewer loading 40 %")
    desk.viewer.emit_status(ViewerState.RESTARTING)
    desk.until(lambda: header.viewer.text() == "viewer restarting …")
    desk.viewer.emit_status(ViewerState.GONE, "It ended three times.")
    desk.until(card.isVisible)
    assert card.words.text() == "The viewer is gone. It ended three times."
    QTest.mouseClick(card.restart, Qt.MouseButton.LeftButton)
    desk.until(lambda: not card.isVisible())
    assert desk.viewer.started == 2


def test_warnings_are_one_line_until_they_are_unfolded(make_desk: MakeDesk) -> None:
    lines = ("the clock stands still for 12 frames from 40", "gripper_force is zero", "30 Hz declared, 25 Hz measured")
    first, second = (make_episode(50, (), episode_id=name) for name in ("one", "two"))
    desk = make_desk(episodes=[replace(first, warnings=lines), second]).open("one")
    card = desk.window.warnings
    assert card.isVisible()
    assert (card.first.text(), card.more.text(), card.all.isVisible()) == (lines[0], "+2", False)
    desk.window.setFocus()
    desk.press(Qt.Key.Key_Tab)
    assert desk.keyboard is card
    desk.press(Qt.Key.Key_Return)
    assert card.all.isVisible()
    assert all(line in card.all.text() for line in lines)
    QTest.mouseClick(card, Qt.MouseButton.LeftButton)
    assert not card.all.isVisible()
    desk.open("two")
    assert not card.isVisible()


def test_a_late_warning_stays_with_its_episode(desk: Desk) -> None:
    line = "demo_2.failview.json was changed by another program"
    card = desk.window.warnings
    for _ in range(2):
        desk.session.safe.warned.emit("demo_2", line)
    assert not card.isVisible()
    desk.open("demo_2")
    assert (card.first.text(), card.lines) == (line, [line])
    desk.open("demo_3")
    assert not card.isVisible()
    desk.session.safe.warned.emit("demo_3", line)
    assert card.isVisible()


def test_what_the_viewer_cannot_show_is_a_warning_of_the_open_episode(make_desk: MakeDesk) -> None:
    episodes = [make_episode(50, (), episode_id=name) for name in ("one", "two")]
    desk = make_desk(episodes=[replace(episodes[0], warnings=("gripper_force is zero",)), episodes[1]]).open("one")
    card = desk.window.warnings
    desk.viewer.emit_status(ViewerState.READY, "wrist: 3 of 50 pictures cannot be shown (damaged)\nAnother thing.")
    desk.until(lambda: len(card.lines) == 3)
    assert card.first.text() == "wrist: 3 of 50 pictures cannot be shown (damaged)"
    desk.viewer.emit_status(ViewerState.LOADING, "The viewer ended and was started again.")
    desk.until(lambda: card.first.text() == "The viewer ended and was started again.")
    desk.open("two")
    assert not card.isVisible()
    desk.viewer.emit_status(ViewerState.READY, "wrist: damaged")
    desk.until(card.isVisible)
    desk.viewer.emit_status(ViewerState.GONE, "It ended three times.")
    desk.until(lambda: not card.isVisible())
    desk.viewer.emit_status(ViewerState.READY)
    desk.until(lambda: desk.session.link.status.state is ViewerState.READY)
    assert not card.isVisible()


def test_a_message_about_another_episode_is_not_shown(desk: Desk) -> None:
    old = ViewerStatus(ViewerState.READY, "demo_0", 1.0, "wrist: damaged")
    desk.viewer.status_changed.emit(old)
    assert desk.session.link.status is old
    assert not desk.window.warnings.isVisible()


def test_warnings_unfold_by_enter_alone(make_desk: MakeDesk) -> None:
    """Space plays, wherever the keyboard is."""
    warned = replace(make_episode(50, (), episode_id="one"), warnings=("a", "b"))
    desk = make_desk(episodes=[warned]).open("one")
    card = desk.window.warnings
    card.setFocus(Qt.FocusReason.TabFocusReason)
    desk.press(Qt.Key.Key_Space)
    assert (card.all.isVisible(), desk.session.transport.playing) == (False, True)
    desk.press(Qt.Key.Key_Enter)
    assert card.all.isVisible()


def test_enter_is_offered_by_a_warning_only_while_it_has_the_keyboard(make_desk: MakeDesk) -> None:
    """Otherwise Enter accepts the proposal."""
    episodes = [
        replace(make_episode(50, (), episode_id=name), warnings=lines)
        for name, lines in (("one", ("a",)), ("two", ("a", "b")))
    ]
    desk = make_desk(episodes=episodes).open("one")
    card = desk.window.warnings
    for episode_id, more in (("one", ""), ("two", "+1")):
        desk.open(episode_id)
        assert (card.more.text(), card.more.isVisible()) == (more, bool(more))
        desk.press(Qt.Key.Key_Tab)
        assert desk.keyboard is card
        assert (card.more.text(), card.more.isVisible()) == (f"{more} ⏎".strip(), True)
        desk.window.setFocus()
        assert card.more.text() == more


def test_the_reason_of_a_failure_goes_when_an_episode_is_there(make_desk: MakeDesk) -> None:
    desk = make_desk().open()
    desk.session.failed_to_open.emit("demo_1", "the sidecar is broken")
    assert desk.window.opening.isVisible()
    desk.session.opened.emit()
    assert not desk.window.opening.isVisible()


def test_help_lists_every_action_with_its_keys_and_blocks_the_others(desk: Desk) -> None:
    desk.type("?")
    overlay = desk.window.help
    assert overlay.isVisible()
    assert overlay.geometry() == desk.window.rect()
    words = {label.text() for label in overlay.findChildren(QLabel)}
    assert {action.title for action in ACTIONS} <= words
    shown = {key for caps in overlay.findChildren(KeyCaps) for key in caps.keys}
    assert {key for action in ACTIONS for key in action.keys} - shown <= {"Ctrl+Enter", "Enter"}
    desk.type("f")
    assert desk.label.outcome is None
    desk.press(Qt.Key.Key_Escape)
    assert not overlay.isVisible()
    desk.type("r?")
    assert not overlay.isVisible()
    desk.press(Qt.Key.Key_F1)
    desk.type("?")
    assert not overlay.isVisible()
    assert desk.keyboard is desk.window.root_cause.edit
    assert desk.label.root_cause == "?"


def test_a_notice_goes_with_the_next_action(desk: Desk) -> None:
    desk.press(Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert desk.window.footer.notice.text() == "No event and no mark there."
    desk.type("f")
    assert desk.window.footer.notice.text() == ""


def test_playing_moves_the_cursor_in_real_time_and_stops_the_timer_at_the_end(desk: Desk) -> None:
    head = desk.window.timeline.head
    running = [timer for timer in desk.window.findChildren(QTimer) if timer.isActive()]
    desk.type("ll ")
    assert (head.pace_words, head.speed_words) == ("playing", "4\N{MULTIPLICATION SIGN}")
    assert len([timer for timer in desk.window.findChildren(QTimer) if timer.isActive()]) == len(running) + 1
    desk.until(lambda: desk.session.transport.frame > 10)
    desk.press(Qt.Key.Key_End)
    assert head.frame_words == "frame 311"
    assert [timer for timer in desk.window.findChildren(QTimer) if timer.isActive()] == running


def test_time_and_speed_in_words(make_desk: MakeDesk) -> None:
    episodes = [make_episode(100, (), 20.0, episode_id="timed"), make_episode(100, (), None, episode_id="untimed")]
    desk = make_desk(episodes=episodes).open("timed", frame=94)
    head = desk.window.timeline.head
    assert (head.frame_words, head.length_words) == ("frame 94", "of 100 · 4.70 s")
    desk.type("jjjj")
    assert head.speed_words == "◀ 0.1\N{MULTIPLICATION SIGN}"
    desk.open("untimed", frame=7)
    assert head.length_words == "of 100 · no rate known"


def test_the_panel_follows_the_viewer(desk: Desk) -> None:
    desk.until(lambda: desk.session.link.status.state is ViewerState.READY)
    desk.viewer.move_cursor(123)
    desk.until(lambda: desk.window.timeline.head.frame_words == "frame 123")


def test_a_session_outlives_its_window(make_desk: MakeDesk) -> None:
    desk = make_desk().open()
    desk.type("f")
    desk.close()
    desk.session.notice.emit("still there")
    desk.session.annotation_changed.emit()
    desk.session.safe.state_changed.emit(SaveState.SAVED, "12:00:00")


def test_every_episode_done(make_desk: MakeDesk) -> None:
    episodes = [make_episode(50, (), episode_id="only")]
    desk = make_desk(episodes=episodes).open("only")
    desk.type("s")
    desk.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert desk.window.footer.notice.text() == "Every episode of this stage is done."
    assert desk.window.header.place.text() == "1 of 1 · 1 done"
    assert desk.label.outcome is Outcome.SUCCESS
    desk.type("f")
    assert desk.window.header.place.text() == "1 of 1 · 0 done"
    assert WHY not in desk.label.root_cause


def test_the_panel_says_when_another_window_has_the_keyboard_and_takes_it_back(desk: Desk) -> None:
    other = QWidget()
    desk.qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    notice = desk.window.footer.notice
    desk.until(lambda: notice.text() == "The keys go to another window. Point here to take them.")
    inside = QPointF(5, 5)
    QApplication.sendEvent(desk.window, QEnterEvent(inside, inside, inside))
    desk.until(desk.window.isActiveWindow)
    assert notice.text() == ""


def test_every_problem_leads_to_its_place(desk: Desk) -> None:
    desk.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    desk.window.problems.words.linkActivated.emit("outcome")
    assert desk.keyboard is desk.window.outcome.row.buttons[Outcome.SUCCESS]
    desk.type("f1")
    desk.mark("]", 20)
    desk.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    fields = {problem.field for problem in desk.window.problems.problems}
    assert {"failure_subcategory", "recovery_start_frame", "root_cause", "annotator_confidence"} <= fields
    places = set()
    for field in fields:
        desk.window.setFocus()
        desk.window.problems.words.linkActivated.emit(field)
        assert desk.keyboard is not desk.window, field
        places.add(desk.keyboard)
    assert len(places) == len(fields)


@pytest.mark.parametrize("height", [480, 600])
@pytest.mark.parametrize("key", ["f", "f12r"])
def test_what_is_missing_is_in_sight_beside_its_card(desk: Desk, height: int, key: str) -> None:
    desk.window.resize(440, height)
    desk.type(key)
    scroller = desk.window.scroller
    QApplication.processEvents()
    if key == "f":
        scroller.verticalScrollBar().setValue(scroller.verticalScrollBar().maximum())
    desk.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    fields = [problem.field for problem in desk.window.problems.problems]
    if key == "f":
        field = desk.window.category.target_of(fields[0])
    else:
        field = desk.window.root_cause.edit
        assert "root_cause" in fields
        assert desk.keyboard is field

    def is_whole() -> None:
        assert desk.window.problems.isVisible()
        assert field.visibleRegion().boundingRect() == field.rect()

    desk.qtbot.waitUntil(is_whole)
    QApplication.processEvents()
    is_whole()


def test_a_low_window_names_one_problem_at_a_time(make_desk: MakeDesk) -> None:
    """With large text all of them would leave no room for the form."""
    warned = replace(make_episode(50, (), episode_id="one"), warnings=("gripper_force is zero",))
    found = FakeFindings({"one": slip_findings("one")})
    desk = make_desk(font_scale=1.5, episodes=[warned], findings=found).open("one")
    desk.window.resize(440, 760)
    desk.until(desk.window.proposal.accept.isVisible)
    desk.type("fr")
    desk.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    card, edit = desk.window.problems, desk.window.root_cause.edit
    assert len(card.problems) > 3
    assert f"1 of {len(card.problems)}" in card.words.text()
    assert [problem.message in card.words.text() for problem in card.problems[:2]] == [True, False]
    desk.until(lambda: edit.visibleRegion().boundingRect() == edit.rect())
    assert cut_off(desk.window) == []
    desk.session.appearance.usual_font()
    desk.window.resize(440, 760)
    assert all(problem.message in card.words.text() for problem in card.problems)


def test_another_episode_is_shown_from_its_top(desk: Desk) -> None:
    desk.window.resize(440, 480)
    desk.type("f12t")
    bar = desk.window.scroller.verticalScrollBar()
    desk.until(lambda: bar.value() > 0)
    desk.press(Qt.Key.Key_Escape)
    desk.open("demo_2")
    assert bar.value() == 0
    QApplication.processEvents()
    assert bar.value() == 0


def test_a_long_notice_takes_up_to_three_lines(desk: Desk) -> None:
    desk.window.resize(360, 760)
    notice = desk.window.footer.notice
    low = notice.heightForWidth(notice.width())
    path = "/tmp/some_folder/that_has_no_place_to_break_in_it/" + 3 * "and_is_long_"
    for line, lines in (
        ("The signals say otherwise (Z). The same key again keeps it.", 2),
        (f"rp is read-only: the annotations go to {path}", 3),
        ("No line break is as long as this. " * 9, 3),
    ):
        desk.session.notice.emit(line)
        desk.until(lambda lines=lines: notice.height() == lines * low)
        shown = notice.lines(notice.width())
        assert notice.toolTip() == line
        assert ("".join(shown).replace(" ", "") == line.replace(" ", "")) is not shown[-1].endswith("…")
        metrics = notice.fontMetrics()
        assert all(metrics.horizontalAdvance(text) <= notice.width() for text in shown)
    assert shown[-1].endswith("…")
    desk.window.footer.clear_notice()
    desk.until(lambda: notice.height() == low)


def test_nothing_is_left_when_the_window_is_gone(make_desk: MakeDesk) -> None:
    threads = set(threading.enumerate())
    desk = make_desk().open()
    session = desk.session
    alive: list[QObject] = [desk.window, *desk.window.findChildren(QTimer), *desk.window.findChildren(QWidget)]
    desk.type(" ")
    assert session.transport.playing
    desk.close()
    assert not any(shiboken6.isValid(item) for item in alive)
    assert set(threading.enumerate()) <= threads
    emitters = (session, session.transport, session.labelling, session.safe)
    signals = [
        value for item in emitters for name in dir(item) if isinstance(value := getattr(item, name), SignalInstance)
    ]
    assert len(signals) > 10
    panel_slots = [slot for signal in signals for slot in signal._slots if "failview.panel" in str(slot.slot_repr())]
    assert panel_slots == []


def test_a_window_with_unsaved_work_closes_only_the_second_time(desk: Desk) -> None:
    desk.open()
    desk.session.safe.state = (SaveState.FAILED, "no space left on the disk")
    assert not desk.window.close()
    assert desk.notices[-1] == "Not saved. Close again to give the last changes up."
    assert desk.window.close()


def test_each_failure_to_save_gets_its_own_warning(desk: Desk) -> None:
    def tell(state: SaveState, text: str) -> None:
        desk.session.safe.state = (state, text)
        desk.session.safe.state_changed.emit(state, text)

    tell(SaveState.FAILED, "no space left on the disk")
    assert not desk.window.close()
    tell(SaveState.FAILED, "the folder is gone")
    tell(SaveState.SAVED, "12:00:00")
    tell(SaveState.FAILED, "no space left on the disk")
    assert not desk.window.close()
    assert desk.window.close()
