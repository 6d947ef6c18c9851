"""Search as one types: what is said of each episode is put into words once, not with every key."""

from functools import cached_property

from failview.loaders.dataset import EpisodeEntry
from failview.model.annotation import Stage
from failview.session.work.queue import Queue
from failview.session.work.queue_filter import QueueFilter, Show, holds, words_of
from failview.session.work.work_board import WorkBoard


class QueueSearch:
    """The queue of a stage and a choice, searched again and again.

    Args:
        board: Knows every episode.
        stage: The stage.
        show: Which episodes.
    """

    def __init__(self, board: WorkBoard, stage: Stage, show: Show) -> None:
        self.show = show
        self._board = board
        self._stage = stage

    @cached_property
    def _queue(self) -> Queue:
        return self._board.queue(self._stage, QueueFilter(self.show))

    @cached_property
    def _said(self) -> list[tuple[EpisodeEntry, str]]:
        """Every episode with its words."""
        seen = self._board.seen
        return [(entry, words_of(entry, seen(self._stage, entry.episode_id))) for entry in self._queue.entries]

    def find(self, text: str) -> tuple[EpisodeEntry, ...]:
        """The episodes that fit, in the order of the queue."""
        return tuple(entry for entry, said in self._said if holds(text, said))

    def is_done(self, entry: EpisodeEntry) -> bool:
        """Whether the stage is done with an episode."""
        return self._queue.is_done(entry.episode_id)
