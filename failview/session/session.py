"""The work on one dataset: which episode is open, its cursor, and that nothing of the work is lost."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from psygnal import Signal

from failview.errors import FailviewError
from failview.loaders.dataset import Dataset
from failview.model.annotation import Annotation, AnnotationRecord, Stage
from failview.model.taxonomy import Taxonomy
from failview.session.acceptance import Acceptance
from failview.session.appearance import Appearance
from failview.session.draft import Draft
from failview.session.episode_loader import EpisodeLoader, ReadEpisode
from failview.session.judging import FindingsSource, Judging
from failview.session.labelling import Labelling
from failview.session.landmarks import Landmarks
from failview.session.open_episode import OpenEpisode
from failview.session.owner_thread import Post
from failview.session.queue import Queue
from failview.session.safe import Safe
from failview.session.sitting_clock import SittingClock
from failview.session.transport import Transport
from failview.session.viewer_port import ViewerPort, ViewerState, ViewerStatus

AHEAD = (1, 2, -1)
"""Neighbours in the queue that are made ready while an episode is open: the next two, and the one to go back to."""


@dataclass(frozen=True)
class Workplace:
    """What a session works on.

    Attributes:
        dataset: The episodes.
        taxonomy: The vocabulary.
        annotator: Who annotates.
        stage: The stage of the work.
        findings: What the detectors found; None for a work without proposals.
    """

    dataset: Dataset
    taxonomy: Taxonomy
    annotator: str
    stage: Stage = Stage.DETAIL
    findings: FindingsSource | None = None


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
        viewer_status_changed: Emits ViewerStatus; `viewer_status` is the last one.
    """

    opening = Signal(str)
    opened = Signal()
    failed_to_open = Signal(str, str)
    annotation_changed = Signal()
    problems_found = Signal(object)
    notice = Signal(str)
    focus_requested = Signal(str)
    help_requested = Signal()
    viewer_status_changed = Signal(ViewerStatus)

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
        self.transport = Transport()
        self.labelling = Labelling(workplace.taxonomy, self.seen_frame, self.notice.emit)
        self.judging = Judging(workplace.findings, viewer, post)
        self.acceptance = Acceptance(workplace.taxonomy, self.labelling, self.judging, self.notice.emit)
        self.landmarks = Landmarks(self.transport, lambda: self.open_episode, self.judging, self.notice.emit)
        self.sitting = SittingClock()
        self.appearance = Appearance(self.notice.emit)
        self.queue = Queue(workplace.dataset.entries, safe.finished_episodes(workplace.stage))
        self.open_episode: OpenEpisode | None = None
        self.viewer_status = ViewerStatus(ViewerState.STARTING)
        self._drafts: dict[str, Draft] = {}
        self._loader = EpisodeLoader(self._read, post)
        self._touched = False
        self._wanted_frame = 0
        self.transport.frame_changed.connect(self._on_frame)
        self.transport.playing_changed.connect(self._on_pace)
        self.transport.speed_changed.connect(self._on_pace)
        viewer.cursor_moved.connect(self._on_viewer_cursor)
        viewer.status_changed.connect(self._on_viewer_status)

    def go_to(self, episode_id: str, frame: int = 0) -> bool:
        """Open an episode at a frame; False when the dataset has none of that id."""
        if episode_id not in self.queue:
            return False
        self._leave()
        self.queue.go_to(episode_id)
        self._wanted_frame = frame
        self._loader.drop_waiting()
        self.opening.emit(episode_id)
        self._loader.request(episode_id, lambda result: self._arrive(episode_id, result))
        return True

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
        problems = opened.problems()
        self.problems_found.emit(problems)
        if problems:
            return
        opened.finish()
        self._touched = True
        self.queue.set_done(opened.episode.episode_id, done=True)
        self._save(opened)
        following = self.queue.next_open()
        if following is None:
            self.annotation_changed.emit()
            self.notice.emit("Every episode of this stage is done.")
        else:
            self.go_to(following.episode_id)

    def seen_frame(self) -> int:
        """The frame on the screen: while it plays, the viewer may be a frame behind the cursor."""
        shown = self.viewer.shown_frame() if self.transport.playing else None
        return self.transport.frame if shown is None else shown

    def restart_viewer(self) -> None:
        """Start a viewer again that is gone, where it was."""
        if self.viewer_status.state is not ViewerState.GONE:
            self.notice.emit("The viewer is running.")
            return
        self.viewer.start()
        if opened := self.open_episode:
            self.viewer.show(opened.episode, opened.annotation, self.transport.frame)
            self.judging.request(opened.episode, urgent=True)

    def close(self) -> bool:
        """Save what is open and stop working in the background; False when something could not be saved."""
        try:
            self._leave()
        finally:
            self._loader.close()
            self.judging.close()
            saved = self.safe.close()
        return saved

    def _leave(self) -> None:
        self.transport.pause()
        opened, self.open_episode = self.open_episode, None
        self.labelling.open(None)
        if opened is None:
            return
        opened.draft.changed.disconnect(self._on_draft)
        # Counted with the next change: merely looking at an episode writes nothing.
        opened.add_active_s(self.sitting.take_episode_s(self.now()))
        if self._touched:
            self._save(opened)

    def _arrive(self, episode_id: str, result: ReadEpisode | FailviewError) -> None:
        if episode_id != self.queue.current.episode_id or self.open_episode is not None:
            return
        if isinstance(result, FailviewError):
            self.failed_to_open.emit(episode_id, str(result))
            return
        episode, stored = result.episode, result.stored
        # The draft of this sitting knows more than what was read from the disk, perhaps some episodes ago.
        draft = self._drafts.setdefault(episode_id, Draft(stored.record, self.workplace.taxonomy))
        opened = OpenEpisode(
            episode, draft, self.workplace.taxonomy, self.workplace.stage, stored.warnings, stored.read_only_reason
        )
        draft.changed.connect(self._on_draft)
        self._touched = False
        self.labelling.open(opened)
        self.sitting.take_episode_s(self.now())
        frame = episode.clock.clamp(self._wanted_frame)
        self.transport.load(episode.clock, frame)
        self.open_episode = opened
        self.viewer.show(episode, draft.annotation, frame)
        self.judging.request(episode, urgent=True)
        self.opened.emit()
        for steps in AHEAD:
            if entry := self.queue.neighbour(steps):
                self._loader.request(entry.episode_id, self._preload)

    def _read(self, episode_id: str) -> ReadEpisode:
        """Read an episode and its sidecar; on the loader's thread."""
        episode = self.workplace.dataset.open_episode(episode_id)
        fresh = AnnotationRecord(
            episode_id=episode.episode_id,
            annotator=self.workplace.annotator,
            taxonomy_id=self.workplace.taxonomy.id,
            taxonomy_version=self.workplace.taxonomy.version,
            source_path=episode.source.path,
            source_format=episode.source.format_name,
            source_fingerprint=episode.source.fingerprint,
            num_frames=episode.num_frames,
        )
        return ReadEpisode(episode, self.safe.take_out(fresh))

    def _preload(self, result: ReadEpisode | FailviewError) -> None:
        if isinstance(result, ReadEpisode):
            draft = self._drafts.get(result.episode.episode_id)
            annotation = result.stored.record.annotation if draft is None else draft.annotation
            self.viewer.preload(result.episode, annotation)
            self.judging.request(result.episode, urgent=False)

    def _on_draft(self, annotation: Annotation) -> None:
        opened = self.open_episode
        if opened is None:
            return
        self._touched = True
        self.sitting.note(self.now())
        if opened.finished and not opened.is_complete:
            opened.reopen()
            self.queue.set_done(opened.episode.episode_id, done=False)
        self._save(opened)
        self.viewer.mark(annotation)
        self.annotation_changed.emit()

    def _save(self, opened: OpenEpisode) -> None:
        opened.stamp()
        self.safe.put_away(opened.draft.record)

    def _on_frame(self, frame: int) -> None:
        if self.open_episode is not None:
            self.viewer.seek(frame)

    def _on_pace(self) -> None:
        self.viewer.set_pace(self.transport.speed, self.transport.playing)

    def _on_viewer_status(self, status: ViewerStatus) -> None:
        self.viewer_status = status
        self.viewer_status_changed.emit(status)

    def _on_viewer_cursor(self, episode_id: str, frame: int) -> None:
        opened = self.open_episode
        if opened is not None and opened.episode.episode_id == episode_id:
            self.transport.pause()
            self.transport.seek(frame)
