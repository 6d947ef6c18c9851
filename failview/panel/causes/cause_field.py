"""A cause of the label: what it is, which kind of cause, and the key that changes it."""

from math import ceil

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy

from failview.panel.look.form_button import FormButton
from failview.panel.look.key_badge import badge_width, paint_badge
from failview.panel.look.style import BASE_PX, GAP_PX, RADIUS_PX, SMALL_PX, Tokens, make_font, scaled

_HEIGHT_PX = 28
_CLIP_PX = 7
_CLIP_ROOM_PX = 2 * _CLIP_PX
_NOTHING = "–"


class CauseField(FormButton):
    """A button that looks like a field.

    Args:
        tokens: Colours.
        kind: Which kind of cause ("proximal").
        key: The key that opens it.

    Attributes:
        in_hand: Emits whether it has the keyboard.
    """

    in_hand = Signal(bool)

    def __init__(self, tokens: Tokens, kind: str, key: str) -> None:
        super().__init__(_NOTHING)
        self._tokens = tokens
        self._kind = kind
        self._key = key
        self._has_clip = False
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_cause(self, name: str, definition: str, *, has_clip: bool) -> None:
        """Show a cause; an empty name shows that none is chosen."""
        self.setText(name or _NOTHING)
        self._has_clip = has_clip
        clip = "A reference clip shows it. " if has_clip else ""
        self.setToolTip(f"{name}: {definition} {clip}".strip() if name else "")
        self.setAccessibleName(f"{self._kind.capitalize()} cause: {name or 'none chosen'}")
        self.setAccessibleDescription(f"{clip}{definition}")
        self.update()

    def sizeHint(self) -> QSize:
        """Everything on one line."""
        words = QFontMetricsF(make_font(BASE_PX)).horizontalAdvance(self.text())
        around = self._kind_px + _CLIP_ROOM_PX + badge_width(self._key) + 3 * GAP_PX
        return QSize(ceil(words + around), scaled(_HEIGHT_PX))

    def minimumSizeHint(self) -> QSize:
        """Some letters; the whole of it is a tool tip."""
        return QSize(scaled(100), scaled(_HEIGHT_PX))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Say so."""
        super().focusInEvent(event)
        self.in_hand.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Say so."""
        super().focusOutEvent(event)
        self.in_hand.emit(False)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cause at the left, its kind and key at the right; the kind gives way to the cause."""
        del event
        tokens = self._tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(tokens.card if self.isEnabled() else tokens.background))
        painter.setPen(QPen(QColor(tokens.accent if self.has_ring else tokens.line), 2 if self.has_ring else 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_PX, RADIUS_PX)
        room = QRectF(self.rect()).adjusted(GAP_PX, 0, -GAP_PX // 2 - 1, 0)
        badge_px = badge_width(self._key)
        paint_badge(painter, QPointF(room.right() - badge_px, room.center().y()), self._key, tokens, tokens.text)
        room.setRight(room.right() - badge_px - GAP_PX // 2)
        font = make_font(BASE_PX)
        words_px = QFontMetricsF(font).horizontalAdvance(self.text())
        clip_px = _CLIP_ROOM_PX if self._has_clip else 0
        if words_px + clip_px + self._kind_px <= room.width():
            painter.setFont(make_font(SMALL_PX))
            painter.setPen(QColor(tokens.muted))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._kind)
            room.setRight(room.left() + words_px + clip_px + 1)
        if self._has_clip:
            room.setRight(room.right() - _CLIP_ROOM_PX)
            self._paint_clip(painter, QPointF(room.left() + min(words_px, room.width()), room.center().y()))
        painter.setFont(font)
        chosen = self.isEnabled() and self.text() != _NOTHING
        painter.setPen(QColor(tokens.text if chosen else tokens.muted))
        shown = QFontMetricsF(font).elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)

    @property
    def _kind_px(self) -> float:
        """Room of the kind and the gap beside it."""
        return QFontMetricsF(make_font(SMALL_PX)).horizontalAdvance(self._kind) + GAP_PX

    def _paint_clip(self, painter: QPainter, at: QPointF) -> None:
        """A small play sign behind the cause."""
        left, middle = at.x() + _CLIP_PX, at.y() + 0.5
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._tokens.accent))
        half = _CLIP_PX / 2
        corners = [QPointF(left, middle - half), QPointF(left + _CLIP_PX, middle), QPointF(left, middle + half)]
        painter.drawPolygon(QPolygonF(corners))
