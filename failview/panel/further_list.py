"""The further failures of an episode: what each is and where it begins."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from failview.model.annotation import FurtherFailure
from failview.panel.keyed_button import KeyedButton
from failview.panel.picker import Entry, Picker
from failview.panel.style import GAP_PX, Tokens
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
        self.lines: list[tuple[KeyedButton, KeyedButton]] = []
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

    def show_failures(self, failures: tuple[FurtherFailure, ...]) -> None:
        """Show the list as it is now."""
        if failures != self._failures:
            self._failures = failures
            self._make_lines()
        self.setVisible(bool(failures) or not self.picker.isHidden())

    def unfold(self) -> QWidget:
        """Open the picker; its line."""
        frame = self._session.labelling.seen_frame()
        edit = self.picker.open(f"Another failure, at frame {frame}", self._entries, None)
        edit.setPlaceholderText(f"What else fails at frame {frame}")
        self.setVisible(True)
        return edit

    def _make_lines(self) -> None:
        for line in self.lines:
            for button in line:
                button.hide()
                button.deleteLater()
        self.lines = []
        for place, failure in enumerate(self._failures):
            self._add_line(place, failure)

    def _add_line(self, place: int, failure: FurtherFailure) -> None:
        category = self._session.workplace.taxonomy.category(failure.category)
        found = None if category is None else category.subcategory(failure.subcategory)
        name = failure.subcategory if found is None else found.name
        show = KeyedButton(self._tokens, f"{failure.onset_frame} · {name}")
        show.setToolTip(f"Go to frame {failure.onset_frame}")
        show.setAccessibleName(f"{name}: go to frame {failure.onset_frame}")
        show.clicked.connect(partial(self._jump, failure.onset_frame))
        delete = KeyedButton(self._tokens, "×")
        delete.setAccessibleName(f"Delete {name} at frame {failure.onset_frame}")
        delete.setToolTip("Delete")
        delete.clicked.connect(partial(self._delete, place))
        line = QHBoxLayout()
        line.setSpacing(GAP_PX // 2)
        line.addWidget(show, 1)
        line.addWidget(delete)
        self._column.insertLayout(place, line)
        if self.lines:
            QWidget.setTabOrder(self.lines[-1][1], show)
        QWidget.setTabOrder(show, delete)
        self.lines.append((show, delete))

    def _jump(self, frame: int) -> None:
        self._session.transport.pause()
        self._session.transport.seek(frame)

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
