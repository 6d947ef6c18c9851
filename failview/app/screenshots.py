"""Takes pictures of panel and viewer once an episode is fully shown, then ends the application."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from failview.errors import FailviewError, ViewerError
from failview.session.viewer_port import ViewerState, ViewerStatus

if TYPE_CHECKING:
    from failview.app.application import Application

GIVE_UP_MS = 120_000
"""A viewer that shows nothing for this long never will; a cold start with software rendering takes some seconds."""


class Screenshots:
    """Waits for the episode, then writes viewer.png and panel.png.

    Args:
        application: What to take pictures of.
        folder: Where to write them; made when it is not there.
        qt: Ended when the pictures are there, or cannot be.

    Attributes:
        error: Why there are no pictures.
    """

    def __init__(self, application: "Application", folder: Path, qt: QApplication) -> None:
        self.error: FailviewError | None = None
        self._application = application
        self._folder = folder
        self._qt = qt
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ViewerError(
                f"cannot be made ({error.strerror})", where=folder, hint="Choose another folder"
            ) from error
        session, viewer = application.session, application.viewer
        session.opened.connect(self._on_opened)
        session.failed_to_open.connect(self._on_failed)
        viewer.screenshot_saved.connect(self._on_viewer_saved)
        viewer.status_changed.connect(self._on_status)
        self._timer = QTimer(qt, singleShot=True)
        self._timer.timeout.connect(self._on_too_late)
        self._timer.start(GIVE_UP_MS)

    def _on_opened(self) -> None:
        self._application.viewer.save_screenshot(self._folder / "viewer.png")

    def _on_viewer_saved(self, path: Path, error: str) -> None:
        if error:
            self._end(ViewerError(error, where=path))
            return
        panel = self._folder / "panel.png"
        if self._application.window.grab().save(str(panel)):
            self._end(None)
        else:
            self._end(ViewerError("cannot be written", where=panel))

    def _on_failed(self, _episode_id: str, reason: str) -> None:
        self._end(FailviewError(reason))

    def _on_status(self, status: ViewerStatus) -> None:
        if status.state is ViewerState.GONE:
            self._end(ViewerError(status.message or "the viewer is gone"))

    def _on_too_late(self) -> None:
        self._end(ViewerError("the episode was not shown in time", hint="Run again with --debug"))

    def _end(self, error: FailviewError | None) -> None:
        self.error = error
        self._timer.stop()
        self._qt.quit()
