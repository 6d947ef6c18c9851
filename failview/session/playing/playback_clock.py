"""The wall clock of playback: where it stands in the episode, and how much of the time it had to wait."""

import math
from collections import deque

import numpy as np

from failview.model.clock import NS_PER_S, Clock

KEPT_OVER_S = 1.0
"""Over how much of the last time the speed that was kept is told."""

KEPT_FROM_S = 0.25
"""Sooner after the start nothing is told of the speed that was kept: it would be an accident."""

_ROUNDING = 1e-6
"""In frames: positions are whole ns."""


class PlaybackClock:
    """A position in the episode that moves at a speed by the wall clock, except while it waits."""

    def __init__(self) -> None:
        self._anchor_s = 0.0
        self._anchor_ns = 0
        self._speed = 1.0
        self._started_s = 0.0
        self._waits: deque[tuple[float, float]] = deque()

    def start(self, position_ns: int, now_s: float, speed: float) -> None:
        """Begin at a position."""
        self._started_s = now_s
        self._waits.clear()
        self.move(position_ns, now_s, speed)

    def move(self, position_ns: int, now_s: float, speed: float) -> None:
        """Go on from a position."""
        self._anchor_s, self._anchor_ns, self._speed = now_s, position_ns, speed

    def position_ns(self, now_s: float) -> int:
        """Where playback stands, in ns of the episode's clock."""
        return self._anchor_ns + round((now_s - self._anchor_s) * self._speed * NS_PER_S)

    def late_s(self, position_ns: int, now_s: float) -> float:
        """For how long, in s of the wall clock, a position has been due; negative when it is still to come."""
        return (self.position_ns(now_s) - position_ns) / (self._speed * NS_PER_S)

    def wait(self, seconds: float, now_s: float) -> None:
        """Give up the last seconds, as if they had not been."""
        self._anchor_s += seconds
        self._waits.append((now_s, seconds))

    def hold(self, now_s: float) -> None:
        """Stay at the anchor until now."""
        self.wait(now_s - self._anchor_s, now_s)

    def kept_share(self, now_s: float) -> float:
        """Share of the chosen speed that was kept lately, 0 to 1."""
        while self._waits and self._waits[0][0] < now_s - KEPT_OVER_S:
            self._waits.popleft()
        over_s = min(KEPT_OVER_S, now_s - self._started_s)
        if over_s < KEPT_FROM_S:
            return 1.0
        return max(0.0, 1.0 - sum(seconds for _, seconds in self._waits) / over_s)


def position_of(clock: Clock, frame: int) -> int:
    """Where a frame begins, in ns; by the pace of playback where the episode has no times, and beyond its ends."""
    step_ns = NS_PER_S / clock.pace_hz
    if clock.times_ns is None:
        return round(frame * step_ns)
    within = clock.clamp(frame)
    return int(clock.times_ns[within]) + round((frame - within) * step_ns)


def frame_reached(clock: Clock, position_ns: int, *, forwards: bool) -> int:
    """The last frame that playback reached at a position, counted in its direction."""
    if clock.times_ns is None:
        steps = position_ns * clock.pace_hz / NS_PER_S
        return clock.clamp(math.floor(steps + _ROUNDING) if forwards else math.ceil(steps - _ROUNDING))
    if forwards:
        return clock.frame_shown_at(position_ns)
    return clock.clamp(int(np.searchsorted(clock.times_ns, position_ns, side="left")))
