"""`failview card`: what stands in a dataset card is what the labels say."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from failview.cli.main import run
from failview.loaders import open_dataset
from failview.sidecars.location import SidecarLocation
from tests.contracts.loader_contract import content_hash
from tests.exporters.labelled_demos import RECOVERED, SLIP, SUCCESS, put, record_of, write_demos, write_lerobot

Capture = pytest.CaptureFixture[str]


def tables(card: str) -> list[dict[str, list[str]]]:
    """Rows by their first cell, of every table."""
    found: list[dict[str, list[str]]] = []
    inside = False
    for line in card.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if not line.startswith("|"):
            inside = False
        elif not inside:
            found.append({"head": cells})
            inside = True
        elif set(line) - set("|- "):
            found[-1][cells[0].strip()] = [cell.strip() for cell in cells[1:]]
    return found


def table(card: str, *head: str) -> dict[str, list[str]]:
    (one,) = [item for item in tables(card) if item["head"][: len(head)] == list(head)]
    return one


def written(source: Path, tmp_path: Path, *more: str) -> str:
    assert run(["card", str(source), str(tmp_path / "README.md"), *more]) == 0
    return (tmp_path / "README.md").read_text()


def test_the_header_is_yaml_as_the_hub_reads_it(tmp_path: Path) -> None:
    card = written(write_lerobot(tmp_path / "data"), tmp_path, "--name", "Arm: slips", "--license", "cc-by-4.0")
    _, header, _ = card.split("---\n", 2)
    found = YAML(typ="safe").load(header)
    assert found["pretty_name"] == "Arm: slips"
    assert found["license"] == "cc-by-4.0"
    assert found["task_categories"] == ["robotics"]
    assert {"LeRobot", "failure-detection"} <= set(found["tags"])
    assert found["size_categories"] == ["n<1K"]


def test_counts_are_those_of_the_labels(tmp_path: Path) -> None:
    card = written(write_demos(tmp_path / "data"), tmp_path)
    facts = tables(card)[0]
    assert facts["episodes"] == ["5"]
    assert facts["with a finished label"] == ["3"]
    assert facts["frames"] == ["60"]
    outcomes = table(card, "outcome", "episodes")
    assert outcomes["success"] == outcomes["failure"] == outcomes["partial_success"] == ["1", "33%"]
    assert table(card, "task", "labelled")["Lift"] == ["3", "1", "33%"]
    kinds = [line for line in card.splitlines() if line.startswith("| Grasp |")]
    assert kinds == ["| Grasp | Missed grasp | 1 |", "| Grasp | Slip during lift | 1 |"]
    assert "only maria has labelled" in card


def test_an_object_and_variants_are_told_where_they_are_known(tmp_path: Path) -> None:
    source = write_demos(tmp_path / "data")
    profile = tmp_path / "profile.toml"
    profile.write_text('[dataset]\nobject = "wet bottle"\n')
    card = written(source, tmp_path, "--profile", str(profile))
    assert table(card, "object", "labelled")["wet bottle"] == ["3", "1", "33%"]
    assert "tells no variants of a task apart" in card


def test_two_annotators_are_compared(tmp_path: Path) -> None:
    source = write_demos(tmp_path / "data")
    dataset = open_dataset(source)
    places = {entry.episode_id: dataset.place(entry.episode_id) for entry in dataset.entries}
    dataset.close()
    location = SidecarLocation(source, places)
    for number, annotation in enumerate((SUCCESS, SLIP, RECOVERED)):
        record = record_of(f"demo_{number}", annotation)
        put(location, type(record)(**{**vars(record), "annotator": "ben"}))
    card = written(source, tmp_path)
    agreed = table(card, "field", "annotators", "episodes", "agreement")
    assert agreed["outcome"][1] == "3"
    assert agreed["outcome"][2].startswith("1.00")
    assert "nobody to agree with" not in card


def test_detectors_are_compared_only_where_they_have_judged(tmp_path: Path) -> None:
    card = written(write_demos(tmp_path / "data", judged=False), tmp_path)
    assert "have judged none of the labelled episodes" in card
    other = tmp_path / "other"
    judged = written(write_demos(other / "data"), other)
    assert "## How right the detectors are" in judged


def test_nothing_labelled_is_said(tmp_path: Path) -> None:
    card = written(write_demos(tmp_path / "data", labelled=False, judged=False), tmp_path)
    assert "No episode has a finished label yet." in card
    assert "## Taxonomy" in card


def test_the_same_card_every_time_and_never_over_another(tmp_path: Path, capsys: Capture) -> None:
    source = write_demos(tmp_path / "data")
    before = content_hash(source.parent)
    first = written(source, tmp_path)
    assert run(["card", str(source), str(tmp_path / "README.md")]) == 2
    told = capsys.readouterr().err
    assert "is there already" in told
    assert told.count("\n") == 1
    assert written(source, tmp_path, "--force") == first
    folder = tmp_path / "folder"
    folder.mkdir()
    assert run(["card", str(source), str(folder)]) == 0
    assert (folder / "README.md").read_text() == first
    assert content_hash(source.parent) == before


def test_the_reference_card_is_linked_where_it_lies_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_demos(tmp_path / "data", judged=False)
    assert "failview taxonomy card" in written(source, tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run(["taxonomy", "card"]) == 0
    (reference,) = tmp_path.glob("*.html")
    assert f"]({reference.name})" in written(source, tmp_path, "--force")
