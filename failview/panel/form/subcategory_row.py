"""One subcategory: its digit and name, a line of a list or a chip."""

from math import ceil

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy

from failview.model.taxonomy import Subcategory
from failview.panel.look.form_button import FormButton
from failview.panel.look.key_badge import badge_height, paint_badge
from failview.panel.look.style import BASE_PX, GAP_PX, RADIUS_PX, SMALL_PX, Tokens, blend, make_font, scaled

_LINE_PX, _CHIP_PX = 26, 22


class SubcategoryRow(FormButton):
    """A line while one is to be chosen, a chip after.

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
        self._is_chip = False
        self.setCheckable(True)
        self.setToolTip(self.meaning)
        self.setAccessibleDescription(self.meaning)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def meaning(self) -> str:
        """The definition and which frame is the onset."""
        sub = self.subcategory
        return f"{sub.definition} Onset: {sub.onset_rule}" if sub.onset_rule else sub.definition

    def show_state(self, *, chosen: bool, lit: bool, is_chip: bool) -> None:
        """Tint the chosen one; a dim badge says that the digits mean something else now."""
        if (chosen, lit, is_chip) == (self.isChecked(), self._lit, self._is_chip):
            return
        self._lit, self._is_chip = lit, is_chip
        self.setChecked(chosen)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Wide enough for the name, the heavier weight of a chosen one included."""
        name_px = QFontMetricsF(make_font(self._pixels, bold=True)).horizontalAdvance(self.text())
        return QSize(self._text_left + ceil(name_px) + self._side_px, scaled(_CHIP_PX if self._is_chip else _LINE_PX))

    def minimumSizeHint(self) -> QSize:
        """The name is never cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw badge and name."""
        del event
        tokens = self._tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        badge = tokens.text if self._lit else tokens.muted
        paint_badge(painter, QPointF(self._side_px, self.height() / 2), self._key, tokens, badge)
        painter.setFont(make_font(self._pixels, bold=self.isChecked()))
        painter.setPen(QColor(tokens.text if self.isChecked() else tokens.muted))
        name = QRectF(self._text_left, 0, self.width() - self._text_left, self.height())
        painter.drawText(name, Qt.AlignmentFlag.AlignVCenter, self.text())

    @property
    def _pixels(self) -> int:
        return SMALL_PX if self._is_chip else BASE_PX

    @property
    def _side_px(self) -> int:
        return GAP_PX // 2 if self._is_chip else GAP_PX

    @property
    def _text_left(self) -> int:
        """Where the words begin, right of the badge."""
        return self._side_px + badge_height() + self._side_px

    def _paint_ground(self, painter: QPainter) -> None:
        tokens = self._tokens
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(QColor(tokens.accent), 2) if self.has_ring else Qt.PenStyle.NoPen)
        if self.isChecked():
            painter.setBrush(QColor(tokens.tint("red")))
        elif self.underMouse():
            painter.setBrush(QColor(blend(tokens.text, tokens.card, 0.06)))
        painter.drawRoundedRect(rect, RADIUS_PX, RADIUS_PX)
