"""In practice: how the episode finished last compares with the gold label, field by field; and what this sitting is."""

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from failview.model.guise import Guise, guise_of
from failview.panel.look.field_titles import field_title
from failview.panel.look.listening import listen
from failview.panel.look.style import GAP_PX, Tokens
from failview.session.session import Session
from failview.session.work.practice import FieldFeedback

_ABOUT = {
    Guise.RETEST: "Re-test: episodes that you have labelled before, without proposals.",
    Guise.PRACTICE: "Practice: each episode is compared with the gold label as soon as you finish it.",
    Guise.EXAM: "Exam: no proposals; the result is told at the end.",
}


class PracticeCard(QFrame):
    """Says what a re-test, practice or exam is, then how the last episode of a practice was; a link leads back."""

    def __init__(self, session: Session, tokens: Tokens) -> None:
        super().__init__()
        self._session = session
        self._tokens = tokens
        self.setProperty("card", "grey")
        self.setAccessibleName("Feedback on the episode before")
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.words.linkActivated.connect(session.go_to)
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP_PX + 2, GAP_PX, GAP_PX + 2, GAP_PX)
        column.addWidget(self.words)
        listen(self, session.practice.told, self.refresh)
        listen(self, session.appearance.changed, self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the last feedback; before the first what this is, and nothing in a usual sitting."""
        practice, known = self._session.practice, guise_of(self._session.workplace.annotator)
        self.setVisible(practice.last is not None or known is not None)
        if practice.last is None:
            words = "" if known is None else _ABOUT[known[1]]
            self.words.setText(f'<span style="color:{self._tokens.muted}">{words}</span>')
            return
        right, total = sum(practice.results.values()), len(practice.results)
        name = escape(practice.last.episode_id)
        link = f'<a href="{name}" style="color:{self._tokens.text}">{name}</a>'
        hue = self._tokens.green if practice.last.is_right else self._tokens.red
        verdict = "all right" if practice.last.is_right else "not yet right"
        head = f'<b><span style="color:{hue}">{verdict}</span></b> {link} · {right} of {total} right'
        self.words.setText("<br>".join([head, *(self._line(item) for item in practice.last.fields)]))

    def _line(self, item: FieldFeedback) -> str:
        hue, sign = (self._tokens.green, "✓") if item.is_right else (self._tokens.red, "✗")
        title = f'<span style="color:{self._tokens.muted}">{escape(field_title(item.field))}:</span>'
        return f'<span style="color:{hue}">{sign}</span> {title} {escape(item.words)}'
