"""What failed: a category by one digit, a subcategory by a second one."""

from itertools import pairwise

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from failview.model.annotation import Outcome
from failview.model.taxonomy import Category
from failview.panel.form.subcategory_list import SubcategoryList
from failview.panel.form.subcategory_row import SubcategoryRow
from failview.panel.look.chip_grid import ChipGrid
from failview.panel.look.form_part import FormPart
from failview.panel.look.key_badge import key_symbols
from failview.panel.look.keyed_button import KeyedButton, Look
from failview.panel.look.listening import listen
from failview.panel.look.style import GAP_PX, Tokens
from failview.session.keymap import Keymap
from failview.session.session import Session


class CategoryPart(FormPart):
    """Chips of the categories, and the subcategories of the chosen one."""

    def __init__(self, session: Session, keymap: Keymap, tokens: Tokens) -> None:
        super().__init__(session)
        self._keymap = keymap
        self._tokens = tokens
        self._shown: Category | None = None
        self.chips = {item.id: self._make_chip(item) for item in session.workplace.taxonomy.categories}
        self.level = QLabel()
        self.level.setProperty("role", "caption")
        self.list = SubcategoryList(tokens)
        self._arrange()
        listen(self, session.labelling.level_changed, self.refresh)

    def refresh(self) -> None:
        """Show what is chosen, and what the next digit means."""
        annotation = self.annotation
        self.setVisible(annotation.outcome is not Outcome.SUCCESS)
        taxonomy = self.session.workplace.taxonomy
        chosen = taxonomy.category(annotation.failure_category or "")
        digits_open = self.session.labelling.open_category
        for category_id, chip in self.chips.items():
            chip.setChecked(chosen is not None and category_id == chosen.id)
            chip.set_lit(lit=digits_open is None)
        self._show_list(chosen)
        self.list.show_chosen(annotation.failure_subcategory, lit=digits_open is not None)
        self.level.setText(self._level_words(chosen, digits_open))

    @property
    def rows(self) -> tuple[SubcategoryRow, ...]:
        """The subcategories of the chosen category."""
        return self.list.rows

    def target_of(self, field: str) -> QWidget | None:
        """The first category, or the first subcategory where a category is chosen."""
        if field == "failure_subcategory" and self.rows:
            return self.rows[0]
        return next(iter(self.chips.values())) if field in ("failure_category", "failure_subcategory") else None

    def _level_words(self, chosen: Category | None, digits_open: Category | None) -> str:
        if digits_open is not None:
            up = key_symbols(self._keymap.shown_key("category_up"))
            return f"digits: {digits_open.name}{f' · {up} back' if up else ''}"
        return "digits: category" if chosen is not None else ""

    def _make_chip(self, category: Category) -> KeyedButton:
        key = self._keymap.shown_key(f"digit_{category.digit}")
        chip = KeyedButton(self._tokens, category.name, key, look=Look.CHIP)
        chip.hue = "red"
        chip.clicked.connect(lambda: self._choose(category))
        return chip

    def _choose(self, category: Category) -> None:
        self.session.labelling.choose_category(category)
        self.refresh()

    def _choose_subcategory(self, subcategory_id: str) -> None:
        """The chosen one, pressed again, tells all of its meaning."""
        if subcategory_id == self.annotation.failure_subcategory:
            self.list.unfold()
        self.session.labelling.choose_subcategory(subcategory_id)
        self.refresh()

    def _show_list(self, category: Category | None) -> None:
        self.list.setVisible(category is not None)
        if category is self._shown:
            return
        self._shown = category
        rows: list[SubcategoryRow] = []
        for subcategory in () if category is None else category.subcategories:
            key = self._keymap.shown_key(f"digit_{subcategory.digit}")
            row = SubcategoryRow(self._tokens, subcategory, key)
            row.clicked.connect(lambda _on=False, name=subcategory.id: self._choose_subcategory(name))
            rows.append(row)
        self.list.hold(rows)
        for before, after in pairwise([list(self.chips.values())[-1], *rows]):
            QWidget.setTabOrder(before, after)

    def _arrange(self) -> None:
        caption = QLabel("Category")
        caption.setProperty("role", "caption")
        captions = QHBoxLayout()
        captions.addWidget(caption)
        captions.addStretch()
        captions.addWidget(self.level)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_PX // 2)
        column.addLayout(captions)
        column.addWidget(ChipGrid(list(self.chips.values())))
        column.addWidget(self.list)
