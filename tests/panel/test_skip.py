"""Skipping with a reason, by keys."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from failview.model.annotation import Stage
from failview.panel.work.skip_card import REASONS
from tests.panel.conftest import Desk, MakeDesk


def reason_of(desk: Desk, episode_id: str) -> str:
    work = desk.session.board.of(episode_id).work
    return "" if work is None else work.stages[desk.session.stage].put_off


@pytest.mark.parametrize("digit", [1, 2, 3, 4])
def test_two_keys_skip_for_a_usual_reason(desk: Desk, digit: int) -> None:
    desk.type("x")
    assert desk.window.skip.isVisible()
    assert desk.window.skip.title.text() == "Skip demo_1: why?"
    desk.type(str(digit))
    desk.until(lambda: desk.is_open("demo_2"))
    assert not desk.window.skip.isVisible()
    assert reason_of(desk, "demo_1") == REASONS[digit - 1]


def test_ones_own_words(desk: Desk) -> None:
    desk.type("x")
    desk.press(Qt.Key.Key_Return)
    assert desk.window.skip.isVisible()
    desk.press(Qt.Key.Key_Tab)
    desk.type("the second arm moves too, 3 times")
    assert desk.window.skip.typed.text() == "the second arm moves too, 3 times"
    desk.press(Qt.Key.Key_Return)
    desk.until(lambda: desk.is_open("demo_2"))
    assert reason_of(desk, "demo_1") == "the second arm moves too, 3 times"


def test_a_letter_begins_to_write(desk: Desk) -> None:
    desk.type("xglove")
    assert desk.window.skip.typed.text() == "glove"
    desk.press(Qt.Key.Key_Escape)
    assert not desk.window.skip.isVisible()
    assert desk.is_open("demo_1")
    assert reason_of(desk, "demo_1") == ""
    assert desk.keyboard is desk.window


def test_the_buttons_skip(desk: Desk) -> None:
    QTest.mouseClick(desk.window.footer.skip, Qt.MouseButton.LeftButton)
    QTest.mouseClick(desk.window.skip.reasons[0], Qt.MouseButton.LeftButton)
    desk.until(lambda: desk.is_open("demo_2"))
    assert reason_of(desk, "demo_1") == REASONS[0]


def test_a_skipped_episode_comes_last_and_says_why(desk: Desk) -> None:
    desk.type("x3")
    desk.until(lambda: desk.is_open("demo_2"))
    assert [entry.episode_id for entry in desk.session.queue.entries][-1] == "demo_1"
    desk.open("demo_1")
    card = desk.window.skipped
    assert (card.isVisible(), card.words.text()) == (True, f"Skipped before: {REASONS[2]}")
    desk.type("x")
    assert desk.window.skip.typed.text() == REASONS[2]
    desk.press(Qt.Key.Key_Escape)
    desk.press(Qt.Key.Key_F6)
    desk.until(lambda: desk.session.stage is Stage.TRIAGE and desk.session.open_episode is not None)
    assert not card.isVisible()


def test_a_finished_episode_is_not_skipped_any_more(desk: Desk) -> None:
    desk.type("x4")
    desk.until(lambda: desk.is_open("demo_2"))
    desk.open("demo_1")
    desk.label_failure()
    desk.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    desk.until(lambda: not desk.is_open("demo_1"))
    desk.open("demo_1")
    assert not desk.window.skipped.isVisible()


def test_what_cannot_be_changed_is_not_skipped(make_desk: MakeDesk) -> None:
    desk = make_desk(read_only=True).open()
    desk.type("x")
    assert not desk.window.skip.isVisible()
    assert desk.notices[-1].startswith("Another failview")


def test_without_an_episode_there_is_nothing_to_skip(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.type("x")
    assert not desk.window.skip.isVisible()
    assert desk.notices[-1] == "No episode is open."
