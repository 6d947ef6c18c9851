"""Logs the readings over the camera pictures, and lets them come and go without logging them again.

What changes from frame to frame is logged once. Static values say whether it lies above the picture or behind it, where
nobody sees it: Rerun 0.41 draws transparent lines black, and a static Clear cannot be taken back.
"""

import threading

import numpy as np
import rerun as rr

from failview.model.camera import Camera
from failview.model.episode import Episode
from failview.model.signals import Values
from failview.viewer.entity_paths import Rgb, readings_path
from failview.viewer.picture_log import shown_size
from failview.viewer.readings import Reading, readings_of
from failview.viewer.time_columns import frame_columns

_BAND: Rgb = (13, 16, 18)
_BAND_POINTS = 22.0
"""How far the band behind the words goes below their place; they are of one size on every screen."""

_BAR, _THICKNESS, _WORDS, _MARGIN = 0.016, 0.009, 0.03, 0.015
"""Where the bars stand, half their thickness, below which line the words stand (parts of the picture's height), and
the room between two (a part of its width)."""

_ABOVE = {"band": 50.0, "words": 51.0, "bars": 52.0}
_BEHIND = -50.0
"""Places in the order of drawing; pictures have -10 (Rerun's default)."""


class ReadingsLog:
    """The readings of one recording. May be called from any thread."""

    def __init__(self, stream: rr.RecordingStream, episode: Episode) -> None:
        self._stream = stream
        self._episode = episode
        self._turn = threading.Lock()
        self._sent = False
        self._shown = True

    def show(self, *, shown: bool) -> None:
        """Let the readings be seen or not; later, when they have not been sent."""
        with self._turn:
            self._shown = shown
            self._paint()

    def send(self) -> None:
        """Send them."""
        readings = readings_of(self._episode) if self._episode.cameras else []
        if not readings:
            return
        frames = np.arange(self._episode.num_frames, dtype=np.int64)
        columns, count = frame_columns(self._episode.clock, frames), len(readings)
        partition = np.full(len(frames), count)
        words = [text for row in zip(*(reading.texts for reading in readings), strict=True) for text in row]
        shares = np.column_stack([reading.shares for reading in readings])
        for camera in self._episode.cameras.values():
            left, half = _places(camera, count)
            self._log_style(camera, left, half, readings)
            texts = rr.Boxes2D.columns(labels=words).partition(partition)
            self._stream.send_columns(readings_path(camera.name, "words"), columns, texts)
            lengths = shares * half
            halves = np.stack([lengths, np.zeros_like(lengths)], axis=2)
            top = np.full_like(lengths, _BAR * shown_size(camera.width, camera.height)[1])
            centers = np.stack([left + lengths, top], axis=2)
            bars = rr.Boxes2D.columns(centers=centers.reshape(-1, 2), half_sizes=halves.reshape(-1, 2))
            self._stream.send_columns(readings_path(camera.name, "bars"), columns, bars.partition(partition))
        with self._turn:
            self._sent = True
            self._paint()

    def _log_style(self, camera: Camera, left: Values, half: Values, readings: list[Reading]) -> None:
        """Everything that stays the same from frame to frame."""
        width, height = shown_size(camera.width, camera.height)
        lowest = _WORDS * height
        corners = np.array([[0, 0], [width, 0], [width, lowest], [0, lowest]])
        colors = [reading.color for reading in readings]
        band = rr.LineStrips2D([corners], radii=rr.Radius.ui_points(_BAND_POINTS), colors=[_BAND])
        middle = np.column_stack([left + half, np.full_like(left, lowest)])
        flat = np.column_stack([half, np.zeros_like(half)])
        words = rr.Boxes2D.from_fields(centers=middle, half_sizes=flat, radii=[0.0], colors=colors)
        bars = rr.Boxes2D.from_fields(radii=[_THICKNESS * height], colors=colors, show_labels=False)
        for part, what in (("band", band), ("words", words), ("bars", bars)):
            self._stream.log(readings_path(camera.name, part), what, static=True)

    def _paint(self) -> None:
        if not self._sent:
            return
        order = _ABOVE if self._shown else dict.fromkeys(_ABOVE, _BEHIND)
        band = rr.LineStrips2D.from_fields(draw_order=order["band"])
        words = rr.Boxes2D.from_fields(draw_order=order["words"], show_labels=self._shown)
        bars = rr.Boxes2D.from_fields(draw_order=order["bars"])
        for camera in self._episode.cameras:
            for part, what in (("band", band), ("words", words), ("bars", bars)):
                self._stream.log(readings_path(camera, part), what, static=True)


def _places(camera: Camera, count: int) -> tuple[Values, Values]:
    """(count,) left ends and half lengths of full bars, side by side."""
    width, _ = shown_size(camera.width, camera.height)
    room, margin = width / count, _MARGIN * width
    left: Values = np.arange(count, dtype=np.float64) * room + margin
    return left, np.full(count, room / 2 - margin)
