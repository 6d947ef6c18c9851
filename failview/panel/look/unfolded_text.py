"""Text that takes the room it needs up to some lines, and scrolls beyond."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy


class UnfoldedText(QScrollArea):
    """A label in a scroll area without a frame.

    Args:
        label: The label; it wraps.

    Attributes:
        lines: Lines that are seen at once.
    """

    def __init__(self, label: QLabel) -> None:
        super().__init__()
        self._label = label
        self.setObjectName("unfolded")
        self.lines = 10
        label.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setWidget(label)

    def show_text(self, text: str) -> None:
        """Show rich text."""
        if text != self._label.text():
            self._label.setText(text)
            self._fit()

    def sizeHint(self) -> QSize:
        """As high as the text, or as so many lines."""
        most = self.lines * self._label.fontMetrics().lineSpacing()
        return QSize(240, max(0, min(most, self._label.heightForWidth(max(1, self.viewport().width())))))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width takes another height."""
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(self.sizeHint().height())
