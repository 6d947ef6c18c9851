"""What each side says, next to each other; what differs is marked."""

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from failview.model.review import Side
from failview.panel.look.evidence_words import frame_link
from failview.panel.look.field_titles import field_title
from failview.panel.look.listening import listen
from failview.panel.look.style import GAP_PX, Tokens
from failview.panel.work.review_words import outcome_hue, value_words
from failview.session.session import Session
from failview.session.work.review import COMPARED, differ

_MOST_SIDES, _MOST_SIDES_LARGE = 3, 2
"""Columns that fit the narrowest panel, with text of the usual size and with larger text."""


class SidesTable(QWidget):
    """Fields in rows, sides in columns, the label under review first; sides without a column have a line below.

    Args:
        session: Knows the sides.
        tokens: Colours.

    Attributes:
        cells: Words of the table by (field, side's place), as they are shown.
        below: What the label became, when no column says the same, and the sides without a column.
    """

    def __init__(self, session: Session, tokens: Tokens) -> None:
        super().__init__()
        self._session = session
        self._tokens = tokens
        self._shown: object = None
        self.cells: dict[tuple[str, int], QLabel] = {}
        self.below = QLabel()
        self.below.setWordWrap(True)
        self.below.setTextFormat(Qt.TextFormat.RichText)
        self.heads: list[QLabel] = []
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(GAP_PX)
        self._grid.setVerticalSpacing(GAP_PX // 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_PX // 2)
        column.addLayout(self._grid)
        column.addWidget(self.below)
        listen(self, session.appearance.changed, self._paint_anew)

    def show_sides(self, sides: Sequence[Side], now: Side | None) -> None:
        """Show what is said; `now` is what the label became, None while it is as it was."""
        shown = (tuple(sides), now)
        if shown == self._shown:
            return
        self._shown = shown
        self._clear()
        usual = self._session.appearance.font_scale <= 1
        columns = list(sides[: _MOST_SIDES if usual else _MOST_SIDES_LARGE])
        chosen = [now is not None and _agree(side, now) for side in columns]
        for place, side in enumerate(columns):
            head = QLabel(escape(side.name))
            if chosen[place]:
                head.setText(f'<span style="color:{self._tokens.accent}">{escape(side.name)} ✓</span>')
                head.setToolTip("The label says the same now.")
            head.setTextFormat(Qt.TextFormat.RichText)
            head.setProperty("role", "caption")
            head.setWordWrap(True)
            self.heads.append(head)
            self._grid.addWidget(head, 0, place + 1)
            self._grid.setColumnStretch(place + 1, 1)
        said = [field for field in COMPARED if any(side.values.get(field) is not None for side in columns)]
        for row, field in enumerate(said, start=1):
            title = QLabel(field_title(field))
            title.setProperty("role", "caption")
            self._grid.addWidget(title, row, 0, Qt.AlignmentFlag.AlignTop)
            for place, side in enumerate(columns):
                cell = self._cell(field, side, marked=place > 0 and differ(field, columns[0], side))
                self.cells[field, place] = cell
                self._grid.addWidget(cell, row, place + 1, Qt.AlignmentFlag.AlignTop)
        rest = list(sides[len(columns) :])
        if now is not None and not any(chosen):
            rest.append(now)
        self.below.setText("<br>".join(self._line(side, columns[0]) for side in rest))
        self.below.setVisible(bool(rest))

    def _line(self, side: Side, first: Side) -> str:
        """All that a side says, in one line."""
        tokens, taxonomy = self._tokens, self._session.workplace.taxonomy
        said = [
            f'<span style="color:{tokens.amber if differ(field, first, side) else tokens.text}">{escape(words)}</span>'
            for field in COMPARED
            if side.values.get(field) is not None and (words := value_words(field, side, taxonomy))
        ]
        return f'<span style="color:{tokens.muted}">{escape(side.name)}:</span> {" › ".join(said)}'

    def _cell(self, field: str, side: Side, *, marked: bool) -> QLabel:
        tokens, value = self._tokens, side.values.get(field)
        words = escape(value_words(field, side, self._session.workplace.taxonomy))
        colour = tokens.amber if marked else tokens.hue(outcome_hue(side)) if field == "outcome" else tokens.text
        if field == "failure_onset_frame" and isinstance(value, int):
            words = frame_link(value, colour)
        weight = 600 if marked else 400
        cell = QLabel(f'<span style="color:{colour};font-weight:{weight}">{"≠ " if marked else ""}{words}</span>')
        cell.setTextFormat(Qt.TextFormat.RichText)
        cell.setWordWrap(True)
        cell.setTextInteractionFlags(Qt.TextInteractionFlag.LinksAccessibleByMouse)
        cell.linkActivated.connect(self._go_to)
        return cell

    def _clear(self) -> None:
        self.cells.clear()
        self.heads.clear()
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, 0)

    def _paint_anew(self) -> None:
        shown, self._shown = self._shown, None
        if isinstance(shown, tuple):
            self.show_sides(*shown)

    def _go_to(self, link: str) -> None:
        self._session.transport.pause()
        self._session.transport.seek(int(link))


def _agree(one: Side, other: Side) -> bool:
    """Whether two sides say the same."""
    return not any(differ(field, one, other) for field in COMPARED)
