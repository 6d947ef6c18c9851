"""A viewer that dies comes back where it was; one that keeps dying is given up and can be started again."""

import os
import signal
import threading

import psutil

from failview.model.annotation import Annotation
from failview.session.desk.viewer_port import ViewerState
from tests.episodes.synthetic import make_episode, read_frame_number
from tests.viewer.desk import Desk
from tests.viewer.test_rerun_viewer import failure_starts_at

SMALL = (160, 120)


def kill(desk: Desk) -> int:
    pid = desk.viewer.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    return pid


def test_a_killed_viewer_comes_back_at_the_same_frame_with_the_same_marks(own_desk: Desk) -> None:
    episode = make_episode(101, size=SMALL, episode_id="killed", roles=frozenset())
    own_desk.show(episode, 10)
    own_desk.seek(64)
    own_desk.viewer.mark(Annotation(failure_onset_frame=50))
    own_desk.statuses.clear()
    old = kill(own_desk)
    own_desk.wait(lambda: own_desk.viewer.pid not in {None, old} and own_desk.viewer.shown_frame() == 64)
    own_desk.wait(lambda: own_desk.status.state is ViewerState.READY)
    assert own_desk.statuses[0].state is ViewerState.RESTARTING
    assert "started again" in own_desk.status.message
    assert own_desk.cursor() == ("frame", 64)
    own_desk.wait(lambda: abs((failure_starts_at(own_desk) or 9) - 0.5) < 0.02)
    assert own_desk.moves == []
    own_desk.seek(7)
    assert own_desk.cursor() == ("frame", 7)


def test_what_is_asked_for_while_the_viewer_is_away_is_there_when_it_is_back(own_desk: Desk) -> None:
    own_desk.show(make_episode(50, size=SMALL, episode_id="before"), 3)
    old = kill(own_desk)
    own_desk.viewer.show(make_episode(60, size=SMALL, episode_id="after"), Annotation(), 5)
    own_desk.viewer.seek(41)
    own_desk.wait(lambda: own_desk.viewer.pid not in {None, old} and own_desk.viewer.shown_frame() == 41)
    assert own_desk.cursor() == ("frame", 41)


def test_a_viewer_that_keeps_dying_is_given_up_and_can_be_started_again(own_desk: Desk) -> None:
    own_desk.show(make_episode(30, size=SMALL, episode_id="dying"), 9)
    for _ in range(3):
        own_desk.wait(lambda: own_desk.viewer.pid is not None)
        old = kill(own_desk)
        own_desk.wait(lambda old=old: own_desk.viewer.pid != old)
    own_desk.wait(lambda: own_desk.status.state is ViewerState.GONE)
    assert "3 times" in own_desk.status.message
    own_desk.viewer.save_screenshot(own_desk.folder / "gone.png")
    own_desk.wait(lambda: own_desk.saved != [])
    assert own_desk.saved[-1][1] != ""
    own_desk.viewer.start()
    own_desk.wait(lambda: own_desk.viewer.shown_frame() == 9)
    assert own_desk.cursor() == ("frame", 9)


def test_closing_leaves_nothing_behind(own_desk: Desk) -> None:
    own_desk.show(make_episode(300, episode_id="interrupted", size=SMALL), 0)
    own_desk.viewer.preload(make_episode(2000, episode_id="long"), Annotation())
    pid = own_desk.viewer.pid
    assert pid is not None
    own_desk.viewer.close()
    assert not psutil.pid_exists(pid)
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("failview-viewer")] == []
    own_desk.viewer.close()


def test_a_viewer_killed_while_it_loads_comes_back_with_all_of_the_episode(own_desk: Desk) -> None:
    own_desk.viewer.show(make_episode(300, cameras=("only",), episode_id="loading"), Annotation(), 120)
    own_desk.viewer.preload(make_episode(20, cameras=(), episode_id="ahead"), Annotation())
    own_desk.wait(lambda: own_desk.status.state is ViewerState.LOADING)
    old = kill(own_desk)
    own_desk.wait(lambda: own_desk.viewer.pid not in {None, old} and own_desk.viewer.shown_frame() == 120)
    own_desk.wait(lambda: own_desk.status.state is ViewerState.READY)
    for frame in (120, 0, 299):
        own_desk.seek(frame)
        own_desk.wait(lambda frame=frame: read_frame_number(own_desk.look_at("only")) == frame)
    shelf = own_desk.viewer._control._screen._shelf
    assert [order.episode.episode_id for order in shelf.orders()] == ["loading", "ahead"]
