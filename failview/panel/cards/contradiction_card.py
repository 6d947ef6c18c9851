"""Where label and signal contradict each other: one amber card beside the form, with the frames to look at."""

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from failview.panel.look.evidence_words import frame_link
from failview.panel.look.field_titles import field_title
from failview.panel.look.key_badge import KeyCaps
from failview.panel.look.listening import listen
from failview.panel.look.style import GAP_PX, Tokens
from failview.quality.consistency import Contradiction
from failview.session.keymap import Keymap
from failview.session.session import Session

_SHOWN = 2
_MORE = "more"


class ContradictionCard(QFrame):
    """Comes with the first contradiction and goes with the last; it never asks for anything.

    Args:
        session: Knows the contradictions.
        keymap: The key that goes through their frames.
        tokens: Colours.
    """

    def __init__(self, session: Session, keymap: Keymap, tokens: Tokens) -> None:
        super().__init__()
        self._session = session
        self._tokens = tokens
        self._unfolded = False
        self._low = False
        self._said: tuple[Contradiction, ...] = ()
        self.setProperty("card", "amber")
        self.setAccessibleName("Contradiction between label and signal")
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.words.linkActivated.connect(self._follow)
        self.keys = KeyCaps((keymap.shown_key("next_contradiction"),), tokens)
        self.keys.setToolTip("Go through the frames")
        row = QHBoxLayout(self)
        row.setContentsMargins(GAP_PX + 2, GAP_PX, GAP_PX + 2, GAP_PX)
        row.setSpacing(GAP_PX)
        row.addWidget(self.words, 1)
        row.addWidget(self.keys, 0, Qt.AlignmentFlag.AlignTop)
        listen(self, session.opening, self._fold)
        listen(self, session.opened, self.refresh)
        listen(self, session.annotation_changed, self.refresh)
        listen(self, session.judging.arrived, self.refresh)
        listen(self, session.appearance.changed, self._paint)
        self._paint()

    def refresh(self) -> None:
        """Show what contradicts now."""
        said = self._session.contradictions.now
        if said == self._said:
            return
        self._said = said
        self._paint()

    def set_low(self, *, low: bool) -> None:
        """Leave the room to others in a low window."""
        if low != self._low:
            self._low = low
            self._paint()

    def _paint(self) -> None:
        said = self._said
        self.setVisible(bool(said))
        if not said:
            return
        self.keys.setVisible(any(item.frames for item in said))
        shown = said if self._unfolded else said[: 1 if self._low else _SHOWN]
        if len(said) == 1:
            lines = [f"{self._heading('Contradiction')} {self._words(said[0])}"]
        else:
            lines = [self._heading(f"{len(said)} contradictions"), *(self._titled(item) for item in shown)]
        if len(shown) < len(said):
            lines[0] += f' <a href="{_MORE}" style="color:{self._tokens.accent}">show all</a>'
        self.words.setText("<br>".join(lines))
        self.setAccessibleDescription("; ".join(item.text for item in said))

    def _heading(self, words: str) -> str:
        return f'<span style="color:{self._tokens.amber}"><b>{words}</b></span>'

    def _titled(self, item: Contradiction) -> str:
        title = escape(field_title(item.field))
        return f'<span style="color:{self._tokens.muted}">{title}:</span> {self._words(item)}'

    def _words(self, item: Contradiction) -> str:
        links = (frame_link(frame, self._tokens.text) for frame in item.frames)
        return escape(item.words).format(*links)

    def _follow(self, link: str) -> None:
        if link == _MORE:
            self._unfolded = True
            self._paint()
            return
        self._session.transport.pause()
        self._session.transport.seek(int(link))

    def _fold(self, episode_id: str) -> None:
        self._unfolded = False
        if not self._session.comes_at_once(episode_id):
            self.refresh()
