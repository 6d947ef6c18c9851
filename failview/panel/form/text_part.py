"""What people write: the root cause and the notes."""

from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from failview.model.annotation import Outcome
from failview.panel.look.form_part import FormPart
from failview.panel.look.key_badge import KeyCaps
from failview.panel.look.style import GAP_PX, Tokens
from failview.session.keymap import Keymap
from failview.session.session import Session
from failview.sidecars.validation import ROOT_CAUSE_WORDS, count_words

_MAX_LINES = 6

_FIRST_OF_PAIR, _SECOND_OF_PAIR = range(0xD800, 0xDC00), range(0xDC00, 0xE000)
"""UTF-16 code units that belong together."""


@dataclass(frozen=True)
class TextSpec:
    """One text of the label.

    Attributes:
        field: Name of the field of the annotation.
        title: Words above it.
        action_id: The action that puts the keyboard into it.
        hint: What to write, shown while it is empty.
        lines: Lines it has at least; a text of one line stands beside its title.
        failures_only: Whether a success has none.
        counts_words: Whether the number of words matters.
    """

    field: str
    title: str
    action_id: str
    hint: str
    lines: int
    failures_only: bool = False
    counts_words: bool = False


ROOT_CAUSE = TextSpec(
    "root_cause", "Root cause", "root_cause", "What happened, and why", 2, failures_only=True, counts_words=True
)
NOTES = TextSpec("notes", "Notes", "notes", "Anything else", 1)


class TextPart(FormPart):
    """A text field that grows with its text; each key stroke goes into the label."""

    def __init__(self, session: Session, keymap: Keymap, tokens: Tokens, spec: TextSpec) -> None:
        super().__init__(session)
        self.spec = spec
        self.edit = GrowingText(spec.lines)
        self.edit.setPlaceholderText(spec.hint)
        self.edit.setAccessibleName(spec.title)
        self.edit.textChanged.connect(self._on_typed)
        self.count = QLabel()
        self.count.setProperty("role", "caption")
        caption = QLabel(spec.title)
        caption.setProperty("role", "caption")
        captions = QHBoxLayout()
        captions.setSpacing(GAP_PX // 2 + 2)
        captions.addWidget(caption)
        captions.addWidget(KeyCaps((keymap.shown_key(spec.action_id),), tokens))
        if spec.counts_words:
            captions.addStretch()
            captions.addWidget(self.count)
        below = spec.lines > 1
        around = QVBoxLayout(self) if below else QHBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.setSpacing(GAP_PX // 2)
        around.addLayout(captions)
        around.addWidget(self.edit)

    def refresh(self) -> None:
        """Show the text without moving the caret more than the change demands."""
        text: str = getattr(self.annotation, self.spec.field)
        self.setVisible(not (self.spec.failures_only and self.annotation.outcome is Outcome.SUCCESS))
        self.edit.setReadOnly(bool(self.session.labelling.read_only_reason))
        if self.edit.toPlainText() != text:
            self.edit.blockSignals(True)
            self.edit.show_text(text)
            self.edit.blockSignals(False)
            self.edit.updateGeometry()
        if self.spec.counts_words:
            self._show_count(text)

    def _show_count(self, text: str) -> None:
        words = count_words(text)
        least, most = ROOT_CAUSE_WORDS
        self.count.setText(f"{words} word{'' if words == 1 else 's'} of {least}–{most}")
        role = "amber" if words > most else "caption"
        if self.count.property("role") != role:
            self.count.setProperty("role", role)
            self.count.style().unpolish(self.count)
            self.count.style().polish(self.count)

    def _on_typed(self) -> None:
        self.session.labelling.set_text(self.spec.field, self.edit.toPlainText())

    def target_of(self, field: str) -> QWidget | None:
        """The text, with the caret at its end."""
        if field != self.spec.field:
            return None
        self.edit.moveCursor(QTextCursor.MoveOperation.End)
        return self.edit


class GrowingText(QPlainTextEdit):
    """As high as its text, within limits. Undo belongs to the label, not to the field.

    Args:
        lines: Lines it has at least.
    """

    def __init__(self, lines: int) -> None:
        super().__init__()
        self._lines = lines
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.document().documentLayout().documentSizeChanged.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """The lines that are there, at least and at most so many."""
        lines = round(self.document().documentLayout().documentSize().height())
        shown = min(max(lines, self._lines), _MAX_LINES)
        around = 2 * round(self.document().documentMargin()) + 2 * self.frameWidth()
        return QSize(200, shown * self.fontMetrics().lineSpacing() + around)

    def minimumSizeHint(self) -> QSize:
        """Never less than its lines."""
        return QSize(120, self.sizeHint().height())

    def show_text(self, text: str) -> None:
        """Replace what differs, so that the caret stays where it is in the rest."""
        before, after = _units(self.toPlainText()), _units(text)
        start = _common(before, after, _FIRST_OF_PAIR)
        end = _common(before[start:][::-1], after[start:][::-1], _SECOND_OF_PAIR)
        cursor = QTextCursor(self.document())
        cursor.setPosition(start)
        cursor.setPosition(len(before) - end, QTextCursor.MoveMode.KeepAnchor)
        middle = after[start : len(after) - end]
        cursor.insertText(b"".join(unit.to_bytes(2, "little") for unit in middle).decode("utf-16-le", "surrogatepass"))


def _units(text: str) -> list[int]:
    """The UTF-16 code units that Qt counts in."""
    raw = text.encode("utf-16-le", "surrogatepass")
    return [int.from_bytes(raw[at : at + 2], "little") for at in range(0, len(raw), 2)]


def _common(one: list[int], other: list[int], half: range) -> int:
    """Length of the common beginning; it does not end on half of a surrogate pair."""
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    return length - 1 if length and one[length - 1] in half else length
