"""All labels of a dataset: damage is named, strangers are left out, the later of two copies holds, and one is final."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from failview.errors import SidecarError
from failview.model.annotation import Annotation, AnnotationRecord, Outcome, Stage, StageRecord
from failview.model.episode import EpisodePlace
from failview.model.guise import Guise, in_guise
from failview.sidecars.codec import encode
from failview.sidecars.dataset_records import DatasetRecords, FoundRecord, is_finished, read_records
from failview.sidecars.file_names import sidecar_name
from failview.sidecars.location import SidecarLocation

FAILURE = Annotation(Outcome.FAILURE, "grasp", "missed_grasp", 3)


@pytest.fixture
def location(tmp_path: Path) -> SidecarLocation:
    data = tmp_path / "demos.hdf5"
    data.touch()
    places = {f"demo_{number}": EpisodePlace(data, f"demo_{number}") for number in range(4)}
    return SidecarLocation(data, places, user_root=tmp_path / "user")


def record(
    episode_id: str = "demo_0",
    annotator: str = "anna",
    label: Annotation = FAILURE,
    *done: Stage,
    saved_at: str = "2026-01-01T00:00:00.000+00:00",
) -> AnnotationRecord:
    stages = {stage: StageRecord("2026-01-01T00:00:00+00:00", 5.0) for stage in done}
    return AnnotationRecord(
        episode_id, annotator, "failview-tabletop", "1.0.0", label, stages, num_frames=10, saved_at=saved_at
    )


def put(location: SidecarLocation, item: AnnotationRecord, folder: Path | None = None) -> Path:
    path = (folder or location.folder) / sidecar_name(item.episode_id, item.annotator)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(item))
    return path


def unseen(paths: list[Path], _title: str) -> Iterable[Path]:
    return paths


def read(location: SidecarLocation) -> DatasetRecords:
    return read_records(location, unseen)


def test_nothing_is_found_where_nobody_has_labelled(location: SidecarLocation) -> None:
    found = read(location)
    assert (found, found.by_annotator(), found.final()) == (DatasetRecords(()), {}, {})


def test_labels_are_sorted_by_who_made_them(location: SidecarLocation) -> None:
    put(location, record("demo_1", "ben"))
    put(location, record("demo_0", "anna"))
    put(location, record("demo_1", "anna"))
    found = read(location).by_annotator()
    assert {name: list(records) for name, records in found.items()} == {"anna": ["demo_0", "demo_1"], "ben": ["demo_1"]}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"schema_version": "1.0.0"}', b"null"])
def test_damage_is_named_and_the_others_are_read(location: SidecarLocation, content: bytes) -> None:
    whole, broken = put(location, record("demo_0")), put(location, record("demo_1"))
    broken.write_bytes(content)
    found = read(location)
    assert [item.path for item in found.found] == [whole]
    assert [item.path for item in found.unreadable] == [broken]
    assert "\n" not in found.unreadable[0].message
    assert broken.read_bytes() == content, "reading changes nothing"


def test_a_folder_in_place_of_a_sidecar_is_named(location: SidecarLocation) -> None:
    put(location, record("demo_0"))
    folder = location.folder / sidecar_name("demo_1", "anna")
    folder.mkdir()
    assert [item.path for item in read(location).unreadable] == [folder]


def test_a_sidecar_that_is_gone_meanwhile_is_named(location: SidecarLocation) -> None:
    path = put(location, record())

    def losing(paths: list[Path], _title: str) -> Iterable[Path]:
        path.unlink()
        return paths

    found = read_records(location, losing)
    assert [(item.path, item.message) for item in found.unreadable] == [(path, "is gone")]


def test_a_stranger_is_left_out_with_its_name(location: SidecarLocation) -> None:
    path = put(location, record("demo_99"))
    found = read(location)
    assert found.found == ()
    assert [(item.path, item.message) for item in found.not_counted] == [(path, "the dataset has no episode demo_99")]


@pytest.mark.parametrize("later_beside", [True, False])
def test_of_two_copies_the_later_holds(location: SidecarLocation, later_beside: bool) -> None:
    times = ("2026-01-02T00:00:00.000+00:00", "2026-01-01T00:00:00.000+00:00")
    beside = put(location, record(saved_at=times[0 if later_beside else 1]))
    away = location.other_path("demo_0", "anna")
    copy = put(
        location, record(label=Annotation(Outcome.SUCCESS), saved_at=times[1 if later_beside else 0]), away.parent
    )
    newer, older = (beside, copy) if later_beside else (copy, beside)
    found = read(location)
    assert [item.path for item in found.found] == [newer]
    assert [(item.path, item.message) for item in found.not_counted] == [(older, f"an older copy of {newer}")]


def test_a_folder_that_cannot_be_listed_is_said(location: SidecarLocation) -> None:
    location.folder.touch()
    put(location, record(), location.other_path("demo_0", "anna").parent)
    assert len(read(location).found) == 1, "a file where the folder should be holds no sidecars"
    location.folder.unlink()
    location.folder.symlink_to(location.folder.name)
    with pytest.raises(SidecarError, match="cannot be listed"):
        read(location)


@pytest.mark.parametrize(
    ("done", "label", "counts"),
    [
        ((), FAILURE, False),
        ((Stage.TRIAGE,), FAILURE, False),
        ((Stage.TRIAGE,), Annotation(Outcome.PARTIAL_SUCCESS), False),
        ((Stage.TRIAGE,), Annotation(Outcome.SUCCESS), True),
        ((Stage.DETAIL,), FAILURE, True),
        ((Stage.REVIEW,), FAILURE, True),
        ((Stage.DETAIL,), Annotation(), False),
    ],
)
def test_which_labels_count(done: tuple[Stage, ...], label: Annotation, counts: bool) -> None:
    assert is_finished(record("demo_0", "anna", label, *done)) is counts


def test_the_final_label_is_the_reviewed_one_then_the_last(location: SidecarLocation) -> None:
    early, late = "2026-01-01T00:00:00.000+00:00", "2026-02-01T00:00:00.000+00:00"
    rows = [
        record("demo_0", "anna", FAILURE, Stage.DETAIL, saved_at=early),
        record("demo_0", "ben", FAILURE, Stage.DETAIL, saved_at=late),
        record("demo_1", "anna", FAILURE, Stage.DETAIL, Stage.REVIEW, saved_at=early),
        record("demo_1", "ben", FAILURE, Stage.DETAIL, saved_at=late),
        record("demo_2", "anna", FAILURE, saved_at=late),
    ]
    for item in (rows, rows[::-1]):
        final = DatasetRecords(tuple(FoundRecord(Path(), row) for row in item)).final()
        assert {key: row.annotator for key, row in final.items()} == {"demo_0": "ben", "demo_1": "anna"}


@pytest.mark.parametrize("guise", list(Guise))
def test_a_guise_is_read_and_counts_nowhere(location: SidecarLocation, guise: Guise) -> None:
    put(location, record("demo_0", "anna", FAILURE, Stage.DETAIL))
    for episode_id in ("demo_0", "demo_1"):
        name = in_guise("ben", guise, 2)
        put(location, record(episode_id, name, FAILURE, Stage.DETAIL, Stage.REVIEW, saved_at="2026-09-01"))
    found = read(location)
    assert len(found.found) == 3
    assert [item.annotator for item in found.plain] == ["anna"]
    assert list(found.by_annotator()) == ["anna"]
    assert {key: item.annotator for key, item in found.final().items()} == {"demo_0": "anna"}
