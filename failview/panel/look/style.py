"""Colours, type and the one stylesheet of the panel, for a dark and a light theme."""

from dataclasses import dataclass, fields
from functools import cache, lru_cache

from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetricsF

GAP_PX = 8
"""The rhythm: every distance is this, half of it, or a multiple of it."""

SIDE_PX = 12
"""Margin at the left and right of the column."""

RADIUS_PX = 6

PREFERRED_FAMILY = "Inter"
"""The type of the Rerun viewer, so that the two windows look like one; the system's sans where it is missing."""

BASE_PX, SMALL_PX, LARGE_PX = 13, 11, 18
"""Sizes of text in pixels, at the usual size of text."""


@dataclass
class Tokens:
    """Colours of a theme as #rrggbb. Each hue means one thing.

    A window has one of its own, which every widget reads when it paints; another theme changes it in place.

    Attributes:
        background: The window.
        card: Cards and fields.
        line: Hairlines and empty lanes.
        text: Text.
        muted: Text that is not the point.
        accent: Focus, what can be pressed, the one button at the end.
        on_accent: Text on the accent.
        red: Failure and onset.
        amber: Warning and partial success.
        green: Success and saved.
        teal: Recovery.
        violet: Motion.
        tint_share: How much of a hue is in the tinted ground below text of that hue.
    """

    background: str
    card: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    red: str
    amber: str
    green: str
    teal: str
    violet: str
    tint_share: float

    def become(self, other: "Tokens") -> None:
        """Take the colours of another theme."""
        for field in fields(self):
            setattr(self, field.name, getattr(other, field.name))

    def hue(self, name: str) -> str:
        """The colour of a name ("red").

        Raises:
            AttributeError: There is none.
        """
        return str(getattr(self, name))

    def tint(self, name: str) -> str:
        """The ground below text of a hue."""
        return blend(self.hue(name), self.card, self.tint_share)


THEMES = {
    "dark": Tokens(
        background="#0f1214",
        card="#161b1f",
        line="#262d33",
        text="#e6eaed",
        muted="#8d99a3",
        accent="#5aa9ff",
        on_accent="#0b1420",
        red="#ef6a5f",
        amber="#e5ad4c",
        green="#4fbf83",
        teal="#46c2c8",
        violet="#b18cff",
        tint_share=0.16,
    ),
    "light": Tokens(
        background="#f4f6f7",
        card="#ffffff",
        line="#dde2e6",
        text="#171c20",
        muted="#5a6670",
        accent="#1769c9",
        on_accent="#ffffff",
        red="#b8352b",
        amber="#7d5600",
        green="#17693e",
        teal="#0a6a70",
        violet="#6b45c4",
        tint_share=0.12,
    ),
}
"""By name of the theme. The light hues are as dark as text on their own tint demands (contrast 4.5)."""


def blend(over: str, under: str, share: float) -> str:
    """A colour that is `share` of one and the rest of another."""
    top, ground = QColor(over), QColor(under)
    mixed = [
        round(a * share + b * (1 - share))
        for a, b in zip(top.getRgb()[:3], ground.getRgb()[:3], strict=True)  # type: ignore[index]
    ]
    return QColor(*mixed).name()


class _FontScale:
    """The size of text of the whole application, as Qt has one font for all of it."""

    factor = 1.0


def set_font_scale(factor: float) -> None:
    """Make text larger or smaller; what is on the screen follows when it is laid out and painted again."""
    _FontScale.factor = factor


def scaled(pixels: float) -> int:
    """Pixels of something that holds text, at the present size of text. Gaps and lines do not grow."""
    return round(pixels * _FontScale.factor)


def make_font(pixels: int = BASE_PX, *, bold: bool = False) -> QFont:
    """The panel's type with figures of equal width, so that numbers do not jump while they count. Do not change it."""
    return _font(scaled(pixels), bold=bold)


@cache
def _font(pixels: int, *, bold: bool) -> QFont:
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setFamilies([PREFERRED_FAMILY, font.family()])
    font.setPixelSize(pixels)
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def words_px(words: str, pixels: int = BASE_PX, *, bold: bool = False) -> float:
    """Pixels that words of the panel's type take in a line. Layouts ask again and again, so it is remembered."""
    return _words_px(words, scaled(pixels), bold=bold)


@lru_cache(maxsize=4096)
def _words_px(words: str, pixels: int, *, bold: bool) -> float:
    return QFontMetricsF(_font(pixels, bold=bold)).horizontalAdvance(words)


def stylesheet(tokens: Tokens) -> str:
    """The Qt stylesheet of the whole window."""
    return f"""
    QWidget#panel, QWidget#form, QScrollArea, QWidget#help_page {{ background: {tokens.background}; border: none; }}
    QScrollArea#unfolded {{ background: transparent; }}
    QListView {{ background: transparent; border: none; outline: none; }}
    QLabel {{ color: {tokens.text}; background: transparent; }}
    QLabel:disabled {{ color: {tokens.muted}; }}
    QLabel[role="title"] {{ font-weight: 600; }}
    QLabel[role="muted"] {{ color: {tokens.muted}; }}
    QLabel[role="caption"] {{ color: {tokens.muted}; font-size: {scaled(SMALL_PX)}px; }}
    QLabel[role="accent"] {{ color: {tokens.accent}; }}
    QLabel[role="amber"] {{ color: {tokens.amber}; }}
    QLabel[role="red"] {{ color: {tokens.red}; }}
    {_pills(tokens)}
    {_cards(tokens)}
    {_fields(tokens)}
    QProgressBar {{ background: {tokens.line}; border: none; border-radius: 2px; }}
    QProgressBar::chunk {{ background: {tokens.accent}; border-radius: 2px; }}
    QToolTip, QMenu {{ background: {tokens.card}; color: {tokens.text}; border: 1px solid {tokens.line}; }}
    QMenu::item:selected {{ background: {tokens.line}; }}
    QMenu::item:disabled {{ color: {tokens.muted}; }}
    QFrame[card]:focus {{ border-color: {tokens.accent}; }}
    QScrollBar:vertical {{ background: transparent; width: 8px; margin: 0; }}
    QScrollBar::handle:vertical {{ background: {tokens.line}; border-radius: 4px; min-height: 24px; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    """


def _pills(tokens: Tokens) -> str:
    height = scaled(18)
    rules = [
        f"QLabel[pill] {{ border-radius: {height // 2}px; min-height: {height}px; max-height: {height}px; }}",
        f"QLabel[pill] {{ padding: 0 8px; font-size: {scaled(SMALL_PX)}px; }}",
        f'QLabel[pill="grey"] {{ color: {tokens.muted}; background: {tokens.card}; }}',
    ]
    rules += [
        f'QLabel[pill="{hue}"] {{ color: {tokens.hue(hue)}; background: {tokens.tint(hue)}; }}'
        for hue in ("green", "accent", "red", "amber")
    ]
    return "\n".join(rules)


def _cards(tokens: Tokens) -> str:
    borders = {"grey": tokens.line, "amber": tokens.amber, "red": tokens.red, "green": tokens.green}
    return "\n".join(
        f'QFrame[card="{name}"] {{ background: {tokens.card}; border: 1px solid {border}; border-radius: {GAP_PX}px; }}'
        for name, border in borders.items()
    )


def _fields(tokens: Tokens) -> str:
    return f"""
    QLineEdit, QPlainTextEdit {{
        background: {tokens.card}; color: {tokens.text}; border: 1px solid {tokens.line};
        border-radius: {RADIUS_PX}px; padding: 3px 7px;
        placeholder-text-color: {tokens.muted};
        selection-background-color: {tokens.accent}; selection-color: {tokens.on_accent};
    }}
    QLineEdit {{ padding: 3px 5px 3px 4px; }}
    QLineEdit:focus, QPlainTextEdit:focus {{ border-color: {tokens.accent}; }}
    QLineEdit[refused="true"] {{ border-color: {tokens.red}; color: {tokens.red}; }}
    QLineEdit:disabled, QPlainTextEdit:disabled, QLineEdit:read-only {{
        color: {tokens.muted}; background: {tokens.background};
    }}
    """
