"""`failview taxonomy migrate` shows before it writes, and refuses what it cannot do whole."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from failview.cli.main import run
from failview.cli.sidecar_check import location_of
from failview.loaders import open_dataset
from failview.model.annotation import Annotation, AnnotationRecord, Outcome
from failview.sidecars.codec import decode, encode
from failview.sidecars.store import SidecarStore
from tests.loaders.write_robomimic import write_robomimic
from tests.sidecars.next_version import write_second_version

Capture = pytest.CaptureFixture[str]

SLIP = AnnotationRecord(
    "demo_1",
    "anna",
    "failview-tabletop",
    "1.0.0",
    Annotation(outcome=Outcome.FAILURE, failure_category="grasp", failure_subcategory="slip_during_lift"),
    num_frames=12,
)
MISSED = replace(SLIP, episode_id="demo_2", annotation=replace(SLIP.annotation, failure_subcategory="missed_grasp"))
SUCCESS = replace(SLIP, episode_id="demo_10", annotation=Annotation(outcome=Outcome.SUCCESS))


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    path = write_robomimic(tmp_path / "demos.hdf5")
    (tmp_path / "demos.hdf5.failview").mkdir()
    return path


@pytest.fixture
def second(tmp_path: Path) -> Path:
    (tmp_path / "v2").mkdir()
    return write_second_version(tmp_path / "v2")


def put(dataset: Path, *records: AnnotationRecord) -> dict[str, Path]:
    folder = dataset.with_name("demos.hdf5.failview")
    paths = {record.episode_id: folder / f"{record.episode_id}.{record.annotator}.failview.json" for record in records}
    for record in records:
        paths[record.episode_id].write_bytes(encode(record))
    return paths


def migrated(capsys: Capture, *arguments: str | Path) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = run(["taxonomy", "migrate", *map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_dry_run_shows_everything_and_writes_nothing(
    dataset: Path, second: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = put(dataset, SLIP, MISSED, SUCCESS)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in paths.values()}
    code, document = migrated(capsys, dataset, "--to", second, "--dry-run")
    assert code == 0
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in paths.values()} == before
    assert (document["from"], document["to"]) == ("failview-tabletop 1.0.0", "failview-tabletop 2.0.0")
    by_episode = {item["episode_id"]: item for item in document["sidecars"]}
    assert {key: item["re_review"] for key, item in by_episode.items()} == {
        "demo_1": True,
        "demo_2": False,
        "demo_10": False,
    }
    assert by_episode["demo_10"]["changes"] == []
    assert by_episode["demo_1"]["changes"] == [
        {
            "field": "failure_subcategory",
            "from": "slip_during_lift",
            "to": "early_slip",
            "candidates": ["early_slip", "late_slip"],
            "reason": "Slips are told apart by the height at which they begin.",
            "re_review": True,
        }
    ]
    monkeypatch.setenv("COLUMNS", "200")
    assert run(["taxonomy", "migrate", str(dataset), "--to", str(second), "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert "failure_subcategory: missed_grasp → empty_grasp\n" in shown
    assert "slip_during_lift → early_slip (of early_slip, late_slip)  re-review: Slips are told apart" in shown
    assert shown.endswith(
        "3 sidecars would move: 2 with changes, 1 with a new version number only; 1 sidecar for re-review\n"
    )


def test_the_same_without_dry_run_is_on_disk_and_valid(dataset: Path, second: Path, capsys: Capture) -> None:
    paths = put(dataset, SLIP, MISSED, SUCCESS)
    _, shown = migrated(capsys, dataset, "--to", second, "--dry-run")
    code, done = migrated(capsys, dataset, "--to", second)
    assert code == 0
    assert done["sidecars"] == shown["sidecars"]
    written = {key: json.loads(path.read_text(encoding="utf-8")) for key, path in paths.items()}
    assert [item["taxonomy"]["version"] for item in written.values()] == ["2.0.0"] * 3
    assert "re_review" not in written["demo_2"] | written["demo_10"]
    (asked,) = written["demo_1"]["re_review"]
    assert (asked["from"], asked["to"]) == ("failview-tabletop 1.0.0", "failview-tabletop 2.0.0")
    assert asked["changes"][0]["candidates"] == ["early_slip", "late_slip"]
    assert run(["validate", str(dataset), "--taxonomy", str(second)]) == 0
    code, again = migrated(capsys, dataset, "--to", second)
    assert (code, again["sidecars"], again["already"]) == (0, [], 3)


def refused(capsys: Capture, *arguments: str | Path) -> str:
    capsys.readouterr()
    assert run(["taxonomy", "migrate", *map(str, arguments)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err


def test_what_cannot_be_done_is_one_line_and_nothing_is_written(dataset: Path, second: Path, capsys: Capture) -> None:
    odd = replace(MISSED, annotation=replace(MISSED.annotation, failure_subcategory="fumbled"))
    paths = put(dataset, SLIP, odd, replace(SUCCESS, taxonomy_version="0.1.0"))
    before = {path: path.read_bytes() for path in paths.values()}
    line = refused(capsys, dataset, "--to", second)
    assert "(and 1 more); nothing was changed. --dry-run lists everything" in line
    assert str(paths["demo_10"]) in line or str(paths["demo_2"]) in line
    assert {path: path.read_bytes() for path in paths.values()} == before
    code, document = migrated(capsys, dataset, "--to", second, "--dry-run")
    assert code == 1
    assert {item["path"] for item in document["problems"]} == {str(paths["demo_10"]), str(paths["demo_2"])}


def test_no_such_version_no_such_file_and_no_mapping(dataset: Path, second: Path, capsys: Capture) -> None:
    assert "no released taxonomy has version 9.0.0. Released: 1.0.0. Or name a file" in refused(
        capsys, dataset, "--to", "9.0.0"
    )
    assert "cannot be read" in refused(capsys, dataset, "--to", second.with_name("none.toml"))
    assert "taxonomy.migration.toml: no mapping leads to failview-tabletop 1.0.0" in refused(
        capsys, dataset, "--to", "1.0.0"
    )


def test_several_annotators_and_a_second_failview(dataset: Path, second: Path, capsys: Capture) -> None:
    put(dataset, SLIP, replace(MISSED, annotator="ben"))
    opened = open_dataset(dataset)
    with SidecarStore(location_of(opened), "ben"):
        line = refused(capsys, dataset, "--to", second)
        assert "another failview" in line
        assert "works on the annotations of ben" in line
    opened.close()
    code, _ = migrated(capsys, dataset, "--to", second)
    assert code == 0
    folder = dataset.with_name("demos.hdf5.failview")
    versions = {
        path.name: decode(path.read_bytes()).taxonomy_version for path in folder.iterdir() if path.suffix == ".json"
    }
    assert versions == {"demo_1.anna.failview.json": "2.0.0", "demo_2.ben.failview.json": "2.0.0"}
