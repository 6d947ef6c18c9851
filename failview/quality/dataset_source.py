"""Findings and episodes of an open dataset, for the rules of consistency."""

from pathlib import Path

from failview.loaders.opening import OpenedDataset
from failview.model.clock import FALLBACK_RATE_HZ
from failview.model.detection import EpisodeFindings
from failview.model.episode import Episode
from failview.proposals.findings_file import SUFFIX
from failview.proposals.findings_store import FindingsStore
from failview.sidecars.location import SidecarLocation


class DatasetSource:
    """Keeps the promises of EpisodeSource.

    Args:
        dataset: The dataset, open.
        location: Where its sidecars lie.
    """

    def __init__(self, dataset: OpenedDataset, location: SidecarLocation) -> None:
        self._dataset = dataset
        self._location = location
        self._store = FindingsStore(dataset, location)
        self._rates_hz = {entry.episode_id: entry.rate_hz for entry in dataset.entries}

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
