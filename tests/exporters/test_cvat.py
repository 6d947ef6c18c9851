"""CVAT: files out of a dataset, and such files back into sidecars."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import av
import pytest

from failview.cli.main import run
from failview.model.annotation import AnnotationRecord, Origin, Stage
from failview.proposals.labelled_dataset import LabelledDataset
from failview.sidecars.taxonomy_file import load_default_taxonomy
from failview.sidecars.validation import validate_sidecar
from tests.contracts.loader_contract import content_hash
from tests.exporters.labelled_demos import FRAMES, LABELS, RECOVERED, SLIP, write_demos

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_demos(tmp_path / "data")


@pytest.fixture
def project(source: Path, tmp_path: Path) -> Path:
    assert run(["export", "cvat", str(source), str(tmp_path / "cvat")]) == 0
    return tmp_path / "cvat"


def tags(path: Path) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for image in ET.parse(path).getroot().findall("image"):
        assert image.get("name") == f"frame_{int(image.attrib['id']):06d}"
        for tag in image.findall("tag"):
            found.setdefault(tag.attrib["label"], []).append(int(image.attrib["id"]))
    return found


def bare(tmp_path: Path) -> Path:
    return write_demos(tmp_path / "bare", labelled=False, judged=False)


def records_of(source: Path) -> dict[str, AnnotationRecord]:
    with LabelledDataset.open(source) as labelled:
        return {item.record.episode_id: item.record for item in labelled.found.found}


def test_marks_are_on_their_frames_and_the_video_has_as_many(project: Path) -> None:
    assert tags(project / "demo_1.xml") == {"episode": [0], "failure_onset": [4], "failure_obvious": [6]}
    recovered = tags(project / "demo_2.xml")
    assert recovered == {"episode": [0], "failure_onset": [3], "failure_obvious": [3], "recovery": [6, 7, 8]}
    with av.open(str(project / "demo_1.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == FRAMES
    assert len(ET.parse(project / "demo_1.xml").getroot().findall("image")) == FRAMES


def test_labels_are_tags_with_the_choices_of_the_taxonomy(project: Path) -> None:
    labels = {item["name"]: item for item in json.loads((project / "labels.json").read_text())}
    assert {item["type"] for item in labels.values()} == {"tag"}
    assert set(labels) == {"episode", "failure_onset", "failure_obvious", "recovery"}
    choices = {item["name"]: item["values"] for item in labels["episode"]["attributes"]}
    assert choices["failure_category"][1:] == [category.id for category in load_default_taxonomy().categories]
    for path in sorted(project.glob("*.xml")):
        tag = next(iter(ET.parse(path).getroot().iter("tag")))
        for item in tag.findall("attribute"):
            offered = choices[item.attrib["name"]]
            assert len(offered) == 1 or (item.text or "") in offered


def test_what_comes_back_equals_what_went_out(project: Path, tmp_path: Path) -> None:
    other = bare(tmp_path)
    files = [str(project / f"demo_{number}.xml") for number in range(3)]
    assert run(["import", "cvat", str(other), *files, "--annotator", "ben"]) == 0
    records = records_of(other)
    for number, label in enumerate(LABELS[:3]):
        assert label is not None
        found = records[f"demo_{number}"].annotation
        for name in ("outcome", "failure_category", "failure_subcategory", "failure_onset_frame", "root_cause"):
            assert getattr(found, name) == getattr(label, name)
        assert found.annotator_confidence == label.annotator_confidence
        assert {item.origin for item in found.provenance.values()} == {Origin.MANUAL}
        record = records[f"demo_{number}"]
        assert validate_sidecar(record, load_default_taxonomy(), num_frames=FRAMES) == []
    recovered = records["demo_2"].annotation
    assert (recovered.recovery_start_frame, recovered.recovery_end_frame) == (6, 8)
    assert recovered.recovery_outcome is RECOVERED.recovery_outcome
    assert records["demo_1"].annotation.severity is SLIP.severity
    assert records["demo_1"].stages[Stage.DETAIL].finished_at


def test_exporting_twice_gives_the_same_bytes(source: Path, project: Path, tmp_path: Path) -> None:
    before = content_hash(source.parent)
    assert run(["export", "cvat", str(source), str(tmp_path / "again")]) == 0
    assert content_hash(tmp_path / "again") == content_hash(project)
    assert content_hash(source.parent) == before


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("nothing", "is no XML"),
        ("<annotations><version>1.1</version></annotations>", "no export of CVAT for images"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><annotations/>', "declares entities"),
    ],
)
def test_other_files_are_one_line(tmp_path: Path, capsys: Capture, content: str, expected: str) -> None:
    (tmp_path / "x.xml").write_text(content)
    assert run(["import", "cvat", str(bare(tmp_path)), str(tmp_path / "x.xml"), "--annotator", "ben"]) == 2
    told = capsys.readouterr().err
    assert expected in told
    assert told.count("\n") == 1


def test_an_outcome_that_does_not_exist_is_refused_and_the_others_are_taken(project: Path, tmp_path: Path) -> None:
    other = bare(tmp_path)
    broken = tmp_path / "broken.xml"
    broken.write_text((project / "demo_1.xml").read_text().replace(">failure<", ">maybe<"))
    files = [str(broken), str(project / "demo_0.xml")]
    assert run(["import", "cvat", str(other), *files, "--annotator", "ben"]) == 1
    assert set(records_of(other)) == {"demo_0"}
