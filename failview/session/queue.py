"""The order of the work: which episodes, in which order, and where we stand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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
        done = sum(entry.episode_id in self._done for entry in self._entries)
        return Place(self._index + 1, len(self._entries), done)

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
        if entry not in self._entries:
            self._entries.insert(self._index + 1, entry)
        self._index = self._entries.index(entry)

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
        left = [entry for entry in order if entry.episode_id not in self._done]
        return list(dict.fromkeys([*left[:2], *order[:1], *self._entries[max(0, self._index - 1) : self._index]]))

    def put_last(self, episode_id: str) -> None:
        """Take an episode at the end; the one before it is the present one then."""
        entry = self._known[episode_id]
        if entry in self._entries:
            index = self._entries.index(entry)
            self._entries.append(self._entries.pop(index))
            if index <= self._index:
                self._index -= 1

    def set_done(self, episode_id: str, *, done: bool) -> None:
        """Note that an episode's stage is finished, or open again."""
        if done:
            self._done.add(episode_id)
        else:
            self._done.discard(episode_id)

    def is_done(self, episode_id: str) -> bool:
        """Whether an episode's stage is finished."""
        return episode_id in self._done
