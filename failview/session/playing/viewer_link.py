"""Keeps viewer and cursor together: the panel is the clock, and the mouse in the viewer moves it too."""

from collections.abc import Callable

from psygnal import Signal

from failview.model.annotation import Annotation
from failview.model.episode import Episode
from failview.session.desk.blind_view import for_viewer
from failview.session.desk.judging import Judging
from failview.session.desk.open_episode import OpenEpisode
from failview.session.desk.viewer_port import ViewerPort, ViewerState, ViewerStatus
from failview.session.playing.transport import Transport


class ViewerLink:
    """Connects the cursor with the viewer for as long as both live.

    Args:
        viewer: Shows the episodes.
        transport: The cursor.
        opened: Tells the open episode.
        judging: Knows what was found, and whether it may be seen.
        say: Takes one line for the person.

    Attributes:
        status_changed: Emits ViewerStatus; `status` is the last one.
    """

    status_changed = Signal(ViewerStatus)

    def __init__(
        self,
        viewer: ViewerPort,
        transport: Transport,
        opened: Callable[[], OpenEpisode | None],
        judging: Judging,
        say: Callable[[str], None],
    ) -> None:
        self.status = ViewerStatus(ViewerState.STARTING)
        self._judging = judging
        self._say = say
        self._viewer = viewer
        self._transport = transport
        self._opened = opened
        transport.frame_changed.connect(self._on_frame)
        transport.playing_changed.connect(self._on_pace)
        transport.speed_changed.connect(self._on_pace)
        viewer.cursor_moved.connect(self._on_viewer_cursor)
        viewer.status_changed.connect(self._on_status)

    def seen_frame(self) -> int:
        """The frame on the screen: while it plays, the viewer may be a frame behind the cursor."""
        shown = self._viewer.shown_frame() if self._transport.playing else None
        return self._transport.frame if shown is None else shown

    def show(self, episode: Episode, annotation: Annotation, frame: int) -> None:
        """Bring an episode to the screen, and what was found in it as soon as that is known and may be seen."""
        self._viewer.show(self._for_viewer(episode), annotation, frame)
        self._judging.request(episode, urgent=True)

    def preload(self, episode: Episode, annotation: Annotation) -> None:
        """Make an episode ready."""
        self._viewer.preload(self._for_viewer(episode), annotation)
        self._judging.request(episode, urgent=False)

    def restart(self) -> None:
        """Start a viewer again that is gone, where it was."""
        if self.status.state is not ViewerState.GONE:
            self._say("The viewer is running.")
            return
        self._viewer.start()
        if opened := self._opened():
            self.show(opened.episode, opened.annotation, self._transport.frame)

    def _for_viewer(self, episode: Episode) -> Episode:
        return for_viewer(episode, hidden=self._judging.is_hidden(episode.episode_id))

    def _on_status(self, status: ViewerStatus) -> None:
        self.status = status
        self.status_changed.emit(status)

    def _on_frame(self, frame: int) -> None:
        if self._opened() is not None:
            self._viewer.seek(frame)

    def _on_pace(self) -> None:
        self._viewer.set_pace(self._transport.speed, self._transport.playing)

    def _on_viewer_cursor(self, episode_id: str, frame: int) -> None:
        opened = self._opened()
        if opened is not None and opened.episode.episode_id == episode_id:
            self._transport.pause()
            self._transport.seek(frame)
