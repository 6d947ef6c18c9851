"""Choosing one of many by typing: a line to search in, what matches, and what the highlighted one means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFontMetricsF, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
)

from failview.panel.look.style import BASE_PX, GAP_PX, RADIUS_PX, SMALL_PX, Tokens, make_font, scaled

_MARK = Qt.ItemDataRole.UserRole
_ROWS = 6
_ROW_PX = 24
_TOLD = 3
"""Entries told of that are to be found elsewhere."""

_STAYS_OPEN = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -_ROWS, Qt.Key.Key_PageDown: _ROWS}


@dataclass(frozen=True)
class Entry:
    """One thing that can be picked.

    Attributes:
        id: What it stands for.
        name: Words on it.
        definition: When it applies.
        mark: A small word at its right.
    """

    id: str
    name: str
    definition: str
    mark: str = ""


class Picker(QFrame):
    """Up and Down highlight, Enter picks, Backspace in the empty line clears; who leaves it picks nothing.

    Args:
        tokens: Colours.

    Attributes:
        picked: Emits the id that was picked.
        cleared: Emits when nothing is to be chosen any more.
        left: Emits when the keyboard went elsewhere.
    """

    picked = Signal(str)
    cleared = Signal()
    left = Signal()

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self.setProperty("card", "grey")
        self._entries: Sequence[Entry] = ()
        self._elsewhere: Mapping[str, Sequence[Entry]] = {}
        self._matching: list[Entry] = []
        self.edit = PickerEdit()
        self.edit.setPlaceholderText("Type to search")
        self.edit.textChanged.connect(self._search)
        self.edit.moved.connect(self._move)
        self.edit.entered.connect(self._pick)
        self.edit.emptied.connect(self.cleared.emit)
        self.edit.left.connect(self.left.emit)
        self.list = QListWidget()
        self.list.setStyleSheet("QListWidget { background: transparent; border: none; }")
        self.list.setItemDelegate(_EntryPainter(tokens, self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.list.setUniformItemSizes(True)
        self.list.currentRowChanged.connect(self._explain)
        self.list.itemClicked.connect(self._pick)
        self.definition = QLabel()
        self.definition.setWordWrap(True)
        self.definition.setTextFormat(Qt.TextFormat.PlainText)
        self.definition.setProperty("role", "caption")
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP_PX // 2, GAP_PX // 2, GAP_PX // 2, GAP_PX // 2 + 2)
        column.setSpacing(GAP_PX // 2)
        for widget in (self.edit, self.list, self.definition):
            column.addWidget(widget)
        self.definition.setContentsMargins(GAP_PX // 2, 0, GAP_PX // 2, 0)

    @property
    def highlighted(self) -> Entry | None:
        """What Enter picks."""
        row = self.list.currentRow()
        return self._matching[row] if 0 <= row < len(self._matching) else None

    def open(
        self,
        title: str,
        entries: Sequence[Entry],
        chosen: str | None,
        elsewhere: Mapping[str, Sequence[Entry]] | None = None,
    ) -> QLineEdit:
        """Offer these, with the chosen one highlighted; the line to give the keyboard to.

        Args:
            title: What is picked.
            entries: What there is.
            chosen: Id of the entry to highlight; None for the first.
            elsewhere: Entries of other pickers by the name of these, told of where nothing matches here.
        """
        self._entries = entries
        self._elsewhere = elsewhere or {}
        self.edit.setAccessibleName(title)
        self.edit.blockSignals(True)
        self.edit.clear()
        self.edit.blockSignals(False)
        self._search("")
        self.list.setCurrentRow(next((row for row, entry in enumerate(entries) if entry.id == chosen), 0))
        self.show()
        return self.edit

    def _search(self, text: str) -> None:
        self._matching = matching(self._entries, text)
        self.list.clear()
        for row, entry in enumerate(self._matching):
            self.list.addItem(entry.name)
            self.list.item(row).setData(_MARK, entry.mark)
        self.list.setFixedHeight(min(_ROWS, max(1, len(self._matching))) * scaled(_ROW_PX))
        self.list.setCurrentRow(0)
        self._explain()

    def _move(self, steps: int) -> None:
        if self._matching:
            self.list.setCurrentRow(max(0, min(self.list.currentRow() + steps, len(self._matching) - 1)))

    def _explain(self) -> None:
        entry = self.highlighted
        words = self._nothing() if entry is None else entry.definition
        self.definition.setText(words)
        self.edit.setAccessibleDescription(words if entry is None else f"{entry.name}: {words}")

    def _nothing(self) -> str:
        """That nothing matches here, and what does elsewhere."""
        words = ["Nothing matches."]
        for title, entries in self._elsewhere.items():
            if found := matching(entries, self.edit.text()):
                words.append(f"{title}: {', '.join(entry.name for entry in found[:_TOLD])}.")
        return " ".join(words)

    def _pick(self) -> None:
        if (entry := self.highlighted) is not None:
            self.picked.emit(entry.id)


def matching(entries: Sequence[Entry], text: str) -> list[Entry]:
    """Entries in whose name, id or definition every typed word occurs; those whose name it begins first."""
    words = text.lower().split()
    found = [
        entry
        for entry in entries
        if all(word in f"{entry.name} {entry.id} {entry.mark} {entry.definition}".lower() for word in words)
    ]
    typed = " ".join(words)
    return sorted(found, key=lambda entry: (not entry.name.lower().startswith(typed), typed not in entry.name.lower()))


class PickerEdit(QLineEdit):
    """The line to search in.

    Attributes:
        moved: Emits by how many rows to go on.
        entered: Emits on Enter.
        emptied: Emits on Backspace where there is nothing to take away.
        left: Emits when the keyboard went elsewhere within the window.
    """

    moved = Signal(int)
    entered = Signal()
    emptied = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        # The list below belongs to it, and must be in sight when it is.
        self.setProperty("shows_parent", True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys of the list, and letters."""
        key = Qt.Key(event.key())
        if key in _STEPS:
            self.moved.emit(_STEPS[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif key is Qt.Key.Key_Backspace and not self.text() and not event.isAutoRepeat():
            self.emptied.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Who goes elsewhere picks nothing; another window is not elsewhere."""
        super().focusOutEvent(event)
        if event.reason() not in _STAYS_OPEN:
            self.left.emit()


class _EntryPainter(QStyledItemDelegate):
    """Paints a name, and its mark at the right."""

    def __init__(self, tokens: Tokens, parent: QListWidget) -> None:
        super().__init__(parent)
        self._tokens = tokens

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """One line."""
        del option, index
        return QSize(80, scaled(_ROW_PX))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint it, tinted where it is highlighted."""
        tokens, rect = self._tokens, QRectF(option.rect)
        highlighted = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if highlighted:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.tint("accent")))
            painter.drawRoundedRect(rect, RADIUS_PX, RADIUS_PX)
        inner = rect.adjusted(GAP_PX, 0, -GAP_PX, 0)
        small = make_font(SMALL_PX)
        mark = str(index.data(_MARK) or "")
        painter.setFont(small)
        painter.setPen(QColor(tokens.muted))
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, mark)
        room = inner.adjusted(0, 0, -QFontMetricsF(small).horizontalAdvance(mark) - GAP_PX, 0)
        font = make_font(BASE_PX, bold=highlighted)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text))
        words = QFontMetricsF(font).elidedText(str(index.data()), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        painter.restore()
