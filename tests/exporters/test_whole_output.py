"""An export is there whole or not at all, and touches nothing else."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from failview.errors import ExportError
from failview.exporters.whole_output import MARK, whole_file, whole_folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "demos"
    path.mkdir(parents=True)
    (path / "x").write_text("source", encoding="utf-8")
    return path


KIND: dict[bool, dict[str, str]] = {False: {}, True: {"kind": "rlds"}}


def listed(folder: Path) -> list[str]:
    return sorted(item.name for item in folder.iterdir())


def test_a_file_appears_when_it_is_whole(tmp_path: Path, source: Path) -> None:
    target = tmp_path / "out" / "a.csv"
    with whole_file(target, source) as part:
        part.write_text("half", encoding="utf-8")
        assert not target.exists()
    assert target.read_text(encoding="utf-8") == "half"
    assert listed(target.parent) == ["a.csv"]


def test_a_folder_appears_when_it_is_whole_and_is_marked(tmp_path: Path, source: Path) -> None:
    target = tmp_path / "out"
    with whole_folder(target, source, kind="rlds") as part:
        (part / "a").touch()
        assert not target.exists()
    assert listed(target) == sorted(["a", MARK])
    assert listed(tmp_path) == ["data", "out"]


@pytest.mark.parametrize("is_folder", [False, True])
def test_what_fails_leaves_nothing_and_keeps_what_was_there(tmp_path: Path, source: Path, is_folder: bool) -> None:
    target = tmp_path / "out"

    def export(text: str) -> None:
        with (whole_folder if is_folder else whole_file)(target, source, force=True, **KIND[is_folder]) as part:
            (part / "b" if is_folder else part).write_text(text, encoding="utf-8")
            if text == "half":
                raise RuntimeError

    with pytest.raises(RuntimeError):
        export("half")
    assert listed(tmp_path) == ["data"]
    export("whole")
    with pytest.raises(RuntimeError):
        export("half")
    assert (target / "b" if is_folder else target).read_text(encoding="utf-8") == "whole"
    assert listed(tmp_path) == ["data", "out"]


def test_what_is_there_is_replaced_only_when_told(tmp_path: Path, source: Path) -> None:
    file, folder = tmp_path / "a.csv", tmp_path / "rlds"
    file.write_text("old", encoding="utf-8")
    with whole_folder(folder, source, kind="rlds") as part:
        (part / "old").touch()
    with pytest.raises(ExportError, match=r"is there already\. Name another place, or replace it with --force"):
        whole_file(file, source).__enter__()
    with pytest.raises(ExportError, match="is there already"):
        whole_folder(folder, source, kind="rlds").__enter__()
    with whole_file(file, source, force=True) as part:
        part.write_text("new", encoding="utf-8")
    with whole_folder(folder, source, kind="rlds", force=True) as part:
        (part / "new").touch()
    assert file.read_text(encoding="utf-8") == "new"
    assert listed(folder) == sorted([MARK, "new"])
    assert listed(tmp_path) == ["a.csv", "data", "rlds"]


def test_a_folder_of_somebody_else_is_never_replaced(tmp_path: Path, source: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "thesis.tex").touch()
    with pytest.raises(ExportError, match="did not export"):
        whole_folder(home, source, kind="rlds", force=True).__enter__()
    with pytest.raises(ExportError, match="a folder is there"):
        whole_file(home, source, force=True).__enter__()
    with pytest.raises(ExportError, match="a file is there"):
        whole_folder(home / "thesis.tex", source, kind="rlds", force=True).__enter__()
    assert listed(home) == ["thesis.tex"]


def test_the_source_is_never_a_target(tmp_path: Path, source: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(source)
    inside = [source, source / "x", source / "new" / "y", link / "z", source.with_name("demos.failview") / "a"]
    for target in inside:
        with pytest.raises(ExportError, match="lies in the dataset itself"):
            whole_file(target, source, force=True).__enter__()
    for target in (source.parent, tmp_path):
        with pytest.raises(ExportError, match="holds the dataset itself"):
            whole_folder(target, source, kind="rlds", force=True).__enter__()
    assert listed(source) == ["x"]


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path, source: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ExportError, match="cannot be written"):
        whole_file(tmp_path / "file" / "a.csv", source).__enter__()


KILLED = """
import os, signal, sys
from pathlib import Path
from failview.exporters.whole_output import whole_folder
with whole_folder(Path(sys.argv[1]), Path(sys.argv[2]), kind="rlds") as part:
    (part / "half").touch()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_export_leaves_no_half_of_it(tmp_path: Path, source: Path) -> None:
    target = tmp_path / "out" / "rlds"
    ran = subprocess.run([sys.executable, "-c", KILLED, target, source], check=False)
    assert ran.returncode == -signal.SIGKILL
    assert not target.exists()
    assert len(listed(target.parent)) == 1
    with whole_folder(target, source, kind="rlds") as part:
        (part / "all").touch()
    assert listed(target) == sorted([MARK, "all"])
    assert listed(target.parent) == ["rlds"]


def test_an_export_to_the_same_place_under_way_is_left_alone(tmp_path: Path, source: Path) -> None:
    target = tmp_path / "rlds"
    theirs = tmp_path / f".rlds.{os.getppid()}.failview-part"
    theirs.mkdir()
    with whole_folder(target, source, kind="rlds"):
        assert theirs.exists()
