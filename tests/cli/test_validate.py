"""`failview validate` names every problem of every sidecar, by file and field."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from failview.cli.main import run
from failview.model.annotation import Annotation, AnnotationRecord, Outcome, Stage, StageRecord
from failview.sidecars.codec import encode
from failview.sidecars.taxonomy_file import default_taxonomy_path

Capture = pytest.CaptureFixture[str]

RECORD = AnnotationRecord(
    "demo_0",
    "anna",
    "failview-tabletop",
    "1.0.0",
    Annotation(outcome=Outcome.FAILURE, failure_category="grasp", failure_onset_frame=4),
    num_frames=10,
)


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Two robomimic demos of 10 frames."""
    path = tmp_path / "demos.hdf5"
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs["env_args"] = "{}"
        for name in ("demo_0", "demo_1"):
            demo = data.create_group(name)
            demo.attrs["num_samples"] = 10
            demo["actions"] = np.zeros((10, 7))
            demo["obs/robot0_eef_pos"] = np.random.default_rng(0).random((10, 3))
    return path


def put(dataset: Path, record: AnnotationRecord, name: str | None = None) -> Path:
    folder = dataset.with_name(dataset.name + ".failview")
    folder.mkdir(exist_ok=True)
    path = folder / (name or f"{record.episode_id}.{record.annotator}.failview.json")
    path.write_bytes(encode(record))
    return path


def validated(capsys: Capture, *arguments: str | Path) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = run(["validate", *map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_valid_sidecars_of_a_dataset(dataset: Path, capsys: Capture) -> None:
    paths = [put(dataset, RECORD), put(dataset, replace(RECORD, annotator="ben"))]
    code, document = validated(capsys, dataset)
    assert code == 0
    assert document["files"] == [{"path": str(path), "valid": True, "errors": []} for path in paths]
    assert document["notes"] == []
    assert run(["validate", str(dataset)]) == 0
    assert capsys.readouterr().out == "2 checked, 2 valid, 0 with problems\n"


def test_checking_writes_nothing_beside_the_data(dataset: Path, capsys: Capture) -> None:
    folders = (dataset.parent, put(dataset, RECORD).parent)
    before = [folder.stat().st_mtime_ns for folder in folders]
    assert validated(capsys, dataset)[0] == 0
    assert [folder.stat().st_mtime_ns for folder in folders] == before


def test_a_dataset_without_sidecars_is_not_wrong(dataset: Path, capsys: Capture) -> None:
    assert validated(capsys, dataset) == (0, {"files": [], "notes": []})


def test_what_lies_beside_the_sidecars_is_noted(dataset: Path, capsys: Capture) -> None:
    sidecar = put(dataset, RECORD)
    folder = sidecar.parent
    unremarkable = (f"{sidecar.name}.previous", "demo_0.detections.npz", "notes.txt")
    noted = (
        f"{sidecar.name}.broken-1",
        f"{sidecar.name}.foreign-12",
        f"{sidecar.name}.previous.broken-1",
        "demo_1.anna.failview.json.previous",
    )
    for name in (*unremarkable, *noted):
        (folder / name).write_text("{")
    for given in (dataset, folder):
        code, document = validated(capsys, given)
        assert code == 0
        assert {Path(note["path"]).name for note in document["notes"]} == set(noted)
        assert [file["path"] for file in document["files"]] == [str(sidecar)]
    messages = {Path(note["path"]).name: note["message"] for note in document["notes"]}
    assert "previous version of demo_1.anna.failview.json, which is gone" in messages[noted[3]]
    assert "demo_0.anna.failview.json that could not be read" in messages[noted[0]]
    assert "demo_0.anna.failview.json that another program wrote" in messages[noted[1]]
    _, document = validated(capsys, sidecar)
    assert {Path(note["path"]).name for note in document["notes"]} == set(noted[:3])
    assert run(["validate", str(dataset)]) == 0
    out = capsys.readouterr().out
    assert out.count("note: ") == 4
    assert out.endswith("1 checked, 1 valid, 0 with problems\n")


def test_notes_of_other_datasets_in_the_folder_are_not_ours(tmp_path: Path, capsys: Capture) -> None:
    for name in ("a", "b"):
        with h5py.File(tmp_path / f"{name}.hdf5", "w") as file:
            file["observations/qpos"], file["action"] = np.zeros((10, 14)), np.zeros((10, 14))
        (tmp_path / f"{name}.hdf5.anna.failview.json.broken-1").write_text("{")
    _, document = validated(capsys, tmp_path / "a.hdf5")
    assert [Path(note["path"]).name for note in document["notes"]] == ["a.hdf5.anna.failview.json.broken-1"]


def test_problems_are_named_by_file_and_field(dataset: Path, capsys: Capture) -> None:
    late = replace(RECORD, annotation=replace(RECORD.annotation, failure_onset_frame=10))
    done = replace(RECORD, stages={Stage.TRIAGE: StageRecord("2025-01-01T00:00:00+00:00", 1.0)}, annotator="ben")
    undone = replace(done, annotator="carl", annotation=Annotation())
    put(dataset, late)
    put(dataset, done)
    put(dataset, undone)
    put(dataset, replace(RECORD, episode_id="demo_9"))
    put(dataset, RECORD, "demo_1.anna.failview.json")
    put(dataset, RECORD, "demo_1.dan.failview.json").write_bytes(b"{")
    code, document = validated(capsys, dataset)
    assert code == 1
    errors = {Path(file["path"]).name.removesuffix(".failview.json"): file["errors"] for file in document["files"]}
    assert errors == {
        "demo_0.anna": [{"field": "failure_onset_frame", "message": "frame 10 is past the last one, 9"}],
        "demo_0.ben": [],
        "demo_0.carl": [{"field": "outcome", "message": "choose how the episode ended"}],
        "demo_1.anna": [
            {"field": "", "message": "should be named demo_0.anna.failview.json by its episode and annotator"}
        ],
        "demo_1.dan": [{"field": "", "message": "is not valid JSON"}],
        "demo_9.anna": [{"field": "episode_id", "message": "the dataset has no episode demo_9"}],
    }
    assert run(["validate", str(dataset)]) == 1
    printed = capsys.readouterr().out
    assert "    failure_onset_frame: frame 10 is past the last one, 9\n" in printed
    assert printed.endswith("6 checked, 1 valid, 5 with problems\n")


def test_files_are_judged_by_the_length_they_tell(dataset: Path, capsys: Capture) -> None:
    good = put(dataset, RECORD)
    late = put(dataset, replace(RECORD, annotator="ben", annotation=replace(RECORD.annotation, failure_onset_frame=10)))
    code, document = validated(capsys, good, late)
    assert (code, [file["valid"] for file in document["files"]]) == (1, [True, False])
    assert validated(capsys, good.parent) == (code, document), "a folder of sidecars is all of its files"


def test_one_own_taxonomy_is_used(dataset: Path, tmp_path: Path, capsys: Capture) -> None:
    mine = tmp_path / "mine.toml"
    text = default_taxonomy_path().read_text(encoding="utf-8")
    mine.write_text(text.replace('id = "failview-tabletop"', 'id = "mine"'), encoding="utf-8")
    path = put(dataset, RECORD)
    code, document = validated(capsys, path, "--taxonomy", mine)
    assert code == 1
    assert document["files"][0]["errors"] == [{"field": "taxonomy", "message": "id: is failview-tabletop, not mine"}]


def test_what_is_not_there_is_one_line_and_exit_2(tmp_path: Path, capsys: Capture) -> None:
    missing = tmp_path / "demo_0.anna.failview.json"
    assert run(["validate", str(missing)]) == 2
    assert run(["validate", str(tmp_path / "nowhere.hdf5")]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert first == f"failview: {missing}: there is no such file. Check the path"
    assert "nowhere.hdf5" in second
