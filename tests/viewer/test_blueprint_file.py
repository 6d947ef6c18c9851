"""Layout files, and how they fit the data."""

from pathlib import Path

import pytest

from failview.errors import ViewerError
from failview.model.roles import Role
from failview.resources import blueprint_path
from failview.viewer.blueprint_file import Box, Layout, Part, ViewPart, fit, read_layout_file
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
        "End effector (m)",
        "Aperture (mm)",
        "Grip force (N)",
        "Wrist force (N)",
        "Wrist torque (Nm)",
        "Joint torque (Nm)",
        "External torque (Nm)",
        "Joint velocity (rad/s)",
        "Joint position (rad)",
        "Annotation and phases",
    ]


def test_views_without_data_are_left_out_and_the_cameras_take_their_room() -> None:
    layout = fit(DETAIL, make_episode(roles=frozenset()), "frame")
    assert titles(layout.root) == ["front", "wrist", "Annotation"]
    assert isinstance(layout.root, Box)
    assert [part.share for part in layout.root.parts] == [20, 4]


def test_a_wrench_of_three_columns_has_no_torque_view() -> None:
    episode = make_episode(roles=frozenset({Role.WRENCH}))
    signal = episode.signals[Role.WRENCH]
    short = type(signal)(signal.stream, signal.values[:, :3], signal.unit, signal.labels[:3])
    episode = type(episode)(
        episode.episode_id, "", episode.clock, {Role.WRENCH: short}, episode.cameras, episode.source
    )
    assert titles(fit(DETAIL, episode, "frame").root) == ["front", "wrist", "Wrist force (N)", "Annotation"]


def test_equal_layouts_share_a_key_and_others_do_not() -> None:
    first, second = (fit(DETAIL, make_episode(seed=seed), "frame") for seed in (1, 2))
    assert first.key == second.key
    assert first.key != fit(DETAIL, make_episode(cameras=("front",)), "frame").key
    assert first.key != fit(DETAIL, make_episode(), "time").key
    assert Layout(ViewPart("lanes", "a"), "frame", 30).key != Layout(ViewPart("lanes", "b"), "frame", 30).key


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
