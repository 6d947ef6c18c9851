"""Accepting sure proposals together: what would be accepted, what is checked blind, and what that showed so far."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QVBoxLayout, QWidget

from failview.panel.look.key_badge import key_symbols
from failview.panel.look.keyed_button import KeyedButton, Look
from failview.panel.look.listening import listen
from failview.panel.look.overlay import Overlay
from failview.panel.look.segmented_row import Choice, SegmentedRow
from failview.panel.look.style import GAP_PX, SIDE_PX, Tokens
from failview.panel.work.bulk_words import audit_words, plan_words, result_words
from failview.session.desk.event_words import confidence_words
from failview.session.keymap import Keymap
from failview.session.session import Session
from failview.session.work.bulk import BulkPlan, BulkResult

THRESHOLDS = (0.9, 0.95, 0.98)
"""Confidences to choose among, besides the one of the work rules."""

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class BulkCard(Overlay):
    """Shows the numbers first; Enter carries them out, Esc leaves or stops.

    Args:
        window: The window.
        session: Plans and carries out.
        keymap: The keys to show.
        tokens: Colours.
    """

    def __init__(self, window: QWidget, session: Session, keymap: Keymap, tokens: Tokens) -> None:
        super().__init__(window, tokens)
        self._session = session
        self._escape = key_symbols(keymap.shown_key("leave_field"))
        self._result: BulkResult | None = None
        usual = session.board.rules.bulk_confidence
        self._thresholds = sorted({*THRESHOLDS, usual})
        self._threshold = usual
        self.plan = BulkPlan(usual, (), (), {})
        self.title = QLabel("Accept sure proposals together")
        self.title.setProperty("role", "title")
        self.row = SegmentedRow(tokens, [Choice(str(item), confidence_words(item)) for item in self._thresholds])
        self.row.chosen.connect(lambda value: self._choose(float(value)))
        for button in self.row.buttons.values():
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setAccessibleName(f"Confidence from {button.text()}")
        self.numbers, self.checked, self.hints = QLabel(), QLabel(), QLabel()
        self.checked.setProperty("role", "muted")
        self.hints.setProperty("role", "caption")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(4)
        self.go = KeyedButton(tokens, "", look=Look.ACCENT)
        self.go.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.go.clicked.connect(self._enter)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.title.text())
        self._arrange()
        listen(self, session.focus_requested, self._on_focus_requested)
        listen(self, session.bulk.progressed, self._on_progress)
        listen(self, session.bulk.finished, self._on_finished)
        listen(self, session.appearance.changed, self.refresh)

    def prepare(self) -> None:
        """Plan anew: the board may have changed."""
        self._session.transport.pause()
        self._result = None
        self.progress.setValue(0)
        self._choose(self._threshold)

    def leave(self) -> None:
        """Esc: stop what is under way, else close."""
        if self._session.bulk.is_running:
            self._session.bulk.cancel()
        else:
            self.close_()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the card closes it, but stops nothing."""
        if not self._session.bulk.is_running:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right choose the confidence, Enter carries out."""
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            steps = 1 if event.key() == Qt.Key.Key_Right else -1
            place = self._thresholds.index(self._threshold) + steps
            self._choose(self._thresholds[min(max(place, 0), len(self._thresholds) - 1)])
        elif event.key() in _ENTER and not event.isAutoRepeat():
            self._enter()

    def refresh(self) -> None:
        """Show plan, progress or result."""
        running, result = self._session.bulk.is_running, self._result
        self.row.show_value(str(self._threshold))
        self.row.setEnabled(not running and result is None)
        self.numbers.setText(plan_words(self.plan) if result is None else result_words(result))
        self.checked.setText(audit_words(self._session.bulk.audit()))
        self.progress.setVisible(running)
        total = len(self.plan.accepted)
        closes = result is not None or not total
        words = "Close" if closes else f"Accept {total}"
        self.go.setText(f"{words}  ⏎")
        self.go.setVisible(not running)
        stops = "stops; what is accepted stays" if running else "closes, nothing changed" if result is None else ""
        self.hints.setText(f"{self._escape} {stops}" if self._escape and stops else "")
        self.hints.setVisible(bool(self.hints.text()))

    def _on_focus_requested(self, field: str) -> None:
        if field != "bulk" or self.isVisible():
            return
        if self._session.safe.read_only_reason:
            self._session.notice.emit(self._session.safe.read_only_reason)
        else:
            self.toggle()

    def _choose(self, threshold: float) -> None:
        if self._session.bulk.is_running or self._result is not None:
            return
        session = self._session
        narrowed = {entry.episode_id for entry in session.queue.entries} if session.filter.narrows else None
        self._threshold = threshold
        self.plan = session.bulk.plan(threshold, session.looked_at, narrowed)
        self.refresh()

    def _enter(self) -> None:
        if self._session.bulk.is_running:
            return
        if self._result is not None or not self.plan.accepted:
            self.close_()
            return
        self.progress.setMaximum(len(self.plan.accepted) + len(self.plan.audited))
        self.progress.setValue(0)
        self._session.bulk.carry_out(self.plan)
        self.refresh()

    def _on_progress(self, done: int, total: int) -> None:
        self.progress.setMaximum(total)
        self.progress.setValue(done)
        self.numbers.setText(f"{done} of {total} episodes")

    def _on_finished(self, result: BulkResult) -> None:
        self._result = result
        self.refresh()
        if self.isVisible():
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _arrange(self) -> None:
        card = QFrame()
        card.setProperty("card", "grey")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(GAP_PX + 2, GAP_PX + 2, GAP_PX + 2, GAP_PX + 2)
        inside.setSpacing(GAP_PX)
        caption = QLabel("Confidence from")
        caption.setProperty("role", "caption")
        for label in (self.numbers, self.checked, self.hints):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        for widget in (self.title, caption, self.row, self.numbers, self.progress, self.checked, self.go, self.hints):
            inside.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(SIDE_PX, SIDE_PX, SIDE_PX, SIDE_PX)
        column.addStretch(1)
        column.addWidget(card)
        column.addStretch(2)
