"""A few episodes of a dataset, as if there were no others."""

from collections.abc import Collection, Sequence
from pathlib import Path

from failview.loaders.dataset import Dataset, EpisodeEntry, EpisodeReport
from failview.model.episode import Episode, EpisodePlace


class SomeEpisodes:
    """Keeps the promises of Dataset; whose it is closes the whole.

    Args:
        whole: The dataset.
        episode_ids: Which of its episodes.
    """

    def __init__(self, whole: Dataset, episode_ids: Collection[str]) -> None:
        self._whole = whole
        self.path: Path = whole.path
        self.format_name: str = whole.format_name
        self.warnings: Sequence[str] = whole.warnings
        self.entries: Sequence[EpisodeEntry] = tuple(
            entry for entry in whole.entries if entry.episode_id in set(episode_ids)
        )

    def open_episode(self, episode_id: str) -> Episode:
        """Read an episode."""
        return self._whole.open_episode(episode_id)

    def report(self, episode_id: str) -> EpisodeReport:
        """What `inspect` says about an episode."""
        return self._whole.report(episode_id)

    def place(self, episode_id: str) -> EpisodePlace:
        """Where an episode lies on disk."""
        return self._whole.place(episode_id)

    def close(self) -> None:
        """Nothing: the whole is closed by whoever opened it."""
