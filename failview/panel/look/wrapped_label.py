"""A text of a few lines, broken anywhere if need be; the whole of it is a tool tip."""

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QLabel

MOST_LINES = 3
"""What says more ends in an ellipsis."""

_LEAST_PX = 40


class WrappedLabel(QLabel):
    """A label that never widens the window: as high as its lines, one at least."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)

    def setText(self, text: str) -> None:
        """Show a text."""
        super().setText(text)
        self.setToolTip(text)

    def lines(self, width: int) -> list[str]:
        """What is shown in so many pixels, line by line."""
        layout = QTextLayout(self.text(), self.font())
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        starts = []
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(width, _LEAST_PX))
            starts.append(line.textStart())
        layout.endLayout()
        ends = [*starts[1:], len(self.text())]
        shown = [self.text()[start:end].strip() for start, end in zip(starts, ends, strict=True)][:MOST_LINES]
        if len(starts) > MOST_LINES:
            rest = self.text()[starts[MOST_LINES - 1] :]
            shown[-1] = self.fontMetrics().elidedText(rest, Qt.TextElideMode.ElideRight, width)
        return shown or [""]

    def heightForWidth(self, width: int) -> int:
        """Its lines."""
        return len(self.lines(width)) * self.fontMetrics().height()

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 2, self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """Some letters."""
        return QSize(_LEAST_PX, self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the lines."""
        del event
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        top = self.fontMetrics().ascent()
        for number, line in enumerate(self.lines(self.width())):
            painter.drawText(QPointF(0, top + number * self.fontMetrics().height()), line)
