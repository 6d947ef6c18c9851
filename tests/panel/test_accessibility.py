"""Who cannot see the panel well, or cannot use a mouse: names, focus, contrast; in every state that there is."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from failview.model.annotation import Stage
from failview.panel.look.style import THEMES
from failview.session.desk.safe import SaveState
from failview.session.desk.viewer_port import ViewerState
from tests.panel.conftest import BROKEN_ID, Desk, MakeDesk
from tests.panel.test_look import label_everything

CTRL = Qt.KeyboardModifier.ControlModifier


def spoken_name(widget: QWidget) -> str:
    """What a screen reader says first."""
    spoken = QAccessible.queryAccessibleInterface(widget)
    return "" if spoken is None else spoken.text(QAccessible.Text.Name).strip()


def is_control(widget: QWidget) -> bool:
    """Whether somebody can do something with it."""
    takes_keys = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    takes_clicks = widget.cursor().shape() is Qt.CursorShape.PointingHandCursor and widget.testAttribute(
        Qt.WidgetAttribute.WA_SetCursor
    )
    linked = isinstance(widget, QLabel) and bool(
        widget.textInteractionFlags() & Qt.TextInteractionFlag.LinksAccessibleByKeyboard
    )
    return bool(takes_keys) or takes_clicks or isinstance(widget, QAbstractButton) or linked


def nameless(window: QWidget) -> list[str]:
    """Visible controls that a screen reader cannot tell."""
    found = []
    for widget in window.findChildren(QWidget):
        inner = isinstance(widget.parentWidget(), QAbstractScrollArea) or widget.objectName().startswith("qt_")
        if widget.isVisible() and not inner and is_control(widget):
            name = spoken_name(widget)
            if not any(letter.isalnum() for letter in name) or "_" in name:
                found.append(f"{type(widget).__name__} {widget.objectName()} {name!r}")
    return found


def opened(desk: Desk) -> None:
    desk.open()


def labelled(desk: Desk) -> None:
    desk.open()
    label_everything(desk)


def success(desk: Desk) -> None:
    desk.open()
    desk.type("s")


def contradicting(desk: Desk) -> None:
    desk.open()
    desk.type("f1")
    desk.mark("o", 90)
    desk.mark("b", 20)
    desk.press(Qt.Key.Key_Return, CTRL)


def broken(desk: Desk) -> None:
    desk.session.go_to(BROKEN_ID)
    desk.until(desk.window.opening.isVisible)


def not_saved(desk: Desk) -> None:
    desk.open()
    desk.session.safe.state = (SaveState.FAILED, "no space left on the disk")
    desk.session.safe.state_changed.emit(*desk.session.safe.state)


def without_viewer(desk: Desk) -> None:
    desk.open()
    desk.viewer.emit_status(ViewerState.GONE, "It ended three times.")
    desk.until(desk.window.viewer.isVisible)


def nothing_due(desk: Desk) -> None:
    desk.session.change_stage(Stage.REVIEW)
    assert desk.window.summary.isVisible()


def triage(desk: Desk) -> None:
    desk.session.change_stage(Stage.TRIAGE)
    desk.until(lambda: desk.session.open_episode is not None)


def with_help(desk: Desk) -> None:
    desk.open()
    desk.press(Qt.Key.Key_F1)


def with_palette(desk: Desk) -> None:
    desk.open()
    desk.press(Qt.Key.Key_K, CTRL)


STATES: tuple[Callable[[Desk], None], ...] = (
    opened,
    labelled,
    success,
    contradicting,
    broken,
    not_saved,
    without_viewer,
    nothing_due,
    triage,
    with_help,
    with_palette,
)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_every_control_has_a_name_in_every_state(make_desk: MakeDesk, state: Callable[[Desk], None]) -> None:
    desk = make_desk()
    state(desk)
    QApplication.processEvents()
    assert nameless(desk.window) == []


def walk(desk: Desk, key: Qt.Key = Qt.Key.Key_Tab) -> list[QWidget]:
    """What has the keyboard, from the first control on, until it comes round."""
    desk.window.setFocus()
    seen: list[QWidget] = []
    for _ in range(200):
        QTest.keyClick(desk.keyboard, key)
        if seen and desk.keyboard is seen[-1]:
            continue  # the next link of the same words
        if desk.keyboard in seen:
            return seen
        seen.append(desk.keyboard)
    raise AssertionError("it never comes round")


@pytest.mark.parametrize(
    "state", [opened, labelled, success, contradicting, without_viewer, nothing_due], ids=lambda s: s.__name__
)
def test_tab_visits_every_field_from_top_to_bottom_and_nothing_is_a_trap(
    make_desk: MakeDesk, state: Callable[[Desk], None]
) -> None:
    desk = make_desk()
    desk.window.resize(440, 1400)
    state(desk)
    QApplication.processEvents()
    seen = walk(desk)
    wanted = {
        widget
        for widget in desk.window.findChildren(QWidget)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget is not desk.window
    }
    assert wanted - set(seen) == set()
    at = [widget.mapTo(desk.window, QPoint(0, 0)) for widget in seen if widget is not desk.window]
    rows = [(point.y() + widget.height() // 2, widget) for point, widget in zip(at, seen, strict=False)]
    backwards = [
        f"{type(after).__name__} {spoken_name(after)!r} at {low} after {spoken_name(before)!r} at {high}"
        for (high, before), (low, after) in pairwise(rows)
        if low < high - max(before.height(), after.height()) // 2 - 1
    ]
    assert backwards == []
    assert set(walk(desk, Qt.Key.Key_Backtab)) == set(seen)


@pytest.mark.parametrize("theme", THEMES)
def test_whatever_has_the_keyboard_looks_different(make_desk: MakeDesk, theme: str) -> None:
    desk = make_desk(theme=theme).open()
    desk.window.resize(440, 1400)
    label_everything(desk)
    unseen = []
    for widget in walk(desk):
        if widget is desk.window or isinstance(widget, QPlainTextEdit | QLineEdit):
            continue
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        focused = widget.grab().toImage()
        desk.window.setFocus()
        if widget.grab().toImage() == focused:
            unseen.append(f"{type(widget).__name__} {spoken_name(widget)!r}")
    assert unseen == []


@pytest.mark.parametrize("theme", THEMES)
def test_a_text_with_the_keyboard_has_an_accent_border(make_desk: MakeDesk, theme: str) -> None:
    desk = make_desk(theme=theme).open()
    desk.type("f")
    for field in (desk.window.root_cause.edit, desk.window.frames.fields["failure_onset_frame"]):
        field.setFocus(Qt.FocusReason.TabFocusReason)
        picture = field.grab().toImage()
        middle = picture.height() // 2
        assert picture.pixelColor(0, middle).name() == THEMES[theme].accent
