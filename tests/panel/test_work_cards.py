"""A stage at its end, a stage with nothing to do, the times in the header, and the note to rest."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from failview.model.annotation import Stage
from failview.panel.cards import rest_note
from failview.panel.look.window_size import WIDTHS_PX
from failview.session.work.rest_reminder import NOTES
from tests.episodes.synthetic import make_episode
from tests.panel.conftest import Desk, MakeDesk

CTRL = Qt.KeyboardModifier.ControlModifier


def finish(desk: Desk) -> None:
    desk.press(Qt.Key.Key_Return, CTRL)


def test_a_finished_stage_says_what_it_came_to_and_what_comes_next(make_desk: MakeDesk) -> None:
    episodes = [make_episode(100, (), episode_id=f"demo_{number}") for number in range(2)]
    desk = make_desk(episodes=episodes).open("demo_0")
    card = desk.window.summary
    assert not card.isVisible()
    desk.label_failure()
    finish(desk)
    desk.until(lambda: desk.is_open("demo_1"))
    desk.type("s")
    desk.type("+")
    finish(desk)
    desk.until(card.isVisible)
    assert card.title.text() == "Detail is finished"
    assert card.words.text() == "2 of 2 episodes, 1 failure."
    assert card.property("card") == "green"
    assert card.command.isVisible() != card.go_on.isVisible()
    desk.press(Qt.Key.Key_Z, CTRL)
    desk.press(Qt.Key.Key_Z, CTRL)
    desk.until(lambda: not card.isVisible())


def test_nothing_due_is_a_card_and_nothing_else(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.session.change_stage(Stage.REVIEW)
    window = desk.window
    if desk.session.queue.place.total:
        raise AssertionError("nothing is labelled, so that nothing can be reviewed")
    assert window.summary.title.text() == "Nothing to do in the review stage"
    assert not window.form.isVisible()
    assert not window.footer.finish.isEnabled()
    assert window.summary.y() < 200
    assert not window.timeline.isVisible()
    assert window.summary.go_on.text() == "Go on with triage"
    QTest.mouseClick(window.summary.go_on, Qt.MouseButton.LeftButton)
    desk.until(lambda: desk.session.open_episode is not None)
    assert desk.session.stage is Stage.TRIAGE
    assert not window.summary.isVisible()
    assert window.timeline.isVisible()


def test_the_header_tells_pace_and_time_left_as_there_is_room(make_desk: MakeDesk) -> None:
    desk = make_desk()
    clock = desk.window.header.clock
    assert clock.text() == "0:00 h"
    texts = ("6 s each · ≈ 22 min left · 0:42 h", "≈ 22 min left · 0:42 h", "≈ 22 min · 0:42 h", "0:42 h")
    clock.say(*texts)
    shown = []
    for width in reversed(WIDTHS_PX):
        desk.window.resize(width, 1000)
        desk.until(lambda width=width: desk.window.width() == width)
        shown.append(clock.shown)
    assert [len(words) for words in shown] == sorted((len(words) for words in shown), reverse=True)
    assert "22 min" in shown[-1]
    desk.session.appearance.choose(font_scale=1.5)
    clock.say(*texts)
    desk.until(lambda: clock.shown in texts[1:])
    assert clock.fontMetrics().horizontalAdvance(clock.shown) <= clock.width()


def test_the_note_to_rest_goes_with_a_key_once_it_was_read(desk: Desk, monkeypatch) -> None:
    note = desk.window.rest
    for second in range(0, 61 * 60, 30):
        desk.session.sitting.note(float(second))
    keyboard = desk.keyboard
    note.look()
    assert note.isVisible()
    assert note.words.text() == NOTES[0][1]
    assert note.property("card") == "amber"
    assert desk.keyboard is keyboard
    desk.press(Qt.Key.Key_Right)
    assert note.isVisible()
    assert desk.session.transport.frame == 1
    monkeypatch.setattr(rest_note, "READ_MS", 0)
    desk.press(Qt.Key.Key_Right)
    assert not note.isVisible()
    assert desk.session.transport.frame == 2
    note.look()
    assert not note.isVisible()
