"""Where we are in time."""

from PySide6.QtWidgets import QFrame, QVBoxLayout

from failview.panel.look.style import GAP_PX, Tokens
from failview.panel.timeline.event_line import EventLine
from failview.panel.timeline.timeline_head import TimelineHead
from failview.panel.timeline.timeline_strip import END_PX, TimelineStrip
from failview.session.session import Session


class TimelineCard(QFrame):
    """The cursor in figures, on the strip, and the event near it."""

    def __init__(self, session: Session, tokens: Tokens) -> None:
        super().__init__()
        self.setProperty("card", "grey")
        self.head = TimelineHead(session, tokens)
        self.strip = TimelineStrip(session, tokens)
        self.strip.setAccessibleName("Timeline")
        self.event_line = EventLine(session, tokens)
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP_PX + 2, GAP_PX, GAP_PX + 2 - END_PX, GAP_PX // 2)
        column.setSpacing(GAP_PX // 2)
        top = QVBoxLayout()
        top.setContentsMargins(0, 0, END_PX, 0)
        top.addWidget(self.head)
        column.addLayout(top)
        column.addWidget(self.strip)
        bottom = QVBoxLayout()
        bottom.setContentsMargins(0, 0, END_PX, 0)
        bottom.addWidget(self.event_line)
        column.addLayout(bottom)
