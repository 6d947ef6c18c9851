"""The work in the sidecars of a dataset, found without reading what is known already."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from failview.errors import SidecarError
from failview.model.annotation import Annotation, AnnotationRecord, Outcome, ReReview, Stage, StageRecord
from failview.model.episode import EpisodePlace
from failview.sidecars.codec import encode
from failview.sidecars.file_names import sidecar_name
from failview.sidecars.location import SidecarLocation
from failview.sidecars.work_done import WorkFound, find_work, from_json, to_json, work_of

RECORD = AnnotationRecord(
    "demo_0",
    "anna",
    "failview-tabletop",
    "1.0.0",
    Annotation(outcome=Outcome.FAILURE, failure_category="grasp", failure_subcategory="slip_during_lift"),
    stages={Stage.TRIAGE: StageRecord("2025-01-01T00:00:00+00:00", 4.5), Stage.DETAIL: StageRecord(None, 2.0)},
    num_frames=10,
    saved_at="2025-01-01T00:00:01+00:00",
)


class Memory:
    """Remembers by size and time of the change; tells how often it was asked for something new."""

    def __init__(self) -> None:
        self.known: dict[Path, tuple[Any, str]] = {}
        self.put_in = 0

    def get(self, file: Path) -> Any:
        stamp, text = self.known.get(file, (None, ""))
        return json.loads(text) if stamp == self._stamp(file) else None

    def put(self, file: Path, found: Any) -> None:
        self.known[file] = (self._stamp(file), json.dumps(found))
        self.put_in += 1

    def save(self) -> None:
        """Nothing: it lives as long as the test."""

    def _stamp(self, file: Path) -> tuple[int, int]:
        status = file.stat()
        return status.st_size, status.st_mtime_ns


@pytest.fixture
def location(tmp_path: Path) -> SidecarLocation:
    container = tmp_path / "demos.hdf5"
    container.touch()
    places = {name: EpisodePlace(container, name) for name in ("demo_0", "demo_1")}
    return SidecarLocation(container, places, user_root=tmp_path / "user")


def put(folder: Path, record: AnnotationRecord, name: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (name or f"{record.episode_id}.{record.annotator}.failview.json")
    path.write_bytes(encode(record))
    return path


def found_in(location: SidecarLocation, memory: Memory | None = None) -> WorkFound:
    return find_work(location, memory or Memory(), lambda items, _: items)


def test_what_is_remembered_comes_back_whole() -> None:
    for record in (RECORD, replace(RECORD, annotation=Annotation(), stages={})):
        work = work_of(record)
        assert from_json(json.loads(json.dumps(to_json(work)))) == work


@pytest.mark.parametrize("place", range(len(to_json(work_of(RECORD)))))
def test_what_is_remembered_otherwise_is_not_used(place: int) -> None:
    good = to_json(work_of(RECORD))
    assert from_json(good) is not None
    for bad in ([*good[:place], 7.5, *good[place + 1 :]], good[:place], [*good, 1]):
        assert from_json(bad) is None
    assert from_json([*good[:3], "lunch", *good[4:]]) is None
    assert from_json([*good[:5], {"lunch": ["", 1.0]}, *good[6:]]) is None
    assert from_json([*good[:5], {"triage": ["", "long"]}, *good[6:]]) is None


def test_of_every_annotator_and_only_what_changed_is_read(location: SidecarLocation, tmp_path: Path) -> None:
    folder = tmp_path / "demos.hdf5.failview"
    put(folder, RECORD)
    put(folder, replace(RECORD, annotator="ben", annotation=Annotation(outcome=Outcome.SUCCESS)))
    changed = put(folder, replace(RECORD, episode_id="demo_1"))
    memory = Memory()
    first = found_in(location, memory)
    assert {(work.episode_id, work.annotator, work.outcome) for work in first.works} == {
        ("demo_0", "anna", Outcome.FAILURE),
        ("demo_0", "ben", Outcome.SUCCESS),
        ("demo_1", "anna", Outcome.FAILURE),
    }
    assert first.works[0].stages == RECORD.stages
    assert first.annotators == ["anna", "ben"]
    assert memory.put_in == 3
    assert found_in(location, memory) == first
    assert memory.put_in == 3
    changed.write_bytes(encode(replace(RECORD, episode_id="demo_1", annotation=Annotation())))
    second = found_in(location, memory)
    assert memory.put_in == 4
    assert [work.outcome for work in second.works if work.episode_id == "demo_1"] == [None]


def test_a_request_to_look_again_is_due_until_a_review_after_it(location: SidecarLocation, tmp_path: Path) -> None:
    asked = replace(RECORD, re_reviews=(ReReview("2025-02-01T00:00:00+00:00", "a 1.0.0", "a 2.0.0", ()),))
    later = {**asked.stages, Stage.REVIEW: StageRecord("2025-03-01T00:00:00+00:00", 1.0)}
    put(tmp_path / "demos.hdf5.failview", asked)
    put(tmp_path / "demos.hdf5.failview", replace(asked, annotator="ben", stages=later))
    due = {work.annotator: work.re_review_due for work in found_in(location).works}
    assert due == {"anna": True, "ben": False}


def test_what_cannot_be_counted_is_named(location: SidecarLocation, tmp_path: Path) -> None:
    folder = tmp_path / "demos.hdf5.failview"
    good = put(folder, RECORD)
    put(folder, RECORD, "demo_1.ben.failview.json").write_bytes(b"{")
    put(folder, replace(RECORD, episode_id="demo_9"))
    put(folder, RECORD, "demo_0.carl.failview.json")
    (folder / "demo_1.dan.failview.json").mkdir()
    found = found_in(location)
    assert [work.annotator for work in found.works] == ["anna"]
    assert {item.path.name: item.message for item in found.not_counted} == {
        "demo_1.ben.failview.json": "is not valid JSON",
        "demo_9.anna.failview.json": "the dataset has no episode demo_9",
        "demo_0.carl.failview.json": f"should be named {good.name} by its episode and annotator",
        "demo_1.dan.failview.json": "cannot be read: is a directory",
    }


def test_of_two_copies_the_later_one_counts(location: SidecarLocation, tmp_path: Path) -> None:
    beside = put(tmp_path / "demos.hdf5.failview", RECORD)
    away = location.other_path("demo_0", "anna")
    later = replace(RECORD, annotation=Annotation(outcome=Outcome.SUCCESS), saved_at="2025-06-01T00:00:00+00:00")
    put(away.parent, later, away.name)
    found = found_in(location)
    assert [work.outcome for work in found.works] == [Outcome.SUCCESS]
    assert [(item.path, item.message) for item in found.not_counted] == [(beside, f"an older copy of {away}")]


def test_a_folder_that_cannot_be_listed_is_an_error(
    location: SidecarLocation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    put(tmp_path / "demos.hdf5.failview", RECORD)
    monkeypatch.setattr("os.scandir", refuse)
    with pytest.raises(SidecarError, match="cannot be listed"):
        found_in(location)


def test_work_in_a_guise_is_found_and_nobodys(location: SidecarLocation, tmp_path: Path) -> None:
    folder = tmp_path / "demos.hdf5.failview"
    put(folder, RECORD)
    put(folder, replace(RECORD, annotator="carla (exam 2)"), sidecar_name("demo_0", "carla (exam 2)"))
    found = found_in(location)
    assert {work.annotator for work in found.works} == {"anna", "carla (exam 2)"}, "who takes an exam goes on with it"
    assert found.annotators == ["anna"]
