"""The README tells the truth about keys, actions and commands."""

import re
from pathlib import Path

import pytest

from failview.cli.main import COMMANDS
from failview.loaders.profiles.profile import Profile
from failview.loaders.profiles.profile_file import KEYS, ROLE_KEYS, read_profile
from failview.loaders.roles.role_names import Combine
from failview.model.roles import UNIT_FACTORS
from failview.session.actions import ACTIONS

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
ON_PAPER = {
    "Left": "←",
    "Right": "→",
    "Up": "↑",
    "Down": "↓",
    "-": "−",  # noqa: RUF001
    "Ctrl+Return": "Ctrl+Enter",
    "Return": "Enter",
    "=": "+",
}
"""How keys are written for people."""


def keys_on_paper() -> str:
    table = README.split("| keys | action |")[1].split("\n\n")[0]
    return " ".join(line.split("|")[1] for line in table.splitlines()[2:])


@pytest.mark.parametrize("key", [key for item in ACTIONS for key in item.keys if not key.isdigit()])
def test_every_key_is_in_the_table(key: str) -> None:
    written = ON_PAPER.get(key, key).replace("Left", "←").replace("Right", "→")
    assert written in keys_on_paper() or written in {"Backspace", "Esc"} & set(README.replace(";", " ").split())


@pytest.mark.parametrize("action_id", [item.id for item in ACTIONS])
def test_every_action_is_named(action_id: str) -> None:
    assert f"`{action_id}`" in README


@pytest.mark.parametrize("name", [row.name for row in COMMANDS])
def test_every_command_is_named(name: str) -> None:
    assert f"failview {name}" in README


PROFILE = README.split("## Roles and the profile")[1].split("\n## ")[0]


def profile_words() -> set[str]:
    return set(re.findall(r"[\w/]+", PROFILE))


def test_every_example_of_a_profile_is_one(tmp_path: Path) -> None:
    examples = re.findall(r"```toml\n(.*?)```", PROFILE, re.DOTALL)
    assert examples
    for text in examples:
        (tmp_path / "profile.toml").write_text(text, encoding="utf-8")
        assert read_profile(tmp_path / "profile.toml") != Profile(path=tmp_path / "profile.toml")


@pytest.mark.parametrize("table", ["dataset", "gripper", "robot", "tf", "roles"])
def test_every_key_of_a_profile_is_explained(table: str) -> None:
    assert {table, *KEYS[table]} <= profile_words()


def test_every_key_and_unit_of_a_role_is_explained() -> None:
    units = {word for factors in UNIT_FACTORS.values() for unit in factors for word in unit.split()}
    assert {*ROLE_KEYS, *units, *filter(None, Combine), "arbitrary"} <= profile_words()
