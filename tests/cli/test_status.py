"""`failview status` tells what is done and left, from the sidecars alone."""

import json
import os
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from failview.cli.main import run
from failview.loaders.assembled_dataset import AssembledDataset
from failview.model.annotation import Annotation, AnnotationRecord, Outcome, ReReview, Stage, StageRecord
from failview.sidecars.codec import encode
from failview.sidecars.file_names import sidecar_name

Capture = pytest.CaptureFixture[str]
EPISODES = 6


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user is Maria."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "config/failview").mkdir(parents=True)
    (tmp_path / "config/failview/settings.toml").write_text('annotator = "maria"\n', encoding="utf-8")


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Robomimic demos of 10 frames."""
    path = tmp_path / "demos.hdf5"
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs["env_args"] = "{}"
        for number in range(EPISODES):
            demo = data.create_group(f"demo_{number}")
            demo.attrs["num_samples"] = 10
            demo["actions"] = np.zeros((10, 7))
    return path


def put(dataset: Path, number: int, outcome: Outcome | None, *, annotator: str = "maria", **done_s: float) -> Path:
    """A sidecar; stages with the seconds that they took are finished."""
    failed = outcome in (Outcome.FAILURE, Outcome.PARTIAL_SUCCESS)
    label = Annotation(outcome, *(("grasp", "missed_grasp") if failed else (None, None)))
    at = f"2025-01-01T00:0{number}:00+00:00"
    stages = {Stage(name): StageRecord(at, active_s) for name, active_s in done_s.items()}
    record = AnnotationRecord(f"demo_{number}", annotator, "failview-tabletop", "1.0.0", label, stages, num_frames=10)
    return write(dataset, record)


def write(dataset: Path, record: AnnotationRecord) -> Path:
    folder = dataset.with_name(dataset.name + ".failview")
    folder.mkdir(exist_ok=True)
    path = folder / sidecar_name(record.episode_id, record.annotator)
    path.write_bytes(encode(record))
    return path


def judged(dataset: Path, *numbers: int) -> None:
    folder = dataset.with_name(dataset.name + ".failview")
    folder.mkdir(exist_ok=True)
    for number in numbers:
        (folder / f"demo_{number}.detections.npz").touch()


def status(capsys: Capture, *arguments: str | Path) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["status", *map(str, arguments), "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def shown(capsys: Capture, *arguments: str | Path) -> str:
    capsys.readouterr()
    assert run(["status", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def test_before_anything_is_done(dataset: Path, capsys: Capture) -> None:
    found = status(capsys, dataset)
    assert (found["path"], found["episodes"], found["proposals"], found["not_counted"]) == (
        str(dataset),
        EPISODES,
        0,
        [],
    )
    [maria] = found["annotators"]
    assert maria["annotator"] == "maria"
    assert maria["stages"]["triage"] == {
        "due": EPISODES,
        "done": 0,
        "left": EPISODES,
        "median_s": None,
        "mean_s": None,
        "estimated_left_s": None,
    }
    assert maria["failure_rate"] is None
    assert maria["next"] == f"failview detect {dataset}"
    assert "not known yet" in shown(capsys, dataset)


def test_per_stage_and_what_was_found(dataset: Path, capsys: Capture) -> None:
    judged(dataset, *range(EPISODES), 77)
    put(dataset, 0, Outcome.SUCCESS, triage=4.0)
    put(dataset, 1, Outcome.FAILURE, triage=6.0, detail=60.0)
    put(dataset, 2, Outcome.FAILURE, triage=11.0)
    put(dataset, 3, Outcome.PARTIAL_SUCCESS)
    found = status(capsys, dataset)
    assert found["proposals"] == EPISODES
    [maria] = found["annotators"]
    assert maria["stages"]["triage"] == {
        "due": 6,
        "done": 3,
        "left": 3,
        "median_s": 6.0,
        "mean_s": 7.0,
        "estimated_left_s": 18.0,
    }
    assert maria["stages"]["detail"] == {
        "due": 3,
        "done": 1,
        "left": 2,
        "median_s": 60.0,
        "mean_s": 60.0,
        "estimated_left_s": None,
    }
    assert maria["outcomes"] == {"success": 1, "partial_success": 1, "failure": 2}
    assert maria["failure_rate"] == 0.5
    assert (maria["subcategories"], maria["without_subcategory"]) == ({"missed_grasp": 3}, 0)
    assert (maria["begun"], maria["without_sidecar"], maria["re_reviews_due"]) == (1, 2, 0)
    assert maria["next"] == f"failview open {dataset} --stage triage"


@pytest.mark.parametrize("others", [(), ("a very long name of somebody @ laboratory", "[red]\x1b[2J")])
def test_a_table_for_people_fits_80_columns(
    others: tuple[str, ...], dataset: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(dataset.parent)
    judged(dataset, 0)
    for number in range(3):
        put(dataset, number, Outcome.FAILURE, triage=4.0, detail=100.0)
    for name in others:
        put(dataset, 5, Outcome.SUCCESS, annotator=name, triage=3.0)
    text = shown(capsys, dataset.name)
    lines = text.splitlines()
    assert max(len(line) for line in lines if not line.startswith("next: ")) <= 80
    for wanted in ("1 min 40 s", "12.0 s", "outcomes: 3 failure; failure rate 100%"):
        assert wanted in text
    assert "annotator: maria" in lines
    assert "    the others: failview detect demos.hdf5" in lines
    assert "proposals: 1 of 6 episodes judged by the detectors" in lines
    assert "next: failview open demos.hdf5 --stage triage" in lines
    stages = [line.split()[:4] for line in lines if line.lstrip().startswith("triage")]
    assert ["triage", "6", "3", "3"] in stages
    assert "\x1b" not in text
    for name in others:
        assert f"annotator: {name}".replace("\x1b", "\\x1b") in lines


def test_several_annotators_each_with_their_next_step(dataset: Path, capsys: Capture) -> None:
    judged(dataset, 0)
    for number in range(EPISODES):
        # Maria's review is done too, so that nothing of the sample is left.
        put(dataset, number, Outcome.SUCCESS, triage=2.0, review=1.0)
        put(dataset, number, Outcome.FAILURE, annotator="ben", triage=2.0)
    found = status(capsys, dataset, "--profile", profile(dataset))
    assert {item["annotator"]: item["next"] for item in found["annotators"]} == {
        "ben": f"failview open {dataset} --stage detail --annotator ben --profile {profile(dataset)}",
        "maria": f"failview qa {dataset} --profile {profile(dataset)}",
    }
    text = shown(capsys, dataset)
    ben, maria = text.split("annotator: ")[1:]
    assert "--stage detail --annotator ben" in ben
    assert "outcomes: 6 success; failure rate 0%" in maria
    [found] = status(capsys, dataset, "--annotator", "ben")["annotators"]
    assert found["outcomes"]["failure"] == EPISODES
    only = shown(capsys, dataset, "--annotator", "bem")
    assert "others with sidecars here: ben, maria" in only
    assert "6 episodes without a sidecar" in only


def profile(dataset: Path) -> Path:
    path = dataset.with_name("p.toml")
    path.write_text('[dataset]\ntask = "lift"\n', encoding="utf-8")
    return path


def test_re_reviews_come_last(dataset: Path, capsys: Capture) -> None:
    judged(dataset, 0)
    for number in range(EPISODES):
        path = put(dataset, number, Outcome.SUCCESS, triage=2.0)
    again = (ReReview("2025-05-01T00:00:00+00:00", "a 1.0.0", "a 2.0.0", ()),)
    done = {Stage.TRIAGE: StageRecord("2025-01-01T00:00:00+00:00", 2.0)}
    label = Annotation(outcome=Outcome.SUCCESS)
    record = AnnotationRecord("demo_5", "maria", "failview-tabletop", "1.0.0", label, done, re_reviews=again)
    assert write(dataset, record) == path
    [maria] = status(capsys, dataset)["annotators"]
    # A fifth of six episodes is drawn for the sample: one beside the re-review.
    assert (maria["stages"]["review"]["left"], maria["re_reviews_due"]) == (2, 1)
    assert maria["next"] == f"failview open {dataset} --stage review"
    assert "1 re-review due" in shown(capsys, dataset)


def test_sidecars_that_cannot_be_read_are_named(dataset: Path, capsys: Capture) -> None:
    put(dataset, 0, Outcome.SUCCESS, triage=2.0)
    broken = put(dataset, 1, Outcome.SUCCESS, triage=2.0)
    broken.write_bytes(b'{"outcome": ')
    found = status(capsys, dataset)
    assert found["not_counted"] == [{"path": str(broken), "message": "is not valid JSON"}]
    assert found["annotators"][0]["stages"]["triage"]["done"] == 1
    assert f"{broken}: is not valid JSON" in shown(capsys, dataset)


def test_no_episode_is_read_and_nothing_is_written(
    dataset: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("an episode is read")

    monkeypatch.setattr(AssembledDataset, "assembled", refuse)
    monkeypatch.setattr(AssembledDataset, "_sampled", refuse)
    folder = put(dataset, 0, Outcome.SUCCESS, triage=2.0).parent
    before = [(path, path.stat().st_mtime_ns) for path in (dataset, dataset.parent, folder, *folder.iterdir())]
    assert status(capsys, dataset)["annotators"][0]["stages"]["triage"]["done"] == 1
    assert [(path, path.stat().st_mtime_ns) for path, _ in before] == before
    assert len(list(folder.iterdir())) == 1


def test_one_file_per_episode_in_two_folders(tmp_path: Path, capsys: Capture) -> None:
    for name in ("a/one.hdf5", "b/one.hdf5"):
        (tmp_path / "set" / name).parent.mkdir(parents=True)
        with h5py.File(tmp_path / "set" / name, "w") as file:
            file["observations/qpos"], file["action"] = np.zeros((10, 14)), np.zeros((10, 14))
    (tmp_path / "set/b/one.hdf5.detections.npz").touch()
    found = status(capsys, tmp_path / "set")
    assert (found["episodes"], found["proposals"]) == (2, 1)


def test_a_name_that_is_not_utf8_is_no_trouble(tmp_path: Path, dataset: Path, capsys: Capture) -> None:
    folder = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")
    try:
        Path(folder).mkdir()
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    moved = dataset.rename(Path(folder) / dataset.name)
    assert status(capsys, moved)["path"] == str(moved)
    assert "caf" in shown(capsys, moved)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.hdf5"], "nowhere.hdf5"),
        (["demos.hdf5", "--annotator", ""], "no name"),
        (["demos.hdf5", "--profile", "none.toml"], "none.toml"),
        (["demos.hdf5", "--stage", "lunch"], "No such option"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_2(
    arguments: list[str], said: str, dataset: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(dataset.parent)
    assert run(["status", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1
    assert said in printed.err


def test_broken_settings_are_told(dataset: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "config/failview/settings.toml").write_text("annotator = 7\n", encoding="utf-8")
    assert run(["status", str(dataset)]) == 2
    assert "annotator must be a name in quotes" in capsys.readouterr().err


def test_practice_and_exams_are_nobodys_work(dataset: Path, capsys: Capture) -> None:
    put(dataset, 0, Outcome.SUCCESS, triage=4.0)
    put(dataset, 1, Outcome.FAILURE, annotator="maria (practice)", detail=9.0)
    put(dataset, 2, Outcome.FAILURE, annotator="ben (exam)", detail=9.0)
    found = status(capsys, dataset)
    assert [item["annotator"] for item in found["annotators"]] == ["maria"]
    assert "others with sidecars" not in shown(capsys, dataset, "--annotator", "maria")
