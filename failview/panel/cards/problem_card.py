"""What contradicts itself now, and what keeps the stage from being finished."""

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from failview.panel.look.field_titles import field_title
from failview.panel.look.listening import listen
from failview.panel.look.style import GAP_PX, Tokens
from failview.session.session import Session
from failview.sidecars.validation import Problem


class ProblemCard(QFrame):
    """An amber card beside the form; it goes when everything it names is mended."""

    def __init__(self, session: Session, tokens: Tokens) -> None:
        super().__init__()
        self._session = session
        self._tokens = tokens
        self._tried = False
        self._low = False
        self.setProperty("card", "amber")
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.words.linkActivated.connect(session.focus_requested.emit)
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP_PX + 2, GAP_PX, GAP_PX + 2, GAP_PX)
        column.addWidget(self.words)
        listen(self, session.problems_found, self._on_found)
        listen(self, session.opening, self._on_left)
        listen(self, session.opened, self._forget)
        listen(self, session.annotation_changed, self.refresh)
        listen(self, session.review.changed, self.refresh)
        listen(self, session.appearance.changed, self.refresh)
        self.refresh()

    @property
    def problems(self) -> list[Problem]:
        """After an attempt to finish all that is missing; before it only what cannot be true."""
        opened = self._session.open_episode
        if opened is None:
            return []
        return opened.problems() + self._session.review.problems() if self._tried else opened.contradictions()

    def set_low(self, *, low: bool) -> None:
        """Name one problem at a time, for a low window."""
        if low != self._low:
            self._low = low
            self.refresh()

    def refresh(self) -> None:
        """Show the problems of the label as it is now."""
        problems = self.problems
        self.setVisible(bool(problems))
        heading = "Not finished yet" if self._tried else "This cannot be"
        named = problems[:1] if self._low else problems
        rest = f" · 1 of {len(problems)}" if len(named) < len(problems) else ""
        lines = [f'<span style="color:{self._tokens.amber}"><b>{heading}</b>{rest}</span>']
        lines += [self._line(problem) for problem in named]
        self.words.setText("<br>".join(lines))

    def _line(self, problem: Problem) -> str:
        title = field_title(problem.field)
        if not title:
            return escape(problem.message)
        link = f'<a href="{escape(problem.field)}" style="color:{self._tokens.text}">{escape(title)}</a>'
        return f'{link} <span style="color:{self._tokens.muted}">{escape(problem.message)}</span>'

    def _on_found(self, problems: list[Problem]) -> None:
        self._tried = bool(problems)
        self.refresh()

    def _on_left(self, episode_id: str) -> None:
        if not self._session.comes_at_once(episode_id):
            self._forget()

    def _forget(self) -> None:
        self._tried = False
        self.refresh()
