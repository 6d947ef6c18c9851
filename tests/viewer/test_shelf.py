"""What stays in the viewer's memory, and what goes first."""

from collections.abc import Iterator

import pytest

from failview.model.annotation import Annotation
from failview.model.episode import Episode
from failview.viewer.shelf import RESERVE
from tests.episodes.synthetic import make_episode
from tests.viewer.conftest import started_desk
from tests.viewer.desk import Desk

FRAMES, SIZE = 40, (320, 240)


@pytest.fixture(scope="module")
def small_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A viewer that may keep 1 MB."""
    desk = started_desk(tmp_path_factory, prefetch_mb=1)
    yield desk
    desk.viewer.close()


def episode(name: str) -> Episode:
    """Half a MB of pictures."""
    return make_episode(FRAMES, cameras=("front", "wrist"), size=SIZE, episode_id=name, roles=frozenset())


def kept(desk: Desk) -> list[str]:
    """Ids of what is there, the most wanted first."""
    return [order.episode.episode_id for order in desk.viewer._control._screen._shelf.orders()]


def is_loaded(desk: Desk, wanted: Episode) -> bool:
    log = desk.viewer._control._screen._shelf.find(wanted)
    return log is not None and log.is_done and log.location != ""


def test_beyond_the_budget_what_is_wanted_least_goes_first(small_desk: Desk) -> None:
    before, here, ahead, later = (episode(name) for name in ("before", "here", "ahead", "later"))
    small_desk.show(before)
    small_desk.show(here)
    for wanted in (ahead, later):
        small_desk.viewer.preload(wanted, Annotation())
    small_desk.wait(lambda: is_loaded(small_desk, ahead) and kept(small_desk) == ["here", "ahead"])
    small_desk.show(ahead, 3)
    assert small_desk.cursor() == ("frame", 3)
    small_desk.wait(lambda: small_desk.num_recordings() <= len(kept(small_desk)) + RESERVE)


def test_the_shown_episode_and_the_next_one_stay_however_large_they_are(small_desk: Desk) -> None:
    large = make_episode(150, size=(640, 480), episode_id="large", roles=frozenset())
    small_desk.show(large)
    small_desk.viewer.preload(episode("next"), Annotation())
    small_desk.wait(lambda: is_loaded(small_desk, episode("next")))
    assert kept(small_desk) == ["large", "next"]
