"""All keys on one page, from the table."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from failview.panel.look.fitting_label import FittingLabel
from failview.panel.look.key_badge import KeyCaps, key_symbols
from failview.panel.look.listening import listen
from failview.panel.look.overlay import Overlay
from failview.panel.look.style import GAP_PX, Tokens
from failview.session.actions import ACTIONS
from failview.session.keymap import Keymap
from failview.session.session import Session

FIELD_KEYS = (
    (("Tab", "Shift+Tab"), "Next, previous field or button"),
    (("Return",), "On a button: press it"),
    (("Return",), "In a frame field: take the number, then go to the frame"),
    (("Return",), "In a text: another line"),
    (("Up", "Down"), "In a list that is searched: highlight; Enter chooses, Backspace in the empty line clears"),
    (("Return",), "In the causal chain: the next text"),
    (("Alt+Up", "Alt+Down"), "In the causal chain: move the link up, down"),
    (("Alt+F", "Alt+J"), "In the causal chain: the link is seen at this frame; go there"),
    (("Alt+Backspace", "Alt+Del"), "In the causal chain: delete the link"),
)
"""Keys that the fields themselves take."""

OF_FIELDS = "In fields and on buttons"


class HelpOverlay(Overlay):
    """The page; it scrolls with the arrow keys and the page keys."""

    def __init__(self, window: QWidget, session: Session, keymap: Keymap, tokens: Tokens) -> None:
        super().__init__(window, tokens)
        self.page = QScrollArea()
        self.page.setFrameShape(QFrame.Shape.NoFrame)
        self.page.setWidgetResizable(True)
        self.page.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.page.setAccessibleName("All keys")
        self.page.setWidget(_page(keymap, tokens))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(_heading(keymap))
        column.addWidget(self.page, 1)
        listen(self, session.help_requested, self.toggle)

    @property
    def first_focus(self) -> QWidget:
        """The page, so that the arrow keys scroll it."""
        return self.page

    def prepare(self) -> None:
        """Begin at the top."""
        self.page.verticalScrollBar().setValue(0)


def _heading(keymap: Keymap) -> QWidget:
    heading = QWidget()
    heading.setObjectName("help_page")
    heading.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    title = QLabel("Keys")
    title.setProperty("role", "title")
    closing = [key_symbols(key) for name in ("help", "leave_field") if (key := keymap.shown_key(name))]
    finding = key_symbols(keymap.shown_key("palette"))
    words = [f"{finding} finds and does" if finding else "", f"{' or '.join(closing)} closes" if closing else ""]
    hints = FittingLabel()
    hints.say(" · ".join(filter(None, words)), words[1])
    hints.setProperty("role", "muted")
    row = QHBoxLayout(heading)
    row.setContentsMargins(2 * GAP_PX, 2 * GAP_PX, 2 * GAP_PX, GAP_PX)
    row.addWidget(title)
    row.addStretch()
    row.addWidget(hints)
    return heading


def _page(keymap: Keymap, tokens: Tokens) -> QWidget:
    page = QWidget()
    page.setObjectName("help_page")
    grid = QGridLayout(page)
    grid.setContentsMargins(2 * GAP_PX, 0, 2 * GAP_PX, 2 * GAP_PX)
    grid.setHorizontalSpacing(2 * GAP_PX)
    grid.setVerticalSpacing(GAP_PX // 2)
    grid.setColumnStretch(1, 1)
    # Whoever takes keys away keeps the action: it is listed, without a key, and the palette does it.
    groups: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for item in ACTIONS:
        groups.setdefault(item.group, []).append((keymap.keys(item.id), item.title))
    groups[OF_FIELDS] = list(FIELD_KEYS)
    for group, rows in groups.items():
        heading = QLabel(group)
        heading.setProperty("role", "caption")
        heading.setContentsMargins(0, GAP_PX, 0, 0)
        grid.addWidget(heading, grid.rowCount(), 0, 1, 2)
        for keys, title in rows:
            words = QLabel(title)
            words.setWordWrap(True)
            row = grid.rowCount()
            grid.addWidget(KeyCaps(keys, tokens), row, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            grid.addWidget(words, row, 1)
    grid.setRowStretch(grid.rowCount(), 1)
    return page
