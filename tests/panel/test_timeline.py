"""The timeline strip by mouse and keys: what is dragged, what is seen, and that the cursor can always be read."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from failview.model.annotation import Annotation
from failview.panel.look.style import THEMES
from failview.panel.look.window_size import WIDTHS_PX
from failview.panel.timeline.timeline_paint import FRAME_TICKS_FROM_PX
from failview.panel.timeline.timeline_strip import TimelineStrip
from failview.session.playing.marks import MARK_FIELDS
from tests.episodes.synthetic import make_episode
from tests.panel.conftest import NUM_FRAMES, Desk, MakeDesk

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
ONSET, OBVIOUS, START, END = MARK_FIELDS
FRAMES = {ONSET: 88, OBVIOUS: 97, START: 120, END: 150}
ALT, CTRL, NO_MODIFIER = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.NoModifier,
)

TIMES = "\N{MULTIPLICATION SIGN}"
BEFORE, AFTER = "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}", "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"


@pytest.fixture
def marked(desk: Desk) -> Desk:
    """A failure with all four marks, none of them chosen."""
    desk.type("f")
    for key, frame in zip("ob[]", FRAMES.values(), strict=True):
        desk.mark(key, frame)
    desk.press(Qt.Key.Key_Escape)
    return desk


def strip_of(desk: Desk) -> TimelineStrip:
    return desk.window.timeline.strip


def place(desk: Desk, frame: float, *, row: int = -1) -> QPoint:
    """The middle of a frame on a lane; on the label's by default."""
    strip = strip_of(desk)
    row = row % len(strip.lanes)
    return QPoint(round(strip.scale.x_of(frame + 0.5)), 10 + 18 * row + 9)


def drag(desk: Desk, start: int, *frames: int) -> None:
    strip = strip_of(desk)
    QTest.mousePress(strip, LEFT, pos=place(desk, start))
    for frame in frames:
        QTest.mouseMove(strip, place(desk, frame))


def drop(desk: Desk, frame: int) -> None:
    QTest.mouseRelease(strip_of(desk), LEFT, pos=place(desk, frame))


def turn_wheel(desk: Desk, at: QPoint, x: int = 0, y: int = 0) -> None:
    strip = strip_of(desk)
    where = QPointF(at)
    event = QWheelEvent(
        where,
        QPointF(strip.mapToGlobal(at)),
        QPoint(),
        QPoint(x, y),
        Qt.MouseButton.NoButton,
        NO_MODIFIER,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(strip, event)


@pytest.mark.parametrize(("field", "to"), [(ONSET, 60), (OBVIOUS, 110), (START, 100), (END, 200)])
def test_every_mark_is_dragged_to_the_very_frame_in_one_change(marked: Desk, field: str, to: int) -> None:
    seeks_before = len(marked.viewer.seeks)
    written: list[Annotation] = []
    marked.session.annotation_changed.connect(lambda: written.append(marked.label))
    start = FRAMES[field]
    way = range(start, to, 1 if to > start else -1)
    drag(marked, start, *way, to)
    assert getattr(marked.viewer.annotation, field) == to, "the viewer shows it live"
    assert marked.session.transport.frame == to
    assert len(marked.viewer.seeks) > seeks_before + 5
    assert not written, "nothing is written while it is held"
    drop(marked, to)
    assert getattr(marked.label, field) == to
    assert len(written) == 1
    marked.press(Qt.Key.Key_Z, CTRL)
    assert getattr(marked.label, field) == start
    marked.wait_until_saved()


@pytest.mark.parametrize("way_out", ["Esc", "right button", "next episode"])
def test_a_drag_can_be_given_up(marked: Desk, way_out: str) -> None:
    drag(marked, 150, 160, 190)
    if way_out == "Esc":
        marked.press(Qt.Key.Key_Escape)
    elif way_out == "right button":
        QTest.mousePress(strip_of(marked), RIGHT, pos=place(marked, 190))
    else:
        marked.type("n")
        marked.until(lambda: marked.is_open("demo_2"))
    QTest.mouseMove(strip_of(marked), place(marked, 200))
    drop(marked, 200)
    if way_out == "next episode":
        assert marked.label.recovery_end_frame is None
        marked.open("demo_1")
    assert marked.label.recovery_end_frame == 150
    assert strip_of(marked).cursor().shape() is not Qt.CursorShape.SizeHorCursor


def test_the_pointer_tells_what_a_press_would_take(marked: Desk) -> None:
    strip = strip_of(marked)
    pointing, grips = Qt.CursorShape.PointingHandCursor, Qt.CursorShape.SizeHorCursor
    before = strip.grab().toImage()
    for frame, shape in ((120, grips), (150, grips), (135, pointing), (88, grips), (300, pointing)):
        QTest.mouseMove(strip, place(marked, frame))
        assert strip.cursor().shape() is shape, frame
    QTest.mouseMove(strip, place(marked, 120))
    assert strip.grab().toImage() != before
    assert "start of the recovery 120" in strip.words_at(QPointF(place(marked, 120)))
    QApplication.sendEvent(strip, QEvent(QEvent.Type.Leave))
    assert strip.cursor().shape() is pointing
    assert strip.grab().toImage() == before


def test_beside_marks_the_cursor_is_moved(marked: Desk) -> None:
    drag(marked, 200, 210)
    assert marked.session.transport.frame == 210
    assert marked.label.recovery_end_frame == 150


def test_an_end_stops_at_the_start_and_one_line_says_why(marked: Desk) -> None:
    marked.notices.clear()
    drag(marked, 150, 130, 110, 90)
    drop(marked, 90)
    assert (marked.label.recovery_start_frame, marked.label.recovery_end_frame) == (120, 120)
    assert marked.notices == ["The end of the recovery cannot be before the start of the recovery (120)."]
    assert marked.window.footer.notice.text() == marked.notices[0]


def test_a_drag_out_of_the_strip_ends_at_the_last_frame(marked: Desk) -> None:
    strip = strip_of(marked)
    QTest.mousePress(strip, LEFT, pos=place(marked, 150))
    QTest.mouseMove(strip, QPoint(strip.width() + 400, 20))
    QTest.mouseRelease(strip, LEFT, pos=QPoint(strip.width() + 400, 20))
    assert marked.label.recovery_end_frame == NUM_FRAMES - 1


def test_nothing_is_dragged_in_a_read_only_episode(make_desk: MakeDesk, marked: Desk) -> None:
    marked.wait_until_saved()
    desk = make_desk(read_only=True).open()
    QTest.mouseMove(strip_of(desk), place(desk, 88))
    assert strip_of(desk).cursor().shape() is Qt.CursorShape.PointingHandCursor


def test_the_chosen_mark_is_seen_and_nudged(marked: Desk) -> None:
    strip = strip_of(marked)
    marked.session.transport.seek(10)
    before = strip.grab().toImage()
    marked.type("m")
    assert marked.session.transport.frame == 88
    accent = QColor(THEMES["dark"].accent).name()
    here = place(marked, 88)
    picture = strip.grab().toImage()
    around = {picture.pixelColor(here.x() + x, here.y() + y).name() for x in range(-6, 7) for y in range(-16, 4)}
    assert accent in around
    assert picture != before
    for _ in range(3):
        marked.press(Qt.Key.Key_Left, ALT)
    assert (marked.label.failure_onset_frame, marked.session.transport.frame, marked.viewer.frame) == (85, 85, 85)
    marked.press(Qt.Key.Key_Right, ALT)
    assert marked.label.failure_onset_frame == 86


def test_the_chosen_obvious_frame_is_written_out(marked: Desk) -> None:
    assert "obvious 97" not in {caption.text for caption in strip_of(marked).placed_captions()}
    marked.session.transport.seek(0)
    marked.type("mm")
    texts = {caption.text for caption in strip_of(marked).placed_captions()}
    assert texts & {"obvious 97", "ob. 97"}


def test_a_mark_set_by_key_is_the_chosen_one(desk: Desk) -> None:
    desk.type("f")
    desk.mark("o", 88)
    desk.press(Qt.Key.Key_Right, ALT)
    desk.mark("b", 97)
    desk.press(Qt.Key.Key_Right, ALT)
    assert (desk.label.failure_onset_frame, desk.label.failure_obvious_frame) == (89, 98)


def test_the_wheel_zooms_at_the_pointer_and_keys_around_the_cursor(marked: Desk) -> None:
    strip = strip_of(marked)
    there = place(marked, 200)
    for _ in range(4):
        turn_wheel(marked, there, y=120)
    assert strip.scale.span == pytest.approx(NUM_FRAMES / 4)
    assert strip.scale.frame_at(there.x()) == 200
    first = strip.scale.first
    turn_wheel(marked, there, x=-120)
    assert strip.scale.first > first
    marked.session.transport.seek(100)
    x = strip.scale.middle_of(100)
    marked.press(Qt.Key.Key_Up)
    assert strip.scale.middle_of(100) == pytest.approx(x, abs=1)
    for _ in range(6):
        marked.press(Qt.Key.Key_Down)
    assert strip.scale.is_whole


def test_zoomed_in_a_drag_is_exact_and_scrolls_at_the_edge(marked: Desk) -> None:
    strip = strip_of(marked)
    marked.session.transport.seek(150)
    for _ in range(4):
        marked.press(Qt.Key.Key_Up)
    assert strip.scale.px_per_frame > FRAME_TICKS_FROM_PX
    QTest.mousePress(strip, LEFT, pos=place(marked, 150) + QPoint(3, 0))
    for frame in (151, 152, 153):
        QTest.mouseMove(strip, place(marked, frame) + QPoint(3, 0))
        assert marked.session.transport.frame == frame
    for pixels in range(1, 40):
        QTest.mouseMove(strip, QPoint(strip.width() + pixels, 80))
    frame = marked.session.transport.frame
    assert frame > 160
    assert strip.scale.sees(frame)
    QTest.mouseRelease(strip, LEFT, pos=QPoint(strip.width() + 40, 80))
    assert marked.label.recovery_end_frame == marked.session.transport.frame


def test_the_strip_scrolls_with_the_cursor_and_the_overview_tells_where(marked: Desk) -> None:
    strip = strip_of(marked)
    for _ in range(3):
        marked.press(Qt.Key.Key_Up)
    for frame in (0, 40, 150, 311, 20):
        marked.session.transport.seek(frame)
        assert strip.scale.sees(frame)
    line = round(strip.height() - 20 - 1)
    picture = strip.grab().toImage()
    muted = QColor(THEMES["dark"].muted).name()
    seen = [x for x in range(picture.width()) if picture.pixelColor(x, line).name() == muted]
    per_frame = strip.scale.width_px / NUM_FRAMES
    assert min(seen) == pytest.approx(strip.scale.left_px + strip.scale.first * per_frame, abs=3)
    assert max(seen) - min(seen) == pytest.approx(strip.scale.span * per_frame, abs=4)


def test_marks_out_of_sight_are_named_at_the_side_where_they_are(marked: Desk) -> None:
    marked.session.transport.seek(250)
    for _ in range(4):
        marked.press(Qt.Key.Key_Up)
    texts = {caption.text for caption in strip_of(marked).placed_captions()}
    assert f"{BEFORE} onset 88" in texts
    marked.session.transport.seek(0)
    assert any(text.endswith(AFTER) for text in (item.text for item in strip_of(marked).placed_captions()))


def test_the_loop_is_seen_and_said(marked: Desk) -> None:
    strip, head = strip_of(marked), marked.window.timeline.head
    marked.session.transport.seek(130)
    before = strip.grab().toImage()
    marked.type("i")
    assert marked.session.transport.loop == (120, 150)
    assert head.pace_words == "looping"
    marked.type(" ")
    marked.session.transport.seek(130)
    assert strip.grab().toImage() != before
    marked.until(lambda: not marked.session.transport.playing)
    marked.type(" ")
    marked.until(lambda: marked.session.transport.frame == 150)
    marked.until(lambda: marked.session.transport.frame == 120)
    marked.type("i ")
    assert (marked.session.transport.loop, head.pace_words) == (None, "paused")


def test_a_viewer_that_cannot_keep_up_is_said(desk: Desk) -> None:
    head = desk.window.timeline.head
    shown: list[int] = [0]
    desk.viewer.shown_frame = lambda: shown[0]  # type: ignore[method-assign]
    desk.type(" ")
    desk.until(lambda: head.speed_words == f"1{TIMES} (0{TIMES})")
    amber = QColor(THEMES["dark"].tint("amber")).name()
    picture = head.grab().toImage()
    assert amber in {picture.pixelColor(x, 12).name() for x in range(picture.width())}
    assert desk.session.transport.frame <= 1
    desk.type(" ")
    assert head.speed_words == f"1{TIMES}"


@pytest.mark.parametrize("font_scale", [1.0, 1.5])
@pytest.mark.parametrize("width", WIDTHS_PX)
def test_frame_time_and_speed_can_be_read_at_any_width(make_desk: MakeDesk, width: int, font_scale: float) -> None:
    desk = make_desk(episodes=[make_episode(12_345, (), 30.0, episode_id="long")]).open("long", frame=12_000)
    desk.session.appearance.choose(font_scale=font_scale)
    desk.window.resize(width, 900)
    head = desk.window.timeline.head
    desk.session.transport.playback.kept_changed.disconnect()
    desk.session.transport.playback.kept_share = 0.8
    desk.until(lambda: head.width() < width)
    shown = head.words_that_fit()
    assert shown[0] in ("frame 12000", "12000")
    assert "400.00 s" in shown[1]
    assert shown[-1] == f"1{TIMES} (0.8{TIMES})"


def frame_ticks(desk: Desk) -> int:
    """Colour changes along the row above the lanes."""
    picture = strip_of(desk).grab().toImage()
    row = [picture.pixelColor(x, 8).name() for x in range(picture.width())]
    return sum(one != other for one, other in pairwise(row))


def test_frames_are_told_apart_where_they_are_wide_enough(desk: Desk) -> None:
    assert frame_ticks(desk) < 8
    desk.press(Qt.Key.Key_Up)
    desk.press(Qt.Key.Key_Up)
    desk.press(Qt.Key.Key_Up)
    assert strip_of(desk).scale.px_per_frame >= FRAME_TICKS_FROM_PX
    assert frame_ticks(desk) > NUM_FRAMES / 8
