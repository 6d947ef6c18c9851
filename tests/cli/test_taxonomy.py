"""`failview taxonomy` shows, checks and prints; a wrong file gets exit 1, a missing one exit 2."""

import json
from pathlib import Path

import pytest

from failview.cli.main import run
from failview.sidecars.taxonomy_file import default_taxonomy_path

Capture = pytest.CaptureFixture[str]


def test_show_names_every_category_subcategory_and_cause(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    assert run(["taxonomy", "show"]) == 0
    shown = capsys.readouterr().out
    for text in (
        "failview-tabletop 1.0.0",
        "slip_during_lift",
        "1 2",
        "other_planning",
        "off_centre_contact",
        "clutter",
    ):
        assert text in shown.replace("Clutter", "clutter")


def test_show_json_is_the_whole_taxonomy(capsys: Capture) -> None:
    assert run(["taxonomy", "show", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["categories"][0]["id"] == "grasp"
    assert document["categories"][0]["subcategories"][1]["onset_rule"].startswith("First frame")
    assert len(document["proximal_causes"]) == 20


def test_check_passes_the_default_and_lists_what_is_wrong_in_another(tmp_path: Path, capsys: Capture) -> None:
    assert run(["taxonomy", "check", str(default_taxonomy_path())]) == 0
    mine = tmp_path / "mine.toml"
    text = default_taxonomy_path().read_text(encoding="utf-8")
    mine.write_text(text.replace('version = "1.0.0"', 'version = "one"').replace("digit = 5", "digit = 4"))
    capsys.readouterr()
    assert run(["taxonomy", "check", str(mine)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"{mine}: the file: version 'one' must be three numbers like 1.0.0",
        f"{mine}: category: digit 4 is used twice",
    ]
    assert run(["taxonomy", "check", str(mine), "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["valid"], len(document["problems"])) == (False, 2)


def test_a_missing_file_is_one_line_and_exit_2(tmp_path: Path, capsys: Capture) -> None:
    assert run(["taxonomy", "check", str(tmp_path / "none.toml")]) == 2
    assert run(["taxonomy", "show", "--taxonomy", str(tmp_path / "none.toml")]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert (
        lines == [f"failview: {tmp_path / 'none.toml'}: cannot be read (No such file or directory). Check the path"] * 2
    )


def test_schema_prints_the_shipped_file(capsys: Capture) -> None:
    assert run(["taxonomy", "schema"]) == 0
    shipped = default_taxonomy_path().with_name("annotation.schema.json").read_text(encoding="utf-8")
    assert capsys.readouterr().out == shipped
