"""`failview qa` tells people and programs how good labels are, writes one page, and says sentences where it cannot."""

import json
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from rich.console import Console

from failview.cli.main import run
from failview.cli.qa_report import QaRequest, report_on
from failview.cli.qa_tables import print_qa
from failview.loaders import open_dataset
from failview.loaders.assembled_dataset import AssembledDataset
from failview.model.annotation import Annotation, AnnotationRecord, Outcome, Stage, StageRecord
from failview.model.episode import Episode
from failview.quality.consistency import Contradiction
from failview.quality.findings import findings
from failview.quality.html_report import page
from failview.quality.label_consistency import DatasetConsistency, FoundContradiction
from failview.quality.labels import Labels
from failview.sidecars.codec import encode
from failview.sidecars.file_names import sidecar_name
from failview.sidecars.location import SidecarLocation
from failview.sidecars.taxonomy_file import load_default_taxonomy
from tests.exporters.labelled_demos import SLIP, put, record_of, write_demos
from tests.quality.planted_annotators import (
    FRAMES,
    Habits,
    Truth,
    draw_truth,
    records_of,
    write_dataset,
    write_records,
)

Capture = pytest.CaptureFixture[str]
COUNT = 120


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user is Anna, with a cache of her own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "config/failview").mkdir(parents=True)
    (tmp_path / "config/failview/settings.toml").write_text('annotator = "anna"\n', encoding="utf-8")


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return write_dataset(tmp_path / "demos.hdf5", COUNT, lambda number: ("pick", "stack")[number % 2])


@pytest.fixture
def labelled(dataset: Path) -> Path:
    """Anna labels well, Ben is sloppy."""
    truths = draw_truth(COUNT, 0.4, seed=4)
    write_records(dataset, records_of("anna", truths, Habits(), 1))
    write_records(dataset, records_of("ben", truths, Habits(flips=0.2, onset_frames=12.0), 2))
    return dataset


def as_json(capsys: Capture, *arguments: str | Path, code: int = 0) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["qa", *map(str, arguments), "--json"]) == code
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def shown(capsys: Capture, *arguments: str | Path, code: int = 0) -> str:
    capsys.readouterr()
    assert run(["qa", *map(str, arguments)]) == code
    return capsys.readouterr().out


def kinds(found: dict[str, Any]) -> set[str]:
    return {item["kind"] for item in found["findings"]}


def test_programs_get_every_part(labelled: Path, capsys: Capture) -> None:
    found = as_json(capsys, labelled)
    assert (found["path"], found["episodes"], found["labelled"]) == (str(labelled), COUNT, COUNT)
    outcome = next(item for item in found["agreement"]["fields"] if item["coefficient"] == "Cohen's kappa")
    assert (outcome["field"], outcome["coefficient"], outcome["n"]) == ("outcome", "Cohen's kappa", COUNT)
    assert outcome["kappa"]["low"] < outcome["kappa"]["value"] < outcome["kappa"]["high"] < 0.85
    assert {"low_agreement", "onsets_apart"} <= kinds(found)
    assert [item["name"] for item in found["distribution"]["tasks"]] == ["pick", "stack"]
    assert sum(found["distribution"]["onset_thirds"]) == sum(found["distribution"]["subcategories"].values())
    anna, ben = found["annotators"]
    assert (anna["annotator"], anna["stages"]["review"]) == ("anna", {"done": 0, "median_s": None})
    assert ben["outcome_with_detectors"]["kappa"]["reason"] == "ben and detectors share no episode"
    assert found["consistency"]["not_judged"] == COUNT
    assert "NaN" not in json.dumps(found)


def test_people_get_tables_and_commands(labelled: Path, capsys: Capture) -> None:
    out = shown(capsys, labelled)
    for words in (
        "120 of 120 episodes with a finished label by anna, ben",
        "failure rate",
        "anna and ben",
        "> 0.85",
        "to mend",
    ):
        assert words in out, words
    assert "failview detect" in out


def test_a_disagreement_names_the_command_that_opens_it(labelled: Path, capsys: Capture) -> None:
    item = as_json(capsys, labelled)["agreement"]["disagreements"][0]
    assert item["field"] == "outcome"
    assert sorted(item["said"]) == ["anna", "ben"]
    match = re.fullmatch(r"failview open (\S+) --episode (\S+) --frame (\d+)", item["command"])
    assert match is not None
    assert (match[1], match[2]) == (str(labelled), item["episode_id"])


def test_strict_is_1_when_something_is_to_mend(labelled: Path, dataset: Path, capsys: Capture) -> None:
    shown(capsys, labelled, "--strict", code=1)
    as_json(capsys, labelled, "--strict", code=1)
    for path in labelled.with_name("demos.hdf5.failview").glob("*.ben.*"):
        path.unlink()
    shown(capsys, dataset, "--strict")


def test_nobody_has_labelled_yet(dataset: Path, capsys: Capture, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    assert "nobody has finished a label yet" in shown(capsys, dataset, "--html", page)
    assert "nothing to check" in page.read_text(encoding="utf-8")
    found = as_json(capsys, dataset)
    assert (found["labelled"], found["annotators"], found["findings"]) == (0, [], [])
    assert found["distribution"]["failure_rate"]["share"] is None


def test_a_begun_label_is_none(dataset: Path, capsys: Capture) -> None:
    record = AnnotationRecord("demo_0", "anna", "failview-tabletop", "1.0.0", Annotation(Outcome.FAILURE), num_frames=9)
    write_records(dataset, [record])
    assert as_json(capsys, dataset)["labelled"] == 0


def test_one_annotator_alone(dataset: Path, capsys: Capture) -> None:
    write_records(dataset, records_of("anna", draw_truth(COUNT, 0.3), Habits(), 1))
    assert "only anna has labelled" in shown(capsys, dataset)


def test_damaged_sidecars_are_named(labelled: Path, capsys: Capture) -> None:
    folder = labelled.with_name("demos.hdf5.failview")
    (folder / sidecar_name("demo_3", "anna")).write_bytes(b"{")
    (folder / sidecar_name("demo_999", "anna")).write_bytes((folder / sidecar_name("demo_4", "anna")).read_bytes())
    found = as_json(capsys, labelled, "--strict", code=1)
    (unreadable,) = [item["words"] for item in found["findings"] if item["kind"] == "unreadable"]
    assert unreadable.endswith("is not valid JSON")


def test_the_second_time_only_what_changed_is_read(labelled: Path, capsys: Capture) -> None:
    first = as_json(capsys, labelled)
    folder = labelled.with_name("demos.hdf5.failview")
    ids = [truth.episode_id for truth in draw_truth(COUNT, 0.4, seed=4) if truth.outcome is Outcome.SUCCESS]
    assert as_json(capsys, labelled) == first
    wrong = Annotation(Outcome.FAILURE, "grasp", "missed_grasp", 5)
    stages = {Stage.DETAIL: StageRecord("2026-01-01T00:00:00+00:00", 5.0)}
    changed = AnnotationRecord(ids[0], "anna", "failview-tabletop", "1.0.0", wrong, stages, num_frames=FRAMES)
    (folder / sidecar_name(ids[0], "anna")).write_bytes(encode(changed))
    second = as_json(capsys, labelled)
    rate = "failure_rate"
    assert second["distribution"][rate] != first["distribution"][rate] or second["annotators"] != first["annotators"]
    assert second["annotators"][0]["stages"]["detail"]["done"] == first["annotators"][0]["stages"]["detail"]["done"] + 1


@pytest.mark.parametrize("damage", ["{", "[]", '{"head": 3}', ""])
def test_a_damaged_memory_is_none(labelled: Path, capsys: Capture, tmp_path: Path, damage: str) -> None:
    first = as_json(capsys, labelled)
    for file in (tmp_path / "cache").rglob("*.json"):
        file.write_text(damage, encoding="utf-8")
    assert as_json(capsys, labelled) == first


def test_remembered_rows_of_another_shape_are_read_again(labelled: Path, capsys: Capture, tmp_path: Path) -> None:
    first = as_json(capsys, labelled)
    for file in (tmp_path / "cache").rglob("*.json"):
        content = json.loads(file.read_text(encoding="utf-8"))
        content["files"] = {key: [stamp, ["strange", 1, None]] for key, (stamp, _) in content["files"].items()}
        file.write_text(json.dumps(content), encoding="utf-8")
    assert as_json(capsys, labelled)["annotators"] == first["annotators"]


class Links(HTMLParser):
    """Collects what a page would fetch, and its tags."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in {"src", "href", "xlink:href", "data", "action", "srcset"} and not (value or "").startswith("#"):
                self.fetched.append(f"{tag} {name}={value}")


def test_the_page_needs_nothing_else(labelled: Path, capsys: Capture, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    shown(capsys, labelled, "--html", page)
    text = page.read_text(encoding="utf-8")
    links = Links()
    links.feed(text)
    assert links.fetched == []
    assert "script" not in links.tags
    assert "@import" not in text
    assert not re.search(r"url\((?!#)", text), "clip paths of the plots are the only urls"
    assert links.tags.count("svg") >= 4
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    assert len(text.encode()) < 2_000_000
    assert "nan" not in re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL).lower().replace("annotat", "")
    ids = Counter(re.findall(r'\bid="([^"]+)"', text))
    wanted = set(re.findall(r'(?:url\(|href=")#([^")]+)', text))
    assert wanted
    assert {name: ids[name] for name in wanted if ids[name] != 1} == {}, "each plot finds its own marks"


def test_names_from_outside_stay_words(tmp_path: Path, capsys: Capture) -> None:
    dataset = tmp_path / "demos.hdf5"
    hostile = "<script>alert(1)</script> $x^2$ [red]"
    with h5py.File(dataset, "w") as file:
        data = file.create_group("data")
        data.attrs["env_args"] = "{}"
        for number in range(2):
            demo = data.create_group(f"demo_{number}")
            demo.attrs["num_samples"] = FRAMES
            demo.attrs["language_instruction"] = f"{hostile} {number}"
            demo["actions"] = np.zeros((FRAMES, 1))
    truths = [Truth("demo_0", Outcome.FAILURE, "missed_grasp", 50), Truth("demo_1", Outcome.SUCCESS)]
    write_records(dataset, records_of("<b>anna</b>", truths, Habits(), 1))
    page = tmp_path / "report.html"
    assert "[red]" in shown(capsys, dataset, "--html", page)
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text
    assert "<b>anna</b>" not in text
    assert "&lt;b&gt;anna&lt;/b&gt;" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--html", "."], "is a folder"),
        (["--html", "nowhere/report.html"], "cannot be written"),
        (["--taxonomy", "missing.toml"], "missing.toml"),
    ],
)
def test_what_cannot_be_is_one_line(
    labelled: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(labelled.parent)
    assert run(["qa", str(labelled), *arguments]) == 2
    error = capsys.readouterr().err.strip()
    assert said in error
    assert "\n" not in error


def test_hardly_any_episode_is_read(labelled: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    read, whole = [], AssembledDataset.open_episode

    def noted(self: AssembledDataset, episode_id: str) -> Episode:
        read.append(episode_id)
        return whole(self, episode_id)

    monkeypatch.setattr(AssembledDataset, "open_episode", noted)
    as_json(capsys, labelled)
    assert len(read) == 5, "to see whether the clocks run as the list says"


@pytest.mark.parametrize(("declared", "true_hz"), [(30.0, 20.0), (20.0, 20.0), (None, 20.0), (20.0, None)])
def test_seconds_follow_the_clocks_not_what_is_declared(
    tmp_path: Path, capsys: Capture, declared: float | None, true_hz: float | None
) -> None:
    dataset = write_dataset(tmp_path / "demos.hdf5", 30)
    with h5py.File(dataset, "r+") as file:
        if declared is not None:
            file["data"].attrs["control_freq_hz"] = declared
        for demo in file["data"].values():
            if true_hz is not None:
                demo["obs/timestamp"] = np.arange(FRAMES) / true_hz
    truths = draw_truth(30, 0.6, seed=2)
    write_records(dataset, records_of("anna", truths, Habits(), 1))
    write_records(dataset, records_of("ben", truths, Habits(late_frames=10), 2))
    onset = as_json(capsys, dataset)["agreement"]["frames"][0]
    assert onset["mean_frames"]["value"] == 10.0
    assert onset["mean_s"]["value"] == pytest.approx(0.5, abs=0.001)


@pytest.mark.parametrize("guise", ["practice", "exam", "exam 2"])
def test_labels_in_a_guise_count_nowhere(tmp_path: Path, capsys: Capture, guise: str) -> None:
    dataset = write_demos(tmp_path / "data")
    before = as_json(capsys, dataset)
    assert before["consistency"]["labels"] == 3
    opened = open_dataset(dataset)
    opened.close()
    places = {entry.episode_id: opened.place(entry.episode_id) for entry in opened.entries}
    for number in range(5):
        other = replace(SLIP, failure_subcategory="other_grasp", failure_onset_frame=1)
        record = record_of(f"demo_{number}", other)
        put(SidecarLocation(dataset, places), replace(record, annotator=f"{record.annotator} ({guise})"))
    assert as_json(capsys, dataset) == before


def test_what_was_decided_is_no_longer_to_mend(tmp_path: Path, capsys: Capture) -> None:
    dataset = write_demos(tmp_path / "data")
    request = QaRequest(dataset, None, "maria")
    opened = open_dataset(dataset)
    report = report_on(opened, load_default_taxonomy(), request)
    opened.close()
    said = Contradiction("success_away_from_goal", "outcome", "it lies away from the goal at {}", (9,))
    both = (FoundContradiction("demo_0", "maria", said, "ben"), FoundContradiction("demo_0", "carla", said))
    row = report.given.labels.by_key["demo_0", "maria"]
    labels = Labels((row, replace(row, annotator="carla")), {})
    given = replace(report.given, labels=labels, consistency=DatasetConsistency(both, labels=2))
    report = replace(report, given=given)
    found = [item for item in findings(report) if item.kind == "contradiction"]
    assert [(item.annotator, item.is_wrong) for item in found] == [("carla", True), ("maria", False)]
    assert found[1].words.endswith("goal at 9; ben decided so in the review")
    print_qa(report, found, request, Console(width=200))
    out = capsys.readouterr().out
    assert "2 labels compared, 2 contradictions, 1 of them decided in the review" in out
    assert "1 to mend, 1 to look at" in out
    assert "2</b> contradictions (listed under what to mend), 1 of them decided in the review." in page(
        report, found, request.open_at, "today"
    )
    one = replace(report, given=replace(given, consistency=DatasetConsistency(both[1:], labels=1)))
    print_qa(one, found[:1], request, Console(width=200))
    assert "1 label compared, 1 contradiction\n" in capsys.readouterr().out
    assert "1 label compared with" in page(one, found[:1], request.open_at, "today")
