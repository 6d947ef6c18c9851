"""Keys: derived from the table, changed by the user, never ambiguous."""

import pytest

from failview.errors import SettingsError
from failview.session.actions import ACTIONS, action
from failview.session.keymap import Keymap

KEYS_OF_THE_SPECIFICATION = {
    "Space": "play_pause", "K": "play_pause", "J": "slower", "L": "faster",
    ",": "frame_back", ".": "frame_on", "Left": "frame_back", "Right": "frame_on",
    "Shift+Left": "second_back", "Shift+Right": "second_on", "Ctrl+Left": "previous_mark", "Ctrl+Right": "next_mark",
    "Home": "first_frame", "End": "last_frame", "S": "success", "P": "partial_success", "F": "failure",
    "1": "digit_1", "2": "digit_2", "3": "digit_3", "4": "digit_4", "5": "digit_5", "Backspace": "category_up",
    "O": "onset", "B": "obvious", "[": "recovery_start", "]": "recovery_end", "Ctrl+Return": "finish_stage",
    "Return": "accept", "Enter": "accept",
    "N": "next_episode", "Shift+N": "previous_episode", "Ctrl+Z": "undo", "Ctrl+Shift+Z": "redo", "Ctrl+Y": "redo",
    "?": "help", "F1": "help",
}  # fmt: skip


@pytest.mark.parametrize(("key", "action_id"), KEYS_OF_THE_SPECIFICATION.items())
def test_the_default_keys_are_those_of_the_specification(key: str, action_id: str) -> None:
    found = Keymap().action_for(key, in_text=False)
    assert found is not None
    assert found.id == action_id


def test_ids_are_unique_and_every_action_has_words_of_its_own() -> None:
    assert len({item.id for item in ACTIONS}) == len(ACTIONS)
    assert all(item.title and item.group for item in ACTIONS)
    assert len({item.title for item in ACTIONS}) == len(ACTIONS)
    assert action("undo").title == "Undo"


@pytest.mark.parametrize("key", ["S", "1", "[", "?", "Space", "Left", "Backspace", "Ctrl+Left", "Home", "-"])
def test_in_a_text_field_a_key_that_types_or_moves_is_the_fields_own(key: str) -> None:
    assert Keymap().action_for(key, in_text=True) is None


@pytest.mark.parametrize("key", ["Ctrl+Return", "Ctrl+Z", "Ctrl+Shift+Z", "Esc", "F1"])
def test_in_a_text_field_the_other_keys_still_work(key: str) -> None:
    assert Keymap().action_for(key, in_text=True) is not None


def test_the_user_changes_a_key() -> None:
    keymap = Keymap({"onset": ("F9",)})
    changed = keymap.action_for("f9", in_text=False)
    assert changed is not None
    assert changed.id == "onset"
    assert keymap.action_for("O", in_text=False) is None
    assert keymap.shown_key("onset") == "F9"


def test_a_key_for_two_actions_is_refused() -> None:
    with pytest.raises(SettingsError, match='s is given to both "success" and "onset"'):
        Keymap({"onset": ("s",)}, "settings.toml")


def test_an_unknown_action_is_refused() -> None:
    with pytest.raises(SettingsError, match=r'settings\.toml: no action is called "onst"'):
        Keymap({"onst": ("X",)}, "settings.toml")


@pytest.mark.parametrize("keys", [("Foo",), ("Ctrl+Foo",), ("Hyper+A",)])
def test_what_is_no_key_is_refused(keys: tuple[str, ...]) -> None:
    with pytest.raises(SettingsError, match="onset"):
        Keymap({"onset": keys}, "settings.toml")


def test_the_nearest_action_is_suggested() -> None:
    with pytest.raises(SettingsError, match=r'Did you mean "onset"\?'):
        Keymap({"onst": ("X",)})
    with pytest.raises(SettingsError, match=r"Actions: accept, "):
        Keymap({"qqqqqqq": ("X",)})


@pytest.mark.parametrize(
    ("key", "other"),
    [
        ("ctrl+z", "undo"),
        ("Shift+Ctrl+Z", "redo"),
        ("control+y", "redo"),
        ("Ctrl+Enter", "finish_stage"),
        ("CTRL+RETURN", "finish_stage"),
        ("Escape", "leave_field"),
        ("enter", "accept"),
        ("Ctrl++", "larger_text"),
        ("shift+n", "previous_episode"),
    ],
)
def test_a_key_is_the_same_in_any_spelling(key: str, other: str) -> None:
    with pytest.raises(SettingsError, match=rf'given to both ".*{other}') as caught:
        Keymap({"onset": (key,)})
    assert "onset" in str(caught.value)


def test_the_two_enter_keys_are_one() -> None:
    with pytest.raises(SettingsError, match='"onset" and "finish_stage"'):
        Keymap({"finish_stage": ("Ctrl+Return",), "onset": ("Ctrl+Enter",)})
    found = Keymap({"onset": ("Alt+Return",)}).action_for("Alt+Enter", in_text=False)
    assert found is not None
    assert found.id == "onset"


@pytest.mark.parametrize("key", ["Tab", "Shift+Tab", "Backtab"])
def test_the_keys_that_move_the_keyboard_cannot_be_taken(key: str) -> None:
    with pytest.raises(SettingsError, match="moves the keyboard"):
        Keymap({"onset": (key,)})


@pytest.mark.parametrize("key", ["", "+x", "Ctrl+", "Ctrl", "Ctrl+Ctrl+", "++"])
def test_what_is_only_part_of_a_key_is_refused(key: str) -> None:
    with pytest.raises(SettingsError, match="is no key"):
        Keymap({"onset": (key,)})


def test_a_key_that_types_never_runs_an_action_in_a_text() -> None:
    keymap = Keymap({"help": ("!", "Shift+J", "F1")})
    assert keymap.action_for("!", in_text=True) is None
    assert keymap.action_for("Shift+J", in_text=True) is None
    assert keymap.action_for("F1", in_text=True) is not None


def test_no_keys_take_the_keys_away() -> None:
    keymap = Keymap({"undo": ()})
    assert keymap.action_for("Ctrl+Z", in_text=False) is None
    assert keymap.shown_key("undo") == ""
