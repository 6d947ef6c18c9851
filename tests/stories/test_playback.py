"""Playing with the real viewer: no frame is left out up to real time, and the last one is always shown."""

import pytest

from tests.stories.person import PATIENCE_MS, Person


def play_to_the_end(person: Person) -> tuple[list[int], list[int | None]]:
    """Press play and wait for the end; the frames asked for, and what the viewer had confirmed at each time."""
    asked: list[int] = []
    confirmed: list[int | None] = []

    def note(frame: int) -> None:
        asked.append(frame)
        confirmed.append(person.application.viewer.shown_frame())

    person.session.transport.frame_changed.connect(note)
    person.press("Space")
    transport = person.session.transport
    person._qtbot.waitUntil(lambda: not transport.playing, timeout=2 * PATIENCE_MS)
    person.session.transport.frame_changed.disconnect(note)
    return asked, confirmed


def test_at_real_time_the_viewer_confirms_every_frame(person: Person) -> None:
    last = person.session.transport.clock.num_frames - 1
    assert last > 60
    person.press("Home")
    person.wait_until_viewer_stands_at(0)
    asked, confirmed = play_to_the_end(person)
    assert asked == list(range(1, last + 1))
    for frame, shown in zip(asked, confirmed, strict=True):
        assert shown in (frame - 1, frame), "the next frame is asked for when the one before was shown"
    assert person.application.viewer.shown_frame() == last
    person.wait_until_viewer_stands_at(last)


@pytest.mark.parametrize("keys", [("L",), ("L", "L")])
def test_faster_the_last_frame_is_shown(person: Person, keys: tuple[str, ...]) -> None:
    last = person.session.transport.clock.num_frames - 1
    person.press("Home", *keys)
    person.wait_until_viewer_stands_at(0)
    asked, _ = play_to_the_end(person)
    assert asked[-1] == last
    assert asked == sorted(set(asked))
    person.wait_until_viewer_stands_at(last)


def test_a_mark_that_is_dragged_is_seen_in_the_viewer_before_it_is_put_down(person: Person) -> None:
    person.press("F")
    person.go_to_frame(20)
    person.press("O")
    drag = person.session.timeline.drag
    assert drag.take(("failure_onset_frame",))
    for frame in range(21, 41):
        drag.move(frame)
    person.wait_until_viewer_stands_at(40)
    assert person.label.failure_onset_frame == 20
    drag.put_down()
    person.wait_until_saved()
    assert person.label.failure_onset_frame == 40
    person.press("Alt+Right")
    person.wait_until_viewer_stands_at(41)
    person.press("Ctrl+Z", "Ctrl+Z")
    assert person.label.failure_onset_frame == 20


def test_a_loop_stays_between_its_marks(person: Person) -> None:
    person.press("F")
    for frame, key in ((20, "O"), (26, "B")):
        person.go_to_frame(frame)
        person.press(key)
    seen: list[int] = []
    person.session.transport.frame_changed.connect(seen.append)
    person.press("Left", "I")
    person._qtbot.waitUntil(lambda: seen.count(26) >= 2, timeout=PATIENCE_MS)
    person.press("Space", "I")
    rounds = seen[seen.index(26) :]
    assert set(rounds) == set(range(20, 27))
    person.wait_until_viewer_stands_at(person.session.transport.frame)
