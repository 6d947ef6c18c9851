"""A field for the number of a frame."""

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLineEdit, QSizePolicy

from failview.panel.look.listening import listen
from failview.panel.look.style import Tokens, scaled
from failview.session.session import Session

_ARROW_PX = 12
"""Room of the arrow at the left of the field."""

_WIDTHS_PX = (68, 84)
"""Narrowest and usual width: five figures, or seven."""


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
        self._tokens = tokens
        self.setTextMargins(_ARROW_PX, 0, 0, 0)
        self.setToolTip("Enter, or a click on the arrow, goes to the frame")
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setMaxLength(9)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.returnPressed.connect(self._on_return)
        self.textEdited.connect(self._accept_again)
        listen(self, session.focus_requested, self._on_focus_requested)

    def sizeHint(self) -> QSize:
        """Room for long episodes."""
        return QSize(scaled(_WIDTHS_PX[1]), scaled(28))

    def minimumSizeHint(self) -> QSize:
        """Room for usual episodes."""
        return QSize(scaled(_WIDTHS_PX[0]), scaled(28))

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
        self.update()

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

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on the arrow goes to the frame."""
        super().mousePressEvent(event)
        if event.button() is Qt.MouseButton.LeftButton and event.position().x() <= _ARROW_PX + 6:
            self.jump()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw an arrow to a bar where there is a frame to go to."""
        super().paintEvent(event)
        if self.frame is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._tokens.muted), 1.4))
        painter.translate(5, self.height() / 2)
        painter.drawPolyline([QPointF(0, 0), QPointF(8, 0)])
        painter.drawPolyline([QPointF(5, -3), QPointF(8, 0), QPointF(5, 3)])
        painter.drawPolyline([QPointF(11, -4), QPointF(11, 4)])

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
        if not field and self.isModified():
            self.refresh()

    def _accept_again(self) -> None:
        self._set_refused(refused=False)

    def _set_refused(self, *, refused: bool) -> None:
        if self.property("refused") != refused:
            self.setProperty("refused", refused)
            self.style().unpolish(self)
            self.style().polish(self)
