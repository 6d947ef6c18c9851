"""How the episode ended."""

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from failview.model.annotation import Outcome, Stage
from failview.panel.look.form_part import FormPart
from failview.panel.look.segmented_row import Choice, SegmentedRow
from failview.panel.look.style import GAP_PX, Tokens
from failview.session.deciding import say_outcome
from failview.session.keymap import Keymap
from failview.session.session import Session

_CHOICES = (
    (Outcome.SUCCESS, "Success", "success", "green"),
    (Outcome.PARTIAL_SUCCESS, "Partial", "partial_success", "amber"),
    (Outcome.FAILURE, "Failure", "failure", "red"),
)


class OutcomePart(FormPart):
    """Three buttons: success, partial success, failure. In triage one of them is all there is to say."""

    def __init__(self, session: Session, keymap: Keymap, tokens: Tokens) -> None:
        super().__init__(session)
        self.row = SegmentedRow(
            tokens, [Choice(value, title, keymap.shown_key(action), hue) for value, title, action, hue in _CHOICES]
        )
        self.row.chosen.connect(lambda value: say_outcome(session, Outcome(value)))
        self.caption = QLabel("Outcome · each goes on to the next episode")
        self.caption.setProperty("role", "caption")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_PX // 2)
        column.addWidget(self.caption)
        column.addWidget(self.row)

    def target_of(self, field: str) -> QWidget | None:
        """The first button."""
        return next(iter(self.row.buttons.values())) if field == "outcome" else None

    def refresh(self) -> None:
        """Mark the outcome."""
        goes_on = self.session.stage is Stage.TRIAGE
        self.caption.setVisible(goes_on)
        self.row.show_value(self.annotation.outcome)
