"""How large the panel may be: a column beside the viewer, larger where the text is larger."""

from PySide6.QtCore import QObject
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


class WindowSize(QObject):
    """Keeps a window within its limits, whatever the size of text; at first it is as large as is usual."""

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._limit()
        usual, high = WIDTHS_PX[1], HEIGHTS_PX[1]
        room = window.screen().availableGeometry().height() - 4 * GAP_PX
        window.resize(max(scaled(usual), usual), max(window.minimumHeight(), min(high, room)))
        listen(self, session.appearance.changed, self._limit)

    def _limit(self) -> None:
        narrowest, _, widest = WIDTHS_PX
        lowest, _ = HEIGHTS_PX
        least = max(narrowest, round(scaled(narrowest) / LARGE_TEXT)), max(lowest, scaled(lowest))
        self._window.setMinimumSize(*least)
        self._window.setMaximumWidth(max(widest, scaled(widest)))
