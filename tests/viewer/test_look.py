"""Layouts of the stages and readings over the pictures, in the real viewer."""

import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest

from failview.errors import ViewerError
from failview.model.annotation import Annotation, Stage
from failview.viewer.rerun_viewer import RerunViewer
from tests.episodes.synthetic import make_episode, read_frame_number
from tests.viewer.desk import Desk

SMALL = (160, 120)


def views(desk: Desk) -> list[str]:
    """Titles of the views on the screen."""
    return [view.name for view in desk.person().get_state().views]


def rename_view(desk: Desk, name: str, to: str) -> None:
    """A person gives a view another name, in the layout on the screen."""
    person = desk.person()
    layout = json.loads(json.dumps(person.get_blueprint().blueprint).replace(f'"{name}"', f'"{to}"'))
    person.set_blueprint(layout, of="recording")
    desk.wait(lambda: to in views(desk))


ALL, NONE = (True, True), (False, False)


def readings(desk: Desk, camera: str = "front") -> tuple[bool, bool]:
    """Whether the dark band and the amber of the grip force lie over a camera's picture, which has neither."""
    picture = desk.look_at(camera).astype(int)
    top = picture[: picture.shape[0] // 3]
    rows = np.median(top[:, picture.shape[1] // 3 : picture.shape[1] * 2 // 3].mean(axis=2), axis=1)
    dark = bool((rows[12:26] < 40).all())
    red, blue = top[..., 0], top[..., 2]
    amber = int(((red > 180) & (blue < 120)).sum()) > 50
    return dark, amber


def test_each_stage_has_its_layout_and_the_cursor_stays(desk: Desk) -> None:
    desk.show(make_episode(60, size=SMALL, episode_id="stages"), 21)
    desk.moves.clear()
    found = {}
    for stage in Stage:
        desk.viewer.set_stage(stage)
        wanted = {Stage.TRIAGE: False, Stage.DETAIL: True, Stage.REVIEW: True}[stage]
        desk.wait(lambda wanted=wanted: ("Joint velocity (rad/s)" in views(desk)) is wanted)
        state = desk.person().get_state()
        found[stage] = [view.name for view in state.views]
        assert [view.reports for view in state.views if view.reports] == []
        assert desk.cursor() == ("frame", 21)
    for names in found.values():
        assert {"front", "wrist", "Aperture (mm)", "Grip force (N)", "Annotation and events"} <= set(names)
    desk.run_posted()
    assert desk.moves == []
    desk.viewer.set_stage(Stage.DETAIL)


def test_episodes_loaded_ahead_have_the_layout_of_the_stage(desk: Desk) -> None:
    """Also those with other views, whose layout is another one."""
    here, ahead = make_episode(30, size=SMALL, episode_id="now"), make_episode(30, cameras=(), episode_id="then")
    desk.show(here)
    desk.viewer.preload(ahead, Annotation())
    shelf = desk.viewer._control._screen._shelf
    desk.wait(lambda: (log := shelf.find(ahead)) is not None and log.is_done and log.location != "")
    desk.viewer.set_stage(Stage.TRIAGE)
    desk.show(ahead, 3)
    desk.wait(lambda: "Aperture (mm)" in views(desk))
    assert "Joint velocity (rad/s)" not in views(desk)
    desk.viewer.set_stage(Stage.DETAIL)
    desk.wait(lambda: "Joint velocity (rad/s)" in views(desk))


def test_what_a_person_changed_in_the_layout_stays_while_the_stage_does(own_desk: Desk) -> None:
    first, second = (make_episode(30, size=SMALL, episode_id=name, seed=1) for name in ("first", "second"))
    own_desk.show(first)
    rename_view(own_desk, "front", "mine")
    own_desk.show(second)
    assert "mine" in views(own_desk)
    own_desk.seek(9)
    own_desk.show(first)
    assert "mine" in views(own_desk)
    own_desk.viewer.set_stage(Stage.REVIEW)
    own_desk.wait(lambda: "front" in views(own_desk))


def test_a_layout_of_ones_own_takes_the_place_of_that_of_a_stage(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('[layout]\nrow = [{ view = "cameras" }, { view = "lanes" }]\n')
    desk = Desk(tmp_path, layouts={Stage.TRIAGE: mine})
    desk.start()
    desk.viewer.set_stage(Stage.TRIAGE)
    desk.show(make_episode(20, size=SMALL, episode_id="own"))
    desk.wait(lambda: sorted(views(desk)) == ["Annotation and events", "front", "wrist"])
    desk.viewer.close()


def test_a_wrong_layout_is_refused_before_anything_is_started(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text('[layout]\nrow = [\n  { view = "camera" },\n]\n')
    with pytest.raises(ViewerError, match=r"wrong.toml:3: unknown view 'camera'"):
        RerunViewer(lambda function: function(), layouts={Stage.REVIEW: wrong})


def test_readings_come_and_go_over_every_picture_without_sending_it_again(desk: Desk) -> None:
    here, ahead = (make_episode(40, size=(320, 240), episode_id=name) for name in ("shown", "waiting"))
    desk.show(here, 12)
    desk.viewer.preload(ahead, Annotation())
    shelf = desk.viewer._control._screen._shelf
    desk.wait(lambda: (log := shelf.find(ahead)) is not None and log.is_done and log.location != "")
    desk.wait(lambda: [readings(desk), readings(desk, "wrist")] == [ALL, ALL])
    sent = shelf.find(here).num_bytes
    desk.viewer.show_readings(False)
    desk.wait(lambda: [readings(desk), readings(desk, "wrist")] == [NONE, NONE])
    assert read_frame_number(desk.look_at("front")) == 12
    desk.show(ahead, 5)
    assert readings(desk) == NONE
    desk.show(make_episode(20, size=(320, 240), episode_id="later"), 5)
    assert readings(desk) == NONE
    desk.viewer.show_readings(True)
    desk.wait(lambda: readings(desk) == ALL)
    assert shelf.find(here).num_bytes == sent


def test_without_signals_nothing_covers_the_picture(desk: Desk) -> None:
    desk.show(make_episode(20, size=(320, 240), episode_id="silent", roles=frozenset()), 3)
    assert readings(desk) == NONE


def test_a_new_viewer_has_the_layout_and_the_readings_of_the_old_one(own_desk: Desk) -> None:
    own_desk.viewer.set_stage(Stage.TRIAGE)
    own_desk.viewer.show_readings(False)
    own_desk.show(make_episode(40, size=(320, 240), episode_id="again"), 11)
    old = own_desk.viewer.pid
    assert old is not None
    os.kill(old, signal.SIGKILL)
    own_desk.wait(lambda: own_desk.viewer.pid not in {None, old} and own_desk.viewer.shown_frame() == 11)
    own_desk.wait(lambda: "Aperture (mm)" in views(own_desk))
    assert "Joint velocity (rad/s)" not in views(own_desk)
    own_desk.wait(lambda: own_desk.status.loaded_fraction == 1.0)
    assert readings(own_desk) == NONE
