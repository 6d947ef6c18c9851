"""Keys as small caps beside what they do."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from failview.panel.look.style import GAP_PX, SMALL_PX, Tokens, make_font, scaled, words_px

_HEIGHT_PX = 18
_PADDING_PX = 5

_SYMBOLS = {
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "shift": "⇧",
    "return": "⏎",
    "enter": "⏎",
    "backspace": "⌫",
    "-": "−",
}


def key_symbols(key: str) -> str:
    """A key of the table as people know it: "Shift+N" is ⇧N, "Ctrl+Return" is Ctrl ⏎."""
    if len(key) == 1:
        return _SYMBOLS.get(key, key.upper())
    last = "+" if key.endswith("++") else key.rsplit("+", 1)[-1]
    parts = [*key[: -len(last)].rstrip("+").split("+"), last] if len(key) > len(last) else [last]
    shown = [_SYMBOLS.get(part.lower(), part[:1].upper() + part[1:]) for part in parts]
    return "".join(part if part == "⇧" else f"{part} " for part in shown).strip()


def badge_height() -> int:
    """Pixels of the height of every badge."""
    return scaled(_HEIGHT_PX)


def badge_width(key: str) -> float:
    """Pixels that the badge of a key takes; 0 without a key."""
    if not key:
        return 0.0
    return max(float(badge_height()), words_px(key_symbols(key), SMALL_PX) + 2 * _PADDING_PX)


def paint_badge(painter: QPainter, at: QPointF, key: str, tokens: Tokens, colour: str) -> None:
    """Paint the badge of a key; `at` is the middle of its left edge, colour that of the text."""
    if not key:
        return
    rect = QRectF(at.x(), at.y() - badge_height() / 2, badge_width(key), badge_height())
    painter.save()
    painter.setFont(make_font(SMALL_PX))
    painter.setPen(QPen(QColor(tokens.line), 1))
    painter.setBrush(QColor(tokens.background))
    painter.drawRoundedRect(rect.translated(QPointF(0.5, 0.5)).adjusted(0, 0, -1, -1), 4, 4)
    painter.setPen(QColor(colour))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, key_symbols(key))
    painter.restore()


class KeyCaps(QWidget):
    """The keys of one action side by side; two that look the same are one."""

    def __init__(self, keys: tuple[str, ...], tokens: Tokens) -> None:
        super().__init__()
        self.keys = tuple({key_symbols(key): key for key in reversed(keys) if key}.values())[::-1]
        self._tokens = tokens
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """All badges in a row."""
        width = sum(badge_width(key) + GAP_PX // 2 for key in self.keys)
        return QSize(round(width), badge_height() + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the badges."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = 0.0
        for key in self.keys:
            paint_badge(painter, QPointF(left, self.height() / 2), key, self._tokens, self._tokens.text)
            left += badge_width(key) + GAP_PX // 2
