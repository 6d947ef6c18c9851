"""The order of the work: which episodes, in which order, and where we stand."""

from collections.abc import Sequence
from dataclasses import dataclass

from failview.loaders.dataset import EpisodeEntry


@dataclass(frozen=True)
class Place:
    """Where the open episode stands in the queue.

    Attributes:
        number: 1-based place.
        total: Length of the queue.
        done: Episodes whose stage is finished.
    """

    number: int
    total: int
    done: int


class Queue:
    """Episodes in the order of the dataset, with a cursor.

    Args:
        entries: The dataset's list, at least one.
        done: Ids of the episodes whose stage is finished.
    """

    def __init__(self, entries: Sequence[EpisodeEntry], done: set[str]) -> None:
        self._entries = tuple(entries)
        self._index_by_id = {entry.episode_id: index for index, entry in enumerate(self._entries)}
        self._done = set(done)
        self._index = 0

    @property
    def current(self) -> EpisodeEntry:
        """The open episode."""
        return self._entries[self._index]

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self._index + 1, len(self._entries), len(self._done))

    def __contains__(self, episode_id: str) -> bool:
        """Whether there is an episode of this id."""
        return episode_id in self._index_by_id

    def go_to(self, episode_id: str) -> None:
        """Stand at an episode.

        Raises:
            KeyError: There is none of that id.
        """
        self._index = self._index_by_id[episode_id]

    def neighbour(self, steps: int) -> EpisodeEntry | None:
        """The episode some steps away; None beyond the ends."""
        index = self._index + steps
        return self._entries[index] if 0 <= index < len(self._entries) else None

    def first_open(self) -> EpisodeEntry:
        """The first episode that is not done; the first of all when all are done."""
        return next((entry for entry in self._entries if entry.episode_id not in self._done), self._entries[0])

    def next_open(self) -> EpisodeEntry | None:
        """The next episode that is not done, from here on and then from the beginning; None when all are done."""
        order = self._entries[self._index + 1 :] + self._entries[: self._index]
        return next((entry for entry in order if entry.episode_id not in self._done), None)

    def set_done(self, episode_id: str, *, done: bool) -> None:
        """Note that an episode's stage is finished, or open again."""
        if done:
            self._done.add(episode_id)
        else:
            self._done.discard(episode_id)

    def is_done(self, episode_id: str) -> bool:
        """Whether an episode's stage is finished."""
        return episode_id in self._done
