"""The fake viewer and the real one keep the same promises."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from failview.session.desk.viewer_port import ViewerStatus
from tests.contracts.viewer_contract import ViewerContract
from tests.fakes.fake_viewer import FakeViewer
from tests.viewer.desk import Desk


class FakeDesk:
    """A FakeViewer on a test's desk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._posted: list[Callable[[], None]] = []
        self.viewer = FakeViewer(self._posted.append)
        self.moves: list[tuple[str, int]] = []
        self.statuses: list[ViewerStatus] = []
        self.saved: list[tuple[Path, str]] = []
        self.viewer.cursor_moved.connect(lambda episode_id, frame: self.moves.append((episode_id, frame)))
        self.viewer.status_changed.connect(self.statuses.append)
        self.viewer.screenshot_saved.connect(lambda path, error: self.saved.append((path, error)))

    def wait(self, condition: Callable[[], bool]) -> None:
        while self._posted:
            self._posted.pop(0)()
        assert condition()

    def drag_cursor(self, frame: int) -> None:
        self.viewer.move_cursor(frame)


class TestFakeViewer(ViewerContract):
    @pytest.fixture
    def desk(self, tmp_path: Path) -> Iterator[FakeDesk]:
        desk = FakeDesk(tmp_path)
        desk.viewer.start()
        yield desk
        desk.viewer.close()


class TestRerunViewer(ViewerContract):
    @pytest.fixture
    def desk(self, desk: Desk) -> Desk:
        return desk
