"""The thread that reads, encodes and sends pictures: the shown episode first, then those loaded ahead."""

import threading
from collections.abc import Callable, Generator

from failview.viewer.episode_log import EpisodeLog


class LoadingThread:
    """Sends episodes in small steps; before each step it turns to the most urgent one. Thread-safe."""

    def __init__(self, on_progress: Callable[[], None]) -> None:
        """on_progress is called on this thread after each step; it must be quick."""
        self._on_progress = on_progress
        self._changed = threading.Condition()
        self._queue: list[EpisodeLog] = []
        self._dropped: list[EpisodeLog] = []
        self._closing = False
        self._running: dict[EpisodeLog, Generator[None]] = {}
        self._thread = threading.Thread(target=self._run, name="failview-viewer-loading", daemon=True)
        self._thread.start()

    def put(self, log: EpisodeLog, *, urgent: bool) -> None:
        """Send an episode: next when urgent, else after everything that waits already. Again moves it."""
        with self._changed:
            if log in self._queue:
                self._queue.remove(log)
            if not log.is_done:
                self._queue.insert(0 if urgent else len(self._queue), log)
            self._changed.notify()

    def drop(self, log: EpisodeLog) -> None:
        """Stop sending an episode and release its readers, soon."""
        with self._changed:
            if log in self._queue:
                self._queue.remove(log)
            self._dropped.append(log)
            self._changed.notify()

    def close(self) -> None:
        """Stop and wait until every reader is released."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _next(self) -> EpisodeLog | None:
        """The most urgent episode; None when the thread must end."""
        with self._changed:
            while True:
                for log in self._dropped:
                    self._end(log)
                self._dropped.clear()
                if self._closing:
                    return None
                if self._queue:
                    return self._queue[0]
                self._changed.wait()

    def _end(self, log: EpisodeLog) -> None:
        steps = self._running.pop(log, None)
        if steps is not None:
            steps.close()

    def _finish(self, log: EpisodeLog) -> None:
        self._running.pop(log, None)
        with self._changed:
            if log in self._queue:
                self._queue.remove(log)

    def _run(self) -> None:
        while (log := self._next()) is not None:
            steps = self._running.setdefault(log, log.steps())
            try:
                next(steps)
            except StopIteration:
                self._finish(log)
            except Exception as error:  # noqa: BLE001 — a reader may fail in ways of its own; the other episodes go on
                log.give_up(f"{log.episode.episode_id} cannot be shown in full: {error}")
                self._finish(log)
            self._on_progress()
        for log in list(self._running):
            self._end(log)
