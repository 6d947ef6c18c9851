"""Reads episodes off the session's thread, a few ahead, and keeps the last ones at hand."""

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from failview.errors import DatasetError, FailviewError
from failview.loaders.dataset import Dataset
from failview.model.episode import Episode
from failview.session.owner_thread import Post

KEPT_EPISODES = 6
"""Episodes kept in memory: the open one, two ahead, and some to go back to. Pictures are not held, only signals."""

WhenLoaded = Callable[[Episode | FailviewError], None]


class EpisodeLoader:
    """Loads episodes in the background.

    Args:
        dataset: Where they come from.
        post: Hands results to the session's thread.
    """

    def __init__(self, dataset: Dataset, post: Post) -> None:
        self._dataset = dataset
        self._post = post
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="episode-loader")
        self._futures: OrderedDict[str, Future[Episode]] = OrderedDict()

    def request(self, episode_id: str, when_loaded: WhenLoaded) -> None:
        """Deliver an episode, or the reason why not: at once when it is at hand, else later through post."""
        future = self._future(episode_id)
        if future.done():
            when_loaded(_result(future, episode_id))
            return
        future.add_done_callback(lambda done: self._post(lambda: when_loaded(_result(done, episode_id))))

    def close(self) -> None:
        """Stop after the episode under work."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _future(self, episode_id: str) -> Future[Episode]:
        future = self._futures.get(episode_id)
        if future is None or (future.done() and future.exception() is not None):
            future = self._pool.submit(self._dataset.open_episode, episode_id)
            self._futures[episode_id] = future
        self._futures.move_to_end(episode_id)
        while len(self._futures) > KEPT_EPISODES:
            self._futures.popitem(last=False)[1].cancel()
        return future


def _result(future: Future[Episode], episode_id: str) -> Episode | FailviewError:
    if future.cancelled():
        return DatasetError("the episode was not needed any more", where=episode_id)
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, FailviewError):
        return error
    return DatasetError(f"cannot be read ({type(error).__name__}: {error})", where=episode_id)
