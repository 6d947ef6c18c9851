"""What stands in the way of the work: an episode that does not open, a save that failed, a viewer that is gone."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from failview.panel.look.key_badge import key_symbols
from failview.panel.look.keyed_button import KeyedButton
from failview.panel.look.listening import listen
from failview.panel.look.style import GAP_PX, Tokens
from failview.session.desk.safe import SaveState
from failview.session.desk.viewer_port import ViewerState, ViewerStatus
from failview.session.keymap import Keymap
from failview.session.session import Session


class StateCard(QFrame):
    """A card with a few words that is not there when there is nothing to say."""

    def __init__(self) -> None:
        super().__init__()
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(GAP_PX + 2, GAP_PX, GAP_PX + 2, GAP_PX)
        self._row.setSpacing(GAP_PX)
        self._row.addWidget(self.words, 1)
        self.say("")

    def say(self, words: str, hue: str = "grey") -> None:
        """Show words on a card of that colour; nothing when they are empty."""
        self.words.setText(words)
        self.setVisible(bool(words))
        if self.property("card") != hue:
            self.setProperty("card", hue)
            self.words.setProperty("role", "muted" if hue == "grey" else "")
            for widget in (self, self.words):
                widget.style().unpolish(widget)
                widget.style().polish(widget)


class OpeningCard(StateCard):
    """Says why an episode cannot be opened, and how to go on."""

    def __init__(self, session: Session, keymap: Keymap) -> None:
        super().__init__()
        self._next_key = key_symbols(keymap.shown_key("next_episode"))
        listen(self, session.opening, self._go)
        listen(self, session.opened, self._go)
        listen(self, session.failed_to_open, self._on_failed)

    def _go(self) -> None:
        self.say("")

    def _on_failed(self, episode_id: str, reason: str) -> None:
        go_on = f"\n{self._next_key} goes on to the next episode." if self._next_key else ""
        self.say(f"{episode_id} cannot be opened. {reason}{go_on}", "red")


class SafetyCard(StateCard):
    """Says in full why the work is not saved."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._safe = session.safe
        listen(self, session.safe.state_changed, self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show why nothing is saved, if so."""
        state, text = self._safe.state
        if state is SaveState.FAILED:
            self.say(f"NOT SAVED: {text}", "red")
        elif state is SaveState.READ_ONLY:
            self.say(f"Read-only: {text}", "amber")
        else:
            self.say("")


class ViewerCard(StateCard):
    """Says that the viewer is gone, and starts it again."""

    def __init__(self, session: Session, keymap: Keymap, tokens: Tokens) -> None:
        super().__init__()
        self.restart = KeyedButton(tokens, "Restart", keymap.shown_key("restart_viewer"))
        self.restart.clicked.connect(session.link.restart)
        self._row.addWidget(self.restart)
        listen(self, session.link.status_changed, self.refresh)
        self.refresh(session.link.status)

    def refresh(self, status: ViewerStatus) -> None:
        """Show the card when the viewer is gone."""
        gone = status.state is ViewerState.GONE
        self.say(f"The viewer is gone. {status.message}".strip() if gone else "", "red")
