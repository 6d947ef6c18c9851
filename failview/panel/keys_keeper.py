"""Takes the keyboard back from a viewer whose window has just opened: a window manager gives it to the newest one."""

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

from failview.panel.look.listening import listen
from failview.session.desk.viewer_port import ViewerState, ViewerStatus
from failview.session.session import Session

OPENING_MS = 3000
"""A window opens within this time of the viewer's first answer, on a busy machine with software rendering."""


class KeysKeeper(QObject):
    """Gives the keyboard to the panel once after each start of the viewer. Later a person decides who has it.

    Args:
        session: Tells when the viewer starts.
        window: The panel.
    """

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._on_guard = False
        self._end = QTimer(self, singleShot=True, interval=OPENING_MS)
        self._end.timeout.connect(self._stand_down)
        window.installEventFilter(self)
        listen(window, session.link.status_changed, self._on_status)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See the panel lose the keyboard."""
        lost = event.type() is QEvent.Type.ActivationChange and not self._window.isActiveWindow()
        if lost and self._on_guard:
            self._stand_down()
            QTimer.singleShot(0, self._window, self._window.activateWindow)
        return super().eventFilter(watched, event)

    def _on_status(self, status: ViewerStatus) -> None:
        if status.state in (ViewerState.STARTING, ViewerState.RESTARTING):
            self._on_guard = self._window.isActiveWindow() or status.state is ViewerState.STARTING
            self._end.stop()
        elif self._on_guard and not self._end.isActive():
            self._end.start()

    def _stand_down(self) -> None:
        self._on_guard = False
        self._end.stop()
