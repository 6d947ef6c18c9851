"""A line that says as much as there is room for."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy


class FittingLabel(QLabel):
    """Shows the first of its texts that fits; the last one is never cut."""

    def __init__(self) -> None:
        super().__init__()
        self._texts: tuple[str, ...] = ("",)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def say(self, *texts: str) -> None:
        """Show the first of these that fits, from the longest to the shortest."""
        if texts != self._texts:
            self._texts = texts
            self.setText(texts[0])
            self.updateGeometry()

    @property
    def shown(self) -> str:
        """What is on the screen."""
        fitting = (text for text in self._texts if self._width_of(text) <= self.width())
        return next(fitting, self._texts[-1])

    def sizeHint(self) -> QSize:
        """The longest text."""
        return QSize(self._width_of(self._texts[0]), self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """The shortest text."""
        return QSize(self._width_of(self._texts[-1]), self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what fits."""
        del event
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        painter.drawText(self.rect(), int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), self.shown)

    def _width_of(self, text: str) -> int:
        return self.fontMetrics().horizontalAdvance(text) + 2
