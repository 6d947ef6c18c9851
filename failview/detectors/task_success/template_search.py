"""Finds the picture of an object in a frame: normalised correlation over scales and turns.

Normalised correlation (OpenCV's TM_CCOEFF_NORMED) withstands light, not size: at 0.8 of the size the score falls to
that of an absent object, and a turn of 45 degrees costs a quarter. So the template is tried at many sizes and a few
turns, first on a reduced picture, then around the best places at full size.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from failview.model.camera import Picture

_SCALES = tuple(0.6 * (1.6 / 0.6) ** (step / 10) for step in range(11))
"""0.6 to 1.6 in steps of a tenth: half a step off costs less than 0.05 of the score."""
_TURNS_DEG = (0.0, -15.0, 15.0, -30.0, 30.0)
_LEAST_SIDE_PX = 12
"""A smaller template resembles something in every picture."""
_LEAST_STD = 6.0
"""Grey levels. A uniform template correlates with everything: its score is 1 everywhere, or not a number."""
_COARSE_SIDE_PX = 12
"""Shorter side of the smallest template on the reduced picture."""
_KEPT = 4
"""Best sizes and turns of the coarse search that are looked at again in full."""
_CLOSE = 0.97
"""Scales tried around a coarse one."""

Scores = npt.NDArray[np.float32]


class TemplateError(Exception):
    """A template that cannot be searched, in words."""


@dataclass(frozen=True)
class Match:
    """Where the template fits best.

    Attributes:
        x: Centre, px.
        y: Centre, px.
        score: Normalised correlation, -1 to 1.
        runner_up: Best score at another place.
        scale: Size relative to the template.
        turn_deg: Turn relative to the template.
    """

    x: float
    y: float
    score: float
    runner_up: float
    scale: float
    turn_deg: float


def read_template(path: Path) -> Picture:
    """(height, width, 3) RGB template from a picture file.

    Raises:
        TemplateError: No picture, or one that cannot be searched.
    """
    try:
        return _read_template(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise TemplateError(f"cannot be read: {error.strerror}") from None


@lru_cache(maxsize=8)
def _read_template(path: Path, _changed_ns: int) -> Picture:
    encoded = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    picture = cv2.imdecode(encoded, cv2.IMREAD_COLOR) if encoded.size else None
    if picture is None:
        raise TemplateError("is not a picture")
    if min(picture.shape[:2]) < _LEAST_SIDE_PX:
        raise TemplateError(f"is smaller than {_LEAST_SIDE_PX} px: it would be found everywhere")
    if float(picture.std(axis=(0, 1)).max()) < _LEAST_STD:
        raise TemplateError("is of one colour: it would be found everywhere")
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def find_template(picture: Picture, template: Picture) -> Match:
    """The place where a template fits best.

    Args:
        picture: (height, width, 3) RGB.
        template: (height, width, 3) RGB, as `read_template` gives it.

    Raises:
        TemplateError: The template is larger than the picture at every size tried.
    """
    shrink = min(1.0, _COARSE_SIDE_PX / (min(template.shape[:2]) * _SCALES[0]))
    small = _resized(picture, shrink)
    tried: list[_Place] = []
    for scale in _SCALES:
        for turn_deg in _TURNS_DEG:
            place = _place(small, _turned(template, scale * shrink, turn_deg), scale, turn_deg)
            if place is not None:
                tried.append(place)
    if not tried:
        height, width = template.shape[:2]
        raise TemplateError(f"{width} x {height} px is larger than the picture")
    tried.sort(key=lambda place: place.score, reverse=True)
    closer = [found for place in tried[:_KEPT] for found in _looked_closer(picture, template, place, shrink)]
    best = max(closer or tried[:1], key=lambda place: place.score)
    return _match(picture, _turned(template, best.scale, best.turn_deg), best)


@dataclass(frozen=True)
class _Place:
    """A fit of one size and turn; its top left corner in pixels of the picture searched."""

    score: float
    row: int
    column: int
    scale: float
    turn_deg: float


def _place(picture: Picture, turned: Picture, scale: float, turn_deg: float) -> _Place | None:
    scores = _scores(picture, turned)
    if scores is None:
        return None
    row, column = np.unravel_index(int(scores.argmax()), scores.shape)
    return _Place(float(scores[row, column]), int(row), int(column), scale, turn_deg)


def _looked_closer(picture: Picture, template: Picture, coarse: _Place, shrink: float) -> Iterator[_Place]:
    """Fits of nearly the same size, around a coarse place, in the full picture."""
    margin = round(2 / shrink) + round(0.1 * max(template.shape[:2]))
    for nearly in (_CLOSE, 1.0, 1.0 / _CLOSE):
        scale = coarse.scale * nearly
        turned = _turned(template, scale, coarse.turn_deg)
        top, left = (max(0, round(corner / shrink) - margin) for corner in (coarse.row, coarse.column))
        bottom, right = top + turned.shape[0] + 2 * margin, left + turned.shape[1] + 2 * margin
        found = _place(picture[top:bottom, left:right], turned, scale, coarse.turn_deg)
        if found is not None:
            yield replace(found, row=found.row + top, column=found.column + left)


def _match(picture: Picture, turned: Picture, best: _Place) -> Match:
    """The best fit, with the best score of the same size and turn at another place."""
    height, width = turned.shape[:2]
    scores = _scores(picture, turned)
    assert scores is not None
    top, left = max(0, best.row - height // 2), max(0, best.column - width // 2)
    scores[top : best.row + height // 2 + 1, left : best.column + width // 2 + 1] = -1.0
    return Match(
        x=best.column + width / 2,
        y=best.row + height / 2,
        score=best.score,
        runner_up=float(scores.max()),
        scale=best.scale,
        turn_deg=best.turn_deg,
    )


def _scores(picture: Picture, template: Picture) -> Scores | None:
    """Correlation at every place; None where the template does not fit in (OpenCV would exchange the two)."""
    if template.shape[0] > picture.shape[0] or template.shape[1] > picture.shape[1]:
        return None
    scores = np.asarray(cv2.matchTemplate(picture, template, cv2.TM_CCOEFF_NORMED), dtype=np.float32)
    # a place of one colour has no correlation; rounding makes it infinite or more than 1
    scores[~np.isfinite(scores) | (np.abs(scores) > 1.001)] = 0.0
    return scores


def _turned(template: Picture, scale: float, turn_deg: float) -> Picture:
    resized = _resized(template, scale)
    if turn_deg == 0.0:
        return resized
    height, width = resized.shape[:2]
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), turn_deg, 1.0)
    return np.asarray(cv2.warpAffine(resized, turn, (width, height), borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8)


def _resized(picture: Picture, scale: float) -> Picture:
    if scale == 1.0:
        return picture
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    how = cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, size, interpolation=how), dtype=np.uint8)
