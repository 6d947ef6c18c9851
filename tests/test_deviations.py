"""Deviations of real files from the textbook: each ends in a right value or a clear warning, and a test says so.

Tests name the number of the deviation that they are about: "DATA 5" in their docstring, or data_5 in their name.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

DEVIATIONS = {
    1: "bag time and header time are different clocks, one of them 0 or 1970",
    2: "stamps twice; nested messages with older stamps of their own",
    3: "float32 seconds since 1970 collapse; float64 nanoseconds do not",
    4: "no rate at all: frames are the unit",
    5: "a declared rate is wrong: pictures and rows match by number",
    6: "uneven steps in one file",
    7: "success is true everywhere, or a folder's name contradicts it",
    8: "several failures and recoveries in one episode",
    9: "demo_1, demo_10, demo_2; counts missing; nothing in a file, a group, a bag or a stream",
    10: "streams that copy another one, or are all zero; quaternions of different order in one file",
    11: "streams of different lengths; pictures as bytes, as floats, channels first, blue first, padded",
    12: "dialects of LeRobot: keys, names, templates, one file or many, missing videos, another codec",
    13: "Git LFS pointers in place of the data",
    14: "units that no file tells: degrees, ticks, 0-1, 0-100, 0-255, millimetres",
    15: "aperture as one joint of many; forces as norms, of any frame, biased",
    16: "dead streams: zero, frozen, empty, -1",
    17: "the action is the next state, or is copied into the observations",
    18: "joint torques contain gravity",
    19: "a bag's metadata and storage disagree, and its library yields nothing",
    20: "a bag's metadata is missing, or names another file",
    21: "service channels, JSON and other profiles in MCAP files",
    22: "databases without message definitions, and types that nobody knows",
}

_NAME = re.compile(r"_data_(\d+)_")
_LABEL = re.compile(r"\bDATA (\d+(?:(?:, | and | to )\d+)*)")


def named(function: ast.FunctionDef) -> set[int]:
    numbers = {int(number) for number in _NAME.findall(function.name)}
    for label in _LABEL.findall(ast.get_docstring(function) or ""):
        found = [int(number) for number in re.findall(r"\d+", label)]
        numbers |= set(range(found[0], found[-1] + 1)) if " to " in label else set(found)
    return numbers


def every_test() -> Iterator[tuple[Path, ast.FunctionDef]]:
    here = Path(__file__).parent
    for path in sorted(here.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield path.relative_to(here), node


@pytest.mark.parametrize("number", DEVIATIONS, ids=lambda number: f"{number} {DEVIATIONS[number].split(':')[0]}")
def test_every_deviation_has_a_test(number: int) -> None:
    assert [f"{path}::{test.name}" for path, test in every_test() if number in named(test)]


def test_no_test_names_a_deviation_that_is_none() -> None:
    strangers = [(test.name, extra) for _, test in every_test() if (extra := named(test) - DEVIATIONS.keys())]
    assert strangers == []


@pytest.mark.parametrize(
    ("words", "numbers"),
    [("DATA 5.", {5}), ("DATA 1, 2, 16: x", {1, 2, 16}), ("DATA 19 to 22", {19, 20, 21, 22}), ("METADATA 7", set())],
)
def test_labels_are_understood(words: str, numbers: set[int]) -> None:
    (function,) = ast.parse(f'def test_x():\n    """{words}"""').body
    assert isinstance(function, ast.FunctionDef)
    assert named(function) == numbers
