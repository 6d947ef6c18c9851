"""Gives a window its theme and the size of its text, again whenever a person chooses others."""

from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget

from failview.panel.look.listening import listen
from failview.panel.look.style import THEMES, make_font, set_font_scale, stylesheet
from failview.session.session import Session


class Dress(QObject):
    """Dresses a window. Make it before the parts of the window: they show themselves anew after it.

    Args:
        window: The window.
        session: Knows what was chosen.

    Attributes:
        tokens: The colours, for every widget of the window; they change in place.
    """

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._appearance = session.appearance
        self.tokens = replace(THEMES[session.appearance.theme])
        self._put_on()
        listen(self, session.appearance.changed, self._on_changed)

    def _put_on(self) -> None:
        set_font_scale(self._appearance.font_scale)
        QApplication.setFont(make_font())
        self._window.setFont(make_font())
        self._window.setStyleSheet(stylesheet(self.tokens))

    def _on_changed(self) -> None:
        self.tokens.become(THEMES[self._appearance.theme])
        self._put_on()
        for widget in self._window.findChildren(QWidget):
            widget.updateGeometry()
            widget.update()
