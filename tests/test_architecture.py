"""The house keeps its shape: sizes, rooms, and words that do not belong."""

import ast
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "failview"
SOURCES = sorted(PACKAGE.rglob("*.py")) + sorted((ROOT / "scripts").rglob("*.py"))

TOP_LEVEL = {
    "pyproject.toml",
    "failview",
    "blueprints",
    "taxonomy",
    "tests",
    "scripts",
    "README.md",
    "docs",
    "LICENSE",
    "uv.lock",
}
NO_ROOM = {"utils", "common", "core", "helpers", "misc", "shared"}

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_METHODS = 20
TYPICAL_FILE_LINES = 150
"""The median file; a house whose median grows has crowded rooms."""


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout: the list of tracked files is unknown")
    return [Path(line) for line in listed.stdout.splitlines()]


def test_the_top_level_is_the_fixed_one() -> None:
    found = {path.parts[0] for path in tracked_files()}
    assert {name for name in found if not name.startswith(".")} <= TOP_LEVEL


def test_no_folder_where_layering_dies() -> None:
    assert not [path for path in tracked_files() if NO_ROOM & {part.removesuffix(".py") for part in path.parts}]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_functions_and_classes_stay_small(source: Path) -> None:
    text = source.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MAX_FILE_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < MAX_FUNCTION_LINES, node.name
        if isinstance(node, ast.ClassDef):
            methods = [item for item in node.body if isinstance(item, ast.FunctionDef)]
            assert len(methods) < MAX_METHODS, f"{node.name} has {len(methods)} methods"


def test_the_typical_file_is_small() -> None:
    lengths = [len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES]
    assert statistics.median(lengths) <= TYPICAL_FILE_LINES


def test_only_one_module_touches_the_experimental_client() -> None:
    users = [path.name for path in PACKAGE.rglob("*.py") if "rerun.experimental" in path.read_text(encoding="utf-8")]
    assert users == ["native_client.py"]


@pytest.mark.parametrize("command", ["inspect", "status", "validate", "taxonomy"])
def test_commands_without_a_window_load_neither_qt_nor_rerun(command: str) -> None:
    code = f"import sys, failview.cli.{command}; print([m for m in ('PySide6', 'rerun', 'torch') if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
