"""The order of the work: which episodes, in which order, and where we stand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from failview.loaders.dataset import EpisodeEntry


@dataclass(frozen=True)
class Place:
    """Where the open episode stands in the queue.

    Attributes:
        number: 1-based place.
        total: Length of the queue.
        done: Episodes in it whose stage is finished.
    """

    number: int
    total: int
    done: int


class Queue:
    """Episodes in the order in which a stage takes them, with a cursor.

    Args:
        entries: The episodes of the stage; may be empty.
        done: Ids of the episodes whose stage is finished.
        everything: Every episode of the dataset, at least one: any of them can be opened, and then stands in the
            queue after the one that was open, until it is left without being done.
    """

    def __init__(
        self,
        entries: Sequence[EpisodeEntry],
        done: Iterable[str],
        everything: Sequence[EpisodeEntry] | None = None,
    ) -> None:
        self._entries = list(entries)
        self._known = {entry.episode_id: entry for entry in (entries if everything is None else everything)}
        self._done = set(done)
        self._regular = {entry.episode_id for entry in entries}
        self._index = 0 if self._entries else -1
        self._done_here: int | None = None

    @property
    def current(self) -> EpisodeEntry | None:
        """The open episode, or the one that is being opened; None in an empty queue."""
        return self._entries[self._index] if self._entries else None

    @property
    def entries(self) -> tuple[EpisodeEntry, ...]:
        """The episodes in order."""
        return tuple(self._entries)

    @property
    def place(self) -> Place:
        """Where the open episode stands."""
        if self._done_here is None:
            self._done_here = sum(entry.episode_id in self._done for entry in self._entries)
        return Place(self._index + 1, len(self._entries), self._done_here)

    def __contains__(self, episode_id: str) -> bool:
        """Whether an episode of this id can be opened."""
        return episode_id in self._known

    def go_to(self, episode_id: str) -> None:
        """Stand at an episode; one that the stage is not for is put in after the present one.

        Raises:
            KeyError: There is none of that id.
        """
        entry = self._known[episode_id]
        self._leave_guest(episode_id)
        index = self._index_of(entry)
        if index is None:
            index = self._index + 1
            self._entries.insert(index, entry)
            self._done_here = None
        self._index = index

    def _leave_guest(self, following: str) -> None:
        """Nobody is led back to an episode that the stage is not for."""
        left = "" if self.current is None else self.current.episode_id
        if self._index >= 0 and left != following and left not in self._regular and left not in self._done:
            self._entries.pop(self._index)
            self._index -= 1

    def neighbour(self, steps: int) -> EpisodeEntry | None:
        """The episode some steps away; None beyond the ends."""
        index = self._index + steps
        return self._entries[index] if 0 <= index < len(self._entries) else None

    def first_open(self) -> EpisodeEntry | None:
        """The first episode that is not done; the first of all when all are done, None in an empty queue."""
        left = (entry for entry in self._entries if entry.episode_id not in self._done)
        return next(left, self._entries[0] if self._entries else None)

    def next_open(self) -> EpisodeEntry | None:
        """The next episode that is not done, from here on and then from the beginning; None when all are done."""
        order = self._entries[self._index + 1 :] + self._entries[: max(0, self._index)]
        return next((entry for entry in order if entry.episode_id not in self._done), None)

    def ahead(self) -> list[EpisodeEntry]:
        """What to make ready while an episode is open: the next two that are not done, the next, and the one before."""
        order = self._entries[self._index + 1 :]
        left = islice((entry for entry in order if entry.episode_id not in self._done), 2)
        return list(dict.fromkeys([*left, *order[:1], *self._entries[max(0, self._index - 1) : self._index]]))

    def put_last(self, episode_id: str) -> None:
        """Take an episode at the end; the one before it is the present one then."""
        entry = self._known[episode_id]
        index = self._index_of(entry)
        if index is not None:
            self._entries.append(self._entries.pop(index))
            if index <= self._index:
                self._index -= 1

    def set_done(self, episode_id: str, *, done: bool) -> None:
        """Note that an episode's stage is finished, or open again."""
        self._done_here = None
        if done:
            self._done.add(episode_id)
        else:
            self._done.discard(episode_id)

    def is_done(self, episode_id: str) -> bool:
        """Whether an episode's stage is finished."""
        return episode_id in self._done

    def _index_of(self, entry: EpisodeEntry) -> int | None:
        """Where an entry stands; by its id, as comparing every field takes its time in a long queue."""
        return next((index for index, item in enumerate(self._entries) if item.episode_id == entry.episode_id), None)
