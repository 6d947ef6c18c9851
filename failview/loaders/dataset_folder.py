"""A folder of files that each hold many episodes (LIBERO, robosuite), opened as one dataset."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from failview.loaders.assembled_dataset import AssembledDataset
from failview.loaders.dataset import EpisodeEntry, EpisodeReport, unknown_episode
from failview.loaders.profiles.profile import Profile
from failview.model.episode import Episode, EpisodePlace


class DatasetFolder:
    """Implements the Dataset protocol over several datasets; each keeps its own roles, clock and profile.

    Args:
        path: The folder.
        parts: The datasets in it, in natural order.
        unreadable: Why other files of the folder cannot be read, one line each.
    """

    def __init__(self, path: Path, parts: Sequence[AssembledDataset], unreadable: Sequence[str]) -> None:
        self.path = path
        self.parts = tuple(parts)
        self.format_name = f"{parts[0].format_name}, {len(parts)} files"
        self.warnings: Sequence[str] = (*unreadable, *(line for part in parts for line in part.warnings))
        stems = Counter(part.path.stem for part in parts)
        self._home: dict[str, tuple[AssembledDataset, str]] = {}
        entries = []
        for part in parts:
            prefix = part.path.stem if stems[part.path.stem] == 1 else part.path.name
            for entry in part.entries:
                episode_id = f"{prefix}.{entry.episode_id}"
                self._home[episode_id] = (part, entry.episode_id)
                entries.append(replace(entry, episode_id=episode_id))
        self.entries: Sequence[EpisodeEntry] = entries

    @property
    def profile(self) -> Profile:
        """The profile of the first file; the others have the same one when it lies in or beside the folder."""
        return self.parts[0].profile

    def open_episode(self, episode_id: str) -> Episode:
        """Read an episode's signals and prepare its cameras. Thread-safe."""
        part, id_inside = self.part_of(episode_id)
        return replace(part.open_episode(id_inside), episode_id=episode_id)

    def report(self, episode_id: str) -> EpisodeReport:
        """What `inspect` says about an episode."""
        part, id_inside = self.part_of(episode_id)
        report = part.report(id_inside)
        return replace(report, entry=replace(report.entry, episode_id=episode_id))

    def place(self, episode_id: str) -> EpisodePlace:
        """Where an episode lies on disk."""
        part, id_inside = self.part_of(episode_id)
        return part.place(id_inside)

    def close(self) -> None:
        """Release files."""
        for part in self.parts:
            part.close()

    def part_of(self, episode_id: str) -> tuple[AssembledDataset, str]:
        """The dataset that holds an episode, and the episode's id in there.

        Raises:
            DatasetError: Unknown id.
        """
        found = self._home.get(episode_id)
        if found is None:
            raise unknown_episode(self, episode_id)
        return found
