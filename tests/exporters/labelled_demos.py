"""Small labelled datasets whose pictures and states tell the number of their frame."""

from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np

from failview.loaders import open_dataset
from failview.model.annotation import (
    Annotation,
    AnnotationRecord,
    Attribution,
    CausalLink,
    FurtherFailure,
    Origin,
    Outcome,
    Provenance,
    RecoveryOutcome,
    Severity,
    Stage,
    StageRecord,
)
from failview.proposals.detection_run import DetectionRequest, detect
from failview.proposals.spreading import Workers
from failview.sidecars.codec import encode
from failview.sidecars.location import SidecarLocation
from tests.loaders.write_lerobot import write_v3
from tests.loaders.write_robomimic import add_demo
from tests.proposals.judged import shown_to_nobody

FRAMES = 12
"""Of every episode; picture i of episode k carries the number 100 * k + i."""

WHY = 'The grip was too weak for the "wet" bottle; it slid out — Rutschen, 滑り — during the lift.'

SUCCESS = Annotation(Outcome.SUCCESS, annotator_confidence=0.95)
SLIP = Annotation(
    outcome=Outcome.FAILURE,
    failure_category="grasp",
    failure_subcategory="slip_during_lift",
    failure_onset_frame=4,
    failure_obvious_frame=6,
    recovery_attempted=False,
    recovery_outcome=RecoveryOutcome.NO_ATTEMPT,
    root_cause=WHY,
    annotator_confidence=0.8,
    severity=Severity.HIGH,
    attribution=Attribution.ROBOT_FAILURE,
    preventable=True,
    causal_chain=(CausalLink("low force", "slip", 4), CausalLink("slip", "loss")),
    further_failures=(FurtherFailure("collision", "arm_environment", 9),),
    notes="line one\nline two",
    provenance={"outcome": Provenance(Origin.ACCEPTED, "grasp", 0.86), "root_cause": Provenance(Origin.MANUAL)},
)
RECOVERED = Annotation(
    outcome=Outcome.PARTIAL_SUCCESS,
    failure_category="grasp",
    failure_subcategory="missed_grasp",
    failure_onset_frame=3,
    failure_obvious_frame=3,
    recovery_attempted=True,
    recovery_start_frame=6,
    recovery_end_frame=8,
    recovery_outcome=RecoveryOutcome.RECOVERED,
    root_cause="The fingers closed beside the cube, so that the arm had to go back and take it again.",
    annotator_confidence=0.7,
    preventable=False,
)
DRAFT = Annotation(Outcome.FAILURE, "grasp", "missed_grasp", 2)

LABELS: tuple[Annotation | None, ...] = (SUCCESS, SLIP, RECOVERED, None, None)
"""What holds for each episode, in order. The fourth has a label that is not finished, the fifth none."""

PHASES = (
    ["normal"] * 12,
    ["pre_failure"] * 4 + ["failure_onset"] + ["during_failure"] * 7,
    ["pre_failure"] * 3 + ["failure_onset"] + ["during_failure"] * 2 + ["recovery"] * 3 + ["post_recovery"] * 3,
    [""] * 12,
    [""] * 12,
)
ONSETS = (None, 4, 3, None, None)


def write_demos(folder: Path, *, labelled: bool = True, judged: bool = True) -> Path:
    """Five robomimic demos; `obs/frame_number` carries the number of the picture as well."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "demos.hdf5"
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs["env_args"] = '{"env_name": "Lift", "type": 1, "env_kwargs": {"control_freq": 20}}'
        for number in range(len(LABELS)):
            demo = add_demo(data, f"demo_{number}", FRAMES, seed=number)
            demo["obs"]["frame_number"] = 100 * number + np.arange(FRAMES)
            demo["actions"][:] = np.tanh(demo["actions"][:])
        file["mask/train"] = np.array([b"demo_0", b"demo_3"])
        file["notes"] = "somebody's own"
    return _finished(path, labelled=labelled, judged=judged)


def write_lerobot(folder: Path, *, labelled: bool = True, judged: bool = True) -> Path:
    """The same as a LeRobot v3.0 dataset, without `frame_number`."""
    path = write_v3(folder / "arm", (FRAMES,) * len(LABELS))
    return _finished(path, labelled=labelled, judged=judged)


def _finished(path: Path, *, labelled: bool, judged: bool) -> Path:
    if judged:
        judge(path)
    if labelled:
        label(path)
    return path


def judge(path: Path) -> None:
    """Run the detectors, so that there are findings beside the data."""
    dataset = open_dataset(path)
    try:
        detect(dataset, str(path), DetectionRequest(workers=Workers(jobs=1)), shown_to_nobody)
    finally:
        dataset.close()


def label(path: Path) -> dict[str, AnnotationRecord]:
    """Put the sidecars of LABELS, and a draft, beside the data; the records by episode id."""
    dataset = open_dataset(path)
    places = {entry.episode_id: dataset.place(entry.episode_id) for entry in dataset.entries}
    dataset.close()
    location = SidecarLocation(path, places)
    records = {}
    for episode_id, annotation in zip(places, LABELS, strict=True):
        if annotation is not None:
            records[episode_id] = put(location, record_of(episode_id, annotation))
    put(location, record_of(list(places)[3], DRAFT, finished=False))
    return records


def put(location: SidecarLocation, record: AnnotationRecord) -> AnnotationRecord:
    """Write a sidecar."""
    path = location.path(record.episode_id, record.annotator)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(record))
    return record


def record_of(episode_id: str, annotation: Annotation, *, finished: bool = True) -> AnnotationRecord:
    """Maria's label of an episode."""
    at = "2026-01-02T03:04:05.678+00:00" if finished else None
    stages: Mapping[Stage, StageRecord] = {Stage.TRIAGE: StageRecord(at, 4.5), Stage.DETAIL: StageRecord(at, 61.25)}
    return AnnotationRecord(
        episode_id,
        "maria",
        "failview-tabletop",
        "1.0.0",
        annotation,
        stages,
        source_path="demos",
        source_format="robomimic HDF5",
        num_frames=FRAMES,
        saved_at="2026-01-02T03:04:06.000+00:00",
    )
