"""A calm line after an hour, and after one and a half: it goes with the next key, once it could be read."""

from PySide6.QtCore import QCoreApplication, QElapsedTimer, QEvent, QObject, QTimer

from failview.panel.look.listening import listen
from failview.panel.look.state_card import StateCard
from failview.session.session import Session
from failview.session.work.rest_reminder import RestReminder

LOOK_MS = 10_000
"""How often it looks at the clock of the sitting."""

READ_MS = 5_000
"""Somebody at work presses a key every second: none of these takes the line away before it could be read."""


class RestNote(StateCard):
    """Not there most of the time; it never takes the keyboard."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._reminder = RestReminder(session.sitting)
        self._shown_for = QElapsedTimer()
        timer = QTimer(self, interval=LOOK_MS)
        timer.timeout.connect(self.look)
        timer.start()
        listen(self, session.opened, self.look)

    def look(self) -> None:
        """Say what is due."""
        if words := self._reminder.due():
            self.say(words, "amber")
            self._shown_for.start()
            application = QCoreApplication.instance()
            assert application is not None
            application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Any key takes it away, and does what it does."""
        del watched
        if event.type() is QEvent.Type.KeyPress and self._shown_for.elapsed() >= READ_MS:
            self.say("")
            application = QCoreApplication.instance()
            assert application is not None
            application.removeEventFilter(self)
        return False
