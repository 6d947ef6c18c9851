"""What a person sees and does in the real viewer."""

import threading
from dataclasses import replace

import numpy as np
import psutil

from failview.errors import DatasetError
from failview.model.annotation import Annotation
from failview.model.camera import Camera, PictureReader
from failview.model.roles import Role
from failview.session.desk.viewer_port import ViewerState
from failview.viewer.shelf import MAX_EPISODES, RESERVE
from tests.episodes.synthetic import make_camera, make_episode, read_frame_number
from tests.viewer.desk import Desk

SMALL = (160, 120)


def failure_starts_at(desk: Desk, title: str = "Annotation") -> float | None:
    """Where in the width of the lane (0 to 1) the red of a failure begins."""
    picture = desk.look_at(title).astype(int)
    red = (picture[..., 0] > 110) & (picture[..., 0] > 2 * picture[..., 1]) & (picture[..., 0] > 2 * picture[..., 2])
    columns = np.flatnonzero(red.sum(axis=0) >= 5)
    return None if columns.size == 0 else float(columns[0]) / picture.shape[1]


def test_the_viewer_stands_at_every_frame_sought(desk: Desk) -> None:
    desk.show(make_episode(200, size=SMALL, episode_id="seeks"))
    desk.moves.clear()
    for frame in np.random.default_rng(1).integers(0, 200, 50).tolist():
        desk.seek(frame)
        assert desk.cursor() == ("frame", frame)
    desk.run_posted()
    assert desk.moves == [], "our own seeks are not a person's"


def test_a_fast_signal_brings_the_exact_times(desk: Desk) -> None:
    episode = make_episode(100, cameras=(), rate_hz=30.0, force_rate_hz=1000, episode_id="fast")
    desk.show(episode, 33)
    for frame in (0, 1, 50, 99, 7):
        desk.seek(frame)
        assert desk.cursor() == ("time", episode.clock.time_ns(frame))
    assert desk.moves == []


def test_the_screenshot_shows_the_frame_asked_for(desk: Desk) -> None:
    desk.show(make_episode(90, size=(320, 240), episode_id="picture"), 41)
    assert read_frame_number(desk.screenshot()) == 41
    desk.viewer.seek(77)
    picture = desk.screenshot()
    assert read_frame_number(picture) == 77
    assert picture.shape == (1000, 1600, 3)
    assert picture.mean() < 80, "the viewer is dark"


def test_a_screenshot_that_cannot_be_written_says_so(desk: Desk) -> None:
    desk.show(make_episode(10, size=SMALL, episode_id="unwritable"))
    path = desk.folder / "missing" / "shot.png"
    desk.viewer.save_screenshot(path)
    desk.wait(lambda: bool(desk.saved) and desk.saved[-1][0] == path)
    assert "cannot be written" in desk.saved[-1][1]


def test_the_mouse_moves_the_panel(desk: Desk) -> None:
    desk.show(make_episode(120, size=SMALL, episode_id="mouse"))
    desk.moves.clear()
    desk.person().set_time("frame", sequence=64)
    desk.wait(lambda: desk.moves != [])
    assert desk.moves == [("mouse", 64)]
    assert desk.viewer.shown_frame() == 64


def test_a_place_between_frames_is_the_frame_on_the_screen(desk: Desk) -> None:
    episode = make_episode(120, cameras=(), force_rate_hz=1000, episode_id="between")
    desk.show(episode, 3)
    desk.moves.clear()
    time_ns = episode.clock.time_ns(40)
    assert time_ns is not None
    desk.person().set_time("time", duration=np.timedelta64(time_ns + 20_000_000, "ns"))
    desk.wait(lambda: desk.moves != [])
    assert desk.moves == [("between", 40)]


def test_another_timeline_keeps_the_frame_and_is_used_from_then_on(own_desk: Desk) -> None:
    episode = make_episode(60, size=SMALL, episode_id="timelines")
    own_desk.show(episode, 20)
    own_desk.person().set_time("time")
    own_desk.wait(lambda: own_desk.cursor() == ("time", episode.clock.time_ns(20)))
    own_desk.seek(35)
    assert own_desk.cursor() == ("time", episode.clock.time_ns(35))
    assert own_desk.moves == []


def test_a_session_that_seeks_what_it_was_told_does_not_fight_the_mouse(desk: Desk) -> None:
    desk.show(make_episode(120, size=SMALL, episode_id="echo"))
    desk.moves.clear()
    echo = desk.viewer.cursor_moved.connect(lambda _episode_id, frame: desk.viewer.seek(frame))
    generation = desk.viewer._inbox.generation
    desk.person().set_time("frame", sequence=30)
    desk.wait(lambda: desk.moves == [("echo", 30)])
    desk.viewer.cursor_moved.disconnect(echo)
    assert desk.viewer._inbox.generation == generation


def test_marks_move_and_vanish(desk: Desk) -> None:
    episode = make_episode(101, cameras=(), episode_id="marks", roles=frozenset())
    desk.show(episode, 0, Annotation(failure_onset_frame=10))
    desk.wait(lambda: abs((failure_starts_at(desk) or 9) - 0.10) < 0.02)
    desk.viewer.mark(Annotation(failure_onset_frame=50))
    desk.wait(lambda: abs((failure_starts_at(desk) or 9) - 0.50) < 0.02)
    desk.viewer.mark(Annotation(failure_onset_frame=30, failure_obvious_frame=60))
    desk.wait(lambda: abs((failure_starts_at(desk) or 9) - 0.30) < 0.02)
    desk.viewer.mark(Annotation())
    desk.wait(lambda: failure_starts_at(desk) is None)


def test_a_long_episode_is_seen_from_end_to_end(desk: Desk) -> None:
    """Whatever frame it is opened at; Rerun alone would show 2000 frames around that one."""
    episode = make_episode(4001, cameras=(), episode_id="long", roles=frozenset())
    desk.show(episode, 3500, Annotation(failure_onset_frame=400))
    desk.wait(lambda: abs((failure_starts_at(desk) or 9) - 0.10) < 0.02)


def test_an_episode_loaded_ahead_is_not_shown_before_it_is_asked_for(desk: Desk) -> None:
    here, ahead = (make_episode(60, size=SMALL, episode_id=name) for name in ("here", "ahead"))
    desk.show(here, 12)
    active = desk.person().get_state().active_recording
    desk.viewer.preload(ahead, Annotation())
    shelf = desk.viewer._control._screen._shelf
    desk.wait(lambda: (log := shelf.find(ahead)) is not None and log.is_done and log.location != "")
    assert desk.person().get_state().active_recording == active
    assert desk.cursor() == ("frame", 12)
    desk.show(ahead, 5)
    assert desk.person().get_state().active_recording != active
    assert desk.cursor() == ("frame", 5)
    assert desk.moves == [] or desk.moves[-1][0] not in {"here", "ahead"}


def test_marks_made_while_an_episode_waits_are_there_when_it_is_shown(desk: Desk) -> None:
    here, ahead = (make_episode(51, cameras=(), episode_id=name, roles=frozenset()) for name in ("now", "next"))
    desk.show(here)
    desk.viewer.preload(ahead, Annotation(failure_onset_frame=5))
    desk.show(ahead, 0, Annotation(failure_onset_frame=25))
    desk.wait(lambda: abs((failure_starts_at(desk) or 9) - 0.5) < 0.02)


def test_an_episode_without_a_clock_is_shown_by_frames(desk: Desk) -> None:
    desk.show(make_episode(40, rate_hz=None, size=SMALL, episode_id="untimed"), 17)
    assert desk.cursor() == ("frame", 17)
    assert {line.name for item in desk.person().get_state().recordings for line in item.timelines} >= {"frame"}


def test_a_recording_closed_in_the_viewer_is_logged_again(desk: Desk) -> None:
    desk.show(make_episode(40, size=SMALL, episode_id="closed"), 23)
    person = desk.person()
    gone = person.get_state().active_recording
    assert gone is not None
    person.close(store_ids=[gone])
    desk.wait(lambda: person.get_state().active_recording not in {None, gone} and desk.viewer.shown_frame() == 23)
    assert desk.cursor() == ("frame", 23)


def test_recordings_stay_bounded(desk: Desk) -> None:
    for number in range(60):
        episode = make_episode(5, cameras=("front",), size=(64, 48), episode_id=f"small_{number}", seed=number)
        desk.viewer.preload(
            make_episode(5, cameras=("front",), size=(64, 48), episode_id=f"small_{number + 1}"), Annotation()
        )
        desk.show(episode, 2)
    layouts = len(desk.viewer._control._screen._shelf._reserve)
    assert desk.num_recordings() <= MAX_EPISODES + layouts * RESERVE


def test_status_tells_the_way_of_an_episode(desk: Desk) -> None:
    desk.statuses.clear()
    desk.show(make_episode(150, episode_id="status"))
    states = [(status.state, status.episode_id) for status in desk.statuses]
    assert (ViewerState.LOADING, "status") in states
    assert states[-1] == (ViewerState.READY, "status")
    fractions = [status.loaded_fraction for status in desk.statuses]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_every_picture_of_a_long_episode_arrives(desk: Desk) -> None:
    desk.show(make_episode(400, cameras=("only",), episode_id="long"), 200)
    for frame in (0, 1, 7, 8, 100, 199, 201, 305, 398, 399):
        desk.seek(frame)
        desk.wait(lambda frame=frame: read_frame_number(desk.look_at("only")) == frame)


def test_a_frame_without_a_picture_never_shows_another_one(desk: Desk) -> None:
    """Two cameras whose names differ in one sign, one of them shorter than the episode."""
    long, short = make_camera("cam/1", 40, (320, 240)), make_camera("cam_1", 25, (320, 240))
    episode = replace(make_episode(40, cameras=(), episode_id="short"), cameras={"cam/1": long, "cam_1": short})
    desk.show(episode, 3)
    for frame, expected in ((3, 3), (24, 24), (25, None), (39, None), (10, 10)):
        desk.seek(frame)
        desk.wait(lambda frame=frame: read_frame_number(desk.look_at("cam/1")) == frame)
        desk.wait(lambda expected=expected: read_frame_number(desk.look_at("cam_1")) == expected)


def test_the_status_names_a_camera_that_cannot_be_read_until_another_episode_is_shown(desk: Desk) -> None:
    def open_reader() -> PictureReader:
        raise DatasetError("cannot be opened", where="wrist.mp4")

    cameras = {"front": make_camera("front", 20, SMALL), "wrist": Camera("wrist", *SMALL, 20, open_reader)}
    desk.show(replace(make_episode(20, cameras=(), episode_id="unread"), cameras=cameras))
    assert desk.status.message == "wrist: none of 20 pictures can be shown (wrist.mp4: cannot be opened)"
    desk.show(make_episode(20, size=SMALL, episode_id="read"))
    assert desk.status.message == ""


def test_threads_do_not_pile_up(desk: Desk) -> None:
    threads = []
    for number in range(24):
        desk.show(make_episode(4, cameras=(), episode_id=f"thread_{number}"), 1)
        threads.append(psutil.Process().num_threads())
    assert max(threads[12:]) <= max(threads[:12]) + 2 * RESERVE


def test_the_mouse_is_heeded_while_the_panel_plays(desk: Desk) -> None:
    desk.show(make_episode(3000, cameras=(), episode_id="playing"), 0)
    desk.moves.clear()
    desk.viewer.set_pace(1.0, True)
    played: list[int | None] = []

    def pause_and_go(_episode_id: str, frame: int) -> None:
        desk.viewer.set_pace(1.0, False)
        desk.viewer.seek(frame)

    session = desk.viewer.cursor_moved.connect(pause_and_go)
    released = threading.Event()

    def press() -> None:
        """A pressed mouse button sets the cursor with every picture that the viewer paints."""
        person = desk.person()
        while not released.is_set():
            person.set_time("frame", sequence=2500)

    mouse = threading.Thread(target=press)
    frame = 0
    while not desk.moves:
        assert frame < 200, "the mouse was overrun"
        frame += 1
        desk.viewer.seek(frame)
        if frame == 40:
            mouse.start()
        for _ in range(6):
            desk.run_posted()
        played.append(desk.viewer.shown_frame())
    released.set()
    mouse.join()
    desk.viewer.cursor_moved.disconnect(session)
    assert desk.moves[0] == ("playing", 2500)
    desk.wait(lambda: desk.cursor() == ("frame", 2500) and desk.viewer.shown_frame() == 2500)
    assert len(set(played)) > 10, "playback was seen"


def test_a_twitch_does_not_fill_the_plot(desk: Desk) -> None:
    """The aperture moves by 0.1 mm: its curve stays a flat line at the top of an axis that starts at 0."""
    episode = make_episode(50, cameras=(), episode_id="twitch", roles=frozenset({Role.GRIPPER_APERTURE}))
    values = np.full((50, 1), 0.08)
    values[20:30] -= 0.0001
    aperture = replace(episode.signals[Role.GRIPPER_APERTURE], values=values)
    desk.show(replace(episode, signals={Role.GRIPPER_APERTURE: aperture}))
    picture = desk.look_at("Aperture (mm)").astype(int)
    blue = (picture[..., 2] > 180) & (picture[..., 2] > picture[..., 0] + 80)
    rows = np.flatnonzero(blue.any(axis=1))
    assert rows.size > 0
    assert np.ptp(rows) < picture.shape[0] * 0.05
    assert rows.max() < picture.shape[0] * 0.3


def test_a_peak_of_one_sample_keeps_its_height(desk: Desk) -> None:
    """A thousand samples share a few pixels: their average would hide that the hand hit something."""
    episode = make_episode(6000, cameras=(), episode_id="peak", roles=frozenset({Role.GRIPPER_FORCE}))
    values = np.full((6000, 1), 0.1)
    values[3000] = 40.0
    force = replace(episode.signals[Role.GRIPPER_FORCE], values=values, times_ns=None)
    desk.show(replace(episode, signals={Role.GRIPPER_FORCE: force}))
    picture = desk.look_at("Grip force (N)").astype(int)
    blue = (picture[..., 2] > 120) & (picture[..., 2] > picture[..., 0] + 60)
    assert np.ptp(np.flatnonzero(blue.any(axis=1))) > picture.shape[0] * 0.7
