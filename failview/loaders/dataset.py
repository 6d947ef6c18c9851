"""What every loaded dataset offers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from failview.errors import DatasetError
from failview.model.episode import Episode, EpisodePlace, RoleAssignment
from failview.model.robot import Robot
from failview.model.roles import Role


@dataclass(frozen=True)
class EpisodeEntry:
    """One line of the list of episodes, known without reading the episode's data.

    Attributes:
        episode_id: Unique in the dataset; safe as part of a file name.
        num_frames: Number of frames.
        rate_hz: Frames per second; None when nothing tells it.
        task: What the robot was asked to do; may be empty.
    """

    episode_id: str
    num_frames: int
    rate_hz: float | None
    task: str


@dataclass(frozen=True)
class StreamInfo:
    """A stream as found in the file.

    Attributes:
        stream: Its name.
        shape: Shape of one sample; () for a number.
        dtype: Type in the file.
        rate_hz: Its own rate where it has one.
        role: Role it plays, where it plays one.
        note: What is remarkable ("constant for all frames").
    """

    stream: str
    shape: tuple[int, ...]
    dtype: str
    rate_hz: float | None = None
    role: Role | None = None
    note: str = ""


@dataclass(frozen=True)
class EpisodeReport:
    """What `inspect` says about one episode without decoding its pictures.

    Attributes:
        entry: The line in the list.
        duration_s: Seconds; None without a clock.
        cameras: (width, height) by camera name.
        assignments: Stream per role, with the reason.
        role_rates_hz: Rate per role; None where unknown.
        streams: Every stream found.
        warnings: What is wrong or doubtful.
        clock_origin: Where the times come from, in words.
        robot: The robot's model, where the profile names one that fits.
    """

    entry: EpisodeEntry
    duration_s: float | None
    cameras: Mapping[str, tuple[int, int]]
    assignments: Mapping[Role, RoleAssignment]
    role_rates_hz: Mapping[Role, float | None]
    streams: Sequence[StreamInfo] = field(default_factory=tuple)
    warnings: tuple[str, ...] = ()
    clock_origin: str = ""
    robot: Robot | None = None


class Dataset(Protocol):
    """A dataset on disk, opened read-only.

    Attributes:
        path: The file or folder.
        format_name: Name of its format for people.
        entries: The episodes in natural order.
        warnings: What is wrong or doubtful about the dataset as a whole.
    """

    path: Path
    format_name: str
    entries: Sequence[EpisodeEntry]
    warnings: Sequence[str]

    def open_episode(self, episode_id: str) -> Episode:
        """Read an episode's signals and prepare its cameras. Thread-safe.

        Raises:
            failview.errors.DatasetError: Unknown id, or the episode cannot be read.
        """

    def report(self, episode_id: str) -> EpisodeReport:
        """What `inspect` says about an episode.

        Raises:
            failview.errors.DatasetError: Unknown id, or the episode cannot be read.
        """

    def place(self, episode_id: str) -> EpisodePlace:
        """Where an episode lies on disk.

        Raises:
            failview.errors.DatasetError: Unknown id.
        """

    def close(self) -> None:
        """Release files."""


def unknown_episode(dataset: Dataset, episode_id: str) -> DatasetError:
    """What is wrong with an id that a dataset does not have."""
    first, last = dataset.entries[0].episode_id, dataset.entries[-1].episode_id
    return DatasetError(
        f"there is no episode {episode_id}", where=dataset.path, hint=f"Episodes run from {first} to {last}"
    )
