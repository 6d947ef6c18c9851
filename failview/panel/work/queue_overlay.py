"""The queue as a list: what is in it, what it is narrowed to, and the way to any episode of it."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from failview.panel.look.chip_grid import ChipGrid
from failview.panel.look.key_badge import KeyCaps, key_symbols
from failview.panel.look.keyed_button import KeyedButton, Look
from failview.panel.look.listening import listen
from failview.panel.look.overlay import Overlay
from failview.panel.look.style import GAP_PX, SIDE_PX, Tokens
from failview.panel.work.queue_list import QueueList
from failview.session.keymap import Keymap
from failview.session.session import Session
from failview.session.work.queue_filter import QueueFilter, Show
from failview.session.work.queue_rows import row_of
from failview.session.work.queue_search import QueueSearch

_TITLES = {
    Show.DUE: "due",
    Show.LEFT: "left",
    Show.DONE: "done",
    Show.SKIPPED: "skipped",
    Show.FAILURES: "failures",
    Show.OTHER: "other",
    Show.INFORMATIVE: "informative",
    Show.CONTRADICTED: "contradicted",
    Show.ALL: "all",
}
"""Short words, in the order of their digits."""

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class QueueOverlay(Overlay):
    """A search field, choices and the list. Nothing changes before Enter opens an episode with what was chosen.

    Args:
        window: The window.
        session: Knows the queue.
        keymap: The keys to show.
        tokens: Colours.
    """

    def __init__(self, window: QWidget, session: Session, keymap: Keymap, tokens: Tokens) -> None:
        super().__init__(window, tokens)
        self._session = session
        self._search_key = keymap.shown_key("queue_search")
        self._own_keys = {key.lower() for key in keymap.keys("queue")}
        self._show = Show.DUE
        self._from_search = False
        self._search = QueueSearch(session.board, session.stage, self._show)
        self.title, self.count = QLabel(), QLabel()
        self.title.setProperty("role", "title")
        self.count.setProperty("role", "muted")
        self.typed = QLineEdit()
        self.typed.setPlaceholderText("Episode, task, outcome or subcategory")
        self.typed.setAccessibleName("Search in the queue")
        self.typed.textChanged.connect(lambda _text: self._find())
        self.chips = {show: _chip(tokens, show, number) for number, show in enumerate(_TITLES, start=1)}
        for show, chip in self.chips.items():
            chip.clicked.connect(lambda _on=False, wanted=show: self._choose_show(wanted))
        self.list = QueueList(
            tokens,
            lambda number, entry: row_of(session.board, session.stage, session.workplace.taxonomy, number, entry),
        )
        self.list.clicked.connect(lambda _index: self._open_chosen())
        self.nothing = QLabel("No episode is like this.")
        self.nothing.setProperty("role", "muted")
        for widget in (self.typed, self.list):
            widget.installEventFilter(self)
        self._arrange(KeyCaps((self._search_key,), tokens), _hints(keymap))
        listen(self, session.focus_requested, self._on_focus_requested)

    @property
    def wanted(self) -> QueueFilter:
        """What is chosen here."""
        return QueueFilter(self._show, self.typed.text().strip())

    @property
    def first_focus(self) -> QWidget:
        """The search field when somebody wants to search, else the list."""
        return self.typed if self._from_search else self.list

    def prepare(self) -> None:
        """Show the queue as it is now, at the open episode."""
        self._look_through(self._session.filter.show)
        self.typed.blockSignals(True)
        self.typed.setText(self._session.filter.text)
        self.typed.selectAll()
        self.typed.blockSignals(False)
        self.title.setText(f"Queue · {self._session.stage.value}")
        self._find()

    def leave(self) -> None:
        """Esc: in a search first take back what narrows the queue."""
        if self.typed.hasFocus() and self.wanted.narrows:
            self._show_whole_queue()
        else:
            self.close_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys that move through the list do so from the search field too."""
        if watched in (self.typed, self.list) and event.type() is QEvent.Type.KeyPress:
            assert isinstance(event, QKeyEvent)
            return self._moves(event) or (watched is self.list and self._commands(event))
        return super().eventFilter(watched, event)

    def _on_focus_requested(self, field: str) -> None:
        if field not in ("queue", "queue_search"):
            return
        self._from_search = field == "queue_search"
        if not self.isVisible():
            self.toggle()

    def _moves(self, event: QKeyEvent) -> bool:
        page = max(1, self.list.rows_in_sight - 1)
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: page, Qt.Key.Key_PageUp: -page}
        if event.key() in _ENTER:
            self._open_chosen()
        elif event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            (self.list if self.typed.hasFocus() else self.typed).setFocus(Qt.FocusReason.TabFocusReason)
        elif event.key() in steps:
            self.list.choose(self.list.currentIndex().row() + steps[Qt.Key(event.key())])
        else:
            return False
        return True

    def _commands(self, event: QKeyEvent) -> bool:
        """What keys do while the list has the keyboard."""
        shows, typed = list(_TITLES), event.text()
        if typed.isdigit() and 1 <= int(typed) <= len(shows):
            self._choose_show(shows[int(typed) - 1])
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            steps = 1 if event.key() == Qt.Key.Key_Right else -1
            self._choose_show(shows[(shows.index(self._show) + steps) % len(shows)])
        elif event.key() == Qt.Key.Key_Backspace:
            self._show_whole_queue()
        elif typed and typed == self._search_key:
            self.typed.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif typed and typed.lower() in self._own_keys:
            self.close_()
        else:
            return False
        return True

    def _choose_show(self, show: Show) -> None:
        self._look_through(show)
        self._find()

    def _look_through(self, show: Show) -> None:
        self._show = show
        self._search = QueueSearch(self._session.board, self._session.stage, show)

    def _show_whole_queue(self) -> None:
        """Nothing is narrowed any more, neither here nor in the work."""
        self._look_through(Show.DUE)
        self.typed.clear()
        if self._session.filter.narrows:
            before = self._window.focusWidget()
            self._session.narrow(QueueFilter())
            (before or self.list).setFocus(Qt.FocusReason.OtherFocusReason)
        self._find()

    def _find(self) -> None:
        """List what fits, and choose the open episode or what comes first to do."""
        session = self._session
        entries = session.queue.entries if self.wanted == session.filter else self._search.find(self.wanted.text)
        self.list.episodes.show(entries)
        current = session.queue.current
        ids = [entry.episode_id for entry in entries]
        if current is not None and current.episode_id in ids:
            self.list.choose(ids.index(current.episode_id))
        else:
            self.list.choose(next((row for row, entry in enumerate(entries) if not self._search.is_done(entry)), 0))
        for show, chip in self.chips.items():
            chip.setChecked(show is self._show)
        self.nothing.setVisible(not entries)
        self.count.setText(f"{len(entries)} of {len(session.board.entries)}")

    def _open_chosen(self) -> None:
        entry = self.list.chosen
        if entry is None:
            return
        wanted = self.wanted
        self.close_()
        if wanted != self._session.filter:
            self._session.narrow(wanted, entry.episode_id)
        elif entry != self._session.queue.current:
            self._session.go_to(entry.episode_id)

    def _arrange(self, search_key: QWidget, hints: QLabel) -> None:
        card = QFrame()
        card.setProperty("card", "grey")
        heading, search = QHBoxLayout(), QHBoxLayout()
        heading.addWidget(self.title)
        heading.addStretch()
        heading.addWidget(self.count)
        search.setSpacing(GAP_PX)
        search.addWidget(self.typed, 1)
        search.addWidget(search_key)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(GAP_PX, GAP_PX, GAP_PX, GAP_PX)
        inside.setSpacing(GAP_PX)
        inside.addLayout(heading)
        inside.addLayout(search)
        inside.addWidget(ChipGrid(list(self.chips.values())))
        inside.addWidget(self.nothing)
        inside.addWidget(self.list, 1)
        inside.addWidget(hints)
        column = QVBoxLayout(self)
        column.setContentsMargins(SIDE_PX, SIDE_PX, SIDE_PX, SIDE_PX)
        column.addWidget(card)


def _chip(tokens: Tokens, show: Show, number: int) -> KeyedButton:
    chip = KeyedButton(tokens, _TITLES[show], str(number), look=Look.CHIP)
    chip.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    chip.setToolTip(show.value.capitalize())
    chip.setAccessibleName(show.value)
    return chip


def _hints(keymap: Keymap) -> QLabel:
    closing = key_symbols(keymap.shown_key("leave_field"))
    goes_back = f" · {closing} back" if closing else ""
    hints = QLabel(f"⏎ opens and keeps the choice · ⌫ whole queue{goes_back}")
    hints.setProperty("role", "caption")
    hints.setWordWrap(True)
    return hints
