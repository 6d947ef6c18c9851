"""What covers the whole window for a moment and then gives the keyboard back to where it was."""

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from failview.panel.look.style import Tokens

_OPACITY = 0.72
"""Of what lies over the window: the work can still be made out below, and nobody reads it."""


class Overlay(QWidget):
    """Covers a window until it is closed. Tab does not lead out of it, a click beside what is on it closes it.

    Args:
        window: The window.
        tokens: Colours.

    Attributes:
        toggled: Emits before it is shown, and after it was hidden, which of the two.
    """

    toggled = Signal(bool)

    def __init__(self, window: QWidget, tokens: Tokens) -> None:
        super().__init__(window)
        self._window = window
        self._tokens = tokens
        self._before: QWidget | None = None
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.hide()
        window.installEventFilter(self)

    def toggle(self) -> None:
        """Show or hide it."""
        if self.isVisible():
            self.close_()
            return
        self.toggled.emit(True)
        self._before = self._window.focusWidget()
        self.setGeometry(self._window.rect())
        self.prepare()
        self.show()
        self.raise_()
        self.first_focus.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_(self) -> None:
        """Hide it; the keyboard goes back to where it was."""
        if not self.isVisible():
            return
        self.hide()
        before = self._before
        there = before is not None and shiboken6.isValid(before) and before.isVisible()
        (before if before is not None and there else self._window).setFocus(Qt.FocusReason.OtherFocusReason)
        self.toggled.emit(False)

    def leave(self) -> None:
        """What Esc does: close it."""
        self.close_()

    @property
    def first_focus(self) -> QWidget:
        """What takes the keyboard when it is shown."""
        return self

    def prepare(self) -> None:
        """Make ready what it shows."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as large as the window."""
        if event.type() is QEvent.Type.Resize and watched is self._window:
            self.setGeometry(self._window.rect())
        return False

    def focusNextPrevChild(self, _next: bool) -> bool:
        """What lies below cannot be reached."""
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside what is on it closes it."""
        event.accept()
        if self.childAt(event.position().toPoint()) is None:
            self.close_()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """A click on something that takes no keyboard leaves it where it belongs."""
        super().focusInEvent(event)
        if self.first_focus is not self:
            self.first_focus.setFocus(Qt.FocusReason.OtherFocusReason)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Dim the window."""
        del event
        ground = QColor(self._tokens.background)
        ground.setAlphaF(_OPACITY)
        QPainter(self).fillRect(self.rect(), ground)
