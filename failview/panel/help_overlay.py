"""All keys on one page, from the table."""

from itertools import groupby

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QWidget

from failview.panel.key_badge import KeyCaps
from failview.panel.listening import listen
from failview.panel.style import GAP_PX, Tokens
from failview.session.actions import ACTIONS
from failview.session.keymap import Keymap
from failview.session.session import Session


class HelpOverlay(QScrollArea):
    """Covers the window until the help key or Esc.

    Attributes:
        toggled: Emits whether it is shown.
    """

    toggled = Signal(bool)

    def __init__(self, window: QWidget, session: Session, keymap: Keymap, tokens: Tokens) -> None:
        super().__init__(window)
        self._window = window
        self._before: QWidget | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(_page(keymap, tokens))
        self.hide()
        window.installEventFilter(self)
        listen(self, session.help_requested, self.toggle)
        listen(self, session.focus_requested, self._on_focus_requested)

    def toggle(self) -> None:
        """Show or hide it; the keyboard goes back to where it was."""
        window = self._window
        if self.isVisible():
            self.hide()
            (self._before or window).setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._before = window.focusWidget()
            self.setGeometry(window.rect())
            self.show()
            self.raise_()
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.toggled.emit(self.isVisible())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as large as the window."""
        if event.type() is QEvent.Type.Resize and watched is self._window:
            self.setGeometry(self._window.rect())
        return False

    def _on_focus_requested(self, field: str) -> None:
        if not field and self.isVisible():
            self.toggle()


def _page(keymap: Keymap, tokens: Tokens) -> QWidget:
    page = QWidget()
    page.setObjectName("help_page")
    grid = QGridLayout(page)
    grid.setContentsMargins(2 * GAP_PX, 2 * GAP_PX, 2 * GAP_PX, 2 * GAP_PX)
    grid.setHorizontalSpacing(2 * GAP_PX)
    grid.setVerticalSpacing(2)
    grid.setColumnStretch(1, 1)
    title = QLabel("Keys")
    title.setProperty("role", "title")
    close = QLabel(" or ".join(filter(None, (keymap.shown_key("help"), keymap.shown_key("leave_field")))) + " closes")
    close.setProperty("role", "muted")
    grid.addWidget(title, 0, 0)
    grid.addWidget(close, 0, 1, Qt.AlignmentFlag.AlignRight)
    row = 1
    for group, actions in groupby(ACTIONS, key=lambda item: item.group):
        heading = QLabel(group)
        heading.setProperty("role", "caption")
        heading.setContentsMargins(0, GAP_PX, 0, 2)
        grid.addWidget(heading, row, 0, 1, 2)
        row += 1
        for item in actions:
            keys = keymap.keys(item.id)
            words = QLabel(item.title)
            words.setWordWrap(True)
            grid.addWidget(KeyCaps(keys, tokens), row, 0, Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(words, row, 1)
            row += 1
    grid.setRowStretch(row, 1)
    return page
