"""The panel: one column in the order of the work. Assembles only."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QCloseEvent, QEnterEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from failview.panel.action_bindings import ActionBindings
from failview.panel.cards.contradiction_card import ContradictionCard
from failview.panel.cards.practice_card import PracticeCard
from failview.panel.cards.problem_card import ProblemCard
from failview.panel.cards.proposal_card import ProposalCard
from failview.panel.cards.rest_note import RestNote
from failview.panel.cards.warning_card import WarningCard
from failview.panel.cards.work_cards import WorkCard
from failview.panel.causes.attribution_part import AttributionPart
from failview.panel.causes.causes_part import CausesPart
from failview.panel.causes.chain_part import ChainPart
from failview.panel.command_palette import CommandPalette
from failview.panel.episode_header import EpisodeHeader
from failview.panel.footer import Footer
from failview.panel.form.category_part import CategoryPart
from failview.panel.form.confidence_part import ConfidencePart
from failview.panel.form.form_fold import PARTS_GAP_PX, FormFold
from failview.panel.form.form_sight import FormSight
from failview.panel.form.frame_field import FrameField
from failview.panel.form.frames_part import FramesPart
from failview.panel.form.outcome_part import OutcomePart
from failview.panel.form.text_part import NOTES, ROOT_CAUSE, TextPart
from failview.panel.help_overlay import HelpOverlay
from failview.panel.look.dress import Dress
from failview.panel.look.layout_rounds import lay_out
from failview.panel.look.listening import listen
from failview.panel.look.state_card import OpeningCard, SafetyCard, StateCard, ViewerCard
from failview.panel.look.style import GAP_PX, SIDE_PX, scaled
from failview.panel.look.window_size import WindowSize
from failview.panel.timeline.playback_timer import PlaybackTimer
from failview.panel.timeline.timeline_card import TimelineCard
from failview.panel.work.bulk_card import BulkCard
from failview.panel.work.queue_overlay import QueueOverlay
from failview.panel.work.review_card import ReviewCard
from failview.panel.work.skip_card import SkipCard, SkippedCard
from failview.session.actions import Action
from failview.session.desk.safe import SaveState
from failview.session.keymap import Keymap
from failview.session.session import Session

_LOW_PX = 680
"""A window lower than this has no room for evidence that nobody asked for."""

_WITH_EVENT_PX = 960
"""From here on the whole form and the event near the cursor have room; below, the form comes first."""

_OVER_ALL = frozenset({"help", "palette", "leave_field", "larger_text", "smaller_text", "usual_text", "theme"})
"""What works while an overlay has the keyboard."""


class MainWindow(QWidget):
    """The whole panel.

    Args:
        session: What it shows.
        keymap: The key table.
    """

    def __init__(self, session: Session, keymap: Keymap) -> None:
        super().__init__()
        self.session = session
        self._warned_of_loss = False
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.tokens = Dress(self, session).tokens
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._make_parts(keymap)
        self._arrange()
        self.bindings = ActionBindings(self, session, keymap, self._is_ready)
        self.bindings.about_to_run.connect(self.footer.clear_notice)
        self.commands = CommandPalette(self, session, keymap, self.tokens, self.bindings.run)
        self.queue = QueueOverlay(self, session, keymap, self.tokens)
        self.skip = SkipCard(self, session, keymap, self.tokens)
        self.bulk = BulkCard(self, session, keymap, self.tokens)
        self.overlays = (self.help, self.commands, self.queue, self.skip, self.bulk)
        for overlay in self.overlays:
            overlay.toggled.connect(self._on_overlay)
        PlaybackTimer(session, self)
        listen(self, session.focus_requested, self._on_focus_requested)
        listen(self, session.opening, self._on_opening)
        listen(self, session.opened, self._on_opened)
        listen(self, session.safe.state_changed, self._on_safe)
        for signal in (session.queue_changed, session.emptied, session.opening):
            listen(self, signal, self._on_queue)
        self._on_queue()
        self._enable(enabled=session.open_episode is not None)
        WindowSize(self, session)
        listen(self, session.appearance.changed, self._fit_height)

    def event(self, event: QEvent) -> bool:
        """Lay everything out before it is painted, and as soon as there is another size.

        A change deep inside takes a round of layout for each level above it, and Qt paints between the rounds.
        """
        kind = event.type()
        if kind is QEvent.Type.UpdateRequest:
            lay_out()
        handled = super().event(event)
        if kind is QEvent.Type.Resize:
            self._fit_height()
            lay_out()
        return handled

    def _fit_height(self) -> None:
        """In a low window, and with large text, some parts say less."""
        for part in (self.proposal, self.contradiction, self.problems):
            part.set_low(low=self.height() < scaled(_LOW_PX))
        self.timeline.event_line.set_low(low=self.height() < scaled(_WITH_EVENT_PX))

    def changeEvent(self, event: QEvent) -> None:
        """Say so when another window has the keyboard."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange:
            self.footer.show_keys_elsewhere(elsewhere=not self.isActiveWindow())

    def enterEvent(self, event: QEnterEvent) -> None:
        """The pointer brings the keyboard: the viewer beside the panel takes it at every click."""
        super().enterEvent(event)
        self.activateWindow()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close; while something is not on disk only the second time."""
        if self.session.safe.state[0] is SaveState.FAILED and not self._warned_of_loss:
            self._warned_of_loss = True
            self.session.notice.emit("Not saved. Close again to give the last changes up.")
            event.ignore()
            return
        super().closeEvent(event)

    def show_defect(self, line: str) -> None:
        """Say that something went wrong inside failview; it stays for the rest of the sitting."""
        self.defect.say(line, "red")

    def _make_parts(self, keymap: Keymap) -> None:
        session, tokens = self.session, self.tokens
        self.header = EpisodeHeader(session, keymap, tokens)
        self.defect = StateCard()
        self.safety = SafetyCard(session)
        self.opening = OpeningCard(session, keymap)
        self.viewer = ViewerCard(session, keymap, tokens)
        self.rest = RestNote(session)
        self.summary = WorkCard(session, keymap, tokens)
        self.warnings = WarningCard(session)
        self.practice = PracticeCard(session, tokens)
        self.skipped = SkippedCard(session)
        self.proposal = ProposalCard(session, keymap, tokens)
        self.timeline = TimelineCard(session, tokens)
        self.fold = FormFold(session, tokens)
        self.review = ReviewCard(session, keymap, tokens)
        self.outcome = OutcomePart(session, keymap, tokens)
        self.category = CategoryPart(session, keymap, tokens)
        self.frames = FramesPart(session, keymap, tokens)
        self.contradiction = ContradictionCard(session, keymap, tokens)
        self.problems = ProblemCard(session, tokens)
        self.causes = CausesPart(session, keymap, tokens)
        self.attribution = AttributionPart(session, keymap, tokens)
        self.chain = ChainPart(session, keymap, tokens)
        self.root_cause = TextPart(session, keymap, tokens, ROOT_CAUSE)
        self.confidence = ConfidencePart(session, keymap, tokens)
        self.notes = TextPart(session, keymap, tokens, NOTES)
        self.footer = Footer(session, keymap, tokens)
        self.form_parts = (
            self.outcome,
            self.category,
            self.frames,
            self.causes,
            self.attribution,
            self.chain,
            self.root_cause,
            self.confidence,
            self.notes,
        )
        self.help = HelpOverlay(self, session, keymap, tokens)

    def _arrange(self) -> None:
        side = SIDE_PX
        top = QVBoxLayout()
        top.setContentsMargins(side, GAP_PX + 4, side, GAP_PX)
        top.setSpacing(GAP_PX)
        cards = (
            self.defect,
            self.safety,
            self.rest,
            self.opening,
            self.viewer,
            self.summary,
            self.warnings,
            self.practice,
            self.skipped,
        )
        for widget in (self.header, *cards, self.proposal, self.timeline):
            top.addWidget(widget)
        self.form = QWidget()
        self.form.setObjectName("form")
        form = self.form_column = QVBoxLayout(self.form)
        form.setContentsMargins(side, 0, side, GAP_PX)
        form.setSpacing(PARTS_GAP_PX)
        form.addWidget(self.review)
        form.addWidget(self.outcome)
        form.addWidget(self.fold)
        self.fold.hold([part for part in self.form_parts if part is not self.outcome])
        form.addStretch()
        self.scroller = QScrollArea()
        self.scroller.setFrameShape(QFrame.Shape.NoFrame)
        self.scroller.setWidgetResizable(True)
        self.scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.scroller.setWidget(self.form)
        self.sight = FormSight(self.scroller, (self.review, *self.form_parts), self.session)
        self.scroller.verticalScrollBar().rangeChanged.connect(self._make_room_for_scroll_bar)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.scroller, 1)
        aside = QVBoxLayout()
        aside.setContentsMargins(SIDE_PX, GAP_PX, SIDE_PX, 0)
        aside.setSpacing(GAP_PX)
        aside.addWidget(self.contradiction)
        aside.addWidget(self.problems)
        column.addLayout(aside)
        column.addWidget(self.footer)

    def _make_room_for_scroll_bar(self, _least: int, most: int) -> None:
        """The scroll bar stands in the margin, so that the form keeps its width. What has the keyboard is in sight."""
        bar_px = self.scroller.verticalScrollBar().sizeHint().width() if most else 0
        self.form_column.setContentsMargins(SIDE_PX, 0, SIDE_PX - bar_px, GAP_PX)
        self.sight.show_focus_soon()

    def _is_ready(self, action: Action) -> bool:
        """A number that is being typed counts before the work goes on; a refused one holds it back."""
        focus = self.focusWidget()
        leaving = action.id == "leave_field"
        return leaving or not isinstance(focus, FrameField) or focus.commit()

    def _on_overlay(self, shown: bool) -> None:
        """One overlay at a time."""
        if shown:
            for other in self.overlays:
                if other is not self.sender():
                    other.close_()
        self.bindings.only = _OVER_ALL if shown else None

    def _on_focus_requested(self, field: str) -> None:
        shown = [overlay for overlay in self.overlays if overlay.isVisible()]
        if shown and not field:
            shown[0].leave()
        elif field:
            self.sight.show_focus_soon()
        else:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_opening(self, episode_id: str) -> None:
        self.setWindowTitle(f"{episode_id} · failview")
        if not self.session.comes_at_once(episode_id):
            self._enable(enabled=False)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_opened(self) -> None:
        self._enable(enabled=True)

    def _on_safe(self, state: SaveState) -> None:
        """The next failure is another one, and is warned of again."""
        if state is not SaveState.FAILED:
            self._warned_of_loss = False

    def _on_queue(self) -> None:
        """Where nothing is due there is nothing to work with."""
        due = self.session.queue.place.total > 0
        for part in (self.timeline, self.form):
            part.setVisible(due)

    def _enable(self, *, enabled: bool) -> None:
        self.form.setEnabled(enabled)
        self.timeline.setEnabled(enabled)
