"""What came of what, and what else failed: one line while there is nothing to tell."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from failview.model.annotation import Outcome
from failview.panel.causes.chain_editor import ChainEditor
from failview.panel.causes.further_list import FurtherList
from failview.panel.look.form_part import FormPart
from failview.panel.look.keyed_button import KeyedButton
from failview.panel.look.style import GAP_PX, Tokens
from failview.session.actions import action
from failview.session.keymap import Keymap
from failview.session.session import Session


class ChainPart(FormPart):
    """The causal chain and the further failures, each below its button."""

    def __init__(self, session: Session, keymap: Keymap, tokens: Tokens) -> None:
        super().__init__(session)
        self.chain = ChainEditor(session, tokens)
        self.further = FurtherList(session, tokens)
        self.write = KeyedButton(tokens, "Causal chain", keymap.shown_key("causal_chain"))
        self.add = KeyedButton(tokens, "Further failure", keymap.shown_key("further_failure"))
        heads = QHBoxLayout()
        heads.setSpacing(GAP_PX)
        for button, action_id in ((self.write, "causal_chain"), (self.add, "further_failure")):
            button.setAccessibleName(action(action_id).title)
            button.setToolTip(action(action_id).title)
            button.clicked.connect(lambda _on=False, act=action_id: action(act).run(session))
            heads.addWidget(button, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(heads)
        column.addWidget(self.chain)
        column.addWidget(self.further)

    def refresh(self) -> None:
        """Show the chain and the list."""
        annotation = self.annotation
        self.setVisible(annotation.outcome is not Outcome.SUCCESS)
        self.chain.show_links(annotation.causal_chain)
        self.further.show_failures(annotation.further_failures)

    def target_of(self, field: str) -> QWidget | None:
        """The text of the chain to go on in, or the line of the picker."""
        if field == "causal_chain":
            return self.chain.unfold() if self.isVisible() else self.write
        if field == "further_failures":
            return self.further.unfold() if self.isVisible() else self.add
        return None
