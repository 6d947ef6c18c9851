"""Every action by its words: type, choose, Enter."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from failview.panel.look.listening import listen
from failview.panel.look.overlay import Overlay
from failview.panel.look.style import GAP_PX, SIDE_PX, Tokens
from failview.panel.palette_row import ActionRow, RowPainter
from failview.session.action_search import RecentActions, find_actions
from failview.session.actions import ACTIONS, Action
from failview.session.keymap import Keymap
from failview.session.obstacles import why_not
from failview.session.session import Session

_MOST_ROWS = 12
"""Rows that are seen at once where there is room; the rest scrolls."""

_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: _MOST_ROWS, Qt.Key.Key_PageUp: -_MOST_ROWS}
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)

Run = Callable[[Action], None]


class CommandPalette(Overlay):
    """A search field above the actions that fit; those that cannot be done now are dim and say why.

    Args:
        window: The window.
        session: Tells what can be done now.
        keymap: The keys to show.
        tokens: Colours.
        run: Does an action after the palette is gone.
    """

    def __init__(self, window: QWidget, session: Session, keymap: Keymap, tokens: Tokens, run: Run) -> None:
        super().__init__(window, tokens)
        self._session = session
        self._keymap = keymap
        self._run = run
        self._recent = RecentActions()
        self._found: list[Action] = []
        self.typed = QLineEdit()
        self.typed.setPlaceholderText("Find an action")
        self.typed.setAccessibleName("Find an action")
        self.typed.textChanged.connect(self._show_found)
        self.typed.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName("Actions")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setUniformItemSizes(True)
        self.list.setItemDelegate(RowPainter(tokens, self.list))
        self.list.itemClicked.connect(self._choose)
        self.list.currentItemChanged.connect(self._tell_current)
        self.nothing = QLabel("No action is called so.")
        self.nothing.setProperty("role", "muted")
        self._arrange()
        listen(self, session.palette_requested, self.toggle)

    @property
    def first_focus(self) -> QWidget:
        """The search field."""
        return self.typed

    @property
    def rows(self) -> list[ActionRow]:
        """What is offered, from top to bottom."""
        return [self._row_of(item) for item in self._found]

    def prepare(self) -> None:
        """Offer everything, what was chosen last first."""
        self.typed.clear()
        self._show_found()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many rows as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys that move through the list do so while the search field has the keyboard."""
        if watched is self.typed and event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in _ENTER:
                self._choose(self.list.currentItem())
                return True
            if steps := _STEPS.get(Qt.Key(event.key())):
                self._move(steps)
                return True
        return super().eventFilter(watched, event)

    def _show_found(self) -> None:
        self._found = find_actions(self.typed.text(), _OFFERED, self._recent.ids)
        self.list.clear()
        for item in self._found:
            shown = QListWidgetItem()
            row = self._row_of(item)
            shown.setData(Qt.ItemDataRole.UserRole, row)
            shown.setData(Qt.ItemDataRole.AccessibleTextRole, row.words)
            self.list.addItem(shown)
        self.list.setVisible(bool(self._found))
        self.nothing.setVisible(not self._found)
        self.list.setCurrentRow(0)
        self._fit()

    def _row_of(self, item: Action) -> ActionRow:
        return ActionRow(item.title, item.group, self._keymap.shown_key(item.id), why_not(item, self._session))

    def _move(self, steps: int) -> None:
        wanted = self.list.currentRow() + steps
        last = self.list.count() - 1
        if abs(steps) == 1 and last >= 0:
            wanted %= last + 1
        self.list.setCurrentRow(min(max(wanted, 0), last))

    def _choose(self, shown: QListWidgetItem | None) -> None:
        """Do an action, unless it cannot be done now."""
        if shown is None:
            return
        action = self._found[self.list.row(shown)]
        if why_not(action, self._session):
            return
        self._recent.note(action.id)
        self.close_()
        self._run(action)

    def _tell_current(self, shown: QListWidgetItem | None) -> None:
        """A screen reader reads the field that has the keyboard: it tells the chosen action."""
        row = None if shown is None else shown.data(Qt.ItemDataRole.UserRole)
        self.typed.setAccessibleDescription(row.words if isinstance(row, ActionRow) else "")

    def _arrange(self) -> None:
        card = QFrame()
        card.setProperty("card", "grey")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(GAP_PX, GAP_PX, GAP_PX, GAP_PX)
        inside.setSpacing(GAP_PX // 2)
        for widget in (self.typed, self.list, self.nothing):
            inside.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(SIDE_PX, 4 * GAP_PX, SIDE_PX, SIDE_PX)
        column.addWidget(card)
        column.addStretch(1)

    def _fit(self) -> None:
        """As high as its rows, within the window."""
        row_px = max(1, self.list.sizeHintForRow(0))
        above_px = 8 * GAP_PX + self.typed.sizeHint().height()
        room = max(2, (self.height() - above_px - SIDE_PX) // row_px)
        self.list.setFixedHeight(row_px * min(len(self._found), _MOST_ROWS, room))


_OFFERED = [item for item in ACTIONS if item.id not in {"palette", "leave_field"}]
"""Neither what is done already, nor what would do nothing here."""
