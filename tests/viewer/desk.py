"""A real headless viewer on a test's desk: runs what it posts, remembers what it says, and looks at its screen."""

import queue
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from rerun.experimental import ViewerClient

from failview.model.annotation import Annotation
from failview.model.episode import Episode
from failview.session.desk.viewer_port import ViewerState, ViewerStatus
from failview.viewer.rerun_viewer import RerunViewer

PATIENCE_S = 40.0


class Desk:
    """A RerunViewer, and a person who may touch its window.

    Attributes:
        viewer: The viewer under test.
        moves: Every (episode_id, frame) of cursor_moved.
        statuses: Every status.
        saved: Every (path, error) of screenshot_saved.
    """

    def __init__(self, folder: Path, **options: Any) -> None:
        """options: for the viewer."""
        self.folder = folder
        self._posted: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.viewer = RerunViewer(self._posted.put, headless=True, log_dir=folder, **options)
        self.moves: list[tuple[str, int]] = []
        self.statuses: list[ViewerStatus] = []
        self.saved: list[tuple[Path, str]] = []
        self.viewer.cursor_moved.connect(lambda episode_id, frame: self.moves.append((episode_id, frame)))
        self.viewer.status_changed.connect(self.statuses.append)
        self.viewer.screenshot_saved.connect(lambda path, error: self.saved.append((path, error)))

    def start(self) -> None:
        self.viewer.start()
        self.wait(lambda: bool(self.statuses) and self.status.state is not ViewerState.STARTING)

    @property
    def status(self) -> ViewerStatus:
        return self.statuses[-1]

    def wait(self, condition: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
        """Run what the viewer posts until a condition holds."""
        deadline_s = time.monotonic() + patience_s
        while not condition():
            assert time.monotonic() < deadline_s, f"waited {patience_s} s in vain; last status {self.statuses[-1:]}"
            self.run_posted()

    def run_posted(self) -> None:
        try:
            self._posted.get(timeout=0.005)()
        except queue.Empty:
            return

    def show(self, episode: Episode, frame: int = 0, annotation: Annotation | None = None) -> None:
        """Show an episode and wait until all of it is there."""
        self.viewer.show(episode, annotation or Annotation(), frame)
        self.wait(lambda: self.viewer.shown_frame() == frame)
        self.wait(lambda: self.status.state is ViewerState.READY and self.status.episode_id == episode.episode_id)

    def seek(self, frame: int) -> None:
        self.viewer.seek(frame)
        self.wait(lambda: self.viewer.shown_frame() == frame)

    def person(self) -> ViewerClient:
        """Somebody else at the viewer's controls."""
        connection = self.viewer._control._connection
        assert connection is not None
        return ViewerClient.connect(connection.url)

    def drag_cursor(self, frame: int) -> None:
        """A person drags the cursor to a frame."""
        self.person().set_time("frame", sequence=frame)

    def cursor(self) -> tuple[str | None, int | None]:
        """(timeline, value) of the recording on the screen, as the viewer itself tells."""
        state = self.person().get_state()
        shown = next(item for item in state.recordings if item.store_id == state.active_recording)
        return shown.current_timeline, shown.current_time

    def num_recordings(self) -> int:
        return len(self.person().get_state().recordings)

    def look_at(self, name: str) -> npt.NDArray[np.uint8]:
        """RGB picture of one view."""
        person = self.person()
        view = next(item for item in person.get_state().views if item.name == name)
        return decode(person.take_screenshot(view.view_id))

    def screenshot(self) -> npt.NDArray[np.uint8]:
        """RGB picture of the whole viewer, through the port."""
        path = self.folder / f"shot-{len(self.saved)}.png"
        self.viewer.save_screenshot(path)
        self.wait(lambda: any(saved == path for saved, _ in self.saved))
        assert self.saved[-1] == (path, "")
        return decode(path.read_bytes())


def decode(png: bytes) -> npt.NDArray[np.uint8]:
    """RGB picture of a PNG."""
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), dtype=np.uint8)
