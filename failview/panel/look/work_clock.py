"""How fast it goes, how long it will take, and how long somebody has worked, in one line."""

from PySide6.QtCore import Qt, QTimer

from failview.panel.look.fitting_label import FittingLabel
from failview.session.session import Session
from failview.session.work.work_speed import left_words, speed_words, work_speed

CLOCK_MS = 10_000
"""How often the clock is read; it shows minutes."""


class WorkClock(FittingLabel):
    """Seconds per episode, time left, and the clock of the sitting; where there is little room, only the last.

    The header tells it when to look again; it also looks every CLOCK_MS.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setProperty("role", "muted")
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        timer = QTimer(self, interval=CLOCK_MS)
        timer.timeout.connect(self.refresh)
        timer.start()
        self.refresh()

    def refresh(self) -> None:
        """Show the times as they are now."""
        session = self._session
        minutes = int(session.sitting.total_s // 60)
        clock = f"{minutes // 60}:{minutes % 60:02d} h"
        works = [known.work for known in session.board.known.values() if known.work is not None]
        speed = work_speed(works, session.stage, session.queue.place)
        if speed.median_s is None or speed.left_s is None or not speed.left_s:
            self.say(clock)
            self.setToolTip(f"{clock} of active work in this sitting")
            return
        each, left = speed_words(speed.median_s), left_words(speed.left_s)
        self.say(f"{each} · {left} · {clock}", f"{left} · {clock}", f"{left.removesuffix(' left')} · {clock}", clock)
        self.setToolTip(f"{each}: the median of the last episodes of this stage\n{left}\n{clock} of active work")
