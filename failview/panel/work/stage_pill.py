"""The stage of the work, and the way to the other stages."""

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from failview.model.annotation import Stage
from failview.panel.look.key_badge import key_symbols
from failview.panel.look.pill_button import PillButton
from failview.panel.look.style import Tokens
from failview.session.actions import action
from failview.session.keymap import Keymap
from failview.session.session import Session

STAGE_ACTIONS = {Stage.TRIAGE: "stage_triage", Stage.DETAIL: "stage_detail", Stage.REVIEW: "stage_review"}


class StagePill(PillButton):
    """Says the stage, green once it is done with the open episode; a click offers the others.

    Attributes:
        menu: What a click offers.
    """

    def __init__(self, session: Session, keymap: Keymap, tokens: Tokens) -> None:
        super().__init__(tokens)
        self._session = session
        self._keymap = keymap
        self.menu = QMenu(self)
        self.setAccessibleName("Stage of the work")
        keys = [(stage, key) for stage, name in STAGE_ACTIONS.items() if (key := keymap.shown_key(name))]
        self.setToolTip("\n".join(f"{key_symbols(key)}  {action(STAGE_ACTIONS[stage]).title}" for stage, key in keys))
        self.clicked.connect(self._offer)

    def refresh(self) -> None:
        """Show the stage as it is now."""
        session = self._session
        entry = session.queue.current
        done = entry is not None and session.queue.is_done(entry.episode_id)
        title = session.stage.value.capitalize()
        self.say(f"{title} ✓" if done else title, "green" if done else "accent")

    def _offer(self) -> None:
        self.menu.clear()
        for stage, action_id in STAGE_ACTIONS.items():
            item = QAction(action(action_id).title, self.menu)
            item.setCheckable(True)
            item.setChecked(stage is self._session.stage)
            item.triggered.connect(lambda _on=False, wanted=stage: self._go_to(wanted))
            if key := self._keymap.shown_key(action_id):
                item.setText(f"{item.text()}\t{key_symbols(key)}")
            self.menu.addAction(item)
        self.menu.popup(self.mapToGlobal(QPoint(0, self.height())))

    def _go_to(self, stage: Stage) -> None:
        if stage is not self._session.stage:
            self._session.change_stage(stage)
