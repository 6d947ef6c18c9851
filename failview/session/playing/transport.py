"""Playback: which frame the cursor stands on. The one clock of panel and viewer."""

from psygnal import Signal

from failview.model.clock import NS_PER_S, Clock
from failview.session.playing.playback import FrameRange, Playback, Shown

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
"""Playback speeds of the key table; negative ones play backwards."""

_LADDER = tuple(-speed for speed in reversed(SPEEDS)) + SPEEDS


class Transport:
    """The cursor of the open episode, and how it moves.

    Times given to it are seconds of one monotonic clock.

    Args:
        speed: Factor on real time to begin with.
        shown: Tells which frame is on the screen; by default nobody is waited for.

    Attributes:
        frame_changed: Emits the frame whenever the cursor moves.
        playing_changed: Emits whether it plays.
        speed_changed: Emits the speed; negative means backwards.
        range_played: Emits after `play_range`: True when it was played to its end, False when something came between.
        clock: Clock of the open episode; `load` changes it.
        playback: Paces the frames, and knows whether the viewer keeps up.
        loop: Frames that are played again and again; None plays to the end of the episode.
    """

    frame_changed = Signal(int)
    playing_changed = Signal(bool)
    speed_changed = Signal(float)
    range_played = Signal(bool)

    def __init__(self, speed: float = 1.0, shown: Shown = lambda frame: frame) -> None:
        self.playback = Playback(shown)
        self.loop: FrameRange | None = None
        self.clock = Clock(1, None, "none")
        self._once: FrameRange | None = None
        self._frame = 0
        self._playing = False
        self._speed = speed

    @property
    def frame(self) -> int:
        """The frame under the cursor."""
        return self._frame

    @property
    def playing(self) -> bool:
        """Whether it plays."""
        return self._playing

    @property
    def speed(self) -> float:
        """Factor on real time; negative means backwards."""
        return self._speed

    def load(self, clock: Clock, frame: int = 0) -> None:
        """Take another episode, paused at a frame; it plays forwards again, without a loop."""
        self.pause()
        self.loop = None
        if self._speed < 0:
            self._speed = -self._speed
            self.speed_changed.emit(self._speed)
        self.clock = clock
        self._frame = clock.clamp(frame)
        self.frame_changed.emit(self._frame)

    def seek(self, frame: int, now_s: float | None = None) -> None:
        """Move the cursor; frames outside the episode mean its ends. While it plays, now_s re-anchors the pace."""
        if self._once is not None:
            self.pause()
        target = self.clock.clamp(frame)
        if self._playing and now_s is not None:
            self.playback.move(target, now_s)
        self._go(target)

    def step(self, frames: int) -> None:
        """Move by frames; playback stops so that the frame stays to be looked at."""
        self.pause()
        self.seek(self._frame + frames)

    def step_seconds(self, seconds: float) -> None:
        """Move by seconds (by the pace where the episode has no times); playback stops."""
        self.pause()
        if self.clock.times_ns is None:
            self.seek(self._frame + round(seconds * self.clock.pace_hz))
            return
        here_ns = self.clock.time_ns(self._frame) or 0
        self.seek(self.clock.frame_shown_at(here_ns + round(seconds * NS_PER_S)))

    def play(self, now_s: float) -> None:
        """Play from the cursor; from the beginning of what is played when it stands at the end or outside."""
        start, end = self._ends
        inside = min(start, end) <= self._frame <= max(start, end)
        if self._frame == end or not inside:
            self._go(start)
        self._start(now_s)

    def play_range(self, first: int, last: int, now_s: float) -> None:
        """Play these frames once, forwards, and stop at the last one; `range_played` tells when."""
        self.pause()
        if self._speed < 0:
            self.set_speed(-self._speed, now_s)
        self._once = FrameRange(*sorted((self.clock.clamp(first), self.clock.clamp(last))))
        self._go(self._once.first)
        self._start(now_s)

    def pause(self) -> None:
        """Stop at the cursor."""
        once, self._once = self._once, None
        self.playback.stop()
        if self._playing:
            self._playing = False
            self.playing_changed.emit(False)
        if once is not None:
            self.range_played.emit(False)

    def toggle(self, now_s: float) -> None:
        """Play or pause."""
        if self._playing:
            self.pause()
        else:
            self.play(now_s)

    def change_speed(self, steps: int, now_s: float) -> None:
        """Go up or down the ladder of speeds, through backwards ones."""
        place = _LADDER.index(self._speed) + steps
        self.set_speed(_LADDER[max(0, min(place, len(_LADDER) - 1))], now_s)

    def set_speed(self, speed: float, now_s: float) -> None:
        """Choose a speed.

        Raises:
            ValueError: Not one of SPEEDS, forwards or backwards.
        """
        if speed not in _LADDER:
            raise ValueError(f"no such speed: {speed}")
        if speed == self._speed:
            return
        self._speed = speed
        if self._playing:
            self.playback.change_speed(speed, now_s)
        self.speed_changed.emit(speed)

    def tick(self, now_s: float) -> None:
        """Move the cursor to the frame whose turn it is, and stop at the end or begin the loop again."""
        if not self._playing:
            return
        start, end = self._ends
        if (end - self._frame) * self._speed < 0:
            self._go(start)
            self.playback.move(start, now_s)
            return
        self._go(self.playback.next_frame(self._frame, end, now_s))
        if self._frame == end:
            self._turn(start, end, now_s)

    @property
    def _ends(self) -> tuple[int, int]:
        """First and last frame of what is played, in its direction."""
        first, last = self._once or self.loop or FrameRange(0, self.clock.num_frames - 1)
        return (first, last) if self._speed > 0 else (last, first)

    def _turn(self, start: int, end: int, now_s: float) -> None:
        """At the last frame: stop once it is seen, or begin again when it had its time."""
        if self.loop is None and self._once is None:
            if self.playback.is_shown(end):
                self.pause()
        elif self.playback.had_its_time(end, now_s):
            if self._once is None:
                self._go(start)
                self.playback.move(start, now_s)
                return
            self._once = None
            self.pause()
            self.range_played.emit(True)

    def _go(self, frame: int) -> None:
        if frame != self._frame:
            self._frame = frame
            self.frame_changed.emit(frame)

    def _start(self, now_s: float) -> None:
        self.playback.start(self.clock, self._frame, self._speed, now_s)
        if not self._playing:
            self._playing = True
            self.playing_changed.emit(True)
