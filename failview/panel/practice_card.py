"""In practice: how the episode finished last compares with the gold label, field by field."""

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from failview.panel.field_titles import field_title
from failview.panel.listening import listen
from failview.panel.style import GAP_PX, Tokens
from failview.session.practice import FieldFeedback
from failview.session.session import Session


class PracticeCard(QFrame):
    """Comes with the first finished episode of a practice; a link leads back to that episode."""

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
        """Show the last feedback; nothing before the first, or outside practice."""
        practice = self._session.practice
        self.setVisible(practice.last is not None)
        if practice.last is None:
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
