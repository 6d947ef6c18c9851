"""What the control thread keeps in mind while there is no viewer."""

import queue
from collections.abc import Iterator
from pathlib import Path

import pytest

from failview.errors import ViewerError
from failview.model.annotation import Annotation
from failview.session.desk.viewer_port import ViewerState, ViewerStatus
from failview.viewer.connection import Connection
from failview.viewer.control import MAX_AHEAD, ControlThread
from failview.viewer.inbox import EpisodeOrder, Inbox
from tests.episodes.synthetic import make_episode

PATIENCE_S = 20.0


class Ears:
    """Hears what a control thread tells."""

    def __init__(self) -> None:
        self.statuses: queue.SimpleQueue[ViewerStatus] = queue.SimpleQueue()
        self.refused: queue.SimpleQueue[str] = queue.SimpleQueue()

    def moved(self, episode_id: str, frame: int, generation: int) -> None:
        raise AssertionError("nobody can move the cursor of a viewer that is not there")

    def status(self, status: ViewerStatus) -> None:
        self.statuses.put(status)

    def saved(self, _path: Path, error: str) -> None:
        self.refused.put(error)


class Headquarters:
    """A control thread whose viewer never starts."""

    def __init__(self) -> None:
        self.inbox = Inbox()
        self.ears = Ears()
        self.thread = ControlThread(self.inbox, self.ears, self._start_viewer, {})
        self.inbox.start()
        while self.ears.statuses.get(timeout=PATIENCE_S).state is not ViewerState.GONE:
            pass

    @staticmethod
    def _start_viewer() -> Connection:
        raise ViewerError("there is no Vulkan driver")

    def wait_until_heard(self) -> None:
        """Every order so far has been taken: a picture asked for now has been refused."""
        self.inbox.screenshot(Path("never.png"))
        assert "no Vulkan driver" in self.ears.refused.get(timeout=PATIENCE_S)

    def kept(self) -> list[str]:
        """Ids of the episodes to load ahead when the viewer comes back."""
        return [order.episode.episode_id for order in self.thread._ahead]


@pytest.fixture
def headquarters() -> Iterator[Headquarters]:
    made = Headquarters()
    yield made
    made.inbox.close()
    made.thread.join()


def order(number: int) -> EpisodeOrder:
    return EpisodeOrder(make_episode(4, cameras=(), episode_id=f"demo_{number}"), Annotation())


def test_without_a_viewer_only_what_belongs_to_the_open_episode_is_kept(headquarters: Headquarters) -> None:
    for number in range(30):
        headquarters.inbox.show(order(number))
        for ahead in (1, 2, 3):
            headquarters.inbox.preload(order(number + ahead))
        headquarters.wait_until_heard()
        assert len(headquarters.kept()) <= MAX_AHEAD
    assert headquarters.kept() == ["demo_30", "demo_31", "demo_32"]


def test_a_burst_of_orders_is_bounded_too(headquarters: Headquarters) -> None:
    for number in range(8):
        headquarters.inbox.show(order(number))
        headquarters.inbox.preload(order(number + 1))
    headquarters.wait_until_heard()
    assert headquarters.kept()[-1] == "demo_8"
    assert len(headquarters.kept()) <= MAX_AHEAD


def test_showing_the_open_episode_again_keeps_what_comes_next(headquarters: Headquarters) -> None:
    """As a person does who starts the viewer again."""
    shown = order(0)
    headquarters.inbox.show(shown)
    headquarters.inbox.preload(order(1))
    headquarters.wait_until_heard()
    headquarters.inbox.show(shown)
    headquarters.wait_until_heard()
    assert headquarters.kept() == ["demo_1"]
