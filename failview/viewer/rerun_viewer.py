"""The native Rerun viewer as a ViewerPort."""

from collections.abc import Mapping
from pathlib import Path

from psygnal import Signal

from failview.model.annotation import Annotation, Stage
from failview.model.detection import EpisodeFindings
from failview.model.episode import Episode
from failview.resources import blueprint_path
from failview.session.desk.owner_thread import Post
from failview.session.desk.viewer_port import ViewerStatus
from failview.viewer.blueprint_file import read_layout_file
from failview.viewer.connection import Connection
from failview.viewer.control import ControlThread
from failview.viewer.inbox import EpisodeOrder, Inbox
from failview.viewer.process import WINDOW_SIZE
from failview.viewer.shelf import DEFAULT_BUDGET_BYTES


class RerunViewer:
    """Shows episodes in a native Rerun viewer, a child process on 127.0.0.1.

    The methods only leave orders; the control thread carries them out. Signals come through `post`, on the thread that
    owns the session.

    Attributes:
        cursor_moved: Emits (episode_id, frame) when a person moved the time cursor.
        status_changed: Emits ViewerStatus.
        screenshot_saved: Emits (path, error).
    """

    cursor_moved = Signal(str, int)
    status_changed = Signal(ViewerStatus)
    screenshot_saved = Signal(Path, str)

    def __init__(  # noqa: PLR0913 - all but the first by keyword
        self,
        post: Post,
        *,
        headless: bool = False,
        layouts: Mapping[Stage, Path] | None = None,
        prefetch_mb: int | None = None,
        log_dir: Path | None = None,
        window_size: tuple[int, int] = WINDOW_SIZE,
    ) -> None:
        """Prepare; `start` starts it.

        Args:
            post: Runs a function on the thread that owns the session.
            headless: No window.
            layouts: Layout files by stage, in place of those that come with failview.
            prefetch_mb: Memory for the episodes kept in the viewer, in MB; a share of the machine's by default.
            log_dir: Folder for the viewer's log and configuration; in the user's cache by default.
            window_size: Width and height of its window, if it has one.

        Raises:
            ViewerError: A layout file cannot be used.
        """
        self._post = post
        self._inbox = Inbox()
        self._episode_id: str | None = None
        self._telling: int | None = None
        self._closed = False
        files = {stage: blueprint_path(stage) for stage in Stage} | dict(layouts or {})
        written = {stage: read_layout_file(path) for stage, path in files.items()}
        self._control = ControlThread(
            self._inbox,
            self,
            lambda: Connection(
                headless=headless, log_dir=log_dir, cancelled=lambda: self._inbox.closing, window_size=window_size
            ),
            written,
            DEFAULT_BUDGET_BYTES if prefetch_mb is None else prefetch_mb * 1e6,
        )

    @property
    def pid(self) -> int | None:
        """Process id of the viewer; None while there is none."""
        return self._control.pid

    def start(self) -> None:
        """Start the viewer, or start it again when it is gone."""
        self._inbox.start()

    def show(self, episode: Episode, annotation: Annotation, frame: int) -> None:
        """Bring an episode to the screen at a frame."""
        self._episode_id = episode.episode_id
        self._inbox.show(EpisodeOrder(episode, annotation, frame))

    def preload(self, episode: Episode, annotation: Annotation) -> None:
        """Log an episode without showing it."""
        self._inbox.preload(EpisodeOrder(episode, annotation))

    def seek(self, frame: int) -> None:
        """Move the time cursor. What `cursor_moved` is telling at this moment need not be sought: it is there."""
        if frame != self._telling:
            self._inbox.seek(frame)

    def shown_frame(self) -> int | None:
        """The frame of the current episode that the viewer brought to the screen last; None before the first."""
        shown = self._control.shown
        return shown[1] if shown is not None and shown[0] == self._episode_id else None

    def set_pace(self, speed: float, playing: bool) -> None:
        """Know whether the panel plays, so that a click into the viewer is not overrun by it.

        The speed itself is not passed on: Rerun 0.41 takes it only with a whole new layout, which would undo what a
        person changed there. Who presses play in the viewer gets the speed that stands in the viewer.
        """
        del speed
        self._inbox.set_playing(playing)

    def set_stage(self, stage: Stage) -> None:
        """Show everything in the layout of a stage."""
        self._inbox.set_stage(stage)

    def show_readings(self, shown: bool) -> None:
        """Write force, torque and aperture over the pictures, or not."""
        self._inbox.show_readings(shown)

    def mark(self, annotation: Annotation) -> None:
        """Show the marks of the current episode."""
        self._inbox.mark(annotation)

    def show_findings(self, episode: Episode, findings: EpisodeFindings) -> None:
        """Show what the detectors found in an episode shown or loaded ahead."""
        self._inbox.show_findings(episode, findings)

    def save_screenshot(self, path: Path) -> None:
        """Write a PNG of the viewer once everything asked for is on the screen."""
        self._inbox.screenshot(path)

    def close(self) -> None:
        """End the viewer and wait until it is gone. Safe to repeat."""
        self._closed = True
        self._inbox.close()
        self._control.join()

    def moved(self, episode_id: str, frame: int, generation: int) -> None:
        """From the control thread: a person moved the cursor.

        Dropped when newer orders overtook it, unless those came from playback: a person goes before that.
        """

        def tell() -> None:
            overtaken = generation != self._inbox.generation
            if self._closed or episode_id != self._episode_id or (overtaken and not self._inbox.playing):
                return
            self._telling = None if overtaken else frame
            try:
                self.cursor_moved.emit(episode_id, frame)
            finally:
                self._telling = None

        self._post(tell)

    def status(self, status: ViewerStatus) -> None:
        """From the control thread: the state changed."""
        self._post(lambda: None if self._closed else self.status_changed.emit(status))

    def saved(self, path: Path, error: str) -> None:
        """From the control thread: a screenshot was written, or not."""
        self._post(lambda: None if self._closed else self.screenshot_saved.emit(path, error))
