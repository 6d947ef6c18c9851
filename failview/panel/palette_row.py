"""A row of the palette: what it does, where it belongs, and its key or why it cannot be done now."""

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from failview.panel.look.key_badge import badge_width, key_symbols, paint_badge
from failview.panel.look.style import BASE_PX, GAP_PX, RADIUS_PX, SMALL_PX, Tokens, make_font, scaled

_HEIGHT_PX = 28


@dataclass(frozen=True)
class ActionRow:
    """What a row shows.

    Attributes:
        title: What the action does.
        group: Where it belongs.
        key: Its key; empty for none.
        why_not: Why it cannot be done now; empty when it can.
    """

    title: str
    group: str
    key: str
    why_not: str

    @property
    def words(self) -> str:
        """All of it, for a screen reader."""
        told = (self.title, self.group, key_symbols(self.key) if self.key else "", self.why_not)
        return ", ".join(filter(None, told))


class RowPainter(QStyledItemDelegate):
    """Paints ActionRows.

    Args:
        tokens: Colours.
        parent: The list.
    """

    def __init__(self, tokens: Tokens, parent: QObject) -> None:
        super().__init__(parent)
        self._tokens = tokens

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """One line."""
        del option, index
        return QSize(120, scaled(_HEIGHT_PX))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint title and group at the left, key or reason at the right."""
        row: ActionRow = index.data(Qt.ItemDataRole.UserRole)
        tokens = self._tokens
        rect = QRectF(option.rect)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.tint("accent")))
            painter.drawRoundedRect(rect, RADIUS_PX, RADIUS_PX)
        inside = rect.adjusted(GAP_PX, 0, -GAP_PX, 0)
        inside.setRight(self._paint_end(painter, inside, row) - GAP_PX)
        dim = tokens.text if chosen else tokens.muted
        left = _words(painter, make_font(BASE_PX), dim if row.why_not else tokens.text, inside, row.title)
        inside.setLeft(left + GAP_PX)
        if QFontMetricsF(make_font(SMALL_PX)).horizontalAdvance(row.group) <= inside.width():
            _words(painter, make_font(SMALL_PX), dim, inside, row.group)
        painter.restore()

    def _paint_end(self, painter: QPainter, inside: QRectF, row: ActionRow) -> float:
        """Paint the key, or why it cannot be done; gives its left edge."""
        if row.why_not:
            font = make_font(SMALL_PX)
            room = QRectF(inside)
            room.setLeft(inside.right() - QFontMetricsF(font).horizontalAdvance(row.why_not) - 1)
            _words(painter, font, self._tokens.amber, room, row.why_not)
            return room.left()
        left = inside.right() - badge_width(row.key)
        paint_badge(painter, QPointF(left, inside.center().y()), row.key, self._tokens, self._tokens.text)
        return left


def _words(painter: QPainter, font: QFont, colour: str, room: QRectF, words: str) -> float:
    """Paint one line that ends in an ellipsis where there is no room; gives its right edge."""
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    painter.setPen(QColor(colour))
    shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)
    return room.left() + metrics.horizontalAdvance(shown)
