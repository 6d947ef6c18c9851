"""Runs the detectors over a whole dataset in memory, for the scripts that measure or draw."""

import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from failview.detectors import catalogue
from failview.loaders.opening import open_dataset
from failview.model.detection import EpisodeFindings
from failview.model.episode import Episode
from failview.proposals.detector_settings import settings_of


@dataclass(frozen=True)
class JudgedDataset:
    """Episodes and what was found in them, by id, and how long the detectors took per episode."""

    episodes: dict[str, Episode]
    findings: dict[str, EpisodeFindings]
    ms_per_episode: float


def judged_dataset(path: Path, only: Collection[str] | None = None) -> JudgedDataset:
    """Judge the episodes of a dataset, or some of them, in the light of each other."""
    dataset = open_dataset(path)
    settings = settings_of(dataset.profile)
    ids = [entry.episode_id for entry in dataset.entries if only is None or entry.episode_id in only]
    episodes = {name: dataset.open_episode(name) for name in ids}
    begin = time.perf_counter()
    looks = [catalogue.first_look(episode, settings) for episode in episodes.values()]
    learnt = catalogue.learn(looks, settings)
    findings = {look.episode_id: catalogue.conclude(look, learnt, settings) for look in looks}
    return JudgedDataset(episodes, findings, 1e3 * (time.perf_counter() - begin) / max(len(looks), 1))
