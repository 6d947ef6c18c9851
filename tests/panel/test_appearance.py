"""Another theme and another size of text, while the panel is open: everything follows, and nothing is cut off."""

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QWidget

from failview.panel.look.style import BASE_PX, SMALL_PX
from failview.panel.look.window_size import VIEWER_PX, WIDTHS_PX, usual_width, viewer_size
from tests.panel.conftest import Desk, MakeDesk
from tests.panel.test_look import everything_fits, label_everything


def picture_of(desk: Desk) -> QImage:
    """The window as it comes to rest, without times of day."""
    desk.window.resize(440, 1000)
    desk.wait_until_saved()
    desk.window.header.saved.hide()
    header = desk.window.header
    desk.until(lambda: header.task.geometry().right() == header.rect().right())
    desk.until(lambda: everything_fits(desk.window) is None)
    desk.window.header.clock.say("")
    desk.window.footer.clear_notice()
    desk.window.scroller.verticalScrollBar().setValue(0)
    return desk.window.grab().toImage()


@pytest.mark.parametrize(
    ("theme", "font_scale"), [("light", 1.0), ("dark", 1.5), ("light", 0.8)], ids=["theme", "size", "both"]
)
def test_a_window_that_changed_looks_like_one_that_was_made_so(
    make_desk: MakeDesk, theme: str, font_scale: float
) -> None:
    made = make_desk(theme=theme, font_scale=font_scale).open()
    label_everything(made)
    wanted = picture_of(made)
    made.close()
    changed = make_desk().open()
    label_everything(changed)
    for choice in ((theme, font_scale), ("dark", 1.0), (theme, font_scale)):
        changed.session.appearance.choose(theme=choice[0], font_scale=choice[1])
    found = picture_of(changed)
    assert found.size() == wanted.size()
    different = [
        (x, y) for y in range(found.height()) for x in range(found.width()) if found.pixel(x, y) != wanted.pixel(x, y)
    ]
    assert different == []


@pytest.mark.parametrize("width", WIDTHS_PX)
@pytest.mark.parametrize("font_scale", [0.8, 1.25, 1.5])
def test_nothing_is_cut_off_at_any_size_of_text(make_desk: MakeDesk, width: int, font_scale: float) -> None:
    desk = make_desk(font_scale=font_scale).open()
    desk.window.resize(width, 1000)
    label_everything(desk)
    desk.until(lambda: everything_fits(desk.window) is None)
    assert desk.window.width() == width


def test_every_text_grows(make_desk: MakeDesk) -> None:
    desk = make_desk().open()
    label_everything(desk)
    desk.type("?")
    desk.session.appearance.choose(font_scale=2.0)
    sizes = {
        widget.font().pixelSize()
        for widget in desk.window.findChildren(QWidget)
        if isinstance(widget, QLabel | QLineEdit | QPlainTextEdit)
    }
    assert sizes == {2 * BASE_PX, 2 * SMALL_PX}


@pytest.mark.parametrize(("at_right", "scales"), [(True, (1.25, 1.75, 2.0, 0.8)), (False, (1.25, 1.75, 0.8))])
def test_the_window_stays_on_its_screen_at_any_size_of_text(
    make_desk: MakeDesk, at_right: bool, scales: tuple[float, ...]
) -> None:
    desk = make_desk().open()
    window, screen = desk.window, desk.window.screen().availableGeometry()
    if at_right:
        window.move(screen.right() + 1 - window.frameGeometry().width(), screen.top())
    begin = window.frameGeometry()
    assert (screen.contains(begin), window.width()) == (True, WIDTHS_PX[1])
    for scale in scales:
        desk.session.appearance.choose(font_scale=scale)
        desk.until(lambda scale=scale: window.width() == min(usual_width(scale), screen.width() - frame_px(desk)))
        assert screen.contains(window.frameGeometry()), scale
    desk.session.appearance.usual_font()
    desk.until(lambda: window.frameGeometry().topLeft() == begin.topLeft())
    assert window.width() == WIDTHS_PX[1]
    assert screen.contains(window.frameGeometry())


def frame_px(desk: Desk) -> int:
    return desk.window.frameGeometry().width() - desk.window.width()


def test_another_theme_leaves_the_size_of_the_window(desk: Desk) -> None:
    desk.window.resize(WIDTHS_PX[0], 600)
    desk.session.appearance.switch_theme()
    assert (desk.window.width(), desk.window.height()) == (WIDTHS_PX[0], 600)


@pytest.mark.parametrize(
    ("screen", "font_scale", "size"),
    [
        ((1366, 768), 1.0, (926, 736)),
        ((1920, 1080), 1.0, (1440, 1000)),
        ((1920, 1080), 1.5, (1260, 1000)),
        ((1024, 600), 2.0, VIEWER_PX[0]),
    ],
)
def test_the_viewer_has_the_room_beside_the_panel(
    screen: tuple[int, int], font_scale: float, size: tuple[int, int]
) -> None:
    assert viewer_size(QRect(0, 0, *screen), font_scale) == size
