"""What comes next: the episodes around, the keys, and the one button that finishes."""

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from failview.panel.look.key_badge import key_symbols
from failview.panel.look.keyed_button import KeyedButton, Look
from failview.panel.look.listening import listen
from failview.panel.look.style import GAP_PX, SIDE_PX, Tokens
from failview.panel.look.wrapped_label import WrappedLabel
from failview.session.actions import action
from failview.session.keymap import Keymap
from failview.session.next_step import next_step
from failview.session.session import Session

NOTICE_MS = 10_000
"""How long a notice stays when nothing else is done; long enough to read one line twice."""


_ELSEWHERE = "The keys go to another window. Point here to take them."


class Footer(QWidget):
    """Always visible below the form."""

    def __init__(self, session: Session, keymap: Keymap, tokens: Tokens) -> None:
        super().__init__()
        self.notice = WrappedLabel()
        self._idle = ""
        self._timer = QTimer(self, singleShot=True, interval=NOTICE_MS)
        self._timer.timeout.connect(self.clear_notice)
        self._session = session
        self._keymap = keymap
        self.previous = KeyedButton(tokens, "‹", keymap.shown_key("previous_episode"))
        self.next = KeyedButton(tokens, "›", keymap.shown_key("next_episode"))
        self.skip = KeyedButton(tokens, "Skip", keymap.shown_key("skip"))
        self.help = KeyedButton(tokens, "", keymap.shown_key("help") or "?")
        self.finish = KeyedButton(tokens, "", look=Look.ACCENT)
        self.finish.clicked.connect(self._go_on)
        row = QHBoxLayout()
        row.setSpacing(GAP_PX)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(GAP_PX)
        for button, action_id in (
            (self.previous, "previous_episode"),
            (self.next, "next_episode"),
            (self.skip, "skip"),
            (self.help, "help"),
        ):
            button.setAccessibleName(action(action_id).title)
            button.setToolTip(action(action_id).title)
            button.clicked.connect(lambda _on=False, act=action_id: action(act).run(session))
            row.addWidget(button)
        row.addStretch()
        self._row.addLayout(row, 1)
        self._row.addWidget(self.finish)
        column = QVBoxLayout(self)
        column.setContentsMargins(SIDE_PX, GAP_PX // 2, SIDE_PX, SIDE_PX)
        column.setSpacing(GAP_PX // 2)
        column.addWidget(self.notice)
        column.addLayout(self._row)
        listen(self, session.notice, self.say)
        changes = (session.opened, session.failed_to_open, session.emptied, session.annotation_changed)
        for signal in (*changes, session.judging.arrived, session.review.changed):
            listen(self, signal, self.refresh)
        self.refresh()

    def minimumSizeHint(self) -> QSize:
        """The one button may stand below the others."""
        small, finish = self._widths
        return QSize(max(small, finish) + 2 * SIDE_PX, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the one button below the others where it does not fit beside them."""
        super().resizeEvent(event)
        self._stack()

    def _stack(self) -> None:
        room = self.width() - 2 * SIDE_PX
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._row.setDirection(across if sum(self._widths) + GAP_PX <= room else down)

    @property
    def _widths(self) -> tuple[int, int]:
        """Pixels that the small buttons take, and those of the one button with short words."""
        small = (self.previous, self.next, self.skip, self.help)
        around = (len(small) - 1) * GAP_PX
        return sum(button.minimumSizeHint().width() for button in small) + around, self.finish.minimumSizeHint().width()

    def refresh(self) -> None:
        """Say what leads to the next episode now."""
        step = next_step(self._session)
        key = key_symbols(self._keymap.shown_key(step.action_id)) if step.action_id else ""
        self.finish.short = f"{step.short}  {key}".strip()
        self.finish.setText(f"{step.words}  {key}".strip())
        self.finish.setAccessibleName(step.words)
        self.finish.setToolTip(step.words)
        self.finish.setEnabled(bool(step.action_id) and self._session.open_episode is not None)
        self.finish.updateGeometry()
        self._stack()

    def _go_on(self) -> None:
        if action_id := next_step(self._session).action_id:
            action(action_id).run(self._session)

    def show_keys_elsewhere(self, *, elsewhere: bool) -> None:
        """Say that another window has the keyboard, and how to get it back."""
        self._idle = _ELSEWHERE if elsewhere else ""
        if not self._timer.isActive():
            self.clear_notice()

    def say(self, line: str) -> None:
        """Show one line until the next action or for a while."""
        self._set_notice(line, "")
        self._timer.start()

    def clear_notice(self) -> None:
        """The line has been read."""
        self._timer.stop()
        self._set_notice(self._idle, "amber")

    def _set_notice(self, line: str, role: str) -> None:
        self.notice.setText(line)
        if self.notice.property("role") != role:
            self.notice.setProperty("role", role)
            self.notice.style().unpolish(self.notice)
            self.notice.style().polish(self.notice)
