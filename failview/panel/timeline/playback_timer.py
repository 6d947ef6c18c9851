"""Moves the cursor while an episode plays, and only then."""

from PySide6.QtCore import QObject, Qt, QTimer

from failview.panel.look.listening import listen
from failview.session.session import Session

TICK_MS = 5
"""The next frame is asked for so soon after the viewer showed the one before, or after its time has come."""


class PlaybackTimer(QTimer):
    """Ticks the transport while it plays."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self.setInterval(TICK_MS)
        self.setTimerType(Qt.TimerType.PreciseTimer)
        self.timeout.connect(self._tick)
        listen(self, session.transport.playing_changed, self._on_playing)

    def _on_playing(self, playing: bool) -> None:
        if playing:
            self.start()
        else:
            self.stop()

    def _tick(self) -> None:
        self._session.transport.tick(self._session.now())
