"""The subcategories of a category: a list until one is chosen, then chips with the meaning of the chosen one."""

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from failview.panel.form.subcategory_row import SubcategoryRow
from failview.panel.look.chip_grid import ChipGrid
from failview.panel.look.style import GAP_PX, Tokens

_FOLDED_CHARS = 170
"""Letters of a meaning that make three lines at the usual width."""

_MORE = "more"


class SubcategoryList(QFrame):
    """A card of rows that folds when one of them is chosen.

    Args:
        tokens: Colours.

    Attributes:
        rows: One for each subcategory, in order.
        meaning: What the chosen one means; a long one unfolds.
    """

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self.setProperty("card", "grey")
        self._tokens = tokens
        self._chosen: SubcategoryRow | None = None
        self._unfolded = False
        self.rows: tuple[SubcategoryRow, ...] = ()
        self._grid = ChipGrid(())
        self.meaning = QLabel()
        self.meaning.setProperty("role", "caption")
        self.meaning.setWordWrap(True)
        self.meaning.setTextFormat(Qt.TextFormat.RichText)
        self.meaning.setContentsMargins(GAP_PX // 2, 0, GAP_PX // 2, GAP_PX // 2)
        self.meaning.setTextInteractionFlags(Qt.TextInteractionFlag.LinksAccessibleByMouse)
        self.meaning.linkActivated.connect(self.unfold)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(4, 4, 4, 4)
        self._column.setSpacing(GAP_PX // 2)
        self._column.addWidget(self._grid)
        self._column.addWidget(self.meaning)

    def hold(self, rows: Sequence[SubcategoryRow]) -> None:
        """Offer these instead."""
        old, self.rows = self._grid, tuple(rows)
        self._grid = ChipGrid(self.rows, equal=True)
        self._column.replaceWidget(old, self._grid)
        old.hide()
        old.deleteLater()
        for row in self.rows:
            row.show()
        self._grid.show()

    def show_chosen(self, subcategory_id: str | None, *, lit: bool) -> None:
        """Mark the chosen one; its badge and the others' are dim where the digits mean something else."""
        chosen = next((row for row in self.rows if row.subcategory.id == subcategory_id), None)
        for row in self.rows:
            row.show_state(chosen=row is chosen, lit=lit, is_chip=chosen is not None)
        self._grid.stack(stacked=chosen is None)
        if chosen is not self._chosen:
            self._chosen, self._unfolded = chosen, False
        self._show_meaning()

    def _show_meaning(self) -> None:
        self.meaning.setVisible(self._chosen is not None)
        if self._chosen is None:
            return
        whole = self._chosen.meaning
        short = _folded(whole)
        link = ""
        if short != whole:
            words = "less" if self._unfolded else _MORE
            link = f' <a href="{_MORE}" style="color:{self._tokens.accent}">{words}</a>'
        self.meaning.setText(escape(whole if self._unfolded else short) + link)

    def unfold(self) -> None:
        """Tell all of the meaning, or less again."""
        self._unfolded = not self._unfolded
        self._show_meaning()


def _folded(meaning: str) -> str:
    """The words that fit, the last of them with an ellipsis where there are more."""
    if len(meaning) <= _FOLDED_CHARS + len(_MORE):
        return meaning
    return f"{meaning[:_FOLDED_CHARS].rsplit(' ', 1)[0]} …"
