"""How large the panel may be and where: a column beside the viewer, larger where the text is larger."""

from PySide6.QtCore import QObject, QRect
from PySide6.QtWidgets import QWidget

from failview.panel.look.listening import listen
from failview.panel.look.style import GAP_PX, scaled
from failview.session.session import Session

WIDTHS_PX = (360, 440, 480)
"""Narrowest, usual and widest panel: a column beside the viewer."""

HEIGHTS_PX = (480, 1000)
"""Lowest and usual height."""

LARGE_TEXT = 1.5
"""Up to this size of text everything fits the narrowest panel."""

VIEWER_PX = ((800, 600), (1440, 1000))
"""Smallest and usual width and height of the viewer's window."""

_TITLE_BAR_PX = 4 * GAP_PX


def usual_width(font_scale: float) -> int:
    """Pixels of the panel's width at a size of text."""
    return max(round(WIDTHS_PX[1] * font_scale), WIDTHS_PX[1])


def viewer_size(screen: QRect, font_scale: float) -> tuple[int, int]:
    """Width and height of a viewer that fits the screen beside the panel, unless that is too small to see anything."""
    rooms = screen.width() - usual_width(font_scale), screen.height() - _TITLE_BAR_PX
    (width, height), (wide, high) = VIEWER_PX
    return max(width, min(wide, rooms[0])), max(height, min(high, rooms[1]))


class WindowSize(QObject):
    """Keeps a window within its limits and on its screen, as wide as is usual for the size of text.

    What a person makes of its width is kept until the text has another size.
    """

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._appearance = session.appearance
        self._font_scale = session.appearance.font_scale
        self._limit()
        self._resize(HEIGHTS_PX[1])
        listen(self, session.appearance.changed, self._on_changed)

    @property
    def _room(self) -> QRect:
        """Where the window may be, its frame left out."""
        window, room = self._window, self._window.screen().availableGeometry()
        frame, inside = window.frameGeometry(), window.geometry()
        return room.adjusted(
            inside.left() - frame.left(),
            inside.top() - frame.top(),
            inside.right() - frame.right(),
            inside.bottom() - frame.bottom(),
        )

    @property
    def _highest_px(self) -> int:
        """A window that was never shown does not know its frame yet."""
        frame_px = self._window.frameGeometry().height() - self._window.height()
        return self._window.screen().availableGeometry().height() - max(frame_px, _TITLE_BAR_PX)

    def _limit(self) -> None:
        narrowest, _, widest = WIDTHS_PX
        lowest, _ = HEIGHTS_PX
        room = self._room
        least = max(narrowest, round(scaled(narrowest) / LARGE_TEXT)), max(lowest, scaled(lowest))
        self._window.setMinimumSize(min(least[0], room.width()), min(least[1], self._highest_px))
        self._window.setMaximumWidth(min(max(widest, scaled(widest)), room.width()))

    def _resize(self, height: int) -> None:
        high = max(self._window.minimumHeight(), min(height, self._highest_px))
        self._window.resize(min(usual_width(self._font_scale), self._room.width()), high)

    def _on_changed(self) -> None:
        """Another size of text: the edge of the panel that is nearer to the one of the screen stays where it is."""
        if self._appearance.font_scale == self._font_scale:
            return
        self._font_scale = self._appearance.font_scale
        before, room = self._window.geometry(), self._room
        self._limit()
        self._resize(before.height())
        after = self._window.geometry()
        if room.right() - before.right() <= before.left() - room.left():
            after.moveRight(before.right())
        after.moveRight(min(after.right(), room.right()))
        after.moveBottom(min(after.bottom(), room.bottom()))
        after.moveLeft(max(after.left(), room.left()))
        after.moveTop(max(after.top(), room.top()))
        self._window.setGeometry(after)
