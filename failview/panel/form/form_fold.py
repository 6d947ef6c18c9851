"""The form below the outcome: all of it in detail, folded in the review, not there in triage."""

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from failview.model.annotation import Stage
from failview.panel.look.form_part import FormPart
from failview.panel.look.keyed_button import KeyedButton
from failview.panel.look.listening import listen
from failview.panel.look.style import GAP_PX, Tokens
from failview.session.session import Session
from failview.sidecars.validation import Problem

PARTS_GAP_PX = GAP_PX
"""Between two parts of the form."""


class FormFold(QWidget):
    """Holds parts of the form; make it before them, as it unfolds for a field before the field takes the keyboard.

    Args:
        session: Knows the stage.
        tokens: Colours.

    Attributes:
        switch: Folds and unfolds in the review.
        content: What holds the parts.
    """

    def __init__(self, session: Session, tokens: Tokens) -> None:
        super().__init__()
        self._session = session
        self._parts: tuple[FormPart, ...] = ()
        self._unfolded = False
        self.switch = KeyedButton(tokens, "")
        self.switch.clicked.connect(self._toggle)
        self.content = QWidget()
        self._inside = QVBoxLayout(self.content)
        self._inside.setContentsMargins(0, 0, 0, 0)
        self._inside.setSpacing(PARTS_GAP_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(PARTS_GAP_PX)
        column.addWidget(self.switch)
        column.addWidget(self.content)
        listen(self, session.opening, self._fold)
        listen(self, session.emptied, self._fold)
        listen(self, session.focus_requested, self._unfold_for)
        listen(self, session.problems_found, self._unfold_for_problems)
        self.refresh()

    def hold(self, parts: Sequence[FormPart]) -> None:
        """Take the parts, in order."""
        self._parts = tuple(parts)
        for part in parts:
            self._inside.addWidget(part)

    def refresh(self) -> None:
        """Show what the stage needs."""
        stage = self._session.stage
        in_review = stage is Stage.REVIEW
        self.setVisible(stage is not Stage.TRIAGE)
        self.switch.setVisible(in_review)
        self.switch.setText("Fold the label" if self._unfolded else "Change the label by hand")
        self.switch.setAccessibleName(self.switch.text())
        self.switch.updateGeometry()
        self.content.setVisible(not in_review or self._unfolded)

    def _toggle(self) -> None:
        self._unfolded = not self._unfolded
        self.refresh()

    def _fold(self) -> None:
        self._unfolded = False
        self.refresh()

    def _unfold_for_problems(self, problems: Sequence[Problem]) -> None:
        """What is missing is to be seen."""
        for problem in problems:
            self._unfold_for(problem.field)

    def _unfold_for(self, field: str) -> None:
        is_here = field and any(part.target_of(field) is not None for part in self._parts)
        if is_here and self._session.stage is Stage.REVIEW and not self._unfolded:
            self._toggle()
