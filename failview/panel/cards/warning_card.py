"""What is doubtful about the episode, its sidecar and its pictures: one line, the rest on demand."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from failview.panel.look.elided_label import ElidedLabel
from failview.panel.look.listening import listen
from failview.panel.look.style import GAP_PX
from failview.session.desk.viewer_port import ViewerState
from failview.session.session import Session


class WarningCard(QFrame):
    """An amber card; a click unfolds it, and Enter while it has the keyboard: otherwise Enter is not its key."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._late: dict[str, list[str]] = {}
        self._unfolded = False
        self.setProperty("card", "amber")
        self.setProperty("takes_enter", True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.first = ElidedLabel()
        self.first.setProperty("role", "amber")
        self.more = QLabel()
        self.more.setProperty("role", "caption")
        self.all = QLabel()
        self.all.setWordWrap(True)
        self.all.setTextFormat(Qt.TextFormat.PlainText)
        line = QHBoxLayout()
        line.addWidget(self.first, 1)
        line.addWidget(self.more)
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP_PX + 2, GAP_PX // 2, GAP_PX + 2, GAP_PX // 2)
        column.setSpacing(GAP_PX // 2)
        column.addLayout(line)
        column.addWidget(self.all)
        listen(self, session.opening, self._fold)
        listen(self, session.opened, self.refresh)
        listen(self, session.safe.warned, self._add)
        listen(self, session.link.status_changed, self.refresh)
        self.refresh()

    @property
    def lines(self) -> list[str]:
        """What is doubtful."""
        opened = self._session.open_episode
        if opened is None:
            return []
        episode = opened.episode
        return [
            *opened.sidecar_warnings,
            *self._late.get(episode.episode_id, []),
            *self._from_viewer(episode.episode_id),
            *episode.warnings,
        ]

    def refresh(self) -> None:
        """Show the warnings of the open episode; nothing when there are none."""
        lines = self.lines
        self.setVisible(bool(lines))
        if not lines:
            return
        self.first.setText(lines[0])
        self.first.setVisible(not self._unfolded)
        more = [f"+{len(lines) - 1}"] if len(lines) > 1 else []
        self.more.setText(" ".join([*more, "⏎"] if self.hasFocus() else more))
        self.more.setVisible(not self._unfolded and bool(self.more.text()))
        self.all.setText("\n".join(f"• {line}" for line in lines) if len(lines) > 1 else lines[0])
        self.all.setVisible(self._unfolded)

    def toggle(self) -> None:
        """Unfold or fold."""
        self._unfolded = not self._unfolded
        self.refresh()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click toggles."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.toggle()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter toggles."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.toggle()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Say that Enter belongs to it now."""
        super().focusInEvent(event)
        self.refresh()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Enter means something else again."""
        super().focusOutEvent(event)
        self.refresh()

    def _fold(self, episode_id: str) -> None:
        self._unfolded = False
        if not self._session.comes_at_once(episode_id):
            self.refresh()

    def _from_viewer(self, episode_id: str) -> list[str]:
        """What the viewer says about an episode; a viewer that is gone has a card of its own."""
        status = self._session.link.status
        about_this = status.episode_id == episode_id and status.state is not ViewerState.GONE
        return status.message.splitlines() if about_this else []

    def _add(self, episode_id: str, line: str) -> None:
        """Keep what comes up about a sidecar with its episode, which may not be the open one."""
        lines = self._late.setdefault(episode_id, [])
        if line not in lines:
            lines.append(line)
        self.refresh()
