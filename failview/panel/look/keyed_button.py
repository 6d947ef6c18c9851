"""A button that shows the key that does the same."""

from enum import Enum
from math import ceil

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy

from failview.panel.look.form_button import FormButton
from failview.panel.look.key_badge import badge_width, key_symbols, paint_badge
from failview.panel.look.style import BASE_PX, GAP_PX, RADIUS_PX, SMALL_PX, Tokens, blend, make_font, scaled, words_px


class Look(Enum):
    """How a button stands out."""

    SEGMENT = "segment"
    CHIP = "chip"
    OUTLINE = "outline"
    PROPOSAL = "proposal"
    ACCENT = "accent"


class KeyedButton(FormButton):
    """A button with its key as a badge.

    Args:
        tokens: Colours.
        title: Words on it; may be empty when the badge says enough.
        key: Its key as the table writes it; empty for none.
        look: How it stands out.

    Attributes:
        hue: Name of the colour when it is checked.
        key: Its key.
        lit: Whether the key does this now.
        short: Title for less room; empty where the whole one is always shown.
        leads: Whether the key stands before the words.
        starts_at_left: Whether key and words begin at the left edge, as in a list; else they are in the middle.
    """

    def __init__(self, tokens: Tokens, title: str, key: str = "", *, look: Look = Look.OUTLINE) -> None:
        super().__init__(title)
        self._tokens = tokens
        self._look = look
        self._pixels = SMALL_PX if look is Look.CHIP else BASE_PX
        self.hue = "accent"
        self.key = key
        self.lit = True
        self.short = ""
        self.starts_at_left = False
        self.leads = look is Look.CHIP
        self.setCheckable(look in (Look.SEGMENT, Look.CHIP))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_lit(self, *, lit: bool) -> None:
        """Whether the key works now; a dim badge says that it means something else at the moment."""
        if lit != self.lit:
            self.lit = lit
            self.update()

    def sizeHint(self) -> QSize:
        """As wide as everything on it, the heavier weight of a checked one included."""
        return self._size_with(self.text() or key_symbols(self.key))

    def minimumSizeHint(self) -> QSize:
        """Nothing on it is ever cut."""
        return self._size_with(self.short) if self.short else self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground, words and badge."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        bold = self._look is Look.ACCENT or (self.isChecked() and self._look is Look.SEGMENT)
        painter.setFont(make_font(self._pixels, bold=bold))
        words = words_px(self._words, self._pixels, bold=bold)
        left = self._padding if self.starts_at_left else (self.width() - words - self._badge_px) / 2
        badge_left, words_left = left + words + self._gap, left
        if self.leads:
            badge_left, words_left = left, left + self._badge_px
        painter.setPen(QColor(self._text_colour()))
        painter.drawText(QRectF(words_left, 0, words + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, self._words)
        if self._badge_px:
            paint_badge(painter, QPointF(badge_left, self.height() / 2), self.key, self._tokens, self._badge_colour())

    @property
    def _words(self) -> str:
        """The title that fits; a button without one shows its key as large as a title."""
        if self.short and self.width() < self.sizeHint().width():
            return self.short
        return self.text() or key_symbols(self.key)

    @property
    def _badge_px(self) -> float:
        """Room of the badge and of the gap beside it."""
        return badge_width(self.key) + self._gap if self.text() and self.key else 0.0

    def _size_with(self, words: str) -> QSize:
        heaviest_px = words_px(words, self._pixels, bold=self._look is not Look.CHIP)
        height = scaled(36 if self._look is Look.ACCENT else 28)
        return QSize(max(height, ceil(heaviest_px + self._badge_px + 2 * self._padding)), height)

    @property
    def _gap(self) -> int:
        return GAP_PX if self._look is Look.SEGMENT else GAP_PX // 2

    @property
    def _padding(self) -> int:
        return {Look.CHIP: 5, Look.ACCENT: 14, Look.OUTLINE: 6, Look.PROPOSAL: 6}.get(self._look, GAP_PX)

    def _paint_ground(self, painter: QPainter) -> None:
        tokens = self._tokens
        fill, border = self._ground()
        if self.isEnabled() and self.underMouse() and not self.isChecked():
            fill = blend(tokens.text, fill or tokens.card, 0.08)
        painter.setBrush(QColor(fill) if fill else Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(border), 1) if border else Qt.PenStyle.NoPen)
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(rect, RADIUS_PX, RADIUS_PX)
        if self.has_ring:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = tokens.text if self._look is Look.ACCENT else tokens.accent
            painter.setPen(QPen(QColor(ring), 2))
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), RADIUS_PX - 1, RADIUS_PX - 1)

    def _ground(self) -> tuple[str, str]:
        """Fill and border; empty for none."""
        tokens = self._tokens
        if self._look is Look.ACCENT:
            return (tokens.accent, "") if self.isEnabled() else (tokens.line, "")
        if self.isChecked():
            return tokens.tint(self.hue), (tokens.hue(self.hue) if self._look is Look.CHIP else "")
        if self._look is Look.PROPOSAL:
            return "", tokens.accent if self.isEnabled() else tokens.line
        return ("", "") if self._look is Look.SEGMENT else (tokens.background, tokens.line)

    def _text_colour(self) -> str:
        tokens = self._tokens
        if self._look is Look.ACCENT:
            return tokens.on_accent if self.isEnabled() else tokens.muted
        if not self.isEnabled():
            return tokens.muted
        if self._look is Look.PROPOSAL:
            return tokens.accent
        if self.isChecked():
            return tokens.hue(self.hue) if self._look is Look.SEGMENT else tokens.text
        return tokens.muted

    def _badge_colour(self) -> str:
        return self._tokens.text if self.lit and self.isEnabled() else self._tokens.muted
