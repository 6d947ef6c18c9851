"""The strip of lanes with the cursor: the viewer's time panel in small, with marks that can be dragged."""

from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip

from failview.panel.look.form_part import FormPart
from failview.panel.look.listening import listen
from failview.panel.look.style import SMALL_PX, Tokens, make_font, scaled
from failview.panel.timeline.timeline_hand import TimelineHand
from failview.panel.timeline.timeline_lanes import (
    CAPTION_GAP_PX,
    Lane,
    PlacedCaption,
    captions_of,
    detector_lanes,
    in_sight,
    label_lane,
    place_captions,
)
from failview.panel.timeline.timeline_paint import BAR_PX, StripPainter
from failview.panel.timeline.timeline_scale import Scale
from failview.session.playing.mark_limits import MARK_TITLES
from failview.session.session import Session

_TITLES_PX = 60
END_PX = 6
"""Room at the right for half of the head of the cursor."""

_HEAD_PX = 10
_NEAR_PX = 3
_LANE_PX = 18
_CAPTIONS_PX = 20
_OVERVIEW_PX = 4
"""Room below the lanes for the line that tells which part is seen."""

_WHEEL_NOTCH = 120
_ZOOM_PER_NOTCH = 0.5
_PAN_PER_NOTCH = 0.15
"""Share of what is seen."""


class TimelineStrip(FormPart):
    """Paints detector lanes and the label's lane. The mouse drags marks and cursor, the wheel zooms."""

    def __init__(self, session: Session, tokens: Tokens) -> None:
        super().__init__(session)
        self._tokens = tokens
        self._detector_lanes: tuple[Lane, ...] = ()
        self._label_lane = Lane("label")
        self._hand = TimelineHand(session)
        self.setAccessibleName("Timeline")
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        timeline = session.timeline
        for signal in (session.judging.arrived, timeline.drag.changed):
            listen(self, signal, self._follow)
        for signal in (session.transport.frame_changed, timeline.zoom.changed, timeline.loop.changed):
            listen(self, signal, self._repaint)
        listen(self, timeline.chosen.changed, self._repaint)

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """All rows from top to bottom."""
        return (*self._detector_lanes, self._label_lane)

    @property
    def scale(self) -> Scale:
        """Where frames lie."""
        zoom = self.session.timeline.zoom
        left = scaled(_TITLES_PX)
        num_frames = max(1, self.session.transport.clock.num_frames)
        return Scale(left, max(1, self.width() - left - END_PX), zoom.first, zoom.span, num_frames)

    def refresh(self) -> None:
        """Show the marks, and above them what the detectors found."""
        opened = self.session.open_episode
        findings = self.session.judging.of(None if opened is None else opened.episode).findings
        lanes = () if findings is None else detector_lanes(findings)
        if len(lanes) != len(self._detector_lanes):
            self.updateGeometry()
        self._detector_lanes = lanes
        label = self.session.timeline.drag.shown(self.annotation)
        self._label_lane = label_lane(label, self.scale.num_frames)
        self._show_hand()
        self.update()

    def words_at(self, position: QPointF) -> str:
        """What there is to say about a place on the strip: the mark or event there; empty where there is none."""
        row, scale, here = _row_at(position.y()), self.scale, position.x()
        if not 0 <= row < len(self.lanes):
            return ""
        if row == len(self.lanes) - 1 and self._hand.hovered:
            titles = " and ".join(MARK_TITLES[field] for field in self._hand.hovered)
            return f"{titles} {getattr(self.annotation, self._hand.hovered[0])}: drag it"
        spans = [
            span
            for span in self.lanes[row].spans
            if scale.x_of(span.start_frame) - _NEAR_PX <= here <= scale.x_of(span.end_frame + 1) + _NEAR_PX
        ]
        return spans[-1].words if spans else ""

    def event(self, event: QEvent) -> bool:
        """Tell about an event below the pointer."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.words_at(QPointF(event.pos())), self)
            return True
        if event.type() is QEvent.Type.Leave and self._hand.hover(self.scale, 0.0, on_label=False):
            self._show_hand()
        return super().event(event)

    def sizeHint(self) -> QSize:
        """As high as its lanes."""
        return QSize(240, _bottom_of(len(self.lanes)) + _OVERVIEW_PX + scaled(_CAPTIONS_PX))

    def minimumSizeHint(self) -> QSize:
        """The same height in any case."""
        return QSize(160, self.sizeHint().height())

    def placed_captions(self) -> list[PlacedCaption]:
        """The captions where they are painted; the first and last frame seen only where they are not in the way."""
        metrics, scale = QFontMetricsF(make_font(SMALL_PX)), self.scale
        limits = (scale.left_px, scale.left_px + scale.width_px)
        timeline = self.session.timeline
        words = captions_of(timeline.drag.shown(self.annotation), timeline.chosen.field)
        captions = [in_sight(caption, scale.first, scale.first + scale.span) for caption in words]
        placed = place_captions(captions, scale.x_of, limits, metrics.horizontalAdvance)
        first, last = str(scale.frame_at(limits[0])), str(scale.frame_at(limits[1] - scale.px_per_frame / 2))
        last_width = metrics.horizontalAdvance(last)
        ends = (
            PlacedCaption(first, limits[0], metrics.horizontalAdvance(first), "muted"),
            PlacedCaption(last, limits[1] - last_width, last_width, "muted"),
        )
        return placed + [end for end in ends if not any(_near(end, caption) for caption in placed)]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the mark or move the cursor here; the right button gives a mark up."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._hand.press(self.scale, event.position().x(), on_label=self._is_on_label(event))
        elif event.button() is Qt.MouseButton.RightButton:
            self._hand.cancel()
        self._show_hand()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Carry what was taken; otherwise show what a press would take."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._hand.move(self.scale, event.position().x())
        elif self._hand.hover(self.scale, event.position().x(), on_label=self._is_on_label(event)):
            self._show_hand()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Put it down."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._hand.release()
            self._hand.hover(self.scale, event.position().x(), on_label=self._is_on_label(event))
            self._show_hand()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Look closer or less close around the pointer; sideways, or with Shift, look further on."""
        zoom, turned = self.session.timeline.zoom, event.angleDelta()
        sideways = event.modifiers() & Qt.KeyboardModifier.ShiftModifier or abs(turned.x()) > abs(turned.y())
        if sideways:
            notches = (turned.x() or turned.y()) / _WHEEL_NOTCH
            zoom.pan(-notches * _PAN_PER_NOTCH * zoom.span)
        else:
            around = self.scale.position_at(event.position().x())
            zoom.step(turned.y() / _WHEEL_NOTCH * _ZOOM_PER_NOTCH, around)
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint lanes, marks, captions and cursor."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(make_font(SMALL_PX))
        paint = StripPainter(painter, self.scale, self._tokens)
        tops = [_bottom_of(row) + (scaled(_LANE_PX) - scaled(BAR_PX)) / 2 for row in range(len(self.lanes))]
        for lane, top in zip(self.lanes, tops, strict=True):
            paint.lane(lane, top, scaled(_TITLES_PX))
        if self.session.open_episode is None:
            return
        timeline, frame, bottom = self.session.timeline, self.session.transport.frame, _bottom_of(len(self.lanes))
        paint.frame_ticks(_HEAD_PX)
        if timeline.loop.range is not None:
            paint.loop(timeline.loop.range, _HEAD_PX, bottom)
        paint.cursor(frame, bottom)
        hot = frozenset({timeline.drag.field} if timeline.drag.field else self._hand.hovered)
        paint.ticks(self._label_lane.ticks, tops[-1], hot=hot, chosen=timeline.chosen.field)
        paint.overview(bottom + 2, frame)
        height = scaled(_CAPTIONS_PX)
        paint.captions(self.placed_captions(), bottom + _OVERVIEW_PX, height, chosen=timeline.chosen.field)

    def _is_on_label(self, event: QMouseEvent) -> bool:
        return _row_at(event.position().y()) == len(self.lanes) - 1

    def _on_focus_requested(self, field: str) -> None:
        """Esc gives a mark up, or else chooses none."""
        if field:
            return
        if self._hand.holds_mark:
            self._hand.cancel()
        elif self.session.timeline.chosen.field is not None:
            self.session.timeline.chosen.choose(None)

    def _show_hand(self) -> None:
        grips = self._hand.holds_mark or bool(self._hand.hovered)
        self.setCursor(Qt.CursorShape.SizeHorCursor if grips else Qt.CursorShape.PointingHandCursor)
        self.update()

    def _repaint(self) -> None:
        self.update()


def _row_at(y: float) -> int:
    return int((y - _HEAD_PX) // scaled(_LANE_PX))


def _bottom_of(rows: int) -> int:
    return _HEAD_PX + rows * scaled(_LANE_PX)


def _near(one: PlacedCaption, other: PlacedCaption) -> bool:
    return (
        one.left_px < other.left_px + other.width_px + CAPTION_GAP_PX
        and other.left_px < one.left_px + one.width_px + CAPTION_GAP_PX
    )
