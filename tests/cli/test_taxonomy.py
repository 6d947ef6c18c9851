"""`failview taxonomy` shows, checks and prints; a wrong file gets exit 1, a missing one exit 2."""

import json
from pathlib import Path

import pytest

from failview.cli.main import run
from failview.detectors import detection_kinds
from failview.detectors.detection_kinds import DETECTION_KINDS
from failview.sidecars.taxonomy_file import default_taxonomy_path, load_default_taxonomy
from tests.sidecars.next_version import MAPPING, write_second_version

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


def problems_of(path: Path, capsys: Capture) -> list[str]:
    capsys.readouterr()
    code = run(["taxonomy", "check", str(path), "--json"])
    document = json.loads(capsys.readouterr().out)
    assert code == (1 if document["problems"] else 0)
    problems: list[str] = document["problems"]
    return problems


def test_check_knows_which_kinds_detectors_find(tmp_path: Path, capsys: Capture) -> None:
    mine = tmp_path / "mine.toml"
    text = default_taxonomy_path().read_text(encoding="utf-8")
    mine.write_text(text.replace('["grasp.missed"]', '["grasp.mised", "weather.rain"]'), encoding="utf-8")
    misspelt, unheard = problems_of(mine, capsys)
    assert misspelt == "subcategory missed_grasp: no detector finds 'grasp.mised'; did you mean \"grasp.missed\"?"
    assert unheard.startswith(
        "subcategory missed_grasp: no detector finds 'weather.rain'; known are collision.contact,"
    )


def test_check_says_what_does_not_fit_on_the_card(tmp_path: Path, capsys: Capture) -> None:
    mine = tmp_path / "mine.toml"
    text = default_taxonomy_path().read_text(encoding="utf-8")
    long = "First frame of the topple, " + "which is easily seen in the picture of the front camera, " * 25
    mine.write_text(text.replace('onset = "First frame of the topple."', f'onset = "{long}"'), encoding="utf-8")
    (problem,) = problems_of(mine, capsys)
    assert problem.startswith("the file: the card does not fit on one A4 page")
    assert "Shorten the longest definitions: tipped_after_release, " in problem


def test_check_looks_at_the_mapping_beside_the_file(tmp_path: Path, capsys: Capture) -> None:
    second = write_second_version(tmp_path)
    assert problems_of(second, capsys) == []
    write_second_version(tmp_path, MAPPING.replace('to = "empty_grasp"', 'to = "empty_hand"'))
    (problem,) = problems_of(second, capsys)
    said = "subcategories missed_grasp: failview-tabletop 2.0.0 has no 'empty_hand' among its subcategories"
    assert problem == f"taxonomy.migration.toml: {said}"


FORGOTTEN = {
    "gone": (
        """[[proximal_causes]]
id = "object_rolled"
change = "removed"
reason = "It said nothing that the pictures do not show."
""",
        "proximal_causes object_rolled: is gone, and the mapping does not say where to",
    ),
    "redefined": (
        """[[subcategories]]
id = "dropped_in_transport"
change = "redefined"
reason = "Counts from 10 cm on, no longer from 5 cm."
""",
        'subcategories dropped_in_transport: is defined otherwise than before; say change = "redefined"',
    ),
    "moved": (
        '[[subcategories]]\nid = "tipped_after_release"\nchange = "moved"\n',
        'subcategories tipped_after_release: went from placement to collision; say change = "moved"',
    ),
}


@pytest.mark.parametrize("case", FORGOTTEN)
def test_check_says_what_a_mapping_from_a_released_version_forgets(tmp_path: Path, capsys: Capture, case: str) -> None:
    entry, problem = FORGOTTEN[case]
    assert MAPPING.count(entry) == 1
    second = write_second_version(tmp_path, MAPPING.replace(entry, ""))
    assert problems_of(second, capsys) == [f"taxonomy.migration.toml: {problem}"]


def test_check_says_which_ids_the_old_version_never_had(tmp_path: Path, capsys: Capture) -> None:
    more = '[[distal_causes]]\nid = "full_moon"\nchange = "merged"\nto = "poor_lighting"\n'
    second = write_second_version(tmp_path, MAPPING + more)
    assert problems_of(second, capsys) == [
        "taxonomy.migration.toml: distal_causes full_moon: failview-tabletop 1.0.0 has no such id"
    ]


def test_the_known_kinds_are_those_of_the_taxonomy_and_the_detectors() -> None:
    taxonomy = load_default_taxonomy()
    named = {kind for item in taxonomy.categories for sub in item.subcategories for kind in sub.detector_kinds}
    assert named <= DETECTION_KINDS
    folder = Path(detection_kinds.__file__).parent
    sources = [path.read_text(encoding="utf-8") for path in folder.rglob("*.py") if path.name != "detection_kinds.py"]
    assert all(any(f'"{kind}"' in text for text in sources) for kind in DETECTION_KINDS)


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
