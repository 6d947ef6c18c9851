"""What cannot be opened gets one line - what, where, what to do - and exit code 2, from every command that opens it."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from failview.cli.main import run

LFS_POINTER = (
    "version https://git-lfs.github.com/spec/v1\noid sha256:4665a5ea423c2713d436b5ee50593a9640e0018c1550b5\nsize 41\n"
)


def text_file(folder: Path) -> Path:
    path = folder / "notes.hdf5"
    path.write_text("these are my notes\n", encoding="utf-8")
    return path


def empty_file(folder: Path) -> Path:
    path = folder / "empty.hdf5"
    path.touch()
    return path


def truncated_file(folder: Path) -> Path:
    path = folder / "whole.hdf5"
    with h5py.File(path, "w") as file:
        demo = file.create_group("data/demo_0")
        demo["actions"] = np.random.default_rng(0).normal(size=(400, 7))
        demo.attrs["num_samples"] = 400
    cut = folder / "cut.hdf5"
    cut.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    path.unlink()
    return cut


def lfs_pointer(folder: Path) -> Path:
    path = folder / "pointer.hdf5"
    path.write_text(LFS_POINTER, encoding="utf-8")
    return path


def missing_path(folder: Path) -> Path:
    return folder / "nowhere"


def folder_without_data(folder: Path) -> Path:
    path = folder / "papers"
    path.mkdir()
    (path / "readme.txt").write_text("nothing to see", encoding="utf-8")
    return path


def hdf5_of_something_else(folder: Path) -> Path:
    path = folder / "weather.hdf5"
    with h5py.File(path, "w") as file:
        file["temperature"] = np.zeros(3)
    return path


BAD = (text_file, empty_file, truncated_file, lfs_pointer, missing_path, folder_without_data, hdf5_of_something_else)


@pytest.mark.parametrize("make", BAD, ids=lambda make: make.__name__)
@pytest.mark.parametrize(
    "command",
    [["inspect"], ["inspect", "--json"], ["open", "--headless", "--screenshots", "shots"], ["validate"], ["status"]],
    ids=" ".join,
)
def test_one_line_and_exit_code_2(command: list[str], make: Callable[[Path], Path], tmp_path: Path) -> None:
    path = make(tmp_path)
    ran = subprocess.run(
        [sys.executable, "-m", "failview", command[0], str(path), *command[1:]],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert ran.stdout == ""
    lines = ran.stderr.strip().splitlines()
    assert len(lines) == 1, ran.stderr
    assert path.name in lines[0]
    assert "Traceback" not in lines[0]
    if make is lfs_pointer:
        assert "git lfs pull" in lines[0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["inspekt", "x"], 'Did you mean "inspect"?'),
        (["inspect"], "Missing argument"),
        (["open", "x", "--colour"], "No such option"),
        (["open", "x", "--stage", "lunch"], "lunch"),
        (["open", "x", "--frame", "-1"], "frame"),
    ],
)
def test_a_wrong_command_line_gets_one_line_too(words: list[str], said: str) -> None:
    ran = subprocess.run([sys.executable, "-m", "failview", *words], capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert len(ran.stderr.strip().splitlines()) == 1
    assert said in ran.stderr


def test_help_and_version() -> None:
    for words in ([], ["--help"], ["--version"], ["open", "--help"], ["taxonomy", "--help"]):
        ran = subprocess.run([sys.executable, "-m", "failview", *words], capture_output=True, text=True, check=False)
        assert ran.returncode == 0
        assert ran.stdout


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "failview", "inspect", str(tmp_path / "none"), "--debug"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert "Traceback" in ran.stderr


@pytest.mark.parametrize("name", ["", " "])
@pytest.mark.parametrize("command", ["open", "demo", "status", "practice", "exam"])
def test_an_annotator_without_a_name_is_refused(capsys: pytest.CaptureFixture[str], command: str, name: str) -> None:
    dataset = [] if command == "demo" else ["demos.hdf5"]
    assert run([command, *dataset, "--annotator", name]) == 2
    error = capsys.readouterr().err
    assert error == "failview: the annotator has no name. Give one with --annotator NAME, or leave it out\n"


@pytest.mark.parametrize("command", [["open"], ["exam"], ["export", "table"], ["taxonomy", "check"]], ids=" ".join)
def test_help_shows_flags_without_a_value(capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    assert run([*command, "--help"]) == 0
    out = capsys.readouterr().out
    assert "--help" in out
    assert "bool" not in out
