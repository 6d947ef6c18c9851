"""Simulated demonstrations of one task, good and bad ones, with their labels as an expert would have set them."""

import json
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Final

import h5py
import mujoco
import numpy as np
from pick_place_sim import constants as c
from pick_place_sim.kinds import KINDS, make_episode
from pick_place_sim.objects import THINGS
from pick_place_sim.recorder import Episode, record
from pick_place_sim.simulation import Simulation
from pick_place_sim.truth import episode_truth

from bc_tutorial.observations import of_recording
from failview.model.annotation import Annotation, AnnotationRecord, Outcome, RecoveryOutcome, Stage, StageRecord
from failview.model.episode import EpisodePlace
from failview.sidecars.location import SidecarLocation
from failview.sidecars.store import SidecarStore
from failview.sidecars.taxonomy_file import load_default_taxonomy

FAILURES: Final = ("missed_grasp", "missed_target", "dropped_in_transport", "slip_during_lift")
ATTEMPTS: Final = 25
LONGEST_S: Final = 18.0
WHEN: Final = "2026-01-01T00:00:00+00:00"
WHY: Final = "Simulated: the label is the truth of the simulation, and nobody has looked at this episode."

Made = tuple[dict[str, np.ndarray], np.ndarray, dict[str, Any]]


def simulate(kind: str, thing: str, seed: int) -> Made | None:
    """Observations, actions and truth of one episode; None when no seed of many gives this kind."""
    mujoco.set_mju_user_warning(lambda _: None)
    for attempt in range(ATTEMPTS):
        layout, program, rng = make_episode(kind, thing, seed + 1_000_000 * attempt)
        log = Simulation(layout, rng).run(program)
        truth = episode_truth(log, KINDS[kind])
        wanted = {"success"} if kind == "success" else {"failure"}
        if log.is_sound and truth["outcome"] in wanted and truth["num_frames"] < LONGEST_S * c.FRAME_HZ:
            episode: Episode = record(log, THINGS[thing].task, rng)
            return of_recording(episode), episode.features["action"], truth
    return None


def write(path: Path, made: list[Made], task: str) -> None:
    """The demonstrations in robomimic's layout."""
    path.parent.mkdir(parents=True, exist_ok=True)
    args = {"env_name": "PandaPickPlace", "type": 1, "env_kwargs": {"control_freq": c.FRAME_HZ}}
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs["env_args"] = json.dumps(args)
        data.attrs["total"] = sum(len(actions) for _, actions, _ in made)
        for number, (obs, actions, _) in enumerate(made):
            demo = data.create_group(f"demo_{number}")
            demo.attrs["num_samples"] = len(actions)
            demo.attrs["language_instruction"] = task
            demo["actions"] = np.clip(actions, -1.0, 1.0)
            for name, values in obs.items():
                demo[f"obs/{name}"] = values


def label(path: Path, made: list[Made]) -> None:
    """A sidecar beside the file for every demonstration."""
    places = {f"demo_{number}": EpisodePlace(path, f"demo_{number}") for number in range(len(made))}
    taxonomy = load_default_taxonomy()
    done = {stage: StageRecord(WHEN, 0.0) for stage in (Stage.TRIAGE, Stage.DETAIL)}
    with SidecarStore(SidecarLocation(path, places), "simulator") as store:
        for (episode_id, _), (_, actions, truth) in zip(places.items(), made, strict=True):
            annotation = annotation_of(truth)
            record_ = AnnotationRecord(
                episode_id, "simulator", taxonomy.id, taxonomy.version, annotation, done,
                str(path), "robomimic HDF5", num_frames=len(actions), saved_at=WHEN,
            )  # fmt: skip
            store.save(record_)


def annotation_of(truth: dict[str, Any]) -> Annotation:
    """The truth as a label."""
    if truth["outcome"] == "success":
        return Annotation(Outcome.SUCCESS, annotator_confidence=1.0)
    names = ("failure_category", "failure_subcategory", "failure_onset_frame", "failure_obvious_frame")
    frames = ("recovery_attempted", "recovery_start_frame", "recovery_end_frame")
    return Annotation(
        Outcome(truth["outcome"]),
        **{name: truth[name] for name in (*names, *frames)},
        recovery_outcome=RecoveryOutcome(truth["recovery_outcome"]),
        root_cause=WHY,
        annotator_confidence=1.0,
    )


def make(out: Path, *, successes: int, failures: int, thing: str, seed: int) -> int:
    """Simulate and write; how many episodes there are."""
    kinds = ["success"] * successes + [FAILURES[k % len(FAILURES)] for k in range(failures)]
    order = np.random.default_rng(seed).permutation(len(kinds))
    rows = [(kinds[k], thing, seed * 10_000 + int(k)) for k in order]
    with ProcessPoolExecutor() as pool:
        made = [episode for episode in pool.map(simulate, *zip(*rows, strict=True)) if episode is not None]
    write(out, made, THINGS[thing].task)
    label(out, made)
    return len(made)
