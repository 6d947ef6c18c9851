"""Takes pictures of panel and viewer once an episode is fully shown and judged, then ends the application."""

from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget

from failview.errors import FailviewError, ViewerError
from failview.session.desk.judging import JudgingState
from failview.session.desk.viewer_port import ViewerState, ViewerStatus
from failview.session.session import Session

GIVE_UP_MS = 120_000
"""A viewer that shows nothing for this long never will; a cold start with software rendering takes some seconds."""


def make_screenshot_folder(folder: Path) -> None:
    """Make the folder that the pictures go to, unless it is there.

    Raises:
        ViewerError: It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ViewerError(f"cannot be made ({error.strerror})", where=folder, hint="Choose another folder") from error


class Screenshots:
    """Waits for the episode, then writes viewer.png and panel.png.

    Args:
        session: Tells when the episode is open and judged.
        panel: One half of the application; the session's viewer is the other.
        folder: Where to write them.
        qt: Ended when the pictures are there, or cannot be.

    Attributes:
        error: Why there are no pictures.
    """

    def __init__(self, session: Session, panel: QWidget, folder: Path, qt: QApplication) -> None:
        self.error: FailviewError | None = ViewerError("ended before the pictures were taken", where=folder)
        self._session = session
        self._viewer = session.viewer
        self._asked = False
        self._panel = panel
        self._folder = folder
        self._qt = qt
        session.opened.connect(self._on_progress)
        session.judging.arrived.connect(self._on_progress)
        session.failed_to_open.connect(self._on_failed)
        self._viewer.screenshot_saved.connect(self._on_viewer_saved)
        self._viewer.status_changed.connect(self._on_status)
        self._timer = QTimer(qt, singleShot=True)
        self._timer.timeout.connect(self._on_too_late)
        self._timer.start(GIVE_UP_MS)

    def _on_progress(self) -> None:
        opened = self._session.open_episode
        if self._asked or opened is None:
            return
        self._session.transport.pause()
        if self._session.judging.of(opened.episode).state is not JudgingState.JUDGING:
            self._asked = True
            self._viewer.save_screenshot(self._folder / "viewer.png")

    def _on_viewer_saved(self, path: Path, error: str) -> None:
        if error:
            self._end(ViewerError(error, where=path))
            return
        picture = self._folder / "panel.png"
        written = self._panel.grab().save(str(picture))
        self._end(None if written else ViewerError("cannot be written", where=picture))

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
