"""What somebody types finds the action that is meant."""

import pytest

from failview.session.action_search import MOST_RECENT, RecentActions, find_actions
from failview.session.actions import ACTIONS, action


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("undo", "undo"),
        ("next epi", "next_episode"),
        ("back frame", "frame_back"),
        ("RECOVERY ENDS", "recovery_end"),
        ("first frame", "first_frame"),
        ("dark", "theme"),
        ("sml txt", "smaller_text"),
    ],
)
def test_the_best_fit_comes_first(typed: str, first: str) -> None:
    assert find_actions(typed, ACTIONS)[0].id == first


def test_nothing_typed_offers_everything_recent_ones_first() -> None:
    found = find_actions("  ", ACTIONS, ["undo", "theme"])
    assert [item.id for item in found[:2]] == ["undo", "theme"]
    assert len(found) == len(ACTIONS)
    assert [item.id for item in found[2:]] == [item.id for item in ACTIONS if item.id not in ("undo", "theme")]


def test_of_two_that_fit_as_well_the_recent_one_comes_first() -> None:
    assert find_actions("one frame", ACTIONS)[0].id == "frame_back"
    assert find_actions("one frame", ACTIONS, ["frame_on"])[0].id == "frame_on"


def test_what_fits_nothing_finds_nothing() -> None:
    assert find_actions("xyzzy", ACTIONS) == []
    assert find_actions("q7", [action("undo")]) == []


def test_the_recent_ones_are_few_and_each_is_there_once() -> None:
    recent = RecentActions()
    for action_id in ("undo", "redo", "undo", *(item.id for item in ACTIONS[:MOST_RECENT])):
        recent.note(action_id)
    assert recent.ids == [item.id for item in reversed(ACTIONS[:MOST_RECENT])]
    recent.note(ACTIONS[0].id)
    assert recent.ids[0] == ACTIONS[0].id
    assert len(recent.ids) == len(set(recent.ids)) == MOST_RECENT
