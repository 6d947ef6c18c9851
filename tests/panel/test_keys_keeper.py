"""The keyboard comes back to the panel once after each start of the viewer."""

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from failview.panel.keys_keeper import KeysKeeper
from failview.session.desk.viewer_port import ViewerState, ViewerStatus
from failview.session.session import Session
from tests.panel.conftest import Desk


class Window(QWidget):
    """A panel that a test takes the keyboard from, and that counts how often it asks for it."""

    def __init__(self) -> None:
        super().__init__()
        self.active = True
        self.asked = 0

    def isActiveWindow(self) -> bool:  # noqa: N802
        return self.active

    def activateWindow(self) -> None:  # noqa: N802
        self.asked += 1

    def lose_keys(self) -> None:
        self.active = False
        QApplication.sendEvent(self, QEvent(QEvent.Type.ActivationChange))
        QApplication.processEvents()


@pytest.fixture
def session(desk: Desk) -> Session:
    return desk.session


@pytest.fixture
def window(qtbot: QtBot, session: Session) -> Window:
    QApplication.processEvents()  # what the desk's own viewer has to tell
    made = Window()
    qtbot.addWidget(made)
    KeysKeeper(session, made)
    return made


def tell(session: Session, state: ViewerState) -> None:
    session.link.status_changed.emit(ViewerStatus(state))


def test_a_viewer_that_opens_gives_the_keys_back_once(window: Window, session: Session) -> None:
    tell(session, ViewerState.STARTING)
    tell(session, ViewerState.READY)
    window.lose_keys()
    assert window.asked == 1
    window.lose_keys()
    assert window.asked == 1, "the second time a person clicked there"


def test_a_viewer_that_comes_back_gives_the_keys_back_to_a_panel_that_had_them(
    window: Window, session: Session
) -> None:
    tell(session, ViewerState.RESTARTING)
    tell(session, ViewerState.LOADING)
    window.lose_keys()
    assert window.asked == 1
    tell(session, ViewerState.RESTARTING)
    window.lose_keys()
    assert window.asked == 1, "somebody worked in another window"


def test_without_a_start_nobody_takes_the_keys_away(window: Window, session: Session) -> None:
    tell(session, ViewerState.READY)
    window.lose_keys()
    assert window.asked == 0
