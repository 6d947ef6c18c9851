"""Skipping an episode: one key for the usual reasons, or a line in one's own words."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QVBoxLayout, QWidget

from failview.panel.look.key_badge import key_symbols
from failview.panel.look.keyed_button import KeyedButton
from failview.panel.look.listening import listen
from failview.panel.look.overlay import Overlay
from failview.panel.look.state_card import StateCard
from failview.panel.look.style import GAP_PX, SIDE_PX, Tokens
from failview.session.keymap import Keymap
from failview.session.session import Session

REASONS = (
    "picture missing or frozen",
    "cannot be told from the data",
    "data broken: clock or signal",
    "come back later",
)
"""The usual ones, in the order of their digits."""

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class SkipCard(Overlay):
    """Asks for the reason.

    Args:
        window: The window.
        session: Skips.
        keymap: The keys to show.
        tokens: Colours.
    """

    def __init__(self, window: QWidget, session: Session, keymap: Keymap, tokens: Tokens) -> None:
        super().__init__(window, tokens)
        self._session = session
        self.title = QLabel()
        self.title.setProperty("role", "title")
        self.title.setWordWrap(True)
        self.reasons = [
            KeyedButton(tokens, f"{reason[:1].upper()}{reason[1:]}", str(number))
            for number, reason in enumerate(REASONS, start=1)
        ]
        for button, reason in zip(self.reasons, REASONS, strict=True):
            button.clicked.connect(lambda _on=False, said=reason: self._skip(said))
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.leads = button.starts_at_left = True
        self.typed = QLineEdit()
        self.typed.setPlaceholderText("or in your own words")
        self.typed.setAccessibleName("Reason for skipping")
        self.typed.installEventFilter(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Skip this episode")
        self._arrange(keymap)
        listen(self, session.focus_requested, self._on_focus_requested)

    def prepare(self) -> None:
        """Ask about the open episode; an earlier reason is there to be kept."""
        opened = self._session.open_episode
        assert opened is not None
        self.title.setText(f"Skip {opened.episode.episode_id}: why?")
        self.typed.setText(opened.stage_record.put_off)
        self.typed.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A digit says it all; Enter takes what is written; anything else begins to write."""
        typed = event.text()
        if typed.isdigit() and 1 <= int(typed) <= len(REASONS):
            self._skip(REASONS[int(typed) - 1])
        elif event.key() in _ENTER:
            self._skip(self.typed.text())
        elif typed and typed.isprintable():
            self.typed.setFocus(Qt.FocusReason.OtherFocusReason)
            self.typed.setText(typed)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter in the field skips."""
        is_key = watched is self.typed and event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent)
        if is_key and isinstance(event, QKeyEvent) and event.key() in _ENTER:
            self._skip(self.typed.text())
            return True
        return super().eventFilter(watched, event)

    def focusNextPrevChild(self, _next: bool) -> bool:
        """Tab goes to and fro between the choices and the field."""
        (self if self.typed.hasFocus() else self.typed).setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def _on_focus_requested(self, field: str) -> None:
        if field != "put_off" or self.isVisible():
            return
        if self._session.open_episode is None:
            self._session.notice.emit("No episode is open.")
        elif self._session.labelling.editable() is not None:
            self.toggle()

    def _skip(self, reason: str) -> None:
        """Skip; without a reason the field waits for one."""
        said = " ".join(reason.split())
        if not said:
            self.typed.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.close_()
        self._session.put_off(said)

    def _arrange(self, keymap: Keymap) -> None:
        cancel = key_symbols(keymap.shown_key("leave_field"))
        hints = QLabel(" · ".join(filter(None, ("⏎ skips", f"{cancel} does not" if cancel else ""))))
        hints.setProperty("role", "caption")
        card = QFrame()
        card.setProperty("card", "grey")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(GAP_PX + 2, GAP_PX + 2, GAP_PX + 2, GAP_PX + 2)
        inside.setSpacing(GAP_PX)
        for widget in (self.title, *self.reasons, self.typed, hints):
            inside.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(SIDE_PX, SIDE_PX, SIDE_PX, SIDE_PX)
        column.addStretch(1)
        column.addWidget(card)
        column.addStretch(2)


class SkippedCard(StateCard):
    """Says why an episode was skipped when it is opened again."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        for signal in (session.opening, session.opened, session.emptied, session.annotation_changed):
            listen(self, signal, self.refresh)

    def refresh(self) -> None:
        """Show the reason, if there is one."""
        opened = self._session.open_episode
        reason = "" if opened is None else opened.stage_record.put_off
        self.say(f"Skipped before: {reason}" if reason else "")
