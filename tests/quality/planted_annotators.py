"""Annotators whose errors are known: how often they take one outcome or subcategory for another, how far off they mark.

A truth is drawn, each annotator sees it through their own errors, and the sidecars are written beside a dataset.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import h5py
import numpy as np

from failview.model.annotation import (
    Annotation,
    AnnotationRecord,
    Attribution,
    Origin,
    Outcome,
    Provenance,
    RecoveryOutcome,
    Severity,
    Stage,
    StageRecord,
)
from failview.sidecars.codec import encode
from failview.sidecars.file_names import sidecar_name
from failview.sidecars.taxonomy_file import load_default_taxonomy

TAXONOMY = load_default_taxonomy()
FRAMES, RATE_HZ = 200, 20.0
CAUSES = {
    "missed_grasp": "closed_without_contact",
    "slip_during_lift": "grip_force_too_low",
    "dropped_in_transport": "grip_force_decayed",
    "missed_target": "released_high",
    "gripper_obstacle": "gripper_struck_obstacle",
}
KINDS = tuple(CAUSES)
WHY = "The hand came down beside the handle because the object had rolled a little before the fingers closed."


@dataclass(frozen=True)
class Truth:
    """What really happened in one episode."""

    episode_id: str
    outcome: Outcome
    subcategory: str | None = None
    onset: int | None = None


@dataclass(frozen=True)
class Habits:
    """How somebody errs.

    Attributes:
        flips: Chance of calling a success a failure, or the other way round.
        takes: Subcategory to (what it is taken for, how often).
        onset_frames: Standard deviation of the onset.
        late_frames: Constant error of the onset.
        tired_after: Number of labels from which on `tired_flips` holds.
        tired_flips: Chance of a flip from then on.
        seconds: Median active time in detail.
        share: Share of the episodes that this one labels.
        accepts: Share of the fields that were proposed and accepted; the others were changed.
    """

    flips: float = 0.0
    takes: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    onset_frames: float = 0.0
    late_frames: int = 0
    tired_after: int = 10**9
    tired_flips: float = 0.0
    seconds: float = 30.0
    share: float = 1.0
    accepts: float = 1.0


def draw_truth(count: int, failure_rate: float = 0.3, seed: int = 0) -> list[Truth]:
    rng = np.random.default_rng(seed)
    truths = []
    for number in range(count):
        if rng.random() < failure_rate:
            onset = int(rng.integers(30, FRAMES - 30))
            truths.append(Truth(f"demo_{number}", Outcome.FAILURE, KINDS[int(rng.integers(len(KINDS)))], onset))
        else:
            truths.append(Truth(f"demo_{number}", Outcome.SUCCESS))
    return truths


def records_of(name: str, truths: Sequence[Truth], habits: Habits, seed: int) -> list[AnnotationRecord]:
    """The sidecars of one annotator, in the order of the episodes."""
    rng = np.random.default_rng(seed)
    begin = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    records = []
    for number, truth in enumerate(truths):
        if rng.random() >= habits.share:
            continue
        at = (begin + timedelta(minutes=number)).isoformat(timespec="seconds")
        label = _seen(truth, habits, number, rng)
        stages = {Stage.TRIAGE: StageRecord(at, round(float(rng.lognormal(1.6, 0.3)), 1))}
        if label.outcome is not Outcome.SUCCESS:
            stages[Stage.DETAIL] = StageRecord(at, round(habits.seconds * float(rng.lognormal(0, 0.3)), 1))
        records.append(
            AnnotationRecord(
                truth.episode_id,
                name,
                TAXONOMY.id,
                TAXONOMY.version,
                label,
                stages,
                source_format="robomimic HDF5",
                num_frames=FRAMES,
                saved_at=at,
            )
        )
    return records


def _seen(truth: Truth, habits: Habits, number: int, rng: np.random.Generator) -> Annotation:
    flips = habits.tired_flips if number >= habits.tired_after else habits.flips
    failed = (truth.outcome is Outcome.FAILURE) is not (rng.random() < flips)
    how = {"outcome": _origin(habits, rng)}
    if not failed:
        return Annotation(Outcome.SUCCESS, annotator_confidence=0.9, provenance=how)
    subcategory = truth.subcategory or KINDS[int(rng.integers(len(KINDS)))]
    meant, chance = habits.takes.get(subcategory, (subcategory, 0.0))
    subcategory = meant if rng.random() < chance else subcategory
    onset = FRAMES // 2 if truth.onset is None else truth.onset
    onset = int(np.clip(round(onset + habits.late_frames + rng.normal(0, habits.onset_frames or 1e-9)), 0, FRAMES - 5))
    category = TAXONOMY.category_of(subcategory)
    assert category is not None
    for name in ("failure_category", "failure_subcategory", "failure_onset_frame"):
        how[name] = _origin(habits, rng)
    return Annotation(
        Outcome.FAILURE,
        category.id,
        subcategory,
        onset,
        min(onset + 4, FRAMES - 1),
        False,
        recovery_outcome=RecoveryOutcome.NO_ATTEMPT,
        root_cause=WHY,
        annotator_confidence=0.8,
        severity=list(Severity)[int(rng.integers(3))],
        attribution=list(Attribution)[int(rng.integers(3))],
        proximal_cause=CAUSES.get(subcategory, "off_centre_contact"),
        distal_cause="fast_contact",
        preventable=bool(rng.random() < 0.6),
        provenance=how,
    )


def _origin(habits: Habits, rng: np.random.Generator) -> Provenance:
    if rng.random() < habits.accepts:
        return Provenance(Origin.ACCEPTED, "grasp", 0.8)
    return Provenance(Origin.CHANGED, "grasp", 0.8)


def write_dataset(path: Path, count: int, task_of: Callable[[int], str] | None = None) -> Path:
    """Robomimic demos without signals that say anything, many and small."""
    actions = np.zeros((FRAMES, 1), dtype=np.float32)
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs["env_args"] = "{}"
        for number in range(count):
            demo = data.create_group(f"demo_{number}")
            demo.attrs["num_samples"] = FRAMES
            demo["actions"] = actions
            if task_of is not None:
                demo.attrs["language_instruction"] = task_of(number)
    return path


def write_records(dataset: Path, records: Sequence[AnnotationRecord]) -> Path:
    folder = dataset.with_name(dataset.name + ".failview")
    folder.mkdir(exist_ok=True)
    for record in records:
        (folder / sidecar_name(record.episode_id, record.annotator)).write_bytes(encode(record))
    return folder
