"""The palette: every action by its words, from anywhere, and the keyboard goes back to where it was."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from failview.model.annotation import Outcome
from failview.panel.look.window_size import WIDTHS_PX
from failview.session.actions import ACTIONS
from failview.session.keymap import Keymap
from tests.panel.conftest import Desk, MakeDesk

CTRL = Qt.KeyboardModifier.ControlModifier


def call(desk: Desk, typed: str = "") -> None:
    desk.press(Qt.Key.Key_K, CTRL)
    assert desk.window.commands.isVisible()
    assert desk.keyboard is desk.window.commands.typed
    desk.type(typed)


def titles(desk: Desk) -> list[str]:
    return [row.title for row in desk.window.commands.rows]


def test_type_and_enter_does_it(desk: Desk) -> None:
    call(desk, "partial")
    assert titles(desk)[0] == "Partial success"
    desk.press(Qt.Key.Key_Return)
    assert not desk.window.commands.isVisible()
    assert desk.label.outcome is Outcome.PARTIAL_SUCCESS


def test_it_offers_every_action_with_its_key(desk: Desk) -> None:
    call(desk)
    offered = {row.title: row for row in desk.window.commands.rows}
    missing = {item.id for item in ACTIONS if item.title not in offered}
    assert missing == {"palette", "leave_field"}
    assert all(offered[item.title].key == (item.keys or ("",))[0] for item in ACTIONS if item.id not in missing)


def test_up_and_down_choose_and_go_round(desk: Desk) -> None:
    call(desk, "one second")
    shown = desk.window.commands.list
    assert shown.currentRow() == 0
    desk.press(Qt.Key.Key_Up)
    assert shown.currentRow() == shown.count() - 1
    desk.press(Qt.Key.Key_Down)
    desk.press(Qt.Key.Key_Down)
    assert shown.currentRow() == 1
    assert desk.window.commands.typed.accessibleDescription().startswith("One second on, ")
    desk.press(Qt.Key.Key_Return)
    assert desk.session.transport.frame == 20


def test_from_a_text_and_back_to_it(desk: Desk) -> None:
    desk.type("rabc")
    call(desk, "frame")
    desk.press(Qt.Key.Key_Escape)
    assert desk.keyboard is desk.window.root_cause.edit
    desk.type("d")
    assert desk.label.root_cause == "abcd"
    call(desk, "next episode")
    desk.press(Qt.Key.Key_Return)
    desk.until(lambda: desk.is_open("demo_2"))


def test_what_cannot_be_done_is_dim_and_says_why(make_desk: MakeDesk) -> None:
    desk = make_desk(read_only=True).open("demo_0")
    call(desk)
    why = {row.title: row.why_not for row in desk.window.commands.rows}
    assert why["Failure"] == "read-only"
    assert why["Previous episode"] == "this is the first one"
    assert why["Restart the viewer when it is gone"] == "the viewer is running"
    assert why["Next episode"] == why["Play or pause"] == ""
    desk.type("failure begins")
    desk.press(Qt.Key.Key_Return)
    assert desk.window.commands.isVisible()
    assert desk.notices == []


def test_without_an_episode(make_desk: MakeDesk) -> None:
    desk = make_desk()
    call(desk)
    why = {row.title: row.why_not for row in desk.window.commands.rows}
    assert why["Play or pause"] == why["Undo"] == "no episode is open"


def test_undo_and_redo_know_whether_there_is_something(desk: Desk) -> None:
    desk.type("f")
    call(desk)
    why = {row.title: row.why_not for row in desk.window.commands.rows}
    assert (why["Undo"], why["Redo"]) == ("", "nothing to redo")


def test_the_chosen_ones_come_first_next_time(desk: Desk) -> None:
    for typed in ("last frame", "undo"):
        desk.type("f")
        call(desk, typed)
        desk.press(Qt.Key.Key_Return)
    call(desk)
    assert titles(desk)[:2] == ["Undo", "Last frame"]


def test_nothing_found_says_so_and_enter_does_nothing(desk: Desk) -> None:
    call(desk, "qqqq")
    assert desk.window.commands.nothing.isVisible()
    desk.press(Qt.Key.Key_Return)
    assert desk.window.commands.isVisible()


def test_tab_stays_and_a_click_beside_closes(desk: Desk) -> None:
    call(desk)
    desk.press(Qt.Key.Key_Tab)
    desk.press(Qt.Key.Key_Backtab)
    assert desk.keyboard is desk.window.commands.typed
    QTest.mouseClick(desk.window.commands, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert not desk.window.commands.isVisible()
    desk.type("f")
    assert desk.label.outcome is Outcome.FAILURE


def test_a_click_chooses(desk: Desk) -> None:
    call(desk, "failure begins")
    shown = desk.window.commands.list
    QTest.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=shown.visualItemRect(shown.item(0)).center())
    assert desk.label.failure_onset_frame == 0


def test_one_overlay_at_a_time_and_both_give_the_keyboard_back(desk: Desk) -> None:
    desk.type("r")
    call(desk)
    desk.press(Qt.Key.Key_F1)
    assert (desk.window.help.isVisible(), desk.window.commands.isVisible()) == (True, False)
    call(desk)
    assert not desk.window.help.isVisible()
    desk.press(Qt.Key.Key_Escape)
    assert desk.keyboard is desk.window.root_cause.edit


def test_the_keys_of_the_user_open_and_close_it(make_desk: MakeDesk) -> None:
    desk = make_desk(keymap=Keymap({"palette": ("Ctrl+P",), "leave_field": ("Ctrl+G",), "undo": ()})).open()
    desk.press(Qt.Key.Key_P, CTRL)
    assert desk.window.commands.isVisible()
    assert next(row for row in desk.window.commands.rows if row.title == "Undo").key == ""
    desk.press(Qt.Key.Key_G, CTRL)
    assert not desk.window.commands.isVisible()


def test_it_fits_a_low_and_narrow_window(desk: Desk) -> None:
    desk.window.resize(WIDTHS_PX[0], 480)
    call(desk)
    palette = desk.window.commands
    desk.until(lambda: palette.list.height() > 0)
    bottom = palette.list.mapTo(desk.window, palette.list.rect().bottomLeft()).y()
    assert bottom < desk.window.height()
    assert palette.list.horizontalScrollBar().maximum() == 0


def test_the_help_scrolls_by_key_where_it_does_not_fit(desk: Desk) -> None:
    desk.window.resize(WIDTHS_PX[0], 480)
    desk.type("?")
    bar = desk.window.help.page.verticalScrollBar()
    desk.until(lambda: bar.maximum() > 0)
    desk.press(Qt.Key.Key_Down)
    assert bar.value() > 0
    desk.press(Qt.Key.Key_PageDown)
    assert bar.value() > 40
    assert desk.window.help.page.horizontalScrollBar().maximum() == 0


def test_the_size_of_text_and_the_theme_change_by_key(make_desk: MakeDesk) -> None:
    desk = make_desk(keymap=Keymap({"theme": ("F9",)})).open()
    look = desk.session.appearance
    desk.press(Qt.Key.Key_Plus, CTRL)
    desk.press(Qt.Key.Key_Equal, CTRL)
    desk.press(Qt.Key.Key_Plus, CTRL | Qt.KeyboardModifier.ShiftModifier)
    assert look.font_scale == 1.5
    desk.press(Qt.Key.Key_Minus, CTRL)
    assert (look.font_scale, desk.notices[-1]) == (1.25, "Text 125%.")
    desk.press(Qt.Key.Key_0, CTRL)
    assert look.font_scale == 1.0
    for _ in range(4):
        desk.press(Qt.Key.Key_Minus, CTRL)
    assert (look.font_scale, desk.notices[-1]) == (0.8, "Text 80%: there is no smaller one.")
    desk.press(Qt.Key.Key_0, CTRL)
    desk.press(Qt.Key.Key_F9)
    assert look.theme == "light"
