"""One link of the causal chain: what led to what, at which frame."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QWidget

from failview.model.annotation import CausalLink
from failview.panel.look.keyed_button import KeyedButton
from failview.panel.look.style import GAP_PX, Tokens

_ALT = Qt.KeyboardModifier.AltModifier
_MODIFIERS = _ALT | Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
_COMMANDS = {
    Qt.Key.Key_Up: "up",
    Qt.Key.Key_Down: "down",
    Qt.Key.Key_Backspace: "delete",
    Qt.Key.Key_Delete: "delete",
    Qt.Key.Key_F: "frame",
    Qt.Key.Key_J: "jump",
}
"""What a key does together with Alt."""


class LinkRow(QWidget):
    """Two lines: the cause; the effect and its frame.

    Args:
        tokens: Colours.
        place: Its place in the chain.

    Attributes:
        typed: Emits ("cause" or "effect", its text) when somebody typed.
        entered: Emits "cause" or "effect" on Enter.
        commanded: Emits one of the commands: up, down, delete, frame, jump.
    """

    typed = Signal(str, str)
    entered = Signal(str)
    commanded = Signal(str)

    def __init__(self, tokens: Tokens, place: int) -> None:
        super().__init__()
        self._place = place
        self._has_frame = False
        self.cause, self.effect = LinkEdit(), LinkEdit()
        self.frame = KeyedButton(tokens, "frame")
        self.frame.clicked.connect(lambda: self.commanded.emit("jump" if self._has_frame else "frame"))
        number, arrow = QLabel(str(place + 1)), QLabel("→")
        for label in (number, arrow):
            label.setProperty("role", "muted")
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GAP_PX - 2)
        grid.setVerticalSpacing(GAP_PX // 2)
        grid.addWidget(number, 0, 0)
        grid.addWidget(self.cause, 0, 1, 1, 2)
        grid.addWidget(arrow, 1, 0)
        grid.addWidget(self.effect, 1, 1)
        grid.addWidget(self.frame, 1, 2)
        grid.setColumnStretch(1, 1)
        for part, edit in (("cause", self.cause), ("effect", self.effect)):
            edit.setAccessibleName(f"Link {place + 1}: {part}")
            edit.textEdited.connect(lambda text, name=part: self.typed.emit(name, text))
            edit.entered.connect(lambda name=part: self.entered.emit(name))
            edit.commanded.connect(self.commanded.emit)

    def show_link(self, link: CausalLink | None, suggested_cause: str, *, read_only: bool) -> None:
        """Show a link; None shows where the next one is written, and what it may begin with."""
        self.cause.setPlaceholderText(suggested_cause or "cause")
        self.effect.setPlaceholderText("effect")
        for edit, text in ((self.cause, link.cause if link else ""), (self.effect, link.effect if link else "")):
            edit.setReadOnly(read_only)
            edit.show_text(text)
        frame = None if link is None else link.frame
        self._has_frame = frame is not None
        self.frame.setVisible(link is not None)
        self.frame.setText("frame" if frame is None else str(frame))
        does = "seen at the frame of the cursor" if frame is None else f"go to frame {frame}"
        self.frame.setAccessibleName(f"Link {self._place + 1}: {does}")
        self.frame.setToolTip(does.capitalize())


class LinkEdit(QLineEdit):
    """A text of a link. Undo belongs to the label, not to the field.

    Attributes:
        entered: Emits on Enter.
        commanded: Emits a command of the list.
    """

    entered = Signal()
    commanded = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)

    def show_text(self, text: str) -> None:
        """Show a text; the caret stays where it is."""
        if text != self.text():
            caret = self.cursorPosition()
            self.setText(text)
            self.setCursorPosition(min(caret, len(text)))

    def event(self, event: QEvent) -> bool:
        """Keep the keys of the list from being taken for shortcuts."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _command(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys of the list, and letters."""
        if command := _command(event):
            self.commanded.emit(command)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        else:
            super().keyPressEvent(event)


def _command(event: QKeyEvent) -> str:
    """The command of a key; empty for none."""
    return _COMMANDS.get(Qt.Key(event.key()), "") if event.modifiers() & _MODIFIERS == _ALT else ""
