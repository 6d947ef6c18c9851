"""Words on a picture, in a font that OpenCV brings along."""

from functools import cache

import cv2

from failview.exporters.overlay.colors import TEXT, Rgb
from failview.model.camera import Picture

REGULAR, BOLD = 400, 600


def write(  # noqa: PLR0913 - a place, words and how they look
    picture: Picture,
    words: str,
    place: tuple[int, int],
    *,
    size: int = 13,
    color: Rgb = TEXT,
    weight: int = REGULAR,
    right: bool = False,
) -> int:
    """Write words into a picture; gives the x where they end.

    Args:
        picture: (height, width, 3), changed in place.
        words: One line.
        place: (x, y) of the left end of the base line; of the right end when `right`.
        size: Height of the font in pixels.
        color: RGB.
        weight: Of the font, 100 to 900.
        right: Whether the words end at the place.
    """
    x, y = place
    if right:
        x -= width_of(words, size, weight)
    (end_x, _), _ = cv2.putText(picture, words, (x, y), color, _font(), size, weight)
    return int(end_x)


def width_of(words: str, size: int = 13, weight: int = REGULAR) -> int:
    """Width of words in pixels."""
    box = cv2.getTextSize((4096, 100), words, (0, 50), _font(), size, weight)
    return int(box[2])


def shortened(words: str, width: int, size: int = 13, weight: int = REGULAR) -> str:
    """Words that fit into a width; the end gives way to an ellipsis."""
    if width_of(words, size, weight) <= width:
        return words
    kept = words
    while kept and width_of(f"{kept}\N{HORIZONTAL ELLIPSIS}", size, weight) > width:
        kept = kept[:-1]
    return f"{kept.rstrip()}\N{HORIZONTAL ELLIPSIS}"


@cache
def _font() -> "cv2.FontFace":
    return cv2.FontFace("sans")
