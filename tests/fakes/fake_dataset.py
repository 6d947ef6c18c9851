"""A dataset in memory that keeps the promises of Dataset."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from failview.errors import DatasetError
from failview.loaders.dataset import EpisodeEntry, EpisodeReport
from failview.model.episode import Episode, EpisodePlace


class FakeDataset:
    """Episodes that are there already.

    Args:
        path: Where it pretends to lie.
        episodes: What it holds, in order.
        broken: Reason by id of the episodes that cannot be read.

    Attributes:
        gate: Cleared, it holds back every open_episode until it is set again.
        opened: Ids of the episodes that were read, in order.
        closed: Whether it was closed.
    """

    format_name = "fake"
    episode_per_file = False

    def __init__(self, path: Path, episodes: Sequence[Episode], broken: Mapping[str, str] | None = None) -> None:
        self.path = path
        self.entries: Sequence[EpisodeEntry] = tuple(
            EpisodeEntry(item.episode_id, item.num_frames, item.clock.rate_hz, item.task) for item in episodes
        )
        self.warnings: Sequence[str] = ()
        self.gate = threading.Event()
        self.gate.set()
        self.opened: list[str] = []
        self.closed = False
        self._episodes = {item.episode_id: item for item in episodes}
        self._broken = dict(broken or {})

    def breaks(self, episode_id: str, reason: str) -> None:
        """From now on an episode cannot be read."""
        self._broken[episode_id] = reason

    def open_episode(self, episode_id: str) -> Episode:
        self.gate.wait()
        if episode_id in self._broken:
            raise DatasetError(self._broken[episode_id], where=self.path)
        self.opened.append(episode_id)
        return self._known(episode_id)

    def report(self, episode_id: str) -> EpisodeReport:
        episode = self._known(episode_id)
        return EpisodeReport(
            entry=next(entry for entry in self.entries if entry.episode_id == episode_id),
            duration_s=episode.clock.duration_s,
            cameras={name: (camera.width, camera.height) for name, camera in episode.cameras.items()},
            assignments=episode.assignments,
            role_rates_hz={role: signal.rate_hz(episode.clock) for role, signal in episode.signals.items()},
            warnings=episode.warnings,
        )

    def place(self, episode_id: str) -> EpisodePlace:
        self._known(episode_id)
        return EpisodePlace(self.path, episode_id)

    def close(self) -> None:
        self.closed = True

    def _known(self, episode_id: str) -> Episode:
        episode = self._episodes.get(episode_id)
        if episode is None:
            raise DatasetError(f'there is no episode "{episode_id}"', where=self.path)
        return episode
