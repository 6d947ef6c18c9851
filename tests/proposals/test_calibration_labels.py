"""Finished annotations are labels; drafts are not."""

from pathlib import Path

from failview.model.annotation import (
    Annotation,
    AnnotationRecord,
    FurtherFailure,
    Origin,
    Outcome,
    Provenance,
    Stage,
    StageRecord,
)
from failview.proposals.calibration_labels import FoundLabels, labels_of_sidecars
from failview.sidecars.codec import encode
from tests.sidecar_places import container_location

DONE = StageRecord(finished_at="2026-01-05T10:00:00Z")
SLIP = Annotation(
    outcome=Outcome.FAILURE,
    failure_category="grasp",
    failure_subcategory="slip_during_lift",
    failure_onset_frame=30,
    further_failures=(FurtherFailure("placement", "missed_target", 50),),
)
IDS = ("demo_0", "demo_1")


def found(tmp_path: Path, *records: AnnotationRecord) -> FoundLabels:
    dataset = tmp_path / "demos.hdf5"
    dataset.touch()
    location = container_location(dataset, *IDS)
    for record in records:
        path = location.path(record.episode_id, record.annotator)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(encode(record))
    return labels_of_sidecars(location, IDS)


def record(annotation: Annotation, *stages: Stage, who: str = "anna", **more: str) -> AnnotationRecord:
    done = dict.fromkeys(stages, DONE)
    return AnnotationRecord("demo_0", who, "failview-tabletop", "1.0.0", annotation, stages=done, **more)  # type: ignore[arg-type]


def test_a_failure_whose_detail_is_finished(tmp_path: Path) -> None:
    (label,) = found(tmp_path, record(SLIP, Stage.TRIAGE, Stage.DETAIL)).labels
    assert (label.episode_id, label.subcategory, label.onset_frame) == ("demo_0", "slip_during_lift", 30)
    assert label.failed
    assert label.further == {"missed_target"}


def test_a_success_is_finished_with_its_triage(tmp_path: Path) -> None:
    (label,) = found(tmp_path, record(Annotation(outcome=Outcome.SUCCESS), Stage.TRIAGE)).labels
    assert label.is_clean


def test_drafts_are_no_labels(tmp_path: Path) -> None:
    assert found(tmp_path, record(SLIP)).labels == ()
    assert found(tmp_path, record(SLIP, Stage.TRIAGE)).labels == ()


def test_of_two_annotators_the_reviewed_label_counts_else_the_last(tmp_path: Path) -> None:
    other = Annotation(outcome=Outcome.FAILURE, failure_category="grasp", failure_subcategory="missed_grasp")
    early = record(SLIP, Stage.DETAIL, saved_at="2026-01-05T10:00:00Z")
    late = record(other, Stage.DETAIL, who="ben", saved_at="2026-01-06T10:00:00Z")
    assert found(tmp_path, early, late).labels[0].subcategory == "missed_grasp"
    reviewed = record(SLIP, Stage.DETAIL, Stage.REVIEW, saved_at="2026-01-05T10:00:00Z")
    assert found(tmp_path, reviewed, late).labels[0].subcategory == "slip_during_lift"


def test_accepted_proposals_are_told(tmp_path: Path) -> None:
    accepted = Annotation(outcome=Outcome.SUCCESS, provenance={"outcome": Provenance(Origin.ACCEPTED, "grasp", 0.9)})
    labels = found(tmp_path, record(accepted, Stage.TRIAGE))
    assert "1 of 1 labels are proposals accepted as they were" in labels.notes[0]


def test_a_broken_sidecar_is_counted(tmp_path: Path) -> None:
    found(tmp_path, record(SLIP, Stage.DETAIL))
    next((tmp_path / "demos.hdf5.failview").iterdir()).write_text("{")
    labels = labels_of_sidecars(container_location(tmp_path / "demos.hdf5", *IDS), IDS)
    assert labels.labels == ()
    assert "1 sidecars cannot be read" in labels.notes[0]
