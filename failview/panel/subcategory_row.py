"""One subcategory: its digit and name, and what it means when it is the chosen one."""

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy

from failview.model.taxonomy import Subcategory
from failview.panel.form_button import FormButton
from failview.panel.key_badge import badge_height, paint_badge
from failview.panel.style import BASE_PX, GAP_PX, RADIUS_PX, SMALL_PX, Tokens, blend, make_font, scaled

_LINE_PX = 26
_WRAP = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft


class SubcategoryRow(FormButton):
    """A row of the list of subcategories.

    Args:
        tokens: Colours.
        subcategory: What it offers.
        key: The key that chooses it.
    """

    def __init__(self, tokens: Tokens, subcategory: Subcategory, key: str) -> None:
        super().__init__(subcategory.name)
        self.subcategory = subcategory
        self._tokens = tokens
        self._key = key
        self._lit = True
        self.setCheckable(True)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def meaning(self) -> str:
        """What unfolds: the definition and which frame is the onset."""
        sub = self.subcategory
        return f"{sub.definition} Onset: {sub.onset_rule}" if sub.onset_rule else sub.definition

    def show_state(self, *, chosen: bool, lit: bool) -> None:
        """Unfold the chosen one; a dim badge says that the digits mean something else now."""
        if (chosen, lit) == (self.isChecked(), self._lit):
            return
        self._lit = lit
        self.setChecked(chosen)
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        """The meaning wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Height of the name, and of the meaning when it is unfolded."""
        if not self.isChecked():
            return _line()
        room = QRect(0, 0, max(1, width - _text_left() - GAP_PX), 10_000)
        text = QFontMetrics(make_font(SMALL_PX)).boundingRect(room, int(_WRAP), self.meaning)
        return _line() + text.height() + 6

    def sizeHint(self) -> QSize:
        """Wide enough for the name."""
        name = QFontMetrics(make_font(BASE_PX, bold=True)).horizontalAdvance(self.text())
        width = _text_left() + name + GAP_PX
        return QSize(width, self.heightForWidth(max(width, self.width())))

    def minimumSizeHint(self) -> QSize:
        """The name is never cut."""
        return QSize(self.sizeHint().width(), _line())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw badge, name and meaning."""
        del event
        tokens = self._tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        badge = tokens.text if self._lit else tokens.muted
        paint_badge(painter, QPointF(GAP_PX, _line() / 2), self._key, tokens, badge)
        painter.setFont(make_font(BASE_PX, bold=self.isChecked()))
        painter.setPen(QColor(tokens.text if self.isChecked() else tokens.muted))
        name = QRectF(_text_left(), 0, self.width() - _text_left(), _line())
        painter.drawText(name, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.isChecked():
            painter.setFont(make_font(SMALL_PX))
            painter.setPen(QColor(blend(tokens.text, tokens.muted, 0.35)))
            room = QRect(_text_left(), _line() - 2, self.width() - _text_left() - GAP_PX, self.height())
            painter.drawText(room, int(_WRAP), self.meaning)

    def _paint_ground(self, painter: QPainter) -> None:
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(QColor(self._tokens.accent), 2) if self.has_ring else Qt.PenStyle.NoPen)
        if self.isChecked():
            painter.setBrush(QColor(self._tokens.tint("red")))
        elif self.underMouse():
            painter.setBrush(QColor(blend(self._tokens.text, self._tokens.card, 0.06)))
        painter.drawRoundedRect(rect, RADIUS_PX, RADIUS_PX)


def _text_left() -> int:
    """Where the words begin, right of the badge."""
    return GAP_PX + badge_height() + GAP_PX


def _line() -> int:
    """Height of the name."""
    return scaled(_LINE_PX)
