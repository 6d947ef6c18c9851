"""The robot stands in the scene as its links do, is gone where it is unknown, and the real viewer takes it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rerun as rr

from failview.model.clock import Clock
from failview.model.episode import Episode
from failview.model.robot import Frames, LinkPoses, LinkShape, Robot, RobotLink, ShapeKind
from failview.viewer import entity_paths as paths
from failview.viewer.robot_log import log_robot
from failview.viewer.scene_log import eye_for
from tests.episodes.synthetic import make_episode
from tests.viewer.desk import Desk

UNKNOWN = 5
BOX = LinkShape(1, ShapeKind.BOX, (0.1, 0.2, 0.3), (0.0, 0.0, 0.1), (0.0, 0.0, 0.0, 1.0))
EVERY_KIND = (
    BOX,
    replace(BOX, kind=ShapeKind.CYLINDER),
    replace(BOX, kind=ShapeKind.SPHERE, link=2),
)


def with_robot(episode: Episode, shapes: tuple[LinkShape, ...] = (), reach_m: float = 0.3) -> Episode:
    """A base, an arm that lowers itself from frame to frame, a hand and a frame in the same place as the hand."""

    def link_poses(frames: Frames) -> LinkPoses:
        positions_m = np.zeros((len(frames), 4, 3))
        positions_m[:, 1:, 2] = (0.5 - 0.4 * frames / episode.num_frames)[:, None]
        positions_m[:, 2:, 0] = reach_m
        positions_m[frames == UNKNOWN] = np.nan
        turns = np.where(np.isnan(positions_m[..., :1]), np.nan, np.array([0.0, 0, 0, 1]))
        return LinkPoses(positions_m, turns)

    links = (RobotLink("base", -1), RobotLink("arm", 0), RobotLink("hand", 1), RobotLink("tool", 2))
    limits = np.array([-np.inf]), np.array([np.inf])
    robot = Robot(Path("arm.urdf"), "tool", ("lift",), *limits, False, links, shapes, link_poses)
    return replace(episode, robot=robot)


class Sent:
    """A stream that keeps what is sent, per entity."""

    def __init__(self) -> None:
        self.columns: dict[str, dict[str, list]] = {}
        self.static: set[str] = set()

    def send_columns(self, path: str, _indexes: Sequence[rr.TimeColumn], columns: rr.ComponentColumnList) -> None:
        named = {column.component_descriptor().component: column for column in columns}
        self.columns[path] = {name: column.as_arrow_array().to_pylist() for name, column in named.items()}

    def log(self, path: str, _what: object, *, static: bool) -> None:
        assert static
        self.static.add(path)

    def of(self, path: str, component: str) -> list:
        return next(values for name, values in self.columns[path].items() if component in name)


def sent(episode: Episode) -> Sent:
    stream = Sent()
    assert episode.robot is not None
    log_robot(stream, episode, episode.robot)
    return stream


def test_bones_join_the_links_of_each_frame() -> None:
    stream = sent(with_robot(make_episode(20)))
    strips = stream.of(paths.ROBOT_BONES, "strips")
    assert len(strips) == 20
    assert strips[UNKNOWN] == []
    assert np.array(strips[10]) == pytest.approx(np.array([[[0, 0, 0], [0, 0, 0.3]], [[0, 0, 0.3], [0.3, 0, 0.3]]]))
    assert len(stream.of(paths.ROBOT_JOINTS, "positions")[10]) == 2, "links in one place have no bone between them"


def test_shapes_take_the_place_of_bones() -> None:
    stream = sent(with_robot(make_episode(20), EVERY_KIND))
    assert len(stream.of(paths.ROBOT_BONES, "strips")[0]) == 1, "the base has no shape, so a line leads to it"
    moves = stream.of(paths.robot_link_path(1), "translation")
    assert moves[10] == [pytest.approx([0, 0, 0.3])]
    assert stream.of(paths.robot_link_path(1), "scale")[UNKNOWN] == [[0, 0, 0]]
    assert {f"{paths.robot_link_path(shape.link)}/{number}" for number, shape in enumerate(EVERY_KIND)} < stream.static


def test_nothing_is_sent_of_a_robot_that_is_never_known() -> None:
    assert not sent(with_robot(make_episode(20), reach_m=np.nan)).static


def test_the_eye_sees_the_robot_unless_it_would_make_the_rest_small() -> None:
    plain = make_episode(20)
    alone, near, far = (eye_for(item, None) for item in (plain, with_robot(plain), with_robot(plain, reach_m=9.0)))
    assert alone is not None
    assert near is not None
    assert near.span_m > alone.span_m
    assert far == alone


def test_an_untimed_episode_of_no_frames_has_no_robot_to_draw() -> None:
    episode = make_episode(20)
    assert not sent(with_robot(replace(episode, clock=Clock(0, None, "none")))).static


def test_the_real_viewer_takes_a_robot_without_a_word(desk: Desk) -> None:
    desk.show(with_robot(make_episode(40, size=(160, 120), episode_id="robot"), EVERY_KIND), frame=7)
    before = desk.look_at("End effector (grid 0.1 m)").astype(int)
    desk.seek(UNKNOWN)
    gone = desk.look_at("End effector (grid 0.1 m)").astype(int)
    desk.seek(39)
    lower = desk.look_at("End effector (grid 0.1 m)").astype(int)
    for other in (gone, lower):
        assert (np.abs(other - before).max(axis=2) > 20).mean() > 0.01, "a good part of the picture has changed"
    assert not desk.status.message
