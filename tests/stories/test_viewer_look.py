"""What a person sees in the viewer: layouts by stage, readings by key, and a viewer that comes back."""

import os
import signal

from rerun.experimental import ViewerClient

from failview.model.annotation import Stage
from tests.stories.person import Person


def views(person: Person) -> set[str]:
    """Titles of the views on the screen, as the viewer itself tells."""
    return {view.name for view in ViewerClient.connect(person.viewer_url).get_state().views}


def test_each_stage_has_its_layout_by_key(person: Person) -> None:
    person._qtbot.waitUntil(lambda: "Joint velocity (rad/s)" in views(person), timeout=60_000)
    person.press("F6")
    person.wait_until_open()
    person._qtbot.waitUntil(lambda: "Joint velocity (rad/s)" not in views(person), timeout=60_000)
    assert {"front", "wrist", "Aperture (mm)", "Grip force (N)", "Annotation and events"} <= views(person)
    person.press("F7")
    person.wait_until_open()
    person._qtbot.waitUntil(lambda: "Joint velocity (rad/s)" in views(person), timeout=60_000)
    assert person.session.stage is Stage.DETAIL


def test_the_readings_come_and_go_by_key_and_stay_so_from_episode_to_episode(person: Person) -> None:
    said: list[str] = []
    person.session.notice.connect(said.append)
    person.press("W")
    assert not person.session.readings.shown
    assert "off" in said[-1]
    person.press("N")
    person.wait_until_open()
    assert not person.session.readings.shown
    person.press("W")
    assert person.session.readings.shown
    assert "on" in said[-1]


def test_a_viewer_killed_while_it_plays_comes_back_where_the_cursor_is(person: Person) -> None:
    person.press("Home", "Space")
    person._qtbot.waitUntil(lambda: person.session.transport.frame > 3, timeout=60_000)
    for _ in range(2):
        old_pid = person.viewer_pid
        os.kill(old_pid, signal.SIGKILL)
        person._qtbot.waitUntil(lambda old=old_pid: person.application.viewer.pid not in (old, None), timeout=60_000)
    if person.session.transport.playing:
        person.press("Space")
    person.wait_until_open()
    person.wait_until_viewer_stands_at(person.session.transport.frame)
