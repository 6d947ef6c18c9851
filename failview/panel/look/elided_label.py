"""A line of text that ends in an ellipsis where there is no room; the whole of it is a tool tip."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

_LEAST_PX = 40


class ElidedLabel(QLabel):
    """A label that never widens the window.

    Args:
        keeps_width: It takes the room of its whole text where there is some, and loses its middle where there is
            none; otherwise it takes what others leave, and loses its end.
    """

    def __init__(self, *, keeps_width: bool = False) -> None:
        super().__init__()
        self._mode = Qt.TextElideMode.ElideMiddle if keeps_width else Qt.TextElideMode.ElideRight
        policy = QSizePolicy.Policy.Maximum if keeps_width else QSizePolicy.Policy.Ignored
        self.setSizePolicy(policy, QSizePolicy.Policy.Fixed)

    @property
    def elided_text(self) -> str:
        """What is on the screen."""
        return self.fontMetrics().elidedText(self.text(), self._mode, self.width())

    def sizeHint(self) -> QSize:
        """The whole text."""
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 2, self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """Some letters."""
        return QSize(min(_LEAST_PX, self.sizeHint().width()), self.fontMetrics().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Offer the whole text where it is cut."""
        super().resizeEvent(event)
        self.setToolTip(self.text() if self.elided_text != self.text() else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what fits."""
        del event
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.elided_text)
