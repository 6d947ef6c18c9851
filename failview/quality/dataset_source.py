"""Findings and episodes of an open dataset, for the rules of consistency."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from failview.errors import DatasetError
from failview.loaders.opening import OpenedDataset
from failview.model.clock import FALLBACK_RATE_HZ
from failview.model.detection import EpisodeFindings
from failview.model.episode import Episode
from failview.proposals.findings_file import SUFFIX
from failview.proposals.findings_store import FindingsStore
from failview.sidecars.location import SidecarLocation

_MEASURED = 5
"""Episodes whose clocks are read: what a file declares is wrong for all of them, or for none."""

_SAME = 0.02


def measured_rates(dataset: OpenedDataset, episode_ids: Sequence[str]) -> dict[str, float | None]:
    """Frames per second of every episode, as listed; corrected where the clocks of a few say that the list is wrong.

    Args:
        dataset: The dataset, open.
        episode_ids: Episodes that matter; a few of them are read.
    """
    listed = {entry.episode_id: entry.rate_hz for entry in dataset.entries}
    step = max(1, len(episode_ids) // _MEASURED)
    ratios, rates = [], []
    for key in episode_ids[::step][:_MEASURED]:
        try:
            rate_hz = dataset.open_episode(key).clock.rate_hz
        except DatasetError:
            continue
        if rate_hz is not None:
            rates.append(rate_hz)
            ratios.append(rate_hz / (listed[key] or rate_hz))
    if not rates:
        return listed
    ratio = median(ratios)
    factor = 1.0 if abs(ratio - 1.0) < _SAME else ratio
    return {key: median(rates) if rate is None else rate * factor for key, rate in listed.items()}


class DatasetSource:
    """Keeps the promises of EpisodeSource.

    Args:
        dataset: The dataset, open.
        location: Where its sidecars lie.
        rates_hz: Frames per second by episode id; None where nothing tells.
    """

    def __init__(self, dataset: OpenedDataset, location: SidecarLocation, rates_hz: Mapping[str, float | None]) -> None:
        self._dataset = dataset
        self._location = location
        self._store = FindingsStore(dataset, location)
        self._rates_hz = rates_hz

    def findings_of(self, episode_id: str) -> EpisodeFindings | None:
        """What the detectors found in an episode as it is now, with raw arrays; None when nobody has judged it."""
        return self._store.findings_of(episode_id)

    def findings_file(self, episode_id: str) -> Path:
        """The file that the findings are in; the first place where one lies."""
        files = self._location.companions(episode_id, SUFFIX)
        return next((file for file in files if file.exists()), files[0])

    def state_of(self, episode_id: str) -> str:
        """State of the source files of an episode; empty when it cannot be told."""
        return self._store.state_of(episode_id)

    def open_episode(self, episode_id: str) -> Episode:
        """Read an episode.

        Raises:
            DatasetError: It cannot be read.
        """
        return self._dataset.open_episode(episode_id)

    def rate_hz(self, episode_id: str) -> float:
        """Frames per second; a nominal pace where nothing tells it."""
        return self._rates_hz.get(episode_id) or FALLBACK_RATE_HZ
