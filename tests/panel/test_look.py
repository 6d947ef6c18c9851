"""Nothing is cut off at any width, captions keep apart, and every text can be read in both themes."""

import re
from dataclasses import replace
from functools import partial
from itertools import pairwise

import hypothesis.strategies as st
import pytest
from hypothesis import given
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QColor, QFontMetricsF
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QPlainTextEdit, QWidget

from failview.model.annotation import Annotation, Outcome
from failview.model.detection import Detection
from failview.panel.look.elided_label import ElidedLabel
from failview.panel.look.style import BASE_PX, GAP_PX, SMALL_PX, THEMES, Tokens, blend, make_font
from failview.panel.look.window_size import WIDTHS_PX
from failview.panel.main_window import MainWindow
from failview.panel.timeline.timeline_lanes import CAPTION_GAP_PX, Span, captions_of, label_lane, place_captions
from failview.panel.timeline.timeline_paint import SPAN_OPACITY
from failview.session.desk.event_words import DETECTOR_TITLES, hue_of
from tests.episodes.synthetic import make_episode
from tests.panel.conftest import Desk, MakeDesk

LEAST_CONTRAST = 4.5
"""WCAG 2.2, success criterion 1.4.3, normal text."""


def luminance(colour: str) -> float:
    channels = [channel / 255 for channel in QColor(colour).getRgb()[:3]]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def text_on_ground(tokens: Tokens) -> dict[str, tuple[str, str]]:
    """Every pair of a text and what is below it."""
    hues = ("accent", "red", "amber", "green", "teal")
    pairs = {
        f"{name} on {ground}": (tokens.hue(name), tokens.hue(ground))
        for name in ("text", "muted", *hues)
        for ground in ("card", "background")
    }
    pairs |= {f"{hue} on its tint": (tokens.hue(hue), tokens.tint(hue)) for hue in hues}
    pairs |= {f"text on the tint of {hue}": (tokens.text, tokens.tint(hue)) for hue in hues}
    pairs["meaning on the tint of red"] = (blend(tokens.text, tokens.muted, 0.35), tokens.tint("red"))
    pairs["button"] = (tokens.on_accent, tokens.accent)
    pairs["usual speed"] = (tokens.text, tokens.line)
    pairs["button that cannot be pressed"] = (tokens.muted, tokens.line)
    pairs["muted on the pointed-at ground"] = (tokens.muted, blend(tokens.text, tokens.card, 0.08))
    pairs["why not on the chosen row of a list"] = (tokens.amber, tokens.tint("accent"))
    pairs["refused number"] = (tokens.red, tokens.card)
    pairs["violet on card"] = (tokens.violet, tokens.card)
    return pairs


@pytest.mark.parametrize("theme", THEMES)
def test_contrast(theme: str) -> None:
    too_faint = {
        name: round(contrast(*pair), 2)
        for name, pair in text_on_ground(THEMES[theme]).items()
        if contrast(*pair) < LEAST_CONTRAST
    }
    assert not too_faint


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    "hue", sorted({hue_of(Detection(name, "", 0, 0, 1, "")) for name in DETECTOR_TITLES} | {"green"})
)
def test_events_stand_out_from_their_lane(theme: str, hue: str) -> None:
    """WCAG 2.2, success criterion 1.4.11, parts of graphics."""
    tokens = THEMES[theme]
    assert contrast(blend(tokens.hue(hue), tokens.line, SPAN_OPACITY), tokens.line) >= 3


def label_everything(desk: Desk) -> None:
    desk.label_failure()
    desk.mark("[", 120)
    desk.mark("]", 150)
    desk.press(Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)


def cut_off(window: QWidget) -> list[str]:
    """What is not shown whole although it should be."""
    found = []
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or not isinstance(widget, QLabel | QAbstractButton | QLineEdit):
            continue
        if isinstance(widget, ElidedLabel):
            continue
        if isinstance(widget, QLineEdit):
            room = widget.contentsRect().width() - widget.textMargins().left() - 13
            wanted = QFontMetricsF(widget.font()).horizontalAdvance(widget.text())
        elif isinstance(widget, QLabel) and widget.wordWrap():
            room, wanted = widget.height(), widget.heightForWidth(widget.width())
        else:
            room, wanted = widget.width(), widget.minimumSizeHint().width()
        if wanted > room:
            found.append(f"{type(widget).__name__} {widget.text()!r}: {room} of {wanted}")
        right = widget.mapTo(window, widget.rect().topRight()).x()
        if right >= window.width():
            found.append(f"{type(widget).__name__} {widget.text()!r} ends at {right}")
    return found


@pytest.mark.parametrize("width", WIDTHS_PX)
@pytest.mark.parametrize("height", [760, 1000])
def test_nothing_is_cut_off(desk: Desk, width: int, height: int) -> None:
    desk.window.resize(width, height)
    label_everything(desk)
    desk.session.notice.emit("One line.")

    desk.qtbot.waitUntil(partial(everything_fits, desk.window))
    assert desk.window.width() == width


def everything_fits(window: MainWindow) -> None:
    form, timeline = window.form, window.timeline
    assert cut_off(window) == []
    assert window.scroller.horizontalScrollBar().maximum() == 0
    assert form.width() == window.scroller.viewport().width()
    right = {part.mapTo(form, part.rect().topRight()).x() for part in window.form_parts if part.isVisible()}
    assert right == {timeline.mapTo(window, timeline.rect().topRight()).x()}


def test_nothing_is_cut_off_the_moment_the_window_changes_its_size(desk: Desk) -> None:
    label_everything(desk)
    for size in ((440, 1000), (440, 500), (360, 760), (480, 1000), (360, 480)):
        desk.window.resize(*size)
        everything_fits(desk.window)


class PaintWatch(QObject):
    """Notes what is cut off while the window is painted."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.paints = 0
        self.found: list[str] = []
        self._window = window
        window.installEventFilter(self)
        window.form.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 — Qt's name
        if event.type() is QEvent.Type.Paint:
            self.paints += 1
            self.found += cut_off(self._window)
            parts = [part for part in self._window.form_parts if part.isVisible()]
            tops = [part.mapTo(self._window.form, QPoint()).y() for part in parts]
            gaps = {below - top - part.height() for (top, below), part in zip(pairwise(tops), parts, strict=False)}
            self.found += [f"gap of {gap}" for gap in gaps - {GAP_PX}]
        return False


@pytest.mark.parametrize("width", WIDTHS_PX)
def test_nothing_is_painted_before_it_is_laid_out(desk: Desk, width: int) -> None:
    """Nested changes take several rounds of layout; no picture may come between them."""
    desk.window.resize(width, 760)
    desk.qtbot.waitExposed(desk.window)
    QApplication.processEvents()
    watch = PaintWatch(desk.window)
    for episode_id in ("demo_2", "demo_3", "demo_2", "demo_1"):
        painted = watch.paints
        desk.open(episode_id)
        desk.type("f12" if episode_id != "demo_3" else "s")
        desk.wait_until_saved()
        desk.until(lambda painted=painted: watch.paints > painted)
    assert watch.found == []


def test_long_names_never_widen_the_window(make_desk: MakeDesk) -> None:
    name = "2024-11-02_kitchen_table_robot3_operator-anna_take_000123"
    episode = replace(
        make_episode(123_456, (), None, episode_id=name), task="rinse it under the tap " * 5, warnings=("w" * 200,)
    )
    desk = make_desk(episodes=[episode]).open(name, frame=100_000)
    desk.window.resize(WIDTHS_PX[0], 760)
    label_everything(desk)

    def everything_fits() -> None:
        assert desk.window.width() == WIDTHS_PX[0]
        assert cut_off(desk.window) == []
        header = desk.window.header
        assert "…" in header.episode.elided_text
        assert header.episode.toolTip() == name

    desk.qtbot.waitUntil(everything_fits)


def test_the_footer_is_visible_on_a_low_screen_and_the_focus_is_scrolled_to(desk: Desk) -> None:
    desk.window.resize(440, 480)
    desk.type("f12")
    desk.type("t")
    window = desk.window
    desk.until(lambda: not window.notes.edit.visibleRegion().isEmpty())
    assert not window.footer.visibleRegion().isEmpty()


FRAMES = st.one_of(st.none(), st.integers(0, 99_999))


@given(onset=FRAMES, start=FRAMES, end=FRAMES, room=st.integers(215, 400))
def test_captions_never_overlap_nor_leave_the_strip(
    onset: int | None, start: int | None, end: int | None, room: int
) -> None:
    annotation = Annotation(
        outcome=Outcome.FAILURE, failure_onset_frame=onset, recovery_start_frame=start, recovery_end_frame=end
    )
    placed = place_captions(
        captions_of(annotation),
        lambda frame: 50 + frame / 100_000 * room,
        (50, 50 + room),
        lambda text: 7.0 * len(text),
    )
    assert len(placed) == (onset is not None) + (start is not None or end is not None)
    for caption in placed:
        assert caption.left_px >= 50 - 1e-6
        assert caption.left_px + caption.width_px <= 50 + room + 1e-6
    for left, right in pairwise(placed):
        assert left.left_px + left.width_px + CAPTION_GAP_PX <= right.left_px + 1e-6


@pytest.mark.parametrize(("onset", "start", "end"), [(0, 1, 2), (309, 310, 311), (150, 151, 311), (88, 120, 150)])
def test_captions_at_the_narrowest_width(desk: Desk, onset: int, start: int, end: int) -> None:
    desk.window.resize(WIDTHS_PX[0], 760)
    desk.type("f")
    for key, frame in (("o", onset), ("[", start), ("]", end)):
        desk.mark(key, frame)
    strip = desk.window.timeline.strip
    desk.until(lambda: desk.window.width() == WIDTHS_PX[0] and strip.width() < WIDTHS_PX[0])
    placed = sorted(strip.placed_captions(), key=lambda caption: caption.left_px)
    texts = [caption.text for caption in placed]
    assert f"onset {onset}" in texts
    assert any(re.fullmatch(rf"recovery {start}.{end}", text) for text in texts)
    for left, right in pairwise(placed):
        assert left.left_px + left.width_px + CAPTION_GAP_PX <= right.left_px
    assert placed[-1].left_px + placed[-1].width_px <= strip.width()


def test_the_label_lane() -> None:
    assert label_lane(Annotation(), 100).spans == ()
    failing = Annotation(outcome=Outcome.FAILURE, failure_onset_frame=20, failure_obvious_frame=30)
    assert label_lane(failing, 100).spans == (Span(20, 99, "red"),)
    assert [(tick.frame, tick.dashed) for tick in label_lane(failing, 100).ticks] == [(20, False), (30, True)]
    recovering = replace(failing, recovery_start_frame=50, recovery_end_frame=60)
    assert label_lane(recovering, 100).spans == (Span(20, 49, "red"), Span(50, 60, "teal"))


def test_a_frame_is_found_again_where_it_is_painted(desk: Desk) -> None:
    strip = desk.window.timeline.strip
    assert [strip.scale.frame_at(strip.scale.x_of(frame + 0.5)) for frame in (0, 88, 311)] == [0, 88, 311]
    assert (strip.scale.frame_at(-50), strip.scale.frame_at(9999)) == (0, 311)


@pytest.mark.parametrize("theme", THEMES)
def test_both_themes_are_painted(make_desk: MakeDesk, theme: str) -> None:
    desk = make_desk(theme=theme).open()
    label_everything(desk)
    picture = desk.window.grab().toImage()
    assert picture.pixelColor(2, 2).name() == THEMES[theme].background
    colours = {
        picture.pixelColor(x, y).name() for x in range(0, picture.width(), 2) for y in range(0, picture.height(), 2)
    }
    assert {THEMES[theme].card, THEMES[theme].accent, THEMES[theme].text} <= colours


def test_the_focus_is_seen_when_it_came_by_key(desk: Desk) -> None:
    desk.type("f1")
    window = desk.window
    for button in (window.footer.next, window.category.rows[0]):
        window.setFocus()
        before = button.grab().toImage()
        button.setFocus(Qt.FocusReason.MouseFocusReason)
        assert button.grab().toImage() == before
        window.setFocus()
        button.setFocus(Qt.FocusReason.TabFocusReason)
        assert button.grab().toImage() != before


def test_one_typeface_in_two_sizes_with_figures_of_equal_width(desk: Desk) -> None:
    label_everything(desk)
    desk.type("?")
    plain = make_font()
    for widget in desk.window.findChildren(QWidget):
        if isinstance(widget, QLabel | QLineEdit | QPlainTextEdit):
            font = widget.font()
            assert font.families()[0] == plain.families()[0], widget
            assert font.pixelSize() in (BASE_PX, SMALL_PX), widget
            assert len(font.featureTags()) == len(plain.featureTags()) == 1, widget
