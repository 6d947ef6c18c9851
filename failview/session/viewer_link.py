"""Keeps viewer and cursor together: the panel is the clock, and the mouse in the viewer moves it too."""

from collections.abc import Callable

from failview.session.open_episode import OpenEpisode
from failview.session.transport import Transport
from failview.session.viewer_port import ViewerPort


class ViewerLink:
    """Connects the cursor with the viewer for as long as both live.

    Args:
        viewer: Shows the episodes.
        transport: The cursor.
        opened: Tells the open episode.
    """

    def __init__(self, viewer: ViewerPort, transport: Transport, opened: Callable[[], OpenEpisode | None]) -> None:
        self._viewer = viewer
        self._transport = transport
        self._opened = opened
        transport.frame_changed.connect(self._on_frame)
        transport.playing_changed.connect(self._on_pace)
        transport.speed_changed.connect(self._on_pace)
        viewer.cursor_moved.connect(self._on_viewer_cursor)

    def seen_frame(self) -> int:
        """The frame on the screen: while it plays, the viewer may be a frame behind the cursor."""
        shown = self._viewer.shown_frame() if self._transport.playing else None
        return self._transport.frame if shown is None else shown

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
