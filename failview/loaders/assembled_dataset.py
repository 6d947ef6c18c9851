"""A dataset of any format, with roles, units, clocks and warnings put in by the shared assembly."""

import contextlib
import hashlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from failview.errors import DatasetError
from failview.loaders.assembly import AssembledEpisode, assemble, report
from failview.loaders.dataset import EpisodeEntry, EpisodeReport, unknown_episode
from failview.loaders.profiles.profile import Profile
from failview.loaders.raw_dataset import RawDataset, RawEpisode
from failview.loaders.remote.remote_path import place_beside
from failview.loaders.robot.nearby_models import models_beside
from failview.loaders.robot.robot_source import RobotSource
from failview.loaders.roles.stream_roles import choose_roles
from failview.loaders.roles.stream_summary import StreamSummary, Summaries, merge, summarise
from failview.loaders.roles.transform_roles import with_transforms
from failview.model.episode import Episode, EpisodePlace, EpisodeSource

_SAMPLED_EPISODES = 5
"""Episodes looked at before roles, units and dead streams are decided; spread over the dataset."""


class AssembledDataset:
    """Implements the Dataset protocol over a format's raw dataset."""

    def __init__(self, raw: RawDataset, profile: Profile) -> None:
        self._raw = raw
        self.profile = profile
        self.path: Path = raw.path
        self.format_name: str = raw.format_name
        self.entries: Sequence[EpisodeEntry] = [_with_profile(entry, profile) for entry in raw.entries]
        self.warnings: Sequence[str] = tuple(raw.warnings)
        self._by_id = {entry.episode_id: entry for entry in self.entries}
        self.robot = RobotSource(profile, lambda: models_beside(self.path), self._example)
        self._sample_lock = threading.Lock()
        self._sample: dict[str, StreamSummary] | None = None

    def open_episode(self, episode_id: str) -> Episode:
        """Read an episode's signals and prepare its cameras. Thread-safe."""
        return self.assembled(episode_id).episode

    def report(self, episode_id: str) -> EpisodeReport:
        """What `inspect` says about an episode; reads its numbers, decodes no pictures."""
        return report(self.assembled(episode_id), self._entry(episode_id))

    def assembled(self, episode_id: str) -> AssembledEpisode:
        """An episode with the decisions behind it."""
        assembled = self._without_robot(episode_id)
        return replace(assembled, episode=self.robot.fitted_to(assembled.episode))

    def place(self, episode_id: str) -> EpisodePlace:
        """Where an episode lies on disk; the place in a user folder that stands for it when it is remote."""
        self._entry(episode_id)
        place = self._raw.place(episode_id)
        return EpisodePlace(place_beside(place.path), place.id_inside)

    @property
    def parts(self) -> "tuple[AssembledDataset, ...]":
        """Itself: a dataset of one part."""
        return (self,)

    def part_of(self, episode_id: str) -> "tuple[AssembledDataset, str]":
        """Itself, and the episode's id.

        Raises:
            DatasetError: Unknown id.
        """
        return self, self._entry(episode_id).episode_id

    def role_digest(self) -> str:
        """Hash over what the episodes together decided: which stream plays which role, in which unit, and is it dead.

        An episode whose own streams decide otherwise is told by its content.
        """
        choices = choose_roles(self._sampled())
        decided = [(role.value, choice.parts, choice.unit, choice.dead) for role, choice in choices.items()]
        return hashlib.sha256(repr(decided).encode()).hexdigest()

    def close(self) -> None:
        """Release files."""
        self._raw.close()

    def _without_robot(self, episode_id: str) -> AssembledEpisode:
        entry = self._entry(episode_id)
        sample = self._sampled()
        raw = self._raw.read_episode(episode_id)
        source = EpisodeSource(format(self.path), self.format_name, raw.fingerprint)
        return assemble(entry, raw, self.profile, sample, source)

    def _example(self) -> Episode | None:
        """The first episode that can be read."""
        for entry in self.entries:
            with contextlib.suppress(DatasetError):
                return self._without_robot(entry.episode_id).episode
        return None

    def _entry(self, episode_id: str) -> EpisodeEntry:
        entry = self._by_id.get(episode_id)
        if entry is None:
            raise unknown_episode(self, episode_id)
        return entry

    def _sampled(self) -> dict[str, StreamSummary]:
        with self._sample_lock:
            if self._sample is None:
                self._sample = self._read_sample()
            return self._sample

    def sampled_streams(self) -> Summaries:
        """Summaries of the streams over the sampled episodes."""
        return self._sampled()

    def streams_of_episodes(self, most: int) -> Iterator[Summaries]:
        """Summaries of the streams of single episodes, spread over the dataset, with those made of transforms."""
        for raw in self._some_episodes(most):
            yield summarise(with_transforms(raw, self.profile).raw)

    def _read_sample(self) -> dict[str, StreamSummary]:
        sample: dict[str, StreamSummary] = {}
        for raw in self._some_episodes(_SAMPLED_EPISODES):
            sample = merge(sample, summarise(raw))
        return sample

    def _some_episodes(self, most: int) -> Iterator[RawEpisode]:
        """Episodes spread over the dataset; what cannot be read is left out."""
        for index in _spread(len(self.entries), most):
            try:
                yield self._raw.read_episode(self.entries[index].episode_id)
            except DatasetError:
                continue


def _spread(count: int, most: int) -> list[int]:
    """Up to so many indices, evenly over a list."""
    if count <= most:
        return list(range(count))
    return sorted({round(index * (count - 1) / max(1, most - 1)) for index in range(most)})


def _with_profile(entry: EpisodeEntry, profile: Profile) -> EpisodeEntry:
    if profile.rate_hz is None and not profile.task:
        return entry
    return replace(entry, rate_hz=profile.rate_hz or entry.rate_hz, task=profile.task or entry.task)
