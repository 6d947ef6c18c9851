"""What the viewer has on its screen, for a playback that waits for it."""

from failview.session.desk.viewer_port import ViewerPort, ViewerState, ViewerStatus


class OnScreen:
    """Knows which frame is shown, and whether there is anybody to wait for.

    Args:
        viewer: The viewer.
    """

    def __init__(self, viewer: ViewerPort) -> None:
        self._viewer = viewer
        self._gone = False
        viewer.status_changed.connect(self._on_status)

    def frame(self, asked: int) -> int | None:
        """The frame that the viewer confirmed last; the one asked for while there is no viewer; None before any."""
        return asked if self._gone else self._viewer.shown_frame()

    def _on_status(self, status: ViewerStatus) -> None:
        self._gone = status.state is ViewerState.GONE
