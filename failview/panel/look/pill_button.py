"""A pill that can be pressed: small words on the tint of a hue, with an ellipsis where there is no room."""

from math import ceil

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy

from failview.panel.look.form_button import FormButton
from failview.panel.look.style import SMALL_PX, Tokens, blend, make_font, scaled

_HEIGHT_PX = 18
_PADDING_PX = 8
_LEAST_PX = 60


class PillButton(FormButton):
    """A pill. Keys do what it does, so that Tab passes it by.

    Args:
        tokens: Colours.
        keeps_width: Whether its words are never cut.
    """

    def __init__(self, tokens: Tokens, *, keeps_width: bool = True) -> None:
        super().__init__("")
        self._tokens = tokens
        self._keeps_width = keeps_width
        self._hue = "accent"
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def say(self, words: str, hue: str = "accent") -> None:
        """Show words on the tint of a hue."""
        self._hue = hue
        self.setProperty("pill", hue)
        self.setText(words)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """All words."""
        words_px = QFontMetricsF(make_font(SMALL_PX)).horizontalAdvance(self.text())
        return QSize(ceil(words_px) + 2 * _PADDING_PX + 1, scaled(_HEIGHT_PX))

    def minimumSizeHint(self) -> QSize:
        """All words, or some of them."""
        whole = self.sizeHint()
        return whole if self._keeps_width else QSize(min(_LEAST_PX, whole.width()), whole.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground and words."""
        del event
        tokens, font = self._tokens, make_font(SMALL_PX)
        ground = tokens.tint(self._hue)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tokens.hue(self._hue)), 1) if self.underMouse() else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(blend(tokens.text, ground, 0.06) if self.underMouse() else ground))
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)
        painter.setFont(font)
        painter.setPen(QColor(tokens.hue(self._hue)))
        room = rect.adjusted(_PADDING_PX - 1, 0, 1 - _PADDING_PX, 0)
        shown = QFontMetricsF(font).elidedText(self.text(), Qt.TextElideMode.ElideMiddle, room.width() + 1)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine, shown)
