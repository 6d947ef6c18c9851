"""How long somebody really worked: idle time is not counted."""

from collections.abc import Callable

from failview.session.playing.transport import Transport

IDLE_AFTER_S = 60.0
"""A pause longer than this is not work. Watching one episode rarely takes longer without touching a key."""

WATCHED_S = 300.0
"""Playback counts as work for so long after the last key: a loop may run while nobody looks."""


class SittingClock:
    """Counts active seconds between notes of activity.

    Times are seconds of one monotonic clock.
    """

    def __init__(self) -> None:
        self._last_s: float | None = None
        self._input_s: float | None = None
        self._total_s = 0.0
        self._episode_s = 0.0

    @property
    def total_s(self) -> float:
        """Active seconds of this sitting."""
        return self._total_s

    def follow(self, transport: Transport, now: Callable[[], float]) -> None:
        """Count what is watched."""
        transport.frame_changed.connect(lambda: self.watch(now()) if transport.playing else None)

    def note(self, now_s: float) -> None:
        """Something was done now."""
        self._input_s = now_s
        self._count(now_s)

    def watch(self, now_s: float) -> None:
        """Another frame is shown now."""
        if self._input_s is not None and now_s - self._input_s <= WATCHED_S:
            self._count(now_s)

    def take_episode_s(self, now_s: float) -> float:
        """Active seconds since the last call, for the episode that is left now."""
        self.note(now_s)
        taken_s, self._episode_s = self._episode_s, 0.0
        return taken_s

    def _count(self, now_s: float) -> None:
        if self._last_s is not None:
            passed_s = min(max(0.0, now_s - self._last_s), IDLE_AFTER_S)
            self._total_s += passed_s
            self._episode_s += passed_s
        self._last_s = now_s
