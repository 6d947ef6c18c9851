"""The plots beside the picture. They are drawn once; each frame only adds the cursor and the values at it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from failview.exporters.overlay.colors import AMBER, BACKGROUND, GREEN, GRID, MUTED, PLOT, SERIES, TEXT, Rgb
from failview.exporters.overlay.curves import Curves
from failview.exporters.overlay.text import BOLD, shortened, width_of, write
from failview.model.camera import Picture
from failview.model.detection import Detection
from failview.model.signals import Values

_LEFT, _RIGHT, _TITLE, _GAP = 48, 12, 20, 6
_LANE_HEIGHT, _LANES_HEIGHT = 12, 62
_MOST_NAMED = 4
_MOST_TICKS, _MOST_FRAME_TICKS = 4, 9
_SUBPIXEL_BITS = 4
_CURSOR: Rgb = (250, 250, 250)
_GOOD_NEWS = frozenset({"task.reached"})


@dataclass(frozen=True, eq=False)
class _Axis:
    """A plot's place and what its heights mean."""

    curves: Curves
    top: int
    bottom: int
    low: float
    high: float

    def height_of(self, values: Values) -> Values:
        """Pixel rows of values."""
        return self.bottom - (values - self.low) / (self.high - self.low) * (self.bottom - self.top)


class PlotPicture:
    """Draws the plots of one episode.

    Args:
        curves: What to plot, from the top.
        num_frames: Frames of the episode.
        size: (width, height) in pixels.
        lane: Colour of each frame by its label; empty without one.
        lines: (frame, colour) of marked frames.
        detections: What the detectors found, for a lane of its own.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - everything that is drawn once
        self,
        curves: Sequence[Curves],
        num_frames: int,
        size: tuple[int, int],
        lane: Sequence[Rgb],
        lines: Sequence[tuple[int, Rgb]],
        detections: Sequence[Detection],
    ) -> None:
        self._width, self._height = size
        self._last = max(1, num_frames - 1)
        self._detections = detections
        self._background = np.full((self._height, self._width, 3), BACKGROUND, dtype=np.uint8)
        self._lanes_top = self._height - _LANES_HEIGHT
        self._axes = self._laid_out(curves)
        for axis in self._axes:
            self._draw_plot(axis, lines)
        if not curves:
            write(self._background, "no signal to draw", (_LEFT, self._height // 2), color=MUTED)
        self._draw_lanes(lane)

    def at(self, frame: int, out: Picture) -> None:
        """Draw the plots with the cursor at a frame into a picture of their size."""
        out[:] = self._background
        x = self._x(frame)
        for axis in self._axes:
            cv2.line(out, (x, axis.top), (x, axis.bottom), _CURSOR, 1)
            self._write_value(out, axis, frame)
        cv2.line(out, (x, self._lanes_top), (x, self._lanes_top + 2 * _LANE_HEIGHT + 3), _CURSOR, 1)
        words = ", ".join(_event_words(event) for event in self._detections if _is_at(event, frame))
        room = self._width - _LEFT - _RIGHT
        write(out, shortened(words, room, 12), (_LEFT, self._height - 6), size=12, color=AMBER)

    def _x(self, frame: float) -> int:
        return round(_LEFT + frame / self._last * (self._width - _LEFT - _RIGHT))

    def _laid_out(self, curves: Sequence[Curves]) -> list[_Axis]:
        if not curves:
            return []
        each = (self._lanes_top - _GAP) / len(curves)
        axes = []
        for number, one in enumerate(curves):
            top, bottom = round(number * each) + _TITLE + 2, round((number + 1) * each) - _GAP
            axes.append(_Axis(one, top, bottom, *_limits(one)))
        return axes

    def _draw_plot(self, axis: _Axis, lines: Sequence[tuple[int, Rgb]]) -> None:
        picture, right = self._background, self._width - _RIGHT
        cv2.rectangle(picture, (_LEFT, axis.top), (right, axis.bottom), PLOT, -1)
        for tick in _ticks(axis.low, axis.high):
            y = round(float(axis.height_of(np.array(tick))))
            cv2.line(picture, (_LEFT, y), (right, y), GRID, 1)
            write(picture, f"{tick:g}", (_LEFT - 5, y + 4), size=11, color=MUTED, right=True)
        for frame, color in lines:
            cv2.line(picture, (self._x(frame), axis.top), (self._x(frame), axis.bottom), color, 1)
        for column in range(axis.curves.values.shape[1]):
            self._draw_curve(axis, column)
        x = write(picture, axis.curves.title, (_LEFT, axis.top - 6), weight=BOLD)
        if 1 < len(axis.curves.labels) <= _MOST_NAMED:
            for column, label in enumerate(axis.curves.labels):
                x = write(picture, label, (x + 10, axis.top - 6), size=12, color=SERIES[column % len(SERIES)])

    def _draw_curve(self, axis: _Axis, column: int) -> None:
        """One curve, in pieces between its gaps. OpenCV takes pixels in sixteenths."""
        scale = 1 << _SUBPIXEL_BITS
        across = _LEFT + axis.curves.frames / self._last * (self._width - _LEFT - _RIGHT)
        down = axis.height_of(axis.curves.values[:, column])
        finite = np.flatnonzero(np.isfinite(down))
        points = np.stack([across, np.where(np.isfinite(down), down, 0.0)], axis=1)
        pixels = np.round(points * scale).astype(np.int32)
        pieces = [pixels[run] for run in np.split(finite, np.flatnonzero(np.diff(finite) > 1) + 1) if len(run)]
        color = SERIES[column % len(SERIES)]
        cv2.polylines(self._background, pieces, False, color, 1, cv2.LINE_AA, _SUBPIXEL_BITS)

    def _draw_lanes(self, lane: Sequence[Rgb]) -> None:
        """What is labelled and, below it, what the detectors found."""
        picture, top = self._background, self._lanes_top
        for row, name in enumerate(("label", "found")):
            y = top + row * (_LANE_HEIGHT + 3)
            cv2.rectangle(picture, (_LEFT, y), (self._width - _RIGHT, y + _LANE_HEIGHT), PLOT, -1)
            write(picture, name, (_LEFT - 5, y + 10), size=11, color=MUTED, right=True)
        for start, stop, color in _runs(lane):
            self._draw_span(top, start, stop, color)
        for event in self._detections:
            color = GREEN if event.kind in _GOOD_NEWS else AMBER
            self._draw_span(top + _LANE_HEIGHT + 3, event.start_frame, event.end_frame + 1, color)
        y = top + 2 * _LANE_HEIGHT + 16
        for tick in _ticks(0, self._last, _MOST_FRAME_TICKS):
            words = f"{tick:g}"
            x = max(_LEFT, min(self._x(tick) - width_of(words, 11) // 2, self._width - _RIGHT - width_of(words, 11)))
            write(picture, words, (x, y), size=11, color=MUTED)
        write(picture, "frame", (_LEFT - 5, y), size=11, color=MUTED, right=True)

    def _draw_span(self, top: int, start: int, stop: int, color: Rgb) -> None:
        """Frames start to stop - 1 on a lane; at least two pixels wide, so that a single frame is seen."""
        left = self._x(start)
        right = max(left + 1, self._x(min(stop, self._last)) - 1)
        cv2.rectangle(self._background, (left, top), (right, top + _LANE_HEIGHT), color, -1)

    def _write_value(self, out: Picture, axis: _Axis, frame: int) -> None:
        """The value at the cursor; of several curves the one that is farthest from zero."""
        values = axis.curves.at(frame)
        if values is None or not np.isfinite(values).any():
            return
        column = int(np.nanargmax(np.abs(values)))
        words = _number(float(values[column]))
        if len(values) > 1:
            words = f"{axis.curves.labels[column]} {words}"
        color = SERIES[column % len(SERIES)] if len(values) > 1 else TEXT
        write(out, words, (self._width - _RIGHT, axis.top - 6), color=color, weight=BOLD, right=True)


def _limits(curves: Curves) -> tuple[float, float]:
    """Lowest and highest value of an axis, with a little room."""
    finite = curves.values[np.isfinite(curves.values)]
    known = [*(curves.reach or ()), *((float(finite.min()), float(finite.max())) if finite.size else ())]
    low, high = min(known, default=0.0), max(known, default=1.0)
    room = (high - low) * 0.06 or max(abs(high), 1.0) * 0.06
    return low - room, high + room


def _ticks(low: float, high: float, most: int = _MOST_TICKS) -> list[float]:
    """Round numbers within limits, a few of them."""
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw)
    first = math.ceil(low / step)
    return [round(number * step, 12) for number in range(first, math.floor(high / step) + 1)]


def _runs(lane: Sequence[Rgb]) -> list[tuple[int, int, Rgb]]:
    """(first frame, frame after the last, colour) of each stretch of one colour."""
    if not lane:
        return []
    starts = [frame for frame, color in enumerate(lane) if frame == 0 or color != lane[frame - 1]]
    return [(start, stop, lane[start]) for start, stop in zip(starts, [*starts[1:], len(lane)], strict=True)]


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _is_at(event: Detection, frame: int) -> bool:
    return event.start_frame <= frame <= event.end_frame


def _event_words(event: Detection) -> str:
    kind = event.kind.partition(".")[2].replace("_", " ") or event.kind
    return f"{kind} {min(event.confidence, 0.99):.2f}"
