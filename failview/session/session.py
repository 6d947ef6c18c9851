"""The work on one dataset: which episode is open, its cursor, and that nothing of the work is lost."""

import time
from collections.abc import Callable
from dataclasses import replace

from psygnal import Signal

from failview.errors import FailviewError
from failview.model.annotation import Annotation, AnnotationRecord, Stage
from failview.model.episode import Episode
from failview.model.taxonomy import Taxonomy
from failview.proposals.short_proposals import in_short
from failview.quality.signal_evidence import Yardstick
from failview.session.desk.appearance import Appearance
from failview.session.desk.draft import Draft
from failview.session.desk.episode_loader import EpisodeLoader, ReadEpisode
from failview.session.desk.judging import Judging, JudgingState
from failview.session.desk.open_episode import OpenEpisode
from failview.session.desk.owner_thread import Post
from failview.session.desk.picture_readings import PictureReadings
from failview.session.desk.reading import EpisodeReader
from failview.session.desk.safe import Safe
from failview.session.desk.viewer_port import ViewerPort
from failview.session.desk.workplace import Workplace
from failview.session.explaining.contradictions import Contradictions
from failview.session.explaining.explanation import Explanation
from failview.session.label.acceptance import Acceptance
from failview.session.label.labelling import Labelling
from failview.session.playing.landmarks import Landmarks
from failview.session.playing.on_screen import OnScreen
from failview.session.playing.pace import Pace
from failview.session.playing.sitting_clock import SittingClock
from failview.session.playing.timeline import Timeline
from failview.session.playing.transport import Transport
from failview.session.playing.viewer_link import ViewerLink
from failview.session.work.bulk import Bulk
from failview.session.work.practice import Practice
from failview.session.work.queue_filter import QueueFilter
from failview.session.work.review import Review
from failview.session.work.work_board import WorkBoard


class Session:
    """One person's work on one dataset. Lives on one thread; `transport.tick` must be called while it plays.

    Args:
        workplace: What to work on.
        safe: Where the annotations go.
        viewer: What shows the episodes.
        post: Brings background results to this thread.
        now: Monotonic clock in seconds.

    Attributes:
        opening: Emits the id of an episode that is being read.
        opened: Emits when `open_episode` is there.
        failed_to_open: Emits (episode id, reason).
        annotation_changed: Emits after every change of the label of the open episode.
        problems_found: Emits the list of Problems that keep the stage from being finished.
        notice: Emits one line that a person should read.
        focus_requested: Emits the name of a field that wants the keyboard.
        help_requested: Emits when the key table should be shown or hidden.
        palette_requested: Emits when the list of actions to search in should be shown or hidden.
        stage_changed: Emits when another stage begins; `stage` is the present one.
        queue_changed: Emits when `queue` is another one, or other episodes of it are done.
        stage_finished: Emits when the last episode of the stage is done.
        emptied: Emits when there is nothing to open: the queue is empty.
    """

    opening = Signal(str)
    opened = Signal()
    failed_to_open = Signal(str, str)
    annotation_changed = Signal()
    problems_found = Signal(object)
    notice = Signal(str)
    focus_requested = Signal(str)
    help_requested = Signal()
    palette_requested = Signal()
    stage_changed = Signal()
    queue_changed = Signal()
    stage_finished = Signal()
    emptied = Signal()

    def __init__(
        self,
        workplace: Workplace,
        safe: Safe,
        viewer: ViewerPort,
        post: Post,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.workplace = workplace
        self.safe = safe
        self.viewer = viewer
        self.now = now
        self.open_episode: OpenEpisode | None = None
        self.unreadable = ""
        self.looked_at: set[str] = set()
        dataset, taxonomy, annotator = workplace.dataset, workplace.taxonomy, workplace.annotator
        self.board = WorkBoard(dataset.entries, annotator, safe.works, workplace.proposals, workplace.rules)
        self.stage = workplace.stage or self.board.first_stage()
        self.filter = QueueFilter()
        self.queue = self.board.queue(self.stage)
        self.transport = Transport(shown=OnScreen(viewer).frame)
        self.judging = Judging(workplace.findings, viewer, post, self.is_hidden)
        self.link = ViewerLink(viewer, self.transport, lambda: self.open_episode, self.judging, self.notice.emit)
        self.reader = EpisodeReader(workplace, safe, lambda key: self.board.of(key).others)
        self.bulk = Bulk(workplace, self.board, self.reader, self.keep, post)
        self.bulk.finished.connect(lambda: self.narrow(self.filter, stay=True))
        self._drafts: dict[str, Draft] = {}
        self._loader = EpisodeLoader(self.reader.read, post)
        self._touched = False
        self._asked: tuple[str, int] | None = None
        self._lay_out_tools(taxonomy, annotator, post)
        self.judging.arrived.connect(self._on_judged)
        viewer.set_stage(self.stage)

    def _lay_out_tools(self, taxonomy: Taxonomy, annotator: str, post: Post) -> None:
        """Everything that works on the open episode."""
        self.labelling = Labelling(taxonomy, self.link.seen_frame, self.notice.emit)
        self.acceptance = Acceptance(taxonomy, self.labelling, self.judging, self.notice.emit)
        self.review = Review(
            lambda: None if self.open_episode is None else self.judging.of(self.open_episode.episode).findings,
            annotator,
            lambda: self._save(self.open_episode),
            self.notice.emit,
        )
        self.landmarks = Landmarks(self.transport, lambda: self.open_episode, self.judging, self.notice.emit)
        self.contradictions = Contradictions(
            Yardstick(self.workplace.thresholds, taxonomy),
            lambda: self.open_episode,
            self.judging,
            self.transport,
            self.notice.emit,
        )
        self.practice = Practice(self.workplace.answers, taxonomy)
        self.timeline = Timeline(self.transport, self.labelling, self.judging, self.viewer, self.notice.emit)
        self.timeline.follow(self.opening, self.annotation_changed)
        self.pace = Pace(self.transport, lambda: self.stage, self.stage_changed, self.opened, self.now)
        self.sitting = SittingClock()
        self.sitting.follow(self.transport, self.now)
        self.appearance = Appearance(self.notice.emit)
        self.readings = PictureReadings(self.viewer, self.notice.emit)
        self.explanation = Explanation(self, post)

    def is_hidden(self, episode_id: str) -> bool:
        """Whether what the detectors say about an episode must not be seen now."""
        return self.board.is_hidden(self.stage, episode_id)

    def go_to(self, episode_id: str, frame: int = 0) -> bool:
        """Open an episode at a frame; False when the dataset has none of that id."""
        if episode_id not in self.queue:
            return False
        self._leave()
        self.unreadable = ""
        self.queue.go_to(episode_id)
        self._asked = asked = (episode_id, frame)
        self._loader.drop_waiting()
        self.opening.emit(episode_id)
        self._loader.request(episode_id, lambda result: self._arrive(asked, result))
        return True

    def comes_at_once(self, episode_id: str) -> bool:
        """Whether an episode that is asked for is there in the same moment: nothing needs to be shown in between."""
        return self._loader.is_at_hand(episode_id)

    def move(self, steps: int) -> None:
        """Open an episode before or after this one in the queue."""
        entry = self.queue.neighbour(steps)
        if entry is None:
            self.notice.emit("This is the last episode." if steps > 0 else "This is the first episode.")
        else:
            self.go_to(entry.episode_id)

    def finish_stage(self) -> None:
        """Finish the stage of the open episode and go to the next open one; say why when it cannot be."""
        opened = self.labelling.editable()
        if opened is None:
            return
        if self.review.is_on and self.judging.of(opened.episode).state is JudgingState.JUDGING:
            self.notice.emit("The detectors are still judging.")
            return
        problems = opened.problems() + self.review.problems()
        self.problems_found.emit(problems)
        if problems:
            return
        opened.finish(blind=self.is_hidden(opened.episode.episode_id))
        self.review.decide()
        self._save(opened)
        self.practice.judge(opened.episode.episode_id, opened.annotation)
        self.go_on()

    def put_off(self, reason: str) -> None:
        """Skip the open episode for a reason; it comes back when all others are done.

        An episode that cannot be opened comes last as well; nothing is written about it.
        """
        if self.unreadable:
            self.queue.put_last(self.unreadable)
            self.go_on()
            return
        opened = self.labelling.editable()
        if opened is None:
            return
        if opened.finished:
            self.notice.emit("This episode is done: there is nothing to skip.")
            return
        opened.put_off(reason)
        self.review.note_change()
        self._save(opened)
        self.queue.put_last(opened.episode.episode_id)
        self.go_on()

    def go_on(self) -> None:
        """Go to the next episode of the stage that is not done."""
        following = self.queue.next_open()
        if following is None:
            self.annotation_changed.emit()
            self.stage_finished.emit()
            self.notice.emit("Every episode of this stage is done.")
        else:
            self.go_to(following.episode_id)
        self.queue_changed.emit()

    def change_stage(self, stage: Stage, episode_id: str = "") -> None:
        """Go on with another stage, at an episode if the stage takes it, else at its first open one."""
        if stage is self.stage:
            self.notice.emit(f"This is the {stage.value} stage.")
            return
        self._leave()
        self.stage = stage
        self.viewer.set_stage(stage)
        self.narrow(QueueFilter(), episode_id)
        self.stage_changed.emit()

    def narrow(self, wanted: QueueFilter, episode_id: str | None = None, *, stay: bool = False) -> None:
        """Work on the episodes that are wanted, in the order of the stage.

        Args:
            wanted: Which ones.
            episode_id: The one to open, None for the present one; the first open one where it is not among them.
            stay: Keep the present one open even if it is not among them.
        """
        current = self.queue.current
        if episode_id is None and current is not None:
            episode_id = current.episode_id
        self.filter = wanted
        queue = self.queue = self.board.queue(self.stage, wanted)
        if stay and current is not None:
            queue.go_to(current.episode_id)
        there = any(entry.episode_id == episode_id for entry in queue.entries)
        first = queue.first_open()
        following = episode_id if there else None if first is None else first.episode_id
        opened = self.open_episode
        if following is None:
            self._leave()
            self.emptied.emit()
        elif opened is not None and opened.episode.episode_id == following:
            queue.go_to(following)
            self.annotation_changed.emit()
        else:
            self.go_to(following)
        self.queue_changed.emit()

    def close(self) -> bool:
        """Save what is open and stop working in the background; False when something could not be saved."""
        try:
            self._leave()
        finally:
            self.bulk.cancel()
            self._loader.close()
            self.judging.close()
            self.bulk.close()
            self.explanation.close()
            saved = self.safe.close()
        return saved

    def _leave(self) -> None:
        self.transport.pause()
        self._asked = None
        opened, self.open_episode = self.open_episode, None
        self.labelling.open(None)
        self.review.open(None)
        if opened is None:
            return
        opened.draft.changed.disconnect(self._on_draft)
        active_s = self.sitting.take_episode_s(self.now())
        # Counted with the next change: merely looking at an episode writes nothing, and begins no review.
        if opened.stage is not Stage.REVIEW or opened.stage in opened.draft.record.stages:
            opened.add_active_s(active_s)
        if self._touched:
            self._save(opened)

    def _arrive(self, asked: tuple[str, int], result: ReadEpisode | FailviewError) -> None:
        if asked is not self._asked or self.open_episode is not None:
            return
        episode_id, wanted_frame = asked
        if isinstance(result, FailviewError):
            self.unreadable = episode_id
            self.failed_to_open.emit(episode_id, str(result))
            return
        episode, stored = result.episode, result.stored
        # The draft of this sitting knows more than what was read from the disk, perhaps some episodes ago.
        draft = self._drafts.setdefault(episode_id, Draft(stored.record, self.workplace.taxonomy))
        if self.stage is Stage.REVIEW and result.others and draft.annotation == Annotation():
            # A review without a label of one's own begins with another's; it is one's own once it is saved.
            theirs = replace(draft.record, annotation=result.others[0].annotation)
            draft = Draft(theirs, self.workplace.taxonomy)
        opened = OpenEpisode(
            episode, draft, self.workplace.taxonomy, self.stage, stored.warnings, stored.read_only_reason
        )
        draft.changed.connect(self._on_draft)
        self._touched = False
        self.labelling.open(opened)
        self.review.open(opened if self.stage is Stage.REVIEW else None, result.others)
        self.sitting.take_episode_s(self.now())
        frame = episode.clock.clamp(wanted_frame)
        self.transport.load(episode.clock, frame)
        self.open_episode = opened
        self.looked_at.add(episode_id)
        self.link.show(episode, draft.annotation, frame)
        self.opened.emit()
        for entry in self.queue.ahead():
            self._loader.request(entry.episode_id, self._preload)

    def _preload(self, result: ReadEpisode | FailviewError) -> None:
        if isinstance(result, ReadEpisode):
            draft = self._drafts.get(result.episode.episode_id)
            annotation = result.stored.record.annotation if draft is None else draft.annotation
            self.link.preload(result.episode, annotation)

    def _on_draft(self, annotation: Annotation) -> None:
        opened = self.open_episode
        if opened is None:
            return
        self.sitting.note(self.now())
        opened.reopen_incomplete()
        self.review.note_change()
        self._save(opened)
        self.viewer.mark(annotation)
        self.annotation_changed.emit()

    def _save(self, opened: OpenEpisode | None) -> None:
        if opened is not None:
            self._touched = True
            opened.stamp()
            record = opened.draft.record
            self._drafts[record.episode_id] = opened.draft
            self.safe.put_away(record)
            self.board.note_work(record)
            self.queue.set_done(record.episode_id, done=self.board.is_done(self.stage, record.episode_id))

    def keep(self, record: AnnotationRecord) -> bool:
        """Save a label that was not made on the desk; False for the episode that is open or being opened."""
        if self._asked is not None and self._asked[0] == record.episode_id:
            return False
        # What is read from now on may be older: this is on its way to the disk.
        self._drafts[record.episode_id] = Draft(record, self.workplace.taxonomy)
        self.safe.put_away(record)
        self.board.note_work(record)
        self.queue.set_done(record.episode_id, done=self.board.is_done(self.stage, record.episode_id))
        return True

    def _on_judged(self, episode: Episode) -> None:
        findings = self.judging.found_in(episode)
        self.board.note_proposal(episode.episode_id, None if findings is None else in_short(findings.proposal))
