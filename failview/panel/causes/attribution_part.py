"""Whose failure it was and why one thinks so, whether it was preventable, and how bad it was."""

from html import escape

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from failview.model.annotation import Annotation, Attribution, Origin, Outcome, Severity
from failview.model.detection import FieldProposal
from failview.panel.look.evidence_words import clauses, frame_link, whole, with_links
from failview.panel.look.field_titles import field_title
from failview.panel.look.form_part import FormPart
from failview.panel.look.key_badge import KeyCaps
from failview.panel.look.listening import listen
from failview.panel.look.segmented_row import Choice, SegmentedRow
from failview.panel.look.style import GAP_PX, Tokens
from failview.session.desk.event_words import confidence_words
from failview.session.keymap import Keymap
from failview.session.session import Session

_YES, _NO = "yes", "no"
_CHOICES = {
    "attribution": (
        Choice(Attribution.ROBOT_FAILURE, "Robot"),
        Choice(Attribution.OPERATOR_ERROR, "Operator"),
        Choice(Attribution.AMBIGUOUS, "Unclear"),
    ),
    "preventable": (Choice(_YES, "Preventable"), Choice(_NO, "Not")),
    "severity": (
        Choice(Severity.LOW, "Low"),
        Choice(Severity.MEDIUM, "Medium"),
        Choice(Severity.HIGH, "High"),
    ),
}
_SIDE_BY_SIDE = ("attribution", "preventable")
_TITLES = {choice.value: choice.title.lower() for choice in _CHOICES["attribution"]}
_TOLD_ORIGINS = (Origin.PROPOSED, Origin.ACCEPTED, Origin.CHANGED)


class AttributionPart(FormPart):
    """Three rows of buttons in as few lines as fit, and at the end what speaks for the robot or the operator."""

    def __init__(self, session: Session, keymap: Keymap, tokens: Tokens) -> None:
        super().__init__(session)
        self._tokens = tokens
        self.rows = {name: SegmentedRow(tokens, choices) for name, choices in _CHOICES.items()}
        self._lines = {
            name: _led(row, keymap.shown_key(name), field_title(name) if name == "severity" else "", tokens)
            for name, row in self.rows.items()
        }
        for line in self._lines.values():
            line.setParent(self)  # Tab goes in this order, wherever they are placed
        self._narrow: bool | None = None
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(GAP_PX)
        self._grid.setVerticalSpacing(GAP_PX // 2)
        for name, row in self.rows.items():
            row.chosen.connect(lambda value, field=name: self._choose(field, value))
            for button in row.buttons.values():
                button.setAccessibleName(f"{field_title(name)}: {button.text()}")
        self.evidence = QLabel()
        self.evidence.setProperty("role", "caption")
        self.evidence.setWordWrap(True)
        self.evidence.setTextFormat(Qt.TextFormat.RichText)
        self.evidence.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.evidence.linkActivated.connect(self._jump)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_PX // 2)
        self._last = QHBoxLayout()
        self._last.setSpacing(GAP_PX)
        self._lines["severity"].setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._last.addWidget(self._lines["severity"])
        column.addLayout(self._grid)
        column.addLayout(self._last)
        self._column = column
        self._place(narrow=False)
        listen(self, session.judging.arrived, self._follow)

    def minimumSizeHint(self) -> QSize:
        """Wide enough for one row of buttons a line."""
        widest = max(line.minimumSizeHint().width() for line in self._lines.values())
        return QSize(widest, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the first two rows of buttons on one line where they fit, and the evidence beside the third."""
        super().resizeEvent(event)
        widths = [self._lines[name].sizeHint().width() for name in _SIDE_BY_SIDE]
        narrow = self.width() < sum(widths) + GAP_PX
        self._place(narrow=narrow)
        # Each gets what it needs, and its share of the rest: a row that is short of a pixel breaks.
        for column, width in enumerate(widths):
            self._grid.setColumnMinimumWidth(column, 0 if narrow else width)
            self._grid.setColumnStretch(column, width)

    def refresh(self) -> None:
        """Show what is chosen, and the evidence."""
        annotation = self.annotation
        self.setVisible(annotation.outcome is not Outcome.SUCCESS)
        preventable = (
            {True: _YES, False: _NO}.get(annotation.preventable) if annotation.preventable is not None else None
        )
        self.rows["attribution"].show_value(annotation.attribution)
        self.rows["preventable"].show_value(preventable)
        self.rows["severity"].show_value(annotation.severity)
        words = self._evidence_words(annotation)
        self.evidence.setVisible(bool(words))
        self.evidence.setText(words)
        self.evidence.setToolTip(self._whole_evidence())

    def target_of(self, field: str) -> QWidget | None:
        """The chosen button of a row, else its first one."""
        row = self.rows.get(field)
        if row is None:
            return None
        buttons = list(row.buttons.values())
        return next((button for button in buttons if button.isChecked()), buttons[0])

    def _place(self, *, narrow: bool) -> None:
        if narrow is self._narrow:
            return
        self._narrow = narrow
        for at, name in enumerate(_SIDE_BY_SIDE):
            if narrow:
                self._grid.addWidget(self._lines[name], at, 0, 1, 2)
            else:
                self._grid.addWidget(self._lines[name], 0, at)
        if narrow:
            self._column.addWidget(self.evidence)
        else:
            self._last.addWidget(self.evidence, 1)

    def _choose(self, field: str, value: str) -> None:
        kinds = {"attribution": Attribution, "severity": Severity}
        said = kinds[field](value) if field in kinds else value == _YES
        self.session.explanation.causes.choose(field, said)

    def _evidence_words(self, annotation: Annotation) -> str:
        """Rich text: what was proposed and why in short, and where the hand was not where it was told to be."""
        opened = self.session.open_episode
        if opened is None:
            return ""
        causes = self.session.explanation.causes
        proposal = causes.proposal(opened, "attribution")
        provenance = annotation.provenance.get("attribution")
        parts = [provenance.origin.value] if provenance is not None and provenance.origin in _TOLD_ORIGINS else []
        if proposal is not None:
            parts.append(self._proposal_words(proposal))
        told = set() if proposal is None else set(clauses(proposal.evidence))
        for event in causes.tracking_events(opened):
            news = [clause for clause in clauses(event.evidence) if clause not in told]
            if news:
                where = frame_link(event.start_frame, self._tokens.text)
                parts.append(f"tracking {where} {with_links(news[0], self._tokens.text)}")
        return " · ".join(parts)

    def _whole_evidence(self) -> str:
        opened = self.session.open_episode
        if opened is None:
            return ""
        causes = self.session.explanation.causes
        proposal = causes.proposal(opened, "attribution")
        told = [] if proposal is None else [whole(proposal.evidence)]
        return "\n".join(dict.fromkeys([*told, *(whole(event.evidence) for event in causes.tracking_events(opened))]))

    def _proposal_words(self, proposal: FieldProposal) -> str:
        who = _TITLES.get(str(proposal.value), str(proposal.value))
        why = with_links(next(iter(clauses(proposal.evidence)), ""), self._tokens.text)
        text = self._tokens.text
        return f'<span style="color:{text}">{escape(who)}</span> {confidence_words(proposal.confidence)}: {why}'

    def _jump(self, target: str) -> None:
        self.session.transport.pause()
        self.session.transport.seek(int(target))


def _led(row: SegmentedRow, key: str, title: str, tokens: Tokens) -> QWidget:
    """A row of buttons behind the key that goes round them."""
    line = QWidget()
    layout = QHBoxLayout(line)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(2)
    if title:
        layout.addWidget(QLabel(title))
        layout.addSpacing(GAP_PX // 2)
    layout.addWidget(KeyCaps((key,), tokens))
    layout.addWidget(row, 1)
    return line
