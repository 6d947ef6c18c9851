"""Words set in lines and columns on a page, with the widths of the font that ships with matplotlib."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import matplotlib as mpl
from matplotlib.ft2font import FT2Font, LoadFlags

from failview.cli.card.words import bound

LINE_HEIGHT = 1.17
"""Distance of two lines, in font sizes."""

INK = "#161616"
_MEASURING_SIZE_PT = 1000


@dataclass(frozen=True)
class Word:
    """A word in its weight."""

    text: str
    bold: bool = False


@dataclass(frozen=True)
class SetText:
    """A run of text on the page, in points from the upper left corner; y is the baseline."""

    x: float
    y: float
    text: str
    size: float
    bold: bool
    colour: str


@dataclass(frozen=True)
class SetRule:
    """A horizontal rule on the page, in points."""

    x: float
    y: float
    width: float
    thickness: float
    colour: str


@dataclass
class Composition:
    """What has been set on a page so far."""

    texts: list[SetText] = field(default_factory=list)
    rules: list[SetRule] = field(default_factory=list)

    def paragraph(
        self, words: Iterable[Word], place: tuple[float, float], width: float, size: float, colour: str = INK
    ) -> float:
        """Set words in lines.

        Args:
            words: The words.
            place: x and y of the upper left corner, points.
            width: Of the lines, points.
            size: Of the font, points.
            colour: Of the ink.

        Returns:
            y of the lower edge.
        """
        x, y = place
        for line in lines_of(tuple(words), width, size):
            at = x
            for run in _runs(line):
                self.texts.append(SetText(at, y + size * 0.93, run.text, size, run.bold, colour))
                at += width_of(run, size) + space(size)
            y += size * LINE_HEIGHT
        return y


def words_of(text: str, *, bold: bool = False) -> list[Word]:
    """The words of a text; what a space that does not break ties together is one."""
    return [Word(word, bold) for word in re.split("[ \t\n]+", bound(text).strip())]


def lines_of(words: tuple[Word, ...], width: float, size: float) -> list[list[Word]]:
    """Words broken into lines; a word wider than a line has one of its own and is cut into pieces."""
    lines: list[list[Word]] = []
    used = width + 1
    for word in (piece for whole in words for piece in _pieces(whole, width, size)):
        wide = width_of(word, size)
        if used + space(size) + wide > width:
            lines.append([])
            used = -space(size)
        lines[-1].append(word)
        used += space(size) + wide
    return lines


def height_of(words: Iterable[Word], width: float, size: float) -> float:
    """Height of a paragraph in points."""
    return len(lines_of(tuple(words), width, size)) * size * LINE_HEIGHT


def width_of(word: Word, size: float) -> float:
    """Width in points."""
    return sum(_advance(char, word.bold) for char in word.text) * size


def space(size: float) -> float:
    """Width of a space in points."""
    return _advance(" ", bold=False) * size


def font_path(*, bold: bool) -> Path:
    """The font that comes with matplotlib, the same on every machine."""
    return Path(mpl.get_data_path()) / "fonts" / "ttf" / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")


def missing_characters(text: str) -> set[str]:
    """Characters that the font cannot show."""
    return {char for char in text if not char.isspace() and _font(bold=False).get_char_index(ord(char)) == 0}


def _runs(line: list[Word]) -> list[Word]:
    """Neighbouring words of one weight put together."""
    runs: list[Word] = []
    for word in line:
        if runs and runs[-1].bold is word.bold:
            runs[-1] = Word(f"{runs[-1].text} {word.text}", word.bold)
        else:
            runs.append(word)
    return runs


def _pieces(word: Word, width: float, size: float) -> list[Word]:
    if width_of(word, size) <= width:
        return [word]
    pieces = [""]
    for char in word.text:
        if pieces[-1] and width_of(Word(pieces[-1] + char, word.bold), size) > width:
            pieces.append("")
        pieces[-1] += char
    return [Word(piece, word.bold) for piece in pieces]


@cache
def _advance(char: str, bold: bool) -> float:
    """Width of a character in font sizes; a square for what another font must show."""
    if missing_characters(char):
        return 1.0
    glyph = _font(bold=bold).load_char(ord(char), flags=LoadFlags.NO_HINTING)
    return float(glyph.linearHoriAdvance) / 65536 / _MEASURING_SIZE_PT


@cache
def _font(*, bold: bool) -> FT2Font:
    font = FT2Font(str(font_path(bold=bold)))
    font.set_size(_MEASURING_SIZE_PT, 72)
    return font
