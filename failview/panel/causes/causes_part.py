"""What caused the failure: the immediate event, and what lies behind it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from failview.model.annotation import Outcome
from failview.panel.causes.cause_field import CauseField
from failview.panel.look.form_part import FormPart
from failview.panel.look.listening import listen
from failview.panel.look.picker import Entry, Picker
from failview.panel.look.style import GAP_PX, Tokens
from failview.session.keymap import Keymap
from failview.session.label.causes import CAUSE_FIELDS
from failview.session.session import Session

_KINDS = {"proximal_cause": "proximal", "distal_cause": "distal"}


class CausesPart(FormPart):
    """Two fields side by side, and the list of causes below while one is being chosen."""

    def __init__(self, session: Session, keymap: Keymap, tokens: Tokens) -> None:
        super().__init__(session)
        self._clips = session.explanation.clips
        self._picking = ""
        self._keys = {name: keymap.shown_key(name) for name in _KINDS}
        self.fields = {name: CauseField(tokens, kind, self._keys[name]) for name, kind in _KINDS.items()}
        self.picker = Picker(tokens)
        self.picker.hide()
        self.picker.picked.connect(self._choose)
        self.picker.cleared.connect(lambda: self._choose(None))
        self.picker.left.connect(self._close)
        row = QHBoxLayout()
        row.setSpacing(GAP_PX)
        for name, field in self.fields.items():
            field.clicked.connect(lambda _on=False, wanted=name: self._open(wanted).setFocus())
            field.in_hand.connect(lambda has, wanted=name: self._on_in_hand(wanted, has=has))
            row.addWidget(field, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_PX // 2)
        column.addLayout(row)
        column.addWidget(self.picker)
        QWidget.setTabOrder(self.fields["proximal_cause"], self.fields["distal_cause"])
        QWidget.setTabOrder(self.fields["distal_cause"], self.picker.edit)
        listen(self, self._clips.changed, self.refresh)

    def refresh(self) -> None:
        """Show the causes of the label."""
        annotation = self.annotation
        self.setVisible(annotation.outcome is not Outcome.SUCCESS)
        for name, field in self.fields.items():
            cause_id: str | None = getattr(annotation, name)
            cause = self._clips.cause(name, cause_id)
            if cause is None:
                field.show_cause(cause_id or "", "Not in the taxonomy." if cause_id else "", has_clip=False)
            else:
                field.show_cause(cause.name, cause.definition, has_clip=self._clips.clip_of(name, cause) is not None)

    def target_of(self, field: str) -> QWidget | None:
        """The line in which a cause is searched."""
        if field not in self.fields:
            return None
        return self._open(field) if self.isVisible() else self.fields[field]

    def _open(self, field: str) -> QWidget:
        self._picking = field
        self._clips.take_in_hand(field)
        keys = {name: f" ({key})" if key else "" for name, key in self._keys.items()}
        others = {name: f"A {kind} cause{keys[name]}" for name, kind in _KINDS.items() if name != field}
        elsewhere = {title: self._entries(name) for name, title in others.items()}
        title = f"{_KINDS[field].capitalize()} cause"
        return self.picker.open(title, self._entries(field), getattr(self.annotation, field), elsewhere)

    def _entries(self, field: str) -> list[Entry]:
        return [
            Entry(cause.id, cause.name, cause.definition, "clip" if self._clips.clip_of(field, cause) else "")
            for cause in self._clips.vocabulary(field)
        ]

    def _choose(self, cause_id: str | None) -> None:
        field = self._picking
        self.session.explanation.causes.choose(field, cause_id)
        self.fields[field].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _close(self) -> None:
        self.picker.hide()
        self._clips.take_in_hand(CAUSE_FIELDS[0])

    def _on_in_hand(self, field: str, *, has: bool) -> None:
        self._clips.take_in_hand(field if has else CAUSE_FIELDS[0])
