"""How sure the annotator is."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from failview.panel.look.form_part import FormPart
from failview.panel.look.keyed_button import KeyedButton
from failview.panel.look.style import GAP_PX, Tokens, scaled
from failview.session.actions import action
from failview.session.keymap import Keymap
from failview.session.session import Session

_BAR_PX = 4


class ConfidencePart(FormPart):
    """A bar from 0 to 1, blank until it was set."""

    def __init__(self, session: Session, keymap: Keymap, tokens: Tokens) -> None:
        super().__init__(session)
        self.bar = ConfidenceBar(tokens)
        self.bar.setAccessibleName("Confidence")
        self.bar.picked.connect(session.labelling.set_confidence)
        self.value = QLabel()
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        caption = QLabel("Sure")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP_PX)
        row.addWidget(caption)
        self.surer = self._make_button("surer", keymap, tokens)
        row.addWidget(self._make_button("less_sure", keymap, tokens))
        row.addWidget(self.bar, 1)
        row.addWidget(self.surer)
        row.addWidget(self.value)

    def refresh(self) -> None:
        """Show the confidence."""
        confidence = self.annotation.annotator_confidence
        self.bar.show_value(confidence)
        self.value.setFixedWidth(scaled(32))
        self.value.setText("–" if confidence is None else f"{confidence:.2f}".removeprefix("0"))

    def target_of(self, field: str) -> QWidget | None:
        """The button that sets it."""
        return self.surer if field == "annotator_confidence" else None

    def _make_button(self, action_id: str, keymap: Keymap, tokens: Tokens) -> KeyedButton:
        button = KeyedButton(tokens, "", keymap.shown_key(action_id))
        button.setAccessibleName(action(action_id).title)
        button.clicked.connect(lambda: action(action_id).run(self.session))
        return button


class ConfidenceBar(QWidget):
    """A thin bar; a click or a drag sets it.

    Attributes:
        picked: Emits a value from 0 to 1.
    """

    picked = Signal(float)

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self._tokens = tokens
        self._value: float | None = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_value(self, value: float | None) -> None:
        """Fill it so far; None leaves it blank."""
        self._value = value
        self.update()

    def sizeHint(self) -> QSize:
        """High enough to be hit."""
        return QSize(80, scaled(24))

    def minimumSizeHint(self) -> QSize:
        """A bar that can still be read."""
        return QSize(48, scaled(24))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Set it here."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._pick(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag it."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._pick(event.position().x())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bar."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        room = QRectF(0, (self.height() - _BAR_PX) / 2, self.width(), _BAR_PX)
        painter.setBrush(QColor(self._tokens.line))
        painter.drawRoundedRect(room, _BAR_PX / 2, _BAR_PX / 2)
        if self._value:
            painter.setBrush(QColor(self._tokens.text))
            room.setWidth(self.width() * self._value)
            painter.drawRoundedRect(room, _BAR_PX / 2, _BAR_PX / 2)

    def _pick(self, x: float) -> None:
        share = min(1.0, max(0.0, x / max(1, self.width())))
        self.picked.emit(round(share * 20) / 20)
