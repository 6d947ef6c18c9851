"""Chips in as few rows as fit, each row as wide as the grid."""

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from failview.panel.look.style import GAP_PX

_BETWEEN_PX = 3
"""Between chips of a row: five categories fit the usual width."""


class ChipGrid(QWidget):
    """Lays its chips out in even rows.

    Args:
        chips: What to lay out, in order.
        between_px: Room between chips of a row, and between rows.
        equal: Whether the chips of a row are of equal width where there is room for it.
    """

    def __init__(
        self,
        chips: Sequence[QWidget],
        between_px: tuple[int, int] = (_BETWEEN_PX, GAP_PX // 2),
        *,
        equal: bool = False,
    ) -> None:
        super().__init__()
        self._between_px, self._below_px = between_px
        self._equal = equal
        self._stacked = False
        self._chips = list(chips)
        for chip in self._chips:
            chip.setParent(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def stack(self, *, stacked: bool) -> None:
        """One chip a row, as in a list, or as few rows as fit."""
        self._stacked = stacked
        self.updateGeometry()
        self._place_all()

    def hasHeightForWidth(self) -> bool:
        """Narrower means more rows."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Height of all rows."""
        count = len(self._rows(width))
        return count * self._row_height + (count - 1) * self._gap if count else 0

    def sizeHint(self) -> QSize:
        """One row, or all of a list."""
        if self._stacked:
            return QSize(self.minimumSizeHint().width(), self.heightForWidth(0))
        return QSize(self._needed(self._chips), self._row_height)

    def minimumSizeHint(self) -> QSize:
        """The widest chip."""
        return QSize(max((chip.sizeHint().width() for chip in self._chips), default=0), self._row_height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the chips."""
        del event
        self._place_all()

    @property
    def _gap(self) -> int:
        return 0 if self._stacked else self._below_px

    @property
    def _row_height(self) -> int:
        return max((chip.sizeHint().height() for chip in self._chips), default=0)

    def _rows(self, width: int) -> list[list[QWidget]]:
        if self._stacked:
            return [[chip] for chip in self._chips]
        for count in range(1, len(self._chips) + 1):
            length = ceil(len(self._chips) / count)
            rows = [self._chips[start : start + length] for start in range(0, len(self._chips), length)]
            if all(self._needed(row) <= width for row in rows):
                return rows
        return [[chip] for chip in self._chips]

    def _place_all(self) -> None:
        top = 0
        for row in self._rows(self.width()):
            self._place(row, top, self.width())
            top += self._row_height + self._gap

    def _place(self, row: list[QWidget], top: int, width: int) -> None:
        widths = [float(chip.sizeHint().width()) for chip in row]
        even = (width - (len(row) - 1) * self._between_px) / len(row)
        if self._equal and max(widths) <= even:
            widths = [even] * len(row)
        spare = max(0.0, width - (len(row) - 1) * self._between_px - sum(widths)) / len(row)
        left = 0.0
        for chip, own in zip(row, widths, strict=True):
            right = left + own + spare
            chip.setGeometry(round(left), top, round(right) - round(left), self._row_height)
            left = right + self._between_px

    def _needed(self, row: Sequence[QWidget]) -> int:
        return sum(chip.sizeHint().width() for chip in row) + (len(row) - 1) * self._between_px
