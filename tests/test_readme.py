"""The README tells the truth about keys, actions and commands."""

from pathlib import Path

import pytest

from failview.cli.main import COMMANDS
from failview.session.actions import ACTIONS

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
ON_PAPER = {"Left": "←", "Right": "→", "-": "−", "Ctrl+Return": "Ctrl+Enter", "Return": "Enter", "=": "+"}  # noqa: RUF001
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
