"""The strip of lanes with the cursor: the viewer's time panel in small."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip

from failview.panel.form_part import FormPart
from failview.panel.listening import listen
from failview.panel.style import SMALL_PX, Tokens, make_font, scaled
from failview.panel.timeline_lanes import (
    CAPTION_GAP_PX,
    Lane,
    PlacedCaption,
    Tick,
    captions_of,
    detector_lanes,
    label_lane,
    place_captions,
)
from failview.session.session import Session

_TITLES_PX = 60
END_PX = 6
"""Room at the right for half of the head of the cursor."""

SPAN_OPACITY = 0.85
"""Of events, so that those below others are seen."""

_HEAD_PX = 10
_NEAR_PX = 3
_LANE_PX, _BAR_PX = 18, 12
_CAPTIONS_PX = 20


class TimelineStrip(FormPart):
    """Paints detector lanes and the label's lane; clicking and dragging move the cursor."""

    def __init__(self, session: Session, tokens: Tokens) -> None:
        super().__init__(session)
        self._tokens = tokens
        self._detector_lanes: tuple[Lane, ...] = ()
        self._label_lane = Lane("label")
        self._captions: list[PlacedCaption] = []
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        listen(self, session.transport.frame_changed, self._move)
        listen(self, session.judging.arrived, self._follow)

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """All rows from top to bottom."""
        return (*self._detector_lanes, self._label_lane)

    def refresh(self) -> None:
        """Show the marks, and above them what the detectors found."""
        opened = self.session.open_episode
        findings = self.session.judging.of(None if opened is None else opened.episode).findings
        lanes = () if findings is None else detector_lanes(findings)
        if len(lanes) != len(self._detector_lanes):
            self.updateGeometry()
        self._detector_lanes = lanes
        self._label_lane = label_lane(self.annotation, self._num_frames)
        self.update()

    def words_at(self, position: QPointF) -> str:
        """What there is to say about a place on the strip: the event there; empty where there is none."""
        row = int((position.y() - _HEAD_PX) // scaled(_LANE_PX))
        if not 0 <= row < len(self.lanes):
            return ""
        here = position.x()
        spans = [
            span
            for span in self.lanes[row].spans
            if self.x_of(span.start_frame) - _NEAR_PX <= here <= self.x_of(span.end_frame + 1) + _NEAR_PX
        ]
        return spans[-1].words if spans else ""

    def event(self, event: QEvent) -> bool:
        """Tell about an event below the pointer."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.words_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def sizeHint(self) -> QSize:
        """As high as its lanes."""
        return QSize(240, _HEAD_PX + len(self.lanes) * scaled(_LANE_PX) + scaled(_CAPTIONS_PX))

    def minimumSizeHint(self) -> QSize:
        """The same height in any case."""
        return QSize(160, self.sizeHint().height())

    def x_of(self, frame: float) -> float:
        """Pixel at which a frame begins."""
        return self._bars.left() + frame / self._num_frames * self._bars.width()

    def frame_at(self, x: float) -> int:
        """The frame below a pixel, within the episode."""
        share = (x - self._bars.left()) / max(1.0, self._bars.width())
        return self.session.transport.clock.clamp(int(share * self._num_frames))

    def placed_captions(self) -> list[PlacedCaption]:
        """The captions where they are painted; the ends of the episode only where they are not in the way."""
        metrics = QFontMetricsF(make_font(SMALL_PX))
        limits = (self._bars.left(), self._bars.right())
        placed = place_captions(captions_of(self.annotation), self.x_of, limits, metrics.horizontalAdvance)
        last = str(self._num_frames - 1)
        last_width = metrics.horizontalAdvance(last)
        ends = (
            PlacedCaption("0", limits[0], metrics.horizontalAdvance("0"), "muted"),
            PlacedCaption(last, limits[1] - last_width, last_width, "muted"),
        )
        return placed + [end for end in ends if not any(_near(end, caption) for caption in placed)]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Move the cursor here."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._seek(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the cursor."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._seek(event.position().x())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint lanes, captions and cursor."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(make_font(SMALL_PX))
        for row, lane in enumerate(self.lanes):
            self._paint_lane(
                painter, lane, _HEAD_PX + row * scaled(_LANE_PX) + (scaled(_LANE_PX) - scaled(_BAR_PX)) / 2
            )
        if self.session.open_episode is None:
            return
        top = self.height() - scaled(_CAPTIONS_PX)
        for caption in self.placed_captions():
            painter.setPen(QColor(self._tokens.hue(caption.hue)))
            room = QRectF(caption.left_px, top, caption.width_px + 2, scaled(_CAPTIONS_PX))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, caption.text)
        self._paint_cursor(painter)

    @property
    def _num_frames(self) -> int:
        return max(1, self.session.transport.clock.num_frames)

    @property
    def _bars(self) -> QRectF:
        return QRectF(scaled(_TITLES_PX), _HEAD_PX, max(1, self.width() - scaled(_TITLES_PX) - END_PX), self.height())

    def _paint_lane(self, painter: QPainter, lane: Lane, top: float) -> None:
        tokens = self._tokens
        painter.setPen(QColor(tokens.muted))
        painter.drawText(QRectF(0, top, scaled(_TITLES_PX), scaled(_BAR_PX)), Qt.AlignmentFlag.AlignVCenter, lane.title)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.line))
        painter.drawRoundedRect(QRectF(self._bars.left(), top, self._bars.width(), scaled(_BAR_PX)), 2, 2)
        for span in lane.spans:
            left, right = self.x_of(span.start_frame), self.x_of(span.end_frame + 1)
            painter.setBrush(QColor(tokens.hue(span.hue)))
            painter.setOpacity(SPAN_OPACITY)
            painter.drawRoundedRect(QRectF(left, top, max(2.0, right - left), scaled(_BAR_PX)), 2, 2)
            painter.setOpacity(1.0)
        for tick in lane.ticks:
            _paint_tick(painter, tick, QPointF(self.x_of(tick.frame + 0.5), top), tokens)

    def _paint_cursor(self, painter: QPainter) -> None:
        x = self.x_of(self.session.transport.frame + 0.5)
        bottom = _HEAD_PX + len(self.lanes) * scaled(_LANE_PX)
        painter.setPen(QPen(QColor(self._tokens.text), 2))
        painter.drawLine(QPointF(x, 4), QPointF(x, bottom))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._tokens.text))
        painter.drawPolygon(QPolygonF([QPointF(x - 5, 0), QPointF(x + 5, 0), QPointF(x, 7)]))

    def _seek(self, x: float) -> None:
        if self.session.open_episode is not None:
            self.session.transport.pause()
            self.session.transport.seek(self.frame_at(x))

    def _move(self) -> None:
        self.update()


def _paint_tick(painter: QPainter, tick: Tick, at: QPointF, tokens: Tokens) -> None:
    """Paint a marked frame; `at` is where it meets the top of its lane."""
    painter.setPen(QPen(QColor(tokens.hue(tick.hue)), 2))
    painter.drawLine(at - QPointF(0, 3), at + QPointF(0, scaled(_BAR_PX) + 3))
    if tick.dashed:
        pen = QPen(QColor(tokens.card), 2)
        pen.setDashPattern([1.0, 1.0])
        painter.setPen(pen)
        painter.drawLine(at, at + QPointF(0, scaled(_BAR_PX)))


def _near(one: PlacedCaption, other: PlacedCaption) -> bool:
    return (
        one.left_px < other.left_px + other.width_px + CAPTION_GAP_PX
        and other.left_px < one.left_px + one.width_px + CAPTION_GAP_PX
    )
