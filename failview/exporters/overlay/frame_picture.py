"""One frame of an overlay video: the camera's picture with its label on the left, the plots on the right."""

import cv2
import numpy as np

from failview.exporters.overlay.colors import BACKGROUND, MUTED, TEXT
from failview.exporters.overlay.marks import Marks
from failview.exporters.overlay.plot_picture import PlotPicture
from failview.exporters.overlay.text import BOLD, shortened, write
from failview.model.camera import Picture
from failview.model.clock import Clock

WIDTH, HEIGHT = 1280, 480
_SIDE = WIDTH // 2
SIDE = (_SIDE, HEIGHT)
"""(width, height) of either side."""

_TINT = 0.3
_BAR_HEIGHT = 30
_BAR_DIM = 0.35
_EDGE = 4
_MARGIN = 10


class FramePicture:
    """Draws the frames of one episode.

    Args:
        title: What episode it is.
        clock: Its clock.
        marks: Its label; None draws none, for people who are to judge for themselves.
        plots: Its signals.
    """

    def __init__(self, title: str, clock: Clock, marks: Marks | None, plots: PlotPicture) -> None:
        self._title = shortened(title, _SIDE // 2)
        self._clock = clock
        self._marks = marks
        self._plots = plots

    def draw(self, frame: int, picture: Picture | None) -> Picture:
        """(HEIGHT, WIDTH, 3) RGB of one frame; `picture` is None where the camera has none."""
        whole = np.empty((HEIGHT, WIDTH, 3), dtype=np.uint8)
        left = whole[:, :_SIDE]
        _fit_into(left, picture)
        tint = None if self._marks is None else self._marks.look(frame).tint
        if tint is not None:
            left[:] = cv2.addWeighted(left, 1 - _TINT, np.full_like(left, tint), _TINT, 0)
        _dim(left[:_BAR_HEIGHT])
        _dim(left[HEIGHT - _BAR_HEIGHT :])
        self._write(left, frame)
        if tint is not None:
            cv2.rectangle(left, (0, 0), (_SIDE - 1, HEIGHT - 1), tint, _EDGE)
        self._plots.at(frame, whole[:, _SIDE:])
        return whole

    def _write(self, left: Picture, frame: int) -> None:
        upper, lower = 20, HEIGHT - 11
        if self._marks is None:
            write(left, self._title, (_MARGIN, upper), color=TEXT)
        else:
            words = shortened(self._marks.headline, _SIDE - 2 * _MARGIN, 15, BOLD)
            write(left, words, (_MARGIN, upper), size=15, color=self._marks.color, weight=BOLD)
            look = self._marks.look(frame)
            write(left, look.words, (_SIDE - _MARGIN, lower), color=look.color, weight=BOLD, right=True)
        x = write(left, f"frame {frame} of {self._clock.num_frames}", (_MARGIN, lower), weight=BOLD)
        time_s = self._clock.time_s(frame)
        more = [] if time_s is None else [f"{time_s:.2f} s"]
        more += [] if self._marks is None else [self._title]
        write(left, "   ".join(more), (x + 14, lower), color=MUTED)


def _fit_into(place: Picture, picture: Picture | None) -> None:
    """Put a picture into a place, as large as it fits, its shape kept."""
    place[:] = BACKGROUND
    if picture is None:
        write(place, "no picture", (_MARGIN, HEIGHT // 2), color=MUTED)
        return
    height, width = picture.shape[:2]
    factor = min(place.shape[1] / width, place.shape[0] / height)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    scaled = picture if size == (width, height) else cv2.resize(picture, size, interpolation=how)
    x, y = (place.shape[1] - size[0]) // 2, (place.shape[0] - size[1]) // 2
    place[y : y + size[1], x : x + size[0]] = scaled


def _dim(bar: Picture) -> None:
    bar[:] = cv2.convertScaleAbs(bar, alpha=_BAR_DIM)
