"""Reads episodes off the session's thread, a few ahead, and keeps the last ones at hand."""

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from failview.errors import DatasetError, FailviewError
from failview.model.annotation import AnnotationRecord
from failview.model.episode import Episode
from failview.session.desk.owner_thread import Post
from failview.session.desk.safe import StoredRecord

KEPT_EPISODES = 6
"""Episodes kept in memory: the open one, two ahead, and some to go back to. Pictures are not held, only signals."""


@dataclass(frozen=True, eq=False)
class ReadEpisode:
    """An episode with what its annotator, and others, said about it before."""

    episode: Episode
    stored: StoredRecord
    others: tuple[AnnotationRecord, ...] = ()


WhenRead = Callable[[ReadEpisode | FailviewError], None]


class EpisodeLoader:
    """Reads episodes in the background.

    Args:
        read: Reads the episode of an id; runs on the loader's thread.
        post: Hands results to the session's thread.
    """

    def __init__(self, read: Callable[[str], ReadEpisode], post: Post) -> None:
        self._read = read
        self._post = post
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="episode-loader")
        self._futures: OrderedDict[str, Future[ReadEpisode]] = OrderedDict()

    def request(self, episode_id: str, when_read: WhenRead) -> None:
        """Deliver an episode, or the reason why not: at once when it is at hand, else later through post.

        Nothing is delivered when another request made this one needless.
        """
        future = self._future(episode_id)
        if future.done():
            when_read(_result(future, episode_id))
            return

        def deliver(done: Future[ReadEpisode]) -> None:
            if not done.cancelled():
                self._post(lambda: when_read(_result(done, episode_id)))

        future.add_done_callback(deliver)

    def is_at_hand(self, episode_id: str) -> bool:
        """Whether a request delivers at once."""
        future = self._futures.get(episode_id)
        return future is not None and future.done() and not future.cancelled() and future.exception() is None

    def drop_waiting(self) -> None:
        """Forget what has been asked for and not begun, so that the next request is served at once."""
        for future in self._futures.values():
            future.cancel()

    def close(self) -> None:
        """Stop after the episode under work."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _future(self, episode_id: str) -> Future[ReadEpisode]:
        future = self._futures.get(episode_id)
        if future is None or future.cancelled() or (future.done() and future.exception() is not None):
            future = self._pool.submit(self._read, episode_id)
            self._futures[episode_id] = future
        self._futures.move_to_end(episode_id)
        while len(self._futures) > KEPT_EPISODES:
            self._futures.popitem(last=False)[1].cancel()
        return future


def _result(future: Future[ReadEpisode], episode_id: str) -> ReadEpisode | FailviewError:
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, FailviewError):
        return error
    return DatasetError(f"cannot be read ({type(error).__name__}: {error})", where=episode_id)
