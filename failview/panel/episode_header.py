"""Where am I: episode, task, place in the queue, what it is narrowed to, and whether the work is safe."""

from datetime import UTC, datetime

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QVBoxLayout

from failview.panel.look.elided_label import ElidedLabel
from failview.panel.look.fitting_label import FittingLabel
from failview.panel.look.form_part import FormPart
from failview.panel.look.listening import listen
from failview.panel.look.pill_button import PillButton
from failview.panel.look.style import GAP_PX, Tokens
from failview.panel.look.work_clock import WorkClock
from failview.panel.work.stage_pill import StagePill
from failview.session.desk.safe import SaveState
from failview.session.desk.viewer_port import ViewerState, ViewerStatus
from failview.session.keymap import Keymap
from failview.session.session import Session
from failview.session.work.queue_filter import QueueFilter

SAVING_SHOWN_MS = 150
"""A save that takes longer is shown as under way."""

_LEAST_BAR_PX = 24

_HUES = {
    SaveState.UNTOUCHED: "grey",
    SaveState.SAVING: "accent",
    SaveState.SAVED: "green",
    SaveState.FAILED: "red",
    SaveState.READ_ONLY: "amber",
}


class EpisodeHeader(FormPart):
    """Two lines at the top of the panel; a third one while the queue is narrowed."""

    def __init__(self, session: Session, keymap: Keymap, tokens: Tokens) -> None:
        super().__init__(session)
        self.episode = ElidedLabel(keeps_width=True)
        self.episode.setProperty("role", "title")
        self.task = ElidedLabel()
        self.task.setProperty("role", "muted")
        self.saved = QLabel()
        self.stage = StagePill(session, keymap, tokens)
        self.place = FittingLabel()
        self.place.setProperty("role", "muted")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(4)
        self.progress.setMinimumWidth(_LEAST_BAR_PX)
        self.progress.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.viewer = ElidedLabel()
        self.viewer.setProperty("role", "accent")
        self.viewer.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.clock = WorkClock(session)
        self.informative = QLabel("Full causal chain wanted")
        self.informative.setProperty("pill", "amber")
        self.informative.setToolTip("One of the failures that teach most: rare, or a surprise to the detectors.")
        self.filter = PillButton(tokens, keeps_width=False)
        self.filter.setToolTip("The queue is narrowed. A click shows all of it again.")
        self.filter.clicked.connect(lambda: session.narrow(QueueFilter()))
        self._informative_beside: bool | None = None
        self._arrange()
        self._saving_timer = QTimer(self, singleShot=True, interval=SAVING_SHOWN_MS)
        self._saving_timer.timeout.connect(self._show_saved)
        listen(self, session.safe.state_changed, self._on_state)
        listen(self, session.opened, self._show_saved)
        listen(self, session.link.status_changed, self._show_viewer)
        listen(self, session.judging.arrived, self._show_narrowed)
        listen(self, session.queue_changed, self._follow)
        self.refresh()

    def refresh(self) -> None:
        """Show the open episode, or the one that is being opened."""
        entry = self.session.queue.current
        opened = self.session.open_episode
        self.episode.setText("" if entry is None else entry.episode_id)
        task = "" if entry is None else entry.task
        self.task.setText(task if opened is None else opened.episode.task)
        self.stage.refresh()
        place = self.session.queue.place
        words = f"{place.number} of {place.total} · {place.done} done"
        short = (words, f"{place.number} of {place.total}", f"{place.number}/{place.total}")
        self.place.say(*(short if place.total else ("nothing to do",)))
        self._show_narrowed()
        self.progress.setMaximum(max(1, place.total))
        self.progress.setValue(place.done)
        self._on_state()
        self._show_viewer()
        self.clock.refresh()

    def _show_narrowed(self) -> None:
        """Why this episode is special, and what the queue is narrowed to."""
        session = self.session
        opened = session.open_episode
        self._place_informative()
        self.informative.setVisible(
            opened is not None and session.board.wants_causal_chain(session.stage, opened.episode.episode_id)
        )
        self.filter.setVisible(session.filter.narrows)
        self.filter.say(f"{filter_words(session.filter)}  ×")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width has room for other words."""
        super().resizeEvent(event)
        self._place_informative()

    def _place_informative(self) -> None:
        """In the second line where there is room for it, else in the third."""
        second, third = self._lines
        others = (self.stage, self.place, self.clock, self.informative)
        needed = sum(widget.minimumSizeHint().width() + GAP_PX for widget in others) + _LEAST_BAR_PX
        fits = needed <= self.width()
        if fits is not self._informative_beside:
            self._informative_beside = fits
            second.insertWidget(4, self.informative) if fits else third.insertWidget(0, self.informative)

    def _on_state(self) -> None:
        """Most saves are over before anybody could read that they are under way."""
        if self.session.safe.state[0] is SaveState.SAVING:
            if not self._saving_timer.isActive():
                self._saving_timer.start()
        else:
            self._saving_timer.stop()
            self._show_saved()

    def _show_viewer(self) -> None:
        """What the viewer is about takes the place of the bar; a viewer that is gone has a card of its own."""
        words = viewer_words(self.session.link.status)
        self.viewer.setText(words)
        self.viewer.setVisible(bool(words))
        self.progress.setVisible(not words)

    def _show_saved(self) -> None:
        state, text = self.session.safe.state
        if state in (SaveState.UNTOUCHED, SaveState.SAVED):
            state, text = self._state_of_episode(text)
        words = {
            SaveState.UNTOUCHED: "not changed",
            SaveState.SAVING: "saving…",
            SaveState.SAVED: f"saved {text}",
            SaveState.FAILED: "NOT SAVED",
            SaveState.READ_ONLY: "read-only",
        }[state]
        self.saved.setVisible(self.session.queue.current is not None)
        self.saved.setToolTip(text)
        _show_pill(self.saved, words, _HUES[state])

    def _state_of_episode(self, saved_now: str) -> tuple[SaveState, str]:
        """Saved with the time of this episode, or untouched: the last save may have been another one's."""
        opened = self.session.open_episode
        if opened is None or not opened.draft.record.saved_at:
            return SaveState.UNTOUCHED, ""
        return SaveState.SAVED, _local_time(opened.draft.record.saved_at) or saved_now

    def _arrange(self) -> None:
        self.saved.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.informative.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        first, second = QHBoxLayout(), QHBoxLayout()
        third = QHBoxLayout()
        for row in (first, second, third):
            row.setSpacing(GAP_PX)
        first.addWidget(self.episode)
        first.addWidget(self.task, 1)
        first.addWidget(self.saved)
        second.addWidget(self.stage)
        second.addWidget(self.place)
        second.addWidget(self.progress, 1)
        second.addWidget(self.viewer, 1)
        second.addWidget(self.clock)
        self._lines = (second, third)
        third.addWidget(self.filter)
        third.addStretch()
        self._place_informative()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP_PX // 2)
        column.addLayout(first)
        column.addLayout(second)
        column.addLayout(third)


def _show_pill(label: QLabel, words: str, hue: str) -> None:
    label.setText(words)
    if label.property("pill") != hue:
        label.setProperty("pill", hue)
        label.style().unpolish(label)
        label.style().polish(label)


def filter_words(wanted: QueueFilter) -> str:
    """What the queue is narrowed to, as people say it."""
    searched = " ".join(wanted.text.split())
    shown = wanted.show.value if wanted.show is not QueueFilter().show else ""
    return " · ".join(filter(None, (shown, f"“{searched}”" if searched else "")))


def viewer_words(status: ViewerStatus) -> str:
    """What a viewer does that is not simply there; empty when it is, or when it is gone."""
    words = {
        ViewerState.STARTING: "viewer starting …",
        ViewerState.LOADING: f"viewer loading {round(100 * status.loaded_fraction)} %",
        ViewerState.RESTARTING: "viewer restarting …",
    }
    return words.get(status.state, "")


def _local_time(iso: str) -> str:
    """The time of day for today, else the day; empty when it is no time."""
    try:
        at = datetime.fromisoformat(iso).astimezone()
    except ValueError:
        return ""
    today = datetime.now(UTC).astimezone().date()
    return at.strftime("%H:%M:%S" if at.date() == today else "%d %b %Y")
