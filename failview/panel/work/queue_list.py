"""The list of the queue: a model that knows ids, and a painter of rows, so that ten thousand cost no more than ten."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from failview.loaders.dataset import EpisodeEntry
from failview.panel.look.style import BASE_PX, GAP_PX, RADIUS_PX, SMALL_PX, Tokens, make_font, scaled
from failview.session.work.queue_rows import QueueRow

_HEIGHT_PX = 40
_LINE_PX = 18

RowOf = Callable[[int, EpisodeEntry], QueueRow]
Ink = tuple[int, str]
"""Size of text in pixels, and its colour."""

Index = QModelIndex | QPersistentModelIndex

_NOWHERE = QModelIndex()


class QueueModel(QAbstractListModel):
    """Episodes in order; what is said about one is made when its row is painted.

    Args:
        parent: Who owns it.
        row_of: Makes a row of a 1-based number and an entry.
    """

    def __init__(self, parent: QObject, row_of: RowOf) -> None:
        super().__init__(parent)
        self._row_of = row_of
        self.entries: Sequence[EpisodeEntry] = ()

    def show(self, entries: Sequence[EpisodeEntry]) -> None:
        """List other episodes."""
        self.beginResetModel()
        self.entries = entries
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Number of episodes."""
        return 0 if parent.isValid() else len(self.entries)

    def row(self, number: int) -> QueueRow:
        """What is said in a 0-based row."""
        return self._row_of(number + 1, self.entries[number])

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The row for the painter, its words for a screen reader, and what marks mean as a tool tip."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.UserRole:
            return self.row(index.row())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.row(index.row()).words
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(mark.why for mark in self.row(index.row()).marks if mark.why)
        return None


class QueueList(QListView):
    """Shows the model; the chosen row is always in sight."""

    def __init__(self, tokens: Tokens, row_of: RowOf) -> None:
        super().__init__()
        self.episodes = QueueModel(self, row_of)
        self.setModel(self.episodes)
        self.setItemDelegate(_RowPainter(tokens, self))
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("Episodes")

    @property
    def chosen(self) -> EpisodeEntry | None:
        """The chosen episode; None in an empty list."""
        index = self.currentIndex()
        return self.episodes.entries[index.row()] if index.isValid() else None

    def choose(self, row: int) -> None:
        """Choose a 0-based row, or the nearest one."""
        last = self.episodes.rowCount() - 1
        if last >= 0:
            self.setCurrentIndex(self.episodes.index(min(max(row, 0), last)))

    @property
    def rows_in_sight(self) -> int:
        """Rows that are seen at once."""
        return max(1, self.viewport().height() // scaled(_HEIGHT_PX))


class _RowPainter(QStyledItemDelegate):
    """Paints a row: number, id and outcome, below them task and marks."""

    def __init__(self, tokens: Tokens, parent: QObject) -> None:
        super().__init__(parent)
        self._tokens = tokens

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Two lines."""
        del option, index
        return QSize(120, scaled(_HEIGHT_PX))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the row."""
        row: QueueRow = index.data(Qt.ItemDataRole.UserRole)
        tokens = self._tokens
        rect = QRectF(option.rect).adjusted(0, 1, 0, -1)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.tint("accent")))
            painter.drawRoundedRect(rect, RADIUS_PX, RADIUS_PX)
        total = index.model().rowCount()
        number_px = QFontMetricsF(make_font(SMALL_PX)).horizontalAdvance("0" * len(str(total)))
        dim = tokens.text if chosen else tokens.muted
        line = scaled(_LINE_PX)
        first = QRectF(rect.left() + GAP_PX, rect.top() + 1, rect.width() - 2 * GAP_PX, line)
        number = QRectF(first.left(), first.top(), number_px, line)
        _words(painter, (SMALL_PX, dim), number, str(row.number), at_right=True)
        first.setLeft(number.right() + GAP_PX)
        second = first.translated(0, line)
        self._paint_first(painter, first, row, dim)
        self._paint_second(painter, second, row, dim)
        painter.restore()

    def _paint_first(self, painter: QPainter, room: QRectF, row: QueueRow, dim: str) -> None:
        """The id keeps at least half of the room."""
        tokens = self._tokens
        if row.done:
            room.setRight(_words(painter, (BASE_PX, tokens.green), room, "✓", at_right=True) - GAP_PX // 2)
        id_px = min(QFontMetricsF(make_font()).horizontalAdvance(row.episode_id), room.width() / 2)
        said = QRectF(room)
        said.setLeft(room.left() + id_px + GAP_PX)
        colour = dim if row.proposed or not row.said else tokens.hue(row.hue)
        words = f"{row.said}?" if row.proposed and row.said else row.said
        left = _words(painter, (SMALL_PX, colour), said, words, at_right=True)
        room.setRight(left - GAP_PX)
        _words(painter, (BASE_PX, tokens.text), room, row.episode_id)

    def _paint_second(self, painter: QPainter, room: QRectF, row: QueueRow, dim: str) -> None:
        for mark in reversed(row.marks):
            colour = dim if mark.hue == "muted" else self._tokens.hue(mark.hue)
            room.setRight(_words(painter, (SMALL_PX, colour), room, mark.words, at_right=True) - GAP_PX)
        _words(painter, (SMALL_PX, dim), room, row.task)


def _words(painter: QPainter, ink: Ink, room: QRectF, words: str, *, at_right: bool = False) -> float:
    """Paint one line that ends in an ellipsis where there is no room; gives its left edge."""
    font = make_font(ink[0])
    metrics = QFontMetricsF(font)
    shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, max(0.0, room.width()) + 0.5)
    side = Qt.AlignmentFlag.AlignRight if at_right else Qt.AlignmentFlag.AlignLeft
    painter.setFont(font)
    painter.setPen(QColor(ink[1]))
    painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)
    return room.right() - metrics.horizontalAdvance(shown) if at_right else room.left()
