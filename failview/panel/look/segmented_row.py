"""A row of buttons of which one is chosen."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout

from failview.panel.look.chip_grid import ChipGrid
from failview.panel.look.keyed_button import KeyedButton, Look
from failview.panel.look.style import Tokens


@dataclass(frozen=True)
class Choice:
    """One button.

    Attributes:
        value: What it stands for.
        title: Words on it.
        key: Its key; empty for none.
        hue: Colour when it is chosen.
    """

    value: str
    title: str
    key: str = ""
    hue: str = "accent"


class SegmentedRow(QFrame):
    """Buttons of equal width, in more rows where they do not fit one; the chosen one is tinted.

    Args:
        tokens: Colours.
        choices: The buttons.

    Attributes:
        chosen: Emits the value of the button that was pressed; the row shows it only when told to.
    """

    chosen = Signal(str)

    def __init__(self, tokens: Tokens, choices: Sequence[Choice]) -> None:
        super().__init__()
        self.setProperty("card", "grey")
        self.buttons: dict[str, KeyedButton] = {}
        for choice in choices:
            button = KeyedButton(tokens, choice.title, choice.key, look=Look.SEGMENT)
            button.hue = choice.hue
            button.clicked.connect(lambda _checked=False, value=choice.value: self._press(value))
            self.buttons[choice.value] = button
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.addWidget(ChipGrid(list(self.buttons.values()), (2, 4), equal=True))
        self._value: str | None = None
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_value(self, value: str | None) -> None:
        """Mark the chosen button; None marks none."""
        self._value = value
        for name, button in self.buttons.items():
            button.setChecked(name == value)

    def _press(self, value: str) -> None:
        self.show_value(self._value)
        self.chosen.emit(value)
