"""Layout files, and how they fit the data."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from failview.errors import ViewerError
from failview.model.annotation import Stage
from failview.model.episode import Episode, RoleAssignment
from failview.model.roles import Role
from failview.model.signals import Signal
from failview.resources import blueprint_path
from failview.viewer.blueprint_file import Box, Layout, Part, ViewPart, common_key, fit, read_layout_file
from failview.viewer.other_streams import streams_drawn
from failview.viewer.words_log import what_is_missing
from tests.episodes.synthetic import make_episode

DETAIL = read_layout_file(blueprint_path("detail"))


def titles(part: Part | None) -> list[str]:
    if isinstance(part, Box):
        return [title for child in part.parts for title in titles(child)]
    return [] if part is None else [part.title]


def test_everything_has_its_view() -> None:
    assert titles(fit(DETAIL, make_episode(), "frame").root) == [
        "front",
        "wrist",
        "End effector (grid 0.1 m)",
        "Aperture (mm)",
        "Grip force (N)",
        "Wrist force (N)",
        "Wrist torque (Nm)",
        "Torque residual (Nm)",
        "Object to goal (mm)",
        "Behind command (mm)",
        "Jerk",
        "Joint torque (Nm)",
        "External torque (Nm)",
        "Joint velocity (rad/s)",
        "Joint position (rad)",
        "Annotation and events",
    ]


def test_views_without_data_are_left_out_and_the_cameras_take_their_room() -> None:
    layout = fit(DETAIL, make_episode(roles=frozenset()), "frame")
    assert titles(layout.root) == ["front", "wrist", "Not shown", "Annotation"]
    assert isinstance(layout.root, Box)
    assert [part.share for part in layout.root.parts] == [18, 2, 8]


def test_lanes_take_the_room_of_what_is_left_out_only_where_there_is_nothing_else() -> None:
    review = read_layout_file(blueprint_path("review"))
    layout = fit(review, make_episode(cameras=(), roles=frozenset({Role.JOINT_POSITION})), "frame")
    assert titles(layout.root)[:2] == ["Annotation and events", "Not shown"]
    assert isinstance(layout.root, Box)
    assert [part.share for part in layout.root.parts] == [9, 2, 16]
    bare = fit(review, make_episode(cameras=(), roles=frozenset()), "frame").root
    assert isinstance(bare, Box)
    assert [part.share for part in bare.parts] == [25, 2]


def test_a_wrench_of_three_columns_has_no_torque_view() -> None:
    episode = make_episode(roles=frozenset({Role.WRENCH}))
    signal = episode.signals[Role.WRENCH]
    short = type(signal)(signal.stream, signal.values[:, :3], signal.unit, signal.labels[:3])
    episode = type(episode)(
        episode.episode_id, "", episode.clock, {Role.WRENCH: short}, episode.cameras, episode.source
    )
    assert titles(fit(DETAIL, episode, "frame").root) == ["front", "wrist", "Wrist force (N)", "Annotation and events"]


def test_what_the_detectors_compute_has_a_view_where_they_have_the_signals_for_it() -> None:
    torque = frozenset({Role.JOINT_TORQUE, Role.JOINT_POSITION})
    assert "Torque residual (Nm)" not in titles(fit(DETAIL, make_episode(roles=torque), "frame").root), "no model"
    external = make_episode(roles=torque | {Role.EXTERNAL_TORQUE})
    assert "Torque residual (Nm)" in titles(fit(DETAIL, external, "frame").root)
    dead = RoleAssignment("tau", "Nm", guessed=False, reason="its name", dead=True)
    still = replace(external, assignments={Role.EXTERNAL_TORQUE: dead})
    assert "Torque residual (Nm)" not in titles(fit(DETAIL, still, "frame").root)
    assert "Jerk" in titles(fit(DETAIL, make_episode(roles=frozenset({Role.JOINT_VELOCITY})), "frame").root)


def test_equal_layouts_share_a_key_and_others_do_not() -> None:
    first, second = (fit(DETAIL, make_episode(seed=seed), "frame") for seed in (1, 2))
    assert first.key == second.key
    assert first.key != fit(DETAIL, make_episode(cameras=("front",)), "frame").key
    assert first.key != fit(DETAIL, make_episode(), "time").key


def test_axes_of_an_episode_longer_than_linked_ones_show_stand_alone() -> None:
    """A 93 s recording would open at its first third, a 2430-frame one without its ends."""
    long = make_episode(2430, cameras=(), rate_hz=100.0)
    assert not fit(DETAIL, long, "frame").linked
    assert fit(DETAIL, long, "time").linked
    slow = make_episode(930, cameras=(), rate_hz=10.0)
    assert fit(DETAIL, slow, "frame").linked
    assert not fit(DETAIL, slow, "time").linked


def test_the_frame_number_is_shown_where_the_axes_count_seconds() -> None:
    episode = make_episode(cameras=())
    assert "Frame" not in titles(fit(DETAIL, episode, "frame").root)
    assert titles(fit(DETAIL, episode, "time").root)[-1] == "Frame"


def test_a_guessed_unit_is_shown_as_guessed() -> None:
    episode = make_episode(cameras=(), roles=frozenset({Role.GRIPPER_APERTURE}))
    guessed = replace(episode.signals[Role.GRIPPER_APERTURE], guessed_unit=True)
    for signal, title in (
        (guessed, "Aperture (mm?)"),
        (replace(guessed, unit="arbitrary"), "Aperture (file's own scale)"),
    ):
        layout = fit(DETAIL, replace(episode, signals={Role.GRIPPER_APERTURE: signal}), "frame")
        assert titles(layout.root)[0] == title


def test_a_dead_stream_is_named_above_its_plot() -> None:
    episode = make_episode(cameras=(), roles=frozenset({Role.JOINT_POSITION}))
    dead = RoleAssignment("q", "rad", guessed=False, reason="its name", dead=True)
    assert "Joint position (rad), never changes" in titles(
        fit(DETAIL, replace(episode, assignments={Role.JOINT_POSITION: dead}), "frame").root
    )


def stream(name: str, columns: int = 2, *, moves: bool = True, words: tuple[str, ...] = ()) -> Signal:
    values = np.zeros((120, columns))
    values[60:] = float(moves)
    return Signal(name, values, "", tuple(map(str, range(columns))), text_values=words)


def test_streams_without_a_role_are_drawn_where_no_role_but_the_action_has_a_curve() -> None:
    others = [stream("still", moves=False), stream("said", 1, words=("a", "b")), stream("states", 52), stream("x", 3)]
    others += [stream("pixels", 65), *(stream(f"more {number}") for number in range(5))]
    episode = replace(
        make_episode(cameras=(), roles=frozenset()), other_signals={other.stream: other for other in others}
    )
    drawn = ["states", "x", "more 0", "more 1"]
    assert list(streams_drawn(episode)) == drawn
    assert titles(fit(DETAIL, episode, "frame").root) == [*drawn, "Not shown", "Annotation"]
    action = stream("action")
    assert list(streams_drawn(replace(episode, signals={Role.ACTION: action}))) == drawn
    assert not streams_drawn(replace(episode, signals={Role.JOINT_POSITION: action}))


def test_what_is_missing_is_said_and_nothing_else() -> None:
    assert what_is_missing(make_episode()) == []
    assert what_is_missing(make_episode(cameras=())) == []
    no_pictures, profile = what_is_missing(make_episode(cameras=(), roles=frozenset({Role.JOINT_POSITION})))
    assert "no picture" in no_pictures
    assert "--write-profile" in profile
    bare = make_episode(cameras=("front",), roles=frozenset())
    assert "nothing to draw" in what_is_missing(bare)[0]
    assert "as they are" in what_is_missing(replace(bare, other_signals={"x": stream("x")}))[0]


def test_layouts_that_differ_in_a_title_have_different_keys() -> None:
    assert Layout(ViewPart("lanes", "a"), "frame", 30).key != Layout(ViewPart("lanes", "b"), "frame", 30).key


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_shows_pictures_lanes_and_what_decides(stage: Stage) -> None:
    layout = fit(read_layout_file(blueprint_path(stage)), make_episode(), "frame")
    assert {"front", "wrist", "Aperture (mm)", "Grip force (N)", "Annotation and events"} <= set(titles(layout.root))


def test_episodes_share_a_layout_only_where_they_do_in_every_stage() -> None:
    def key(episode: Episode) -> str:
        stages = [read_layout_file(blueprint_path(stage)) for stage in Stage]
        return common_key(fit(written, episode, "frame") for written in stages)

    everything = make_episode()
    no_action = make_episode(roles=frozenset(everything.signals) - {Role.JOINT_TORQUE})
    assert key(everything) == key(make_episode(seed=4))
    assert key(everything) != key(no_action)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nonsense", "not valid TOML"),
        ("", "no \\[layout\\] table"),
        ('[layout]\nview = "camera"', "unknown view 'camera'.*Known views: cameras"),
        ('[layout]\ncolumn = [{ view = "lanes", width = 3 }]', "unknown key 'width'"),
        ("[layout]\nrow = []", "not a list of parts"),
        ('[layout]\nrow = [{ share = 0, view = "lanes" }]', "share = 0"),
        ('[layout]\nrow = [{ view = "lanes", tabs = [] }]', "exactly one of"),
        ("[layout]\nrow = [3]", "3 in the layout is not a part"),
        ('[layout]\nview = "lanes"\n[colours]\nred = 1', "toml:3: unknown key 'colours' beside \\[layout\\]"),
        ('[layout]\nrow = [\n  { view = "lanes" },\n  { view = "lane" },\n]', "toml:4: unknown view 'lane'"),
        ('[layout]\nrow = [\n  { view = "lanes" },\n  { sharre = 2 },\n]', "toml:4: unknown key 'sharre'"),
        ('[layout]\nrow = [\n  { view = "lanes", share = true },\n]', "share = True .* not a number"),
        ('[layout]\nview = ["lanes"]', "unknown view \\['lanes'\\]"),
    ],
)
def test_a_wrong_layout_is_told_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "layout.toml"
    path.write_text(text)
    with pytest.raises(ViewerError, match=message) as caught:
        read_layout_file(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_layout_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ViewerError, match="cannot be read"):
        read_layout_file(tmp_path / "none.toml")
