"""`failview import sidecars`: what is of these episodes is taken, the rest is refused, nothing is replaced."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from failview.cli.main import run
from failview.loaders import open_dataset
from failview.model.annotation import Annotation, AnnotationRecord, Outcome, Stage, StageRecord
from failview.sidecars.codec import decode, encode
from failview.sidecars.file_names import sidecar_name

Capture = pytest.CaptureFixture[str]
EPISODES, FRAMES = 3, 12


def write_demos(path: Path, *, value: float = 0.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs["env_args"] = "{}"
        for number in range(EPISODES):
            demo = data.create_group(f"demo_{number}")
            demo.attrs["num_samples"] = FRAMES
            demo["actions"] = np.full((FRAMES, 7), value + number)
    return path


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return write_demos(tmp_path / "here/demos.hdf5")


def made(path: Path, number: int, annotator: str = "ben") -> AnnotationRecord:
    """A label as made on some copy of the data."""
    opened = open_dataset(path)
    try:
        fingerprint = opened.open_episode(f"demo_{number}").source.fingerprint
    finally:
        opened.close()
    stages = {Stage.TRIAGE: StageRecord("2026-01-01T00:00:00+00:00", 4.0)}
    return AnnotationRecord(
        f"demo_{number}", annotator, "failview-tabletop", "1.0.0", Annotation(Outcome.SUCCESS), stages,
        source_fingerprint=fingerprint, num_frames=FRAMES, saved_at="2026-01-01T00:00:00.000+00:00",
    )  # fmt: skip


def put(folder: Path, *records: AnnotationRecord) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for record in records:
        (folder / sidecar_name(record.episode_id, record.annotator)).write_bytes(encode(record))
    return folder


def importing(capsys: Capture, *arguments: str | Path, code: int = 0) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["import", "sidecars", *map(str, arguments), "--json"]) == code
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def fates(found: dict[str, Any]) -> list[str]:
    return [item["fate"] for item in found["files"]]


def kept(dataset: Path) -> list[str]:
    return sorted(path.name for path in dataset.with_name(f"{dataset.name}.failview").glob("*.failview.json"))


def test_labels_made_on_a_copy_are_taken(dataset: Path, tmp_path: Path, capsys: Capture) -> None:
    copy = tmp_path / "elsewhere/renamed.hdf5"
    copy.parent.mkdir()
    shutil.copy(dataset, copy)
    folder = put(tmp_path / "mail", *(made(copy, number) for number in range(2)))
    assert fates(importing(capsys, dataset, folder)) == ["taken", "taken"]
    assert kept(dataset) == ["demo_0.ben.failview.json", "demo_1.ben.failview.json"]
    path = dataset.with_name(f"{dataset.name}.failview") / "demo_0.ben.failview.json"
    assert decode(path.read_bytes()) == made(copy, 0)
    assert fates(importing(capsys, dataset, folder)) == ["there already", "there already"]
    assert run(["validate", str(dataset)]) == 0


def test_other_data_of_the_same_names_is_refused(dataset: Path, tmp_path: Path, capsys: Capture) -> None:
    other = write_demos(tmp_path / "other/demos.hdf5", value=0.5)
    found = importing(capsys, dataset, put(tmp_path / "mail", made(other, 0)), code=1)
    assert fates(found) == ["refused"]
    assert "fingerprint is not that of demo_0" in found["files"][0]["message"]
    assert kept(dataset) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"episode_id": "demo_9"}, "the dataset has no episode demo_9"),
        ({"num_frames": 13}, "made of 13 frames, but demo_0 has 12"),
    ],
)
def test_what_is_of_no_episode_here_is_refused(
    dataset: Path, tmp_path: Path, capsys: Capture, changes: dict[str, Any], said: str
) -> None:
    found = importing(capsys, dataset, put(tmp_path / "mail", replace(made(dataset, 0), **changes)), code=1)
    assert [item["message"] for item in found["files"]] == [said]


def test_without_a_fingerprint_id_and_length_decide_and_it_is_said(
    dataset: Path, tmp_path: Path, capsys: Capture
) -> None:
    found = importing(capsys, dataset, put(tmp_path / "mail", replace(made(dataset, 1), source_fingerprint="")))
    assert fates(found) == ["taken"]
    assert "names no fingerprint" in found["files"][0]["message"]


def test_no_label_is_replaced(dataset: Path, tmp_path: Path, capsys: Capture) -> None:
    mine = made(dataset, 0)
    put(dataset.with_name(f"{dataset.name}.failview"), mine)
    other = replace(mine, annotation=Annotation(Outcome.PARTIAL_SUCCESS))
    folder = put(tmp_path / "mail", other)
    found = importing(capsys, dataset, folder, code=1)
    assert "ben has another label of demo_0 here" in found["files"][0]["message"]
    assert fates(importing(capsys, dataset, folder, "--annotator", "ben2")) == ["taken"]
    assert kept(dataset) == ["demo_0.ben.failview.json", "demo_0.ben2.failview.json"]


def test_a_dry_run_writes_nothing(dataset: Path, tmp_path: Path, capsys: Capture) -> None:
    assert fates(importing(capsys, dataset, put(tmp_path / "mail", made(dataset, 0)), "--dry-run")) == ["taken"]
    assert kept(dataset) == []


def test_damage_is_refused_and_the_others_are_taken(dataset: Path, tmp_path: Path, capsys: Capture) -> None:
    folder = put(tmp_path / "mail", made(dataset, 0), made(dataset, 1))
    (folder / sidecar_name("demo_1", "ben")).write_bytes(b"{")
    found = importing(capsys, dataset, folder, code=1)
    assert fates(found) == ["taken", "refused"]
    assert found["files"][1]["message"] == "is not valid JSON"


@pytest.mark.parametrize(("name", "said"), [("nowhere", "there is no such file"), ("empty", "no sidecars there")])
def test_nothing_to_take_is_one_line(dataset: Path, tmp_path: Path, capsys: Capture, name: str, said: str) -> None:
    (tmp_path / "empty").mkdir()
    assert run(["import", "sidecars", str(dataset), str(tmp_path / name)]) == 2
    error = capsys.readouterr().err.strip()
    assert said in error
    assert "\n" not in error
