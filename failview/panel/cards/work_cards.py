"""What stands in the place of work: a stage that is finished, and one in which nothing is due."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from failview.model.annotation import Stage
from failview.panel.look.keyed_button import KeyedButton, Look
from failview.panel.look.listening import listen
from failview.panel.look.style import GAP_PX, Tokens
from failview.session.actions import action
from failview.session.keymap import Keymap
from failview.session.session import Session
from failview.session.work.queue_filter import QueueFilter
from failview.session.work_summary import WorkSummary, work_summary

_WHY_EMPTY = {
    Stage.TRIAGE: "The dataset has no episode for it.",
    Stage.DETAIL: "It takes failures and partial successes, and none is labelled yet.",
    Stage.REVIEW: "It takes a sample of finished labels, and those that somebody or the detectors doubt.",
}


class WorkCard(QFrame):
    """A title, a few words, and the way on: a button where a key goes on, a command where one is typed."""

    def __init__(self, session: Session, keymap: Keymap, tokens: Tokens) -> None:
        super().__init__()
        self._session = session
        self._keymap = keymap
        self._action_id = ""
        self.title, self.words, self.command = QLabel(), QLabel(), QLabel()
        self.title.setProperty("role", "title")
        self.words.setProperty("role", "muted")
        self.command.setProperty("role", "accent")
        self.command.setAccessibleName("Command to go on with")
        self.command.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        for label in (self.title, self.words, self.command):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.go_on = KeyedButton(tokens, "", look=Look.PROPOSAL)
        self.go_on.clicked.connect(self._go_on)
        row = QHBoxLayout()
        row.addWidget(self.go_on)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP_PX + 4, GAP_PX + 2, GAP_PX + 4, GAP_PX + 2)
        column.setSpacing(GAP_PX // 2)
        for widget in (self.title, self.words, self.command):
            column.addWidget(widget)
        column.addLayout(row)
        for signal in (session.opened, session.queue_changed, session.stage_changed, session.emptied):
            listen(self, signal, self.refresh)
        listen(self, session.annotation_changed, self._on_label)
        self.refresh()

    def refresh(self) -> None:
        """Show what the stage came to, if it is at an end."""
        if not self._at_an_end:
            self.hide()
            return
        summary = work_summary(self._session)
        if summary.finished:
            self._say_finished(summary)
        else:
            self._say_empty(summary)
        self.show()

    @property
    def _at_an_end(self) -> bool:
        """Whether nothing is left; that all of what was searched for is done means nothing."""
        place = self._session.queue.place
        return not place.total or (place.done == place.total and not self._session.filter.narrows)

    def _on_label(self) -> None:
        """A change may open a finished episode again; most change nothing here."""
        if self._at_an_end == self.isHidden():
            self.refresh()

    def _say_finished(self, summary: WorkSummary) -> None:
        self._paint("green")
        self.title.setText(f"{summary.stage.value.capitalize()} is finished")
        self.words.setText(summary.words)
        self._show_way(summary)

    def _say_empty(self, summary: WorkSummary) -> None:
        self._paint("grey")
        if self._session.filter.narrows:
            self.title.setText("No episode is like that")
            self.words.setText("The queue is narrowed. Show all of it again, or look for something else.")
            self.command.hide()
            self._offer("", "Show all episodes")
            return
        self.title.setText(f"Nothing to do in the {summary.stage.value} stage")
        self.words.setText(_WHY_EMPTY[summary.stage])
        self._show_way(summary)

    def _show_way(self, summary: WorkSummary) -> None:
        """A stage with something left is one key away; what comes after the last stage, or a review, is a command."""
        self.command.setVisible(summary.names_command)
        self.command.setText(f"Next: {summary.next_command}")
        if summary.next_stage is None:
            self.go_on.hide()
        else:
            self._offer(summary.next_action, f"Go on with {summary.next_stage.value}")

    def _offer(self, action_id: str, words: str) -> None:
        self._action_id = action_id
        self.go_on.setText(words)
        self.go_on.key = self._keymap.shown_key(action_id) if action_id else ""
        self.go_on.setAccessibleName(words)
        self.go_on.updateGeometry()
        self.go_on.show()

    def _go_on(self) -> None:
        if self._action_id:
            action(self._action_id).run(self._session)
        else:
            self._session.narrow(QueueFilter())

    def _paint(self, hue: str) -> None:
        if self.property("card") != hue:
            self.setProperty("card", hue)
            self.style().unpolish(self)
            self.style().polish(self)
