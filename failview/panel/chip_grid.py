"""Chips in as few rows as fit, each row as wide as the grid."""

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from failview.panel.style import GAP_PX

_BETWEEN_PX = 3
"""Between chips of a row: five categories fit the usual width."""


class ChipGrid(QWidget):
    """Lays its chips out in even rows.

    Args:
        chips: What to lay out, in order.
    """

    def __init__(self, chips: Sequence[QWidget]) -> None:
        super().__init__()
        self._chips = list(chips)
        for chip in self._chips:
            chip.setParent(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        """Narrower means more rows."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Height of all rows."""
        count = len(self._rows(width))
        return count * self._row_height + (count - 1) * GAP_PX // 2 if count else 0

    def sizeHint(self) -> QSize:
        """One row."""
        width = sum(chip.sizeHint().width() + _BETWEEN_PX for chip in self._chips)
        return QSize(width, self._row_height)

    def minimumSizeHint(self) -> QSize:
        """The widest chip."""
        return QSize(max((chip.sizeHint().width() for chip in self._chips), default=0), self._row_height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the chips."""
        top = 0
        for row in self._rows(event.size().width()):
            self._place(row, top, event.size().width())
            top += self._row_height + GAP_PX // 2

    @property
    def _row_height(self) -> int:
        return max((chip.sizeHint().height() for chip in self._chips), default=0)

    def _rows(self, width: int) -> list[list[QWidget]]:
        for count in range(1, len(self._chips) + 1):
            length = ceil(len(self._chips) / count)
            rows = [self._chips[start : start + length] for start in range(0, len(self._chips), length)]
            if all(_needed(row) <= width for row in rows):
                return rows
        return [[chip] for chip in self._chips]

    def _place(self, row: list[QWidget], top: int, width: int) -> None:
        spare = max(0, width - _needed(row))
        left = 0.0
        for chip in row:
            chip_width = chip.sizeHint().width() + spare / len(row)
            chip.setGeometry(round(left), top, round(left + chip_width) - round(left), self._row_height)
            left += chip_width + _BETWEEN_PX


def _needed(row: Sequence[QWidget]) -> int:
    return sum(chip.sizeHint().width() for chip in row) + (len(row) - 1) * _BETWEEN_PX
