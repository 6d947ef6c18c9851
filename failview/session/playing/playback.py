"""Which frame comes next while an episode plays: by the wall clock, and never past a viewer that cannot keep up."""

from collections.abc import Callable
from typing import NamedTuple

from psygnal import Signal

from failview.model.clock import Clock
from failview.session.playing.playback_clock import PlaybackClock, frame_reached, position_of

EVERY_FRAME_UP_TO = 1.0
"""Up to this speed every frame is shown; above it frames are left out where the viewer or the screen is too slow."""

MAX_LATE_S = 0.5
"""A viewer that stumbles catches up with so much; what is more is waited for."""

KEPT_ENOUGH = 0.95
"""A share of the chosen speed that nobody sees the difference of."""

_TOLD_EVERY_S = 0.5
_TOLD_STEP = 0.05

Shown = Callable[[int], int | None]
"""Tells which frame is on the screen when this one was asked for last; None before there is any."""


class FrameRange(NamedTuple):
    """Frames from first to last, both included."""

    first: int
    last: int


class Playback:
    """Paces the frames. The clock starts when the frame to start from is on the screen.

    Up to EVERY_FRAME_UP_TO each frame is asked for when its time has come and the one before it was shown. Where
    the viewer is more than MAX_LATE_S behind, the clock waits for it.

    Attributes:
        kept_changed: Emits when `kept_share` changes.
        kept_share: Share of the chosen speed that is kept, 0 to 1; 1 also for a little less than that.
    """

    kept_changed = Signal(float)

    def __init__(self, shown: Shown) -> None:
        self._shown = shown
        self._clock = Clock(1, None, "none")
        self._wall = PlaybackClock()
        self._speed = 1.0
        self._under_way = False
        self._told_s = 0.0
        self.kept_share = 1.0

    def start(self, clock: Clock, frame: int, speed: float, now_s: float) -> None:
        """Begin at a frame."""
        self._clock, self._speed = clock, speed
        self._wall.start(position_of(clock, frame), now_s, speed)
        self._under_way = False
        self._told_s = now_s

    def move(self, frame: int, now_s: float) -> None:
        """Go on from another frame."""
        self._wall.move(position_of(self._clock, frame), now_s, self._speed)
        self._under_way = False

    def change_speed(self, speed: float, now_s: float) -> None:
        """Go on from here at another speed."""
        self._speed = speed
        self._wall.start(self._wall.position_ns(now_s), now_s, speed)

    def stop(self) -> None:
        """Nothing is kept or lost any more."""
        self._tell(1.0)

    def next_frame(self, frame: int, end: int, now_s: float) -> int:
        """The frame to ask for now, at most `end`; the same one as long as no other's turn has come."""
        shown = self._shown(frame)
        self._wait_for_viewer(frame, shown, now_s)
        if now_s >= self._told_s + _TOLD_EVERY_S:
            self._told_s = now_s
            self._tell(self._wall.kept_share(now_s))
        if not self._under_way or frame == end:
            return frame
        if abs(self._speed) > EVERY_FRAME_UP_TO:
            reached = frame_reached(self._clock, self._wall.position_ns(now_s), forwards=self._speed > 0)
            return min(max(frame, reached), end) if self._speed > 0 else max(min(frame, reached), end)
        following = self._after(frame)
        return following if shown == frame and self._late_s(following, now_s) >= 0 else frame

    def is_shown(self, frame: int) -> bool:
        """Whether the frame asked for last is on the screen."""
        return self._shown(frame) == frame

    def had_its_time(self, frame: int, now_s: float) -> bool:
        """Whether a frame was shown for as long as it lasts."""
        return self.is_shown(frame) and self._late_s(self._after(frame), now_s) >= 0

    def _wait_for_viewer(self, frame: int, shown: int | None, now_s: float) -> None:
        if not self._under_way:
            self._under_way = shown == frame
            if not self._under_way:
                self._wall.hold(now_s)
        elif shown is not None:
            too_late_s = self._late_s(self._after(shown), now_s) - MAX_LATE_S
            if too_late_s > 0:
                self._wall.wait(too_late_s, now_s)

    def _after(self, frame: int) -> int:
        return frame + (1 if self._speed > 0 else -1)

    def _late_s(self, frame: int, now_s: float) -> float:
        return self._wall.late_s(position_of(self._clock, frame), now_s)

    def _tell(self, share: float) -> None:
        rounded = 1.0 if share >= KEPT_ENOUGH else round(share / _TOLD_STEP) * _TOLD_STEP
        if rounded != self.kept_share:
            self.kept_share = rounded
            self.kept_changed.emit(rounded)
