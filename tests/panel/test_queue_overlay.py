"""The queue as a list, by keys."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from failview.loaders.dataset import EpisodeEntry
from failview.model.annotation import Outcome, Stage
from failview.proposals.short_proposals import ShortProposal
from failview.session.work.queue_filter import QueueFilter, Show
from failview.session.work.queue_rows import QueueRow
from failview.session.work.work_board import WorkBoard
from failview.settings.work_rules import WorkRules
from tests.episodes.synthetic import make_episode
from tests.panel.conftest import Desk, MakeDesk, some_episodes

NO_SAMPLES = WorkRules(blind_share=0.0, review_share=0.0)
PROPOSALS = {
    "demo_0": ShortProposal(Outcome.FAILURE, 0.95, "slip_during_lift", 0.9, 88),
    "demo_2": ShortProposal(Outcome.SUCCESS, 0.97),
}


@pytest.fixture
def listed(make_desk: MakeDesk) -> Desk:
    """A desk with some proposals, in the order of the dataset."""
    return make_desk(rules=NO_SAMPLES, proposals=PROPOSALS).open()


def rows(desk: Desk) -> list[QueueRow]:
    model = desk.window.queue.list.episodes
    return [model.row(number) for number in range(model.rowCount())]


def ids(desk: Desk) -> list[str]:
    return [row.episode_id for row in rows(desk)]


def chosen(desk: Desk) -> str:
    entry = desk.window.queue.list.chosen
    return "" if entry is None else entry.episode_id


def test_the_list_shows_the_queue_at_the_open_episode(listed: Desk) -> None:
    listed.type("q")
    overlay = listed.window.queue
    assert overlay.isVisible()
    assert listed.keyboard is overlay.list
    assert ids(listed) == [f"demo_{number}" for number in range(6)]
    assert (chosen(listed), overlay.count.text()) == ("demo_1", "6 of 6")
    assert overlay.title.text() == "Queue · detail"
    first, second = rows(listed)[:2]
    assert (first.said, first.proposed, first.hue) == ("Failure · Slip during lift", True, "red")
    assert (second.said, second.task) == ("", "place the mug on the coaster")


def test_enter_opens_and_escape_changes_nothing(listed: Desk) -> None:
    listed.type("q")
    listed.press(Qt.Key.Key_Down)
    listed.press(Qt.Key.Key_Down)
    assert chosen(listed) == "demo_3"
    listed.press(Qt.Key.Key_Escape)
    assert not listed.window.queue.isVisible()
    assert listed.is_open("demo_1")
    assert listed.keyboard is listed.window
    listed.type("q")
    listed.press(Qt.Key.Key_PageDown)
    assert chosen(listed) == "demo_5"
    listed.press(Qt.Key.Key_PageUp)
    assert chosen(listed) == "demo_0"
    listed.press(Qt.Key.Key_Return)
    listed.until(lambda: listed.is_open("demo_0"))
    assert not listed.window.header.filter.isVisible()
    listed.type("f")
    assert listed.label.outcome is Outcome.FAILURE


def test_the_same_key_closes_the_list(listed: Desk) -> None:
    listed.type("qq")
    assert not listed.window.queue.isVisible()


def test_keys_of_the_form_do_nothing_below_the_list(listed: Desk) -> None:
    listed.type("q")
    listed.type("sfn")
    assert listed.label.outcome is None
    assert listed.is_open("demo_1")


def test_search_as_you_type_and_the_queue_follows(listed: Desk) -> None:
    listed.type("/")
    overlay = listed.window.queue
    assert listed.keyboard is overlay.typed
    listed.type("slip")
    assert (ids(listed), overlay.count.text()) == (["demo_0"], "1 of 6")
    assert listed.is_open("demo_1")
    listed.press(Qt.Key.Key_Return)
    listed.until(lambda: listed.is_open("demo_0"))
    pill = listed.window.header.filter
    assert (pill.text(), pill.isVisible()) == ("“slip”  \N{MULTIPLICATION SIGN}", True)
    assert listed.window.header.place.text() == "1 of 1 · 0 done"
    listed.type("n")
    assert listed.notices[-1] == "This is the last episode."
    QTest.mouseClick(pill, Qt.MouseButton.LeftButton)
    assert not pill.isVisible()
    assert listed.is_open("demo_0")
    assert listed.window.header.place.text() == "1 of 6 · 0 done"


def test_escape_in_the_search_shows_everything_again(listed: Desk) -> None:
    listed.type("/")
    listed.type("demo_4")
    listed.press(Qt.Key.Key_Return)
    listed.until(lambda: listed.is_open("demo_4"))
    assert listed.session.filter == QueueFilter(text="demo_4")
    listed.type("/")
    listed.press(Qt.Key.Key_Escape)
    overlay = listed.window.queue
    assert overlay.isVisible()
    assert listed.keyboard is overlay.typed
    assert (overlay.typed.text(), overlay.count.text()) == ("", "6 of 6")
    assert not listed.session.filter.narrows
    assert listed.is_open("demo_4")
    listed.press(Qt.Key.Key_Escape)
    assert not overlay.isVisible()


def test_choices_by_digit_and_arrow(listed: Desk) -> None:
    listed.type("q")
    overlay = listed.window.queue
    listed.type("5")
    assert overlay.chips[Show.FAILURES].isChecked()
    assert ids(listed) == ["demo_0"]
    listed.press(Qt.Key.Key_Right)
    assert overlay.chips[Show.OTHER].isChecked()
    assert overlay.nothing.isVisible()
    listed.press(Qt.Key.Key_Return)
    assert overlay.isVisible()
    listed.press(Qt.Key.Key_Backspace)
    assert overlay.chips[Show.DUE].isChecked()
    QTest.mouseClick(overlay.chips[Show.ALL], Qt.MouseButton.LeftButton)
    assert overlay.count.text() == "6 of 6"
    listed.press(Qt.Key.Key_Tab)
    listed.type("5")
    assert overlay.typed.text() == "5"
    assert ids(listed) == ["demo_5"]


def test_what_is_labelled_other_is_a_list_of_its_own(listed: Desk) -> None:
    listed.type("f1")
    listed.type("4")
    assert listed.label.failure_subcategory == "other_grasp"
    listed.type("q")
    listed.type("6")
    assert ids(listed) == ["demo_1"]
    listed.press(Qt.Key.Key_Return)
    assert listed.window.header.filter.text() == "labelled other  \N{MULTIPLICATION SIGN}"
    assert listed.is_open("demo_1")


def test_what_is_done_and_skipped_is_marked(listed: Desk) -> None:
    listed.label_failure()
    listed.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    listed.until(lambda: listed.is_open("demo_2"))
    listed.session.put_off("data broken")
    listed.until(lambda: listed.is_open("demo_3"))
    listed.type("q")
    found = {row.episode_id: row for row in rows(listed)}
    assert (found["demo_1"].done, found["demo_1"].proposed) == (True, False)
    assert found["demo_1"].said == "Failure · Slip during lift"
    assert [mark.words for mark in found["demo_2"].marks] == ["skipped"]
    assert "skipped: data broken" in found["demo_2"].words
    assert [mark.words for mark in found["demo_1"].marks] == ["chain"]
    listed.type("4")
    assert ids(listed) == ["demo_2"]
    listed.type("3")
    assert ids(listed) == ["demo_1"]


def test_nothing_of_a_blind_episode_is_given_away(make_desk: MakeDesk) -> None:
    desk = make_desk(rules=WorkRules(blind_share=1.0, review_share=0.0), proposals=PROPOSALS).open()
    desk.type("q")
    blind = rows(desk)[0]
    assert (blind.episode_id, blind.said) == ("demo_0", "")
    assert [mark.words for mark in blind.marks] == ["blind"]
    for digit in "578":
        desk.type(digit)
        assert ids(desk) == []
    desk.type("1")
    desk.type("/")
    desk.type("slip")
    assert ids(desk) == []


def test_a_narrowed_queue_is_left_when_another_stage_begins(listed: Desk) -> None:
    listed.type("/")
    listed.type("demo_4")
    listed.press(Qt.Key.Key_Return)
    listed.until(lambda: listed.is_open("demo_4"))
    listed.press(Qt.Key.Key_F6)
    listed.until(lambda: listed.session.open_episode is not None)
    assert not listed.window.header.filter.isVisible()


def test_the_whole_queue_by_its_action(listed: Desk) -> None:
    listed.type("/")
    listed.type("demo_4")
    listed.press(Qt.Key.Key_Return)
    listed.until(lambda: listed.is_open("demo_4"))
    listed.press(Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    listed.type("whole queue")
    listed.press(Qt.Key.Key_Return)
    assert not listed.session.filter.narrows
    assert listed.is_open("demo_4")


def test_ten_thousand_episodes_are_listed_and_searched_at_once(make_desk: MakeDesk) -> None:
    desk = make_desk(rules=NO_SAMPLES).open()
    more = (EpisodeEntry(f"episode_{number:05d}", 300, 20.0, "place the mug") for number in range(10_000))
    entries = [*desk.dataset.entries, *more]
    proposals = {
        entry.episode_id: ShortProposal(list(Outcome)[number % 3], number / 10_000, "slip_during_lift", 0.5, 9)
        for number, entry in enumerate(entries)
    }
    desk.session.board = WorkBoard(entries, "anna", (), proposals, NO_SAMPLES)
    desk.session.queue = desk.session.board.queue(Stage.DETAIL)
    overlay = desk.window.queue

    def seconds(act: Callable[[], object]) -> float:
        begun = time.perf_counter()
        act()
        overlay.grab()
        return time.perf_counter() - begun

    assert seconds(lambda: desk.type("/")) < 1.0
    assert overlay.count.text() == "10006 of 10006"
    assert min(seconds(lambda: desk.type("7")) for _ in range(2)) < 0.5
    assert all("77" in row.episode_id for row in (overlay.list.episodes.row(0), overlay.list.episodes.row(50)))
    assert overlay.count.text() == "280 of 10006"


def test_long_names_and_marks_fit_a_row(make_desk: MakeDesk) -> None:
    name = "2024-11-02_kitchen_table_robot3_operator-anna_take_000123"
    episode = replace(make_episode(50, (), episode_id=name), task="rinse it under the tap " * 5)
    desk = make_desk(episodes=[episode, *some_episodes()], rules=NO_SAMPLES, proposals=PROPOSALS).open(name)
    desk.window.resize(360, 760)
    desk.type("q")
    desk.until(lambda: desk.window.queue.width() == 360)
    view = desk.window.queue.list
    assert view.sizeHintForColumn(0) <= view.viewport().width()
    assert desk.window.width() == 360
    assert name in rows(desk)[0].words


def test_a_click_on_the_card_keeps_it_and_the_keyboard(listed: Desk) -> None:
    listed.type("q")
    overlay = listed.window.queue
    QTest.mouseClick(overlay.title, Qt.MouseButton.LeftButton)
    QTest.mouseClick(overlay.chips[Show.ALL], Qt.MouseButton.LeftButton)
    assert overlay.isVisible()
    assert listed.keyboard is overlay.list
    QTest.mouseClick(overlay, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    assert not overlay.isVisible()
    assert listed.keyboard is listed.window
