"""Paints the parts of the timeline strip."""

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from failview.panel.look.style import Tokens, scaled
from failview.panel.timeline.timeline_lanes import Lane, PlacedCaption, Tick
from failview.panel.timeline.timeline_scale import Scale
from failview.session.playing.playback import FrameRange

BAR_PX = 12
"""Height of a lane's bar, at the usual size of text."""

SPAN_OPACITY = 0.85
"""Of events, so that those below others are seen."""

FRAME_TICKS_FROM_PX = 6.0
"""Frames as wide as this are told apart."""

_LOOP_OPACITY = 0.12
_KNOB_PX = 4.0
_TALL_TICK_EVERY = 10


class StripPainter:
    """One painting of the strip.

    Args:
        painter: Paints.
        scale: Where frames lie.
        tokens: Colours.
    """

    def __init__(self, painter: QPainter, scale: Scale, tokens: Tokens) -> None:
        self._painter = painter
        self._scale = scale
        self._tokens = tokens

    def lane(self, lane: Lane, top: float, title_px: float) -> None:
        """Paint the title, the ground and the spans of a lane."""
        painter, tokens, scale = self._painter, self._tokens, self._scale
        height = scaled(BAR_PX)
        painter.setPen(QColor(tokens.muted))
        painter.drawText(QRectF(0, top, title_px, height), Qt.AlignmentFlag.AlignVCenter, lane.title)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.line))
        painter.drawRoundedRect(QRectF(scale.left_px, top, scale.width_px, height), 2, 2)
        painter.save()
        painter.setClipRect(QRectF(scale.left_px, top, scale.width_px, height))
        painter.setOpacity(SPAN_OPACITY)
        for span in lane.spans:
            left, right = scale.x_of(span.start_frame), scale.x_of(span.end_frame + 1)
            painter.setBrush(QColor(tokens.hue(span.hue)))
            painter.drawRoundedRect(QRectF(left, top, max(2.0, right - left), height), 2, 2)
        painter.restore()

    def ticks(self, ticks: Iterable[Tick], top: float, *, hot: frozenset[str], chosen: str | None) -> None:
        """Paint marked frames; those that the mouse would take have a knob, the chosen one a knob in the accent."""
        for tick in ticks:
            if not self._scale.sees(tick.frame):
                continue
            hue = "accent" if tick.field == chosen else tick.hue
            self._tick(tick, QPointF(self._scale.middle_of(tick.frame), top), lit=tick.field in hot)
            if tick.field in hot or tick.field == chosen:
                self._knob(QPointF(self._scale.middle_of(tick.frame), top - 3), hue)

    def frame_ticks(self, top: float) -> None:
        """Tell single frames apart where they are wide enough."""
        scale = self._scale
        if scale.px_per_frame < FRAME_TICKS_FROM_PX:
            return
        self._painter.setPen(QPen(QColor(self._tokens.muted), 1))
        for frame in range(scale.frame_at(scale.left_px), scale.frame_at(scale.left_px + scale.width_px) + 1):
            x = scale.middle_of(frame)
            if scale.left_px <= x <= scale.left_px + scale.width_px:
                height = 5 if frame % _TALL_TICK_EVERY == 0 else 2
                self._painter.drawLine(QPointF(x, top - height), QPointF(x, top - 1))

    def loop(self, played: FrameRange, top: float, bottom: float) -> None:
        """Show what is played again and again: a bar above the lanes and a tint over them."""
        painter, scale = self._painter, self._scale
        left = max(scale.x_of(played.first), scale.left_px)
        right = min(scale.x_of(played.last + 1), scale.left_px + scale.width_px)
        if right <= left:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._tokens.accent))
        painter.drawRoundedRect(QRectF(left, top - 4, max(3.0, right - left), 3), 1.5, 1.5)
        painter.setOpacity(_LOOP_OPACITY)
        painter.drawRect(QRectF(left, top, right - left, bottom - top))
        painter.setOpacity(1.0)

    def overview(self, top: float, frame: int) -> None:
        """Show which part of the episode is seen, and where the cursor is in it."""
        painter, scale, tokens = self._painter, self._scale, self._tokens
        if scale.is_whole:
            return
        per_frame = scale.width_px / scale.num_frames
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.line))
        painter.drawRoundedRect(QRectF(scale.left_px, top, scale.width_px, 3), 1.5, 1.5)
        painter.setBrush(QColor(tokens.muted))
        seen = QRectF(scale.left_px + scale.first * per_frame, top, max(4.0, scale.span * per_frame), 3)
        painter.drawRoundedRect(seen, 1.5, 1.5)
        painter.setBrush(QColor(tokens.text))
        painter.drawRect(QRectF(scale.left_px + (frame + 0.5) * per_frame - 1, top - 1, 2, 5))

    def captions(self, captions: Iterable[PlacedCaption], top: float, height: float, *, chosen: str | None) -> None:
        """Paint words below the lanes; those of the chosen mark have a line in the accent."""
        for caption in captions:
            self._painter.setPen(QColor(self._tokens.hue(caption.hue)))
            room = QRectF(caption.left_px, top, caption.width_px + 2, height)
            self._painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, caption.text)
            if chosen in caption.fields:
                self._painter.setPen(QPen(QColor(self._tokens.accent), 1.5))
                line = top + height - 2
                self._painter.drawLine(QPointF(room.left(), line), QPointF(room.right() - 2, line))

    def cursor(self, frame: int, bottom: float) -> None:
        """Paint the cursor, from its head to the last lane."""
        if not self._scale.sees(frame):
            return
        x = self._scale.middle_of(frame)
        painter = self._painter
        painter.setPen(QPen(QColor(self._tokens.text), 2))
        painter.drawLine(QPointF(x, 4), QPointF(x, bottom))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._tokens.text))
        painter.drawPolygon(QPolygonF([QPointF(x - 5, 0), QPointF(x + 5, 0), QPointF(x, 7)]))

    def _tick(self, tick: Tick, at: QPointF, *, lit: bool) -> None:
        """Paint a marked frame; `at` is where it meets the top of its lane."""
        painter, height = self._painter, scaled(BAR_PX)
        painter.setPen(QPen(QColor(self._tokens.hue(tick.hue)), 3 if lit else 2))
        painter.drawLine(at - QPointF(0, 3), at + QPointF(0, height + 3))
        if tick.dashed:
            pen = QPen(QColor(self._tokens.card), 2)
            pen.setDashPattern([1.0, 1.0])
            painter.setPen(pen)
            painter.drawLine(at, at + QPointF(0, height))

    def _knob(self, at: QPointF, hue: str) -> None:
        self._painter.setPen(QPen(QColor(self._tokens.card), 1.5))
        self._painter.setBrush(QColor(self._tokens.hue(hue)))
        self._painter.drawEllipse(at, _KNOB_PX, _KNOB_PX)
