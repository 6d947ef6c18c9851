"""The further failures of an episode: what each is and where it begins."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from failview.model.annotation import FurtherFailure
from failview.panel.look.keyed_button import KeyedButton
from failview.panel.look.picker import Entry, Picker
from failview.panel.look.style import GAP_PX, Tokens
from failview.session.session import Session


class FurtherList(QWidget):
    """One line a failure; a picker of subcategories adds one at the frame of the cursor.

    Args:
        session: Where the label lives.
        tokens: Colours.
    """

    def __init__(self, session: Session, tokens: Tokens) -> None:
        super().__init__()
        self._session = session
        self._tokens = tokens
        self._failures: tuple[FurtherFailure, ...] = ()
        self.lines: list[FailureLine] = []
        self._entries = [
            Entry(item.id, item.name, item.definition, category.name)
            for category in session.workplace.taxonomy.categories
            for item in category.subcategories
        ]
        self.picker = Picker(tokens)
        self.picker.hide()
        self.picker.picked.connect(self._add)
        self.picker.cleared.connect(self._leave)
        self.picker.left.connect(self._close)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, GAP_PX // 2, 0, 0)
        self._column.setSpacing(GAP_PX // 2)
        self._column.addWidget(self.picker)
        # Made now, it has its place in the order of Tab; the others follow it.
        self._add_line()

    def show_failures(self, failures: tuple[FurtherFailure, ...]) -> None:
        """Show the list as it is now."""
        self._failures = failures
        while len(self.lines) < len(failures):
            self._add_line()
        for line, failure in zip(self.lines, failures, strict=False):
            line.show_failure(self._name_of(failure), failure.onset_frame)
        for place, line in enumerate(self.lines):
            line.setVisible(place < len(failures))
        self.setVisible(bool(failures) or not self.picker.isHidden())

    def unfold(self) -> QWidget:
        """Open the picker; its line."""
        frame = self._session.labelling.seen_frame()
        edit = self.picker.open(f"Another failure, at frame {frame}", self._entries, None)
        edit.setPlaceholderText(f"What else fails at frame {frame}")
        self.setVisible(True)
        return edit

    def _add_line(self) -> None:
        line = FailureLine(self._tokens)
        place = len(self.lines)
        line.show_it.clicked.connect(lambda: self._jump(place))
        line.delete.clicked.connect(lambda: self._delete(place))
        self._column.insertWidget(place, line)
        if self.lines:
            QWidget.setTabOrder(self.lines[-1].delete, line.show_it)
            QWidget.setTabOrder(line.show_it, line.delete)
        self.lines.append(line)

    def _name_of(self, failure: FurtherFailure) -> str:
        category = self._session.workplace.taxonomy.category(failure.category)
        found = None if category is None else category.subcategory(failure.subcategory)
        return failure.subcategory if found is None else found.name

    def _jump(self, place: int) -> None:
        self._session.transport.pause()
        self._session.transport.seek(self._failures[place].onset_frame)

    def _delete(self, place: int) -> None:
        self._session.explanation.further.delete(place)
        self._leave()

    def _add(self, subcategory_id: str) -> None:
        self._session.explanation.further.add_here(subcategory_id)
        self._leave()

    def _leave(self) -> None:
        """Give the keys back to the window."""
        self.window().setFocus(Qt.FocusReason.OtherFocusReason)

    def _close(self) -> None:
        self.picker.hide()
        self.setVisible(bool(self._failures))


class FailureLine(QWidget):
    """One further failure.

    Args:
        tokens: Colours.

    Attributes:
        show_it: Goes to its onset.
        delete: Takes it out of the list.
    """

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self.show_it = KeyedButton(tokens, "")
        self.delete = KeyedButton(tokens, "×")
        self.delete.setToolTip("Delete")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP_PX // 2)
        row.addWidget(self.show_it, 1)
        row.addWidget(self.delete)

    def show_failure(self, name: str, onset_frame: int) -> None:
        """Show what it is and where it begins."""
        self.show_it.setText(f"{onset_frame} · {name}")
        self.show_it.setToolTip(f"Go to frame {onset_frame}")
        self.show_it.setAccessibleName(f"{name}: go to frame {onset_frame}")
        self.delete.setAccessibleName(f"Delete {name} at frame {onset_frame}")
