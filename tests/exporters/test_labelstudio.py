"""Label Studio: what a project is made of, and what comes back from one."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import av
import pytest

from failview.cli.main import run
from failview.model.annotation import AnnotationRecord, Origin, Outcome, Provenance, RecoveryOutcome, Stage
from failview.proposals.labelled_dataset import LabelledDataset
from failview.sidecars.taxonomy_file import load_default_taxonomy
from failview.sidecars.validation import validate_sidecar
from tests.contracts.loader_contract import content_hash
from tests.exporters.labelled_demos import FRAMES, WHY, write_demos
from tests.real_data import real_data

Capture = pytest.CaptureFixture[str]
NAMES = [f"demo_{number}" for number in range(5)]
PROPOSAL = {
    "outcome": {"detector": "grasp", "confidence": 0.9},
    "failure_onset_frame": {"detector": "grasp", "confidence": 0.7},
    "failure_category": {"detector": "grasp", "confidence": 0.8},
}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_demos(tmp_path / "data", labelled=False)


@pytest.fixture
def project(source: Path, tmp_path: Path) -> Path:
    out = tmp_path / "project"
    assert run(["export", "labelstudio", str(source), str(out)]) == 0
    return out


def tasks_of(project: Path) -> list[dict[str, Any]]:
    tasks: list[dict[str, Any]] = json.loads((project / "tasks.json").read_text())
    return tasks


def test_a_project_has_a_video_a_task_and_choices_for_everything(project: Path) -> None:
    tasks = tasks_of(project)
    assert [task["data"]["episode_id"] for task in tasks] == NAMES
    for task in tasks:
        assert task["data"]["video"] == f"/data/local-files/?d=project/videos/{task['data']['episode_id']}.mp4"
        assert (task["data"]["num_frames"], task["data"]["fps"]) == (FRAMES, 20.0)
        with av.open(str(project / "videos" / f"{task['data']['episode_id']}.mp4")) as container:
            stream = container.streams.video[0]
            assert (stream.codec_context.name, stream.frames, stream.average_rate) == ("h264", FRAMES, 20)
    config = ET.fromstring((project / "config.xml").read_text())
    video = next(iter(config.iter("Video")))
    assert (video.get("value"), video.get("framerate")) == ("$video", "$fps")
    controls = {item.get("name"): [one.get("value") for one in item.iter("Choice")] for item in config.iter("Choices")}
    taxonomy = load_default_taxonomy()
    assert controls["outcome"] == list(Outcome)
    assert controls["failure_category"] == [category.id for category in taxonomy.categories]
    for category in taxonomy.categories:
        expected = [item.id for item in category.subcategories]
        assert controls[f"failure_subcategory_{category.id}"] == expected
    assert len(controls["proximal_cause"]) == len(taxonomy.proximal_causes)


def test_predictions_are_the_proposals_counted_from_one(tmp_path: Path) -> None:
    source = real_data("sim_pick_place/sample.hdf5")
    copy = tmp_path / "sample.hdf5"
    copy.write_bytes(source.read_bytes())
    assert run(["detect", str(copy), "--episode", "demo_0", "--jobs", "1"]) == 0
    out = tmp_path / "project"
    assert run(["export", "labelstudio", str(copy), str(out), "--episode", "demo_0"]) == 0
    (task,) = tasks_of(out)
    with LabelledDataset.open(copy) as labelled:
        findings = labelled.read("demo_0").findings
    assert findings is not None
    proposed = {field.value: item.value for field, item in findings.proposal.items()}
    results = {result["id"]: result["value"] for result in task["predictions"][0]["result"]}
    assert results["outcome"] == {"choices": [proposed["outcome"]]}
    category = proposed["failure_category"]
    assert results[f"failure_subcategory_{category}"] == {"choices": [proposed["failure_subcategory"]]}
    onset = proposed["failure_onset_frame"]
    assert isinstance(onset, int)
    assert results["failure_onset"]["ranges"] == [{"start": onset + 1, "end": onset + 1}]


def test_exporting_twice_gives_the_same_bytes(source: Path, tmp_path: Path) -> None:
    before = content_hash(source.parent)
    for name in ("a", "b"):
        command = ["export", "labelstudio", str(source), str(tmp_path / name / "project"), "--episode", "demo_1"]
        assert run(command) == 0
    assert content_hash(tmp_path / "a") == content_hash(tmp_path / "b")
    assert content_hash(source.parent) == before


def choice(name: str, value: str, origin: str = "manual") -> dict[str, Any]:
    return {"from_name": name, "type": "choices", "value": {"choices": [value]}, "origin": origin}


def region(label: str, first: int, last: int, origin: str = "manual") -> dict[str, Any]:
    value = {"ranges": [{"start": first, "end": last}], "timelinelabels": [label]}
    return {"from_name": "events", "type": "timelinelabels", "value": value, "origin": origin}


def text(name: str, words: str) -> dict[str, Any]:
    return {"from_name": name, "type": "textarea", "value": {"text": [words]}, "origin": "manual"}


def failure() -> list[dict[str, Any]]:
    return [
        choice("outcome", "failure", "prediction"),
        choice("failure_category", "grasp", "prediction"),
        choice("failure_subcategory_collision", "arm_environment"),
        choice("failure_subcategory_grasp", "slip_during_lift"),
        region("failure_onset", 5, 5, "prediction-changed"),
        region("failure_obvious", 7, 7),
        region("recovery", 9, 11),
        choice("recovery_outcome", "failed_recovery"),
        choice("preventable", "yes"),
        text("root_cause", WHY),
        {"from_name": "annotator_confidence", "type": "number", "value": {"number": 0.75}, "origin": "manual"},
    ]


def exported(project: Path, results: dict[str, list[dict[str, Any]]], **more: Any) -> Path:
    """What Label Studio exports after somebody made annotations of these results."""
    tasks = []
    for number, task in enumerate(tasks_of(project), start=1):
        name = task["data"]["episode_id"]
        task["data"]["failview_proposal"] = json.dumps(PROPOSAL)
        made = {
            "id": 10 + number,
            "completed_by": {"id": 1, "email": "ada@lab.example"},
            "was_cancelled": False,
            "lead_time": 42.5,
            "updated_at": "2026-03-04T05:06:07.891011Z",
            **more,
        }
        tasks.append(
            {"id": number, **task, "annotations": [{**made, "result": results[name]}] if name in results else []}
        )
    path = project.parent / "export.json"
    path.write_text(json.dumps(tasks))
    return path


def records_of(source: Path) -> dict[str, AnnotationRecord]:
    with LabelledDataset.open(source) as labelled:
        return {item.record.episode_id: item.record for item in labelled.found.found}


def test_an_annotation_comes_back_as_a_finished_valid_sidecar(source: Path, project: Path) -> None:
    before = content_hash(source.parent)
    export = exported(project, {"demo_1": failure(), "demo_0": [choice("outcome", "success")]})
    assert run(["import", "labelstudio", str(source), str(export)]) == 0
    records = records_of(source)
    record = records["demo_1"]
    label = record.annotation
    assert (label.failure_onset_frame, label.failure_obvious_frame) == (4, 6)
    assert (label.recovery_start_frame, label.recovery_end_frame, label.recovery_attempted) == (8, 10, True)
    assert (label.failure_category, label.failure_subcategory) == ("grasp", "slip_during_lift")
    assert (label.root_cause, label.annotator_confidence, label.preventable) == (WHY, 0.75, True)
    assert label.recovery_outcome is RecoveryOutcome.FAILED_RECOVERY
    assert label.provenance["outcome"] == Provenance(Origin.ACCEPTED, "grasp", 0.9)
    assert label.provenance["failure_onset_frame"] == Provenance(Origin.CHANGED, "grasp", 0.7)
    assert label.provenance["failure_subcategory"] == Provenance(Origin.MANUAL)
    assert record.annotator == "ada@lab.example"
    assert record.stages[Stage.DETAIL].active_s == 42.5
    assert record.stages[Stage.DETAIL].finished_at == "2026-03-04T05:06:07.891+00:00"
    assert records["demo_0"].annotation.outcome is Outcome.SUCCESS
    assert records["demo_0"].stages[Stage.TRIAGE].active_s == 42.5
    for item in records.values():
        assert validate_sidecar(item, load_default_taxonomy(), num_frames=FRAMES) == []
    assert run(["validate", str(source)]) == 0
    assert content_hash(source.parent) != before


def test_importing_again_changes_nothing(source: Path, project: Path, capsys: Capture) -> None:
    export = exported(project, {"demo_1": failure()})
    assert run(["import", "labelstudio", str(source), str(export)]) == 0
    before = content_hash(source.parent)
    capsys.readouterr()
    assert run(["import", "labelstudio", str(source), str(export), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["written"], told["unchanged"], told["refused"]) == ([], 1, [])
    assert content_hash(source.parent) == before


def test_another_label_is_replaced_only_when_told(source: Path, project: Path, capsys: Capture) -> None:
    assert run(["import", "labelstudio", str(source), str(exported(project, {"demo_1": failure()}))]) == 0
    other = exported(project, {"demo_1": [choice("outcome", "success")]})
    capsys.readouterr()
    assert run(["import", "labelstudio", str(source), str(other)]) == 2
    told = capsys.readouterr().err
    assert "has another label of demo_1 already" in told
    assert told.count("\n") == 1
    assert records_of(source)["demo_1"].annotation.outcome is Outcome.FAILURE
    assert run(["import", "labelstudio", str(source), str(other), "--force"]) == 0
    assert records_of(source)["demo_1"].annotation.outcome is Outcome.SUCCESS
    kept = list(source.with_name(f"{source.name}.failview").glob("*.previous"))
    kept += list(source.with_name(f"{source.name}.failview").glob("*.foreign-*"))
    assert any("slip_during_lift" in item.read_text() for item in kept), "the label before is kept"


def test_a_success_drops_what_was_hidden(source: Path, project: Path, capsys: Capture) -> None:
    results = [choice("outcome", "success") if item["from_name"] == "outcome" else item for item in failure()]
    capsys.readouterr()
    command = ["import", "labelstudio", str(source), str(exported(project, {"demo_2": results})), "--json"]
    assert run(command) == 0
    label = records_of(source)["demo_2"].annotation
    assert (label.failure_category, label.failure_onset_frame, label.root_cause) == (None, None, "")
    assert "a success: dropped" in " ".join(json.loads(capsys.readouterr().out)["notes"])


def test_an_incomplete_one_is_kept_as_a_draft_and_told(source: Path, project: Path, capsys: Capture) -> None:
    results = [item for item in failure() if item["from_name"] != "root_cause"]
    export = exported(project, {"demo_1": results})
    capsys.readouterr()
    assert run(["import", "labelstudio", str(source), str(export), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert "root_cause" in told["incomplete"][0]["missing"]
    record = records_of(source)["demo_1"]
    assert record.stages[Stage.TRIAGE].finished_at
    assert record.stages[Stage.DETAIL].finished_at is None


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([choice("outcome", "maybe")], "cannot be understood"),
        ([choice("outcome", "failure"), region("failure_onset", 40, 40)], "failure_onset_frame"),
        ([choice("outcome", "failure"), choice("failure_category", "weather")], "failure_category"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    source: Path, project: Path, capsys: Capture, results: list[dict[str, Any]], expected: str
) -> None:
    before = content_hash(source.parent)
    capsys.readouterr()
    assert run(["import", "labelstudio", str(source), str(exported(project, {"demo_1": results}))]) == 2
    told = capsys.readouterr().err
    assert "task 2, annotation 12" in told
    assert expected in told
    assert told.count("\n") == 1
    assert content_hash(source.parent) == before


def test_some_refused_is_exit_code_1(source: Path, project: Path) -> None:
    export = exported(project, {"demo_0": [choice("outcome", "success")], "demo_1": [choice("outcome", "maybe")]})
    assert run(["import", "labelstudio", str(source), str(export)]) == 1
    assert set(records_of(source)) == {"demo_0"}


def test_skipped_annotations_are_none(source: Path, project: Path, capsys: Capture) -> None:
    export = exported(project, {"demo_1": failure()}, was_cancelled=True)
    assert run(["import", "labelstudio", str(source), str(export)]) == 2
    assert "no submitted annotation" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["", "{}", "[1]", '[{"id": 1}]'])
def test_files_of_another_kind_are_one_line(source: Path, tmp_path: Path, capsys: Capture, content: str) -> None:
    (tmp_path / "x.json").write_text(content)
    assert run(["import", "labelstudio", str(source), str(tmp_path / "x.json")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
