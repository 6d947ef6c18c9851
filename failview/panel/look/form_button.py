"""What the buttons of the panel share: they answer the pointer, and show the focus when it came by key."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QEnterEvent, QFocusEvent
from PySide6.QtWidgets import QAbstractButton

KEYBOARD_REASONS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
"""Ways to get the focus after which it must be seen; a click needs no ring."""


class FormButton(QAbstractButton):
    """A button that paints itself.

    Args:
        title: Words on it.

    Attributes:
        has_ring: Whether the focus is to be seen.
    """

    def __init__(self, title: str) -> None:
        super().__init__()
        self.has_ring = False
        self.setText(title)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus when it came by key."""
        self.has_ring = event.reason() in KEYBOARD_REASONS
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the focus."""
        self.has_ring = False
        super().focusOutEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Answer the pointer."""
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Answer the pointer."""
        self.update()
        super().leaveEvent(event)
