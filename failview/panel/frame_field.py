"""A field for the number of a frame."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFocusEvent, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QLineEdit

from failview.panel.listening import listen
from failview.panel.style import Tokens
from failview.session.session import Session

_ICON_PX = 16


class FrameField(QLineEdit):
    """Shows one frame of the label. A typed number counts on Enter, on Tab and when the work goes on.

    Enter on a frame that stands, or a click on the arrow, puts the cursor there.

    Args:
        session: Where the label lives.
        tokens: Colours.
        field: Name of the field of the annotation.
    """

    def __init__(self, session: Session, tokens: Tokens, field: str) -> None:
        super().__init__()
        self._session = session
        self.field = field
        self.jump_action = self.addAction(_jump_icon(tokens), QLineEdit.ActionPosition.LeadingPosition)
        self.jump_action.setToolTip("Go to this frame (Enter)")
        self.jump_action.triggered.connect(self.jump)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setMaxLength(9)
        self.setFixedHeight(28)
        self.returnPressed.connect(self._on_return)
        self.textEdited.connect(self._accept_again)
        listen(self, session.focus_requested, self._on_focus_requested)

    @property
    def frame(self) -> int | None:
        """The frame in the label."""
        opened = self._session.open_episode
        value: int | None = None if opened is None else getattr(opened.annotation, self.field)
        return value

    def refresh(self) -> None:
        """Show the frame in the label."""
        text = "" if self.frame is None else str(self.frame)
        if self.text() != text:
            self.setText(text)
        self.setModified(False)
        self._accept_again()
        self.jump_action.setEnabled(self.frame is not None)

    def jump(self) -> None:
        """Put the cursor on the frame."""
        if self.frame is not None:
            self._session.transport.pause()
            self._session.transport.seek(self.frame)

    def commit(self) -> bool:
        """Take over what was typed; False when it was refused, which is said and shown."""
        if not self.isModified():
            return True
        text = self.text().strip()
        taken = False
        if text.isdecimal() or not text:
            taken = self._session.labelling.set_frame(self.field, int(text) if text else None)
        else:
            self._session.notice.emit(f'"{text}" is not a frame number.')
        if taken:
            self.refresh()
        else:
            self._set_refused(refused=True)
        return taken

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leaving takes over what was typed."""
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self.commit()
        super().focusOutEvent(event)

    def _on_return(self) -> None:
        if self.isModified():
            self.commit()
        else:
            self.jump()

    def _on_focus_requested(self, field: str) -> None:
        if field == self.field:
            self.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.selectAll()
        elif not field and self.isModified():
            self.refresh()

    def _accept_again(self) -> None:
        self._set_refused(refused=False)

    def _set_refused(self, *, refused: bool) -> None:
        if self.property("refused") != refused:
            self.setProperty("refused", refused)
            self.style().unpolish(self)
            self.style().polish(self)


def _jump_icon(tokens: Tokens) -> QIcon:
    """An arrow to a bar, grey while there is nothing to go to."""
    icon = QIcon()
    for mode, colour in ((QIcon.Mode.Normal, tokens.muted), (QIcon.Mode.Disabled, tokens.line)):
        for ratio in (1, 2):
            pixmap = QPixmap(_ICON_PX * ratio, _ICON_PX * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(colour), 1.4))
            painter.drawPolyline([QPointF(2, 8), QPointF(10, 8)])
            painter.drawPolyline([QPointF(7, 5), QPointF(10, 8), QPointF(7, 11)])
            painter.drawPolyline([QPointF(13, 4), QPointF(13, 12)])
            painter.end()
            icon.addPixmap(pixmap, mode)
    return icon
