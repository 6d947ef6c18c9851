"""The detectors on the recordings that lie beside the project: an answer for every episode, whole or damaged."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from failview.detectors import catalogue
from failview.loaders import open_dataset
from failview.model.detection import EpisodeFindings
from failview.model.episode import Episode
from failview.model.roles import Role
from failview.model.signals import Values
from failview.proposals.detector_settings import settings_of
from failview.settings.thresholds import DetectorSettings
from tests.real_data import real_data

RECORDINGS = {
    "sim_pick_place/sample.hdf5": 6,
    "baxter_real_bag": 3,
    "robosuite_demos_hdf5": 23,
    "g1_lerobot_v21": 6,
    "so101_ros2_lerobot_v30": 6,
    "pusht_zarr": 6,
    "abitobot_ros2_mcap": 1,
}


@contextlib.contextmanager
def episodes_of(path: Path, most: int) -> Iterator[tuple[list[Episode], DetectorSettings]]:
    dataset = open_dataset(path)
    yield [dataset.open_episode(entry.episode_id) for entry in dataset.entries[:most]], settings_of(dataset.profile)
    dataset.close()


def judged(episodes: Sequence[Episode], settings: DetectorSettings) -> list[EpisodeFindings]:
    looks = [catalogue.first_look(episode, settings) for episode in episodes]
    learnt = catalogue.learn(looks, settings)
    return [catalogue.conclude(look, learnt, settings) for look in looks]


def assert_whole(episode: Episode, found: EpisodeFindings) -> None:
    assert not [reason for reason in found.not_judged.values() if "failed (" in reason]
    assert all(reason and "\n" not in reason for reason in found.not_judged.values())
    for item in found.detections:
        assert 0 <= item.start_frame <= item.end_frame < episode.num_frames, item
        assert item.obvious_frame is None or 0 <= item.obvious_frame < episode.num_frames, item
        assert 0.0 <= item.confidence <= 1.0, item
        assert item.evidence
        assert np.isfinite(list(item.measures.values())).all(), item


@pytest.mark.parametrize(("name", "most"), RECORDINGS.items(), ids=RECORDINGS)
def test_every_detector_judges_or_says_why_not(name, most):
    with episodes_of(real_data(name), most) as (episodes, settings):
        for episode, found in zip(episodes, judged(episodes, settings), strict=True):
            assert_whole(episode, found)
            spoke = {item.detector for item in found.detections} | set(found.not_judged)
            assert spoke or found.proposal


def glitched(values: Values, rng: np.random.Generator) -> None:
    values[rng.integers(0, len(values), 5)] = rng.choice([1e300, -1e30, 1e6, np.inf, -np.inf])


def dusted(values: Values, rng: np.random.Generator) -> None:
    values[rng.random(len(values)) < 0.3] = np.nan


def torn(values: Values, rng: np.random.Generator) -> None:
    values[int(len(values) * rng.uniform(0.2, 0.9)) :] = np.nan


def stuck(values: Values, rng: np.random.Generator) -> None:
    values[int(len(values) * rng.uniform(0.0, 0.9)) :] = 0.0


def shuffled(values: Values, rng: np.random.Generator) -> None:
    rng.shuffle(values)


@pytest.mark.parametrize("damage", [glitched, dusted, torn, stuck, shuffled])
@pytest.mark.parametrize(("name", "most"), [("sim_pick_place/sample.hdf5", 3), ("baxter_real_bag", 2),
                                            ("robosuite_demos_hdf5", 3)])  # fmt: skip
def test_damaged_signals_still_get_an_answer(name, most, damage):
    rng = np.random.default_rng(11)
    with episodes_of(real_data(name), most) as (episodes, settings):
        spoiled = []
        for episode in episodes:
            signals = {role: replace(signal, values=signal.values.copy()) for role, signal in episode.signals.items()}
            for signal in signals.values():
                if len(signal.values):
                    damage(signal.values, rng)
            spoiled.append(replace(episode, signals=signals))
        for episode, found in zip(spoiled, judged(spoiled, settings), strict=True):
            assert_whole(episode, found)


def test_the_real_baxter_places_its_object_without_a_slip():
    """Its gripper writes to the same topic as the arm, at its own pace."""
    with episodes_of(real_data("baxter_real_bag"), 9) as (episodes, settings):
        real = next(episode for episode in episodes if "success" in episode.episode_id)
        assert Role.GRIPPER_APERTURE in real.signals
        (found,) = judged([real], settings)
    assert not [item for item in found.detections if item.kind in {"grasp.slip", "grasp.drop", "grasp.missed"}]
    assert "grasp" not in found.not_judged
