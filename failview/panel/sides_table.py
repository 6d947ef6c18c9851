"""What each side says, next to each other; what differs is marked."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from failview.model.review import Side
from failview.panel.evidence_words import frame_link
from failview.panel.field_titles import field_title
from failview.panel.listening import listen
from failview.panel.review_words import outcome_hue, value_words
from failview.panel.style import GAP_PX, Tokens
from failview.session.review import COMPARED, differ
from failview.session.session import Session

_MOST_SIDES = 3
"""Columns that fit the narrowest panel."""


class SidesTable(QWidget):
    """Fields in rows, sides in columns; the label under review is the first side, and what it became the last one.

    Args:
        session: Knows the sides.
        tokens: Colours.

    Attributes:
        cells: Words of the table by (field, side's place), as they are shown.
    """

    def __init__(self, session: Session, tokens: Tokens) -> None:
        super().__init__()
        self._session = session
        self._tokens = tokens
        self._shown: object = None
        self.cells: dict[tuple[str, int], QLabel] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(GAP_PX)
        self._grid.setVerticalSpacing(GAP_PX // 2)
        listen(self, session.appearance.changed, self._paint_anew)

    def show_sides(self, sides: Sequence[Side], now: Side | None) -> None:
        """Show what is said; `now` is what the label became, None while it is as it was."""
        shown = (tuple(sides), now)
        if shown == self._shown:
            return
        self._shown = shown
        self._clear()
        columns = list(sides[:_MOST_SIDES])
        if now is not None:
            columns.append(now)
        for place, side in enumerate(columns):
            head = QLabel(side.name)
            head.setProperty("role", "caption")
            head.setWordWrap(True)
            self._grid.addWidget(head, 0, place + 1)
            self._grid.setColumnStretch(place + 1, 1)
        said = [field for field in COMPARED if any(side.values.get(field) is not None for side in columns)]
        for row, field in enumerate(said, start=1):
            title = QLabel(field_title(field))
            title.setProperty("role", "muted")
            self._grid.addWidget(title, row, 0, Qt.AlignmentFlag.AlignTop)
            for place, side in enumerate(columns):
                cell = self._cell(field, side, marked=place > 0 and differ(field, columns[0], side))
                self.cells[field, place] = cell
                self._grid.addWidget(cell, row, place + 1, Qt.AlignmentFlag.AlignTop)

    def _cell(self, field: str, side: Side, *, marked: bool) -> QLabel:
        tokens, value = self._tokens, side.values.get(field)
        words = value_words(field, side, self._session.workplace.taxonomy)
        colour = tokens.amber if marked else tokens.hue(outcome_hue(side)) if field == "outcome" else tokens.text
        if field == "failure_onset_frame" and isinstance(value, int):
            words = frame_link(value, colour)
        weight = 600 if marked else 400
        cell = QLabel(f'<span style="color:{colour};font-weight:{weight}">{words}{" ≠" if marked else ""}</span>')
        cell.setTextFormat(Qt.TextFormat.RichText)
        cell.setWordWrap(True)
        cell.setTextInteractionFlags(Qt.TextInteractionFlag.LinksAccessibleByMouse)
        cell.linkActivated.connect(self._go_to)
        return cell

    def _clear(self) -> None:
        self.cells.clear()
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
