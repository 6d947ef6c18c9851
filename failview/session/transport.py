"""Playback: which frame the cursor stands on. The one clock of panel and viewer."""

from psygnal import Signal

from failview.model.clock import NS_PER_S, Clock

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
"""Playback speeds of the key table; negative ones play backwards."""

_LADDER = tuple(-speed for speed in reversed(SPEEDS)) + SPEEDS


class Transport:
    """The cursor of the open episode, and how it moves.

    Times given to it are seconds of one monotonic clock.

    Attributes:
        frame_changed: Emits the frame whenever the cursor moves.
        playing_changed: Emits whether it plays.
        speed_changed: Emits the speed; negative means backwards.
    """

    frame_changed = Signal(int)
    playing_changed = Signal(bool)
    speed_changed = Signal(float)

    def __init__(self, speed: float = 1.0) -> None:
        self._clock = Clock(1, None, "none")
        self._frame = 0
        self._playing = False
        self._speed = speed
        self._anchor_s = 0.0
        self._anchor_ns = 0

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

    @property
    def clock(self) -> Clock:
        """Clock of the open episode."""
        return self._clock

    def load(self, clock: Clock, frame: int = 0) -> None:
        """Take another episode, paused at a frame; it plays forwards again."""
        self.pause()
        if self._speed < 0:
            self._speed = -self._speed
            self.speed_changed.emit(self._speed)
        self._clock = clock
        self._frame = clock.clamp(frame)
        self.frame_changed.emit(self._frame)

    def seek(self, frame: int, now_s: float | None = None) -> None:
        """Move the cursor; frames outside the episode mean its ends. While it plays, now_s re-anchors the pace."""
        target = self._clock.clamp(frame)
        if self._playing and now_s is not None:
            self._anchor(target, now_s)
        if target != self._frame:
            self._frame = target
            self.frame_changed.emit(target)

    def step(self, frames: int) -> None:
        """Move by frames; playback stops so that the frame stays to be looked at."""
        self.pause()
        self.seek(self._frame + frames)

    def step_seconds(self, seconds: float) -> None:
        """Move by seconds (by the pace where the episode has no times); playback stops."""
        self.pause()
        if self._clock.times_ns is None:
            self.seek(self._frame + round(seconds * self._clock.pace_hz))
            return
        here_ns = self._clock.time_ns(self._frame) or 0
        self.seek(self._clock.frame_shown_at(here_ns + round(seconds * NS_PER_S)))

    def play(self, now_s: float) -> None:
        """Play from the cursor; from the other end when it stands at the end."""
        last = self._clock.num_frames - 1
        if self._speed > 0 and self._frame >= last:
            self.seek(0)
        elif self._speed < 0 and self._frame <= 0:
            self.seek(last)
        self._anchor(self._frame, now_s)
        self._set_playing(playing=True)

    def pause(self) -> None:
        """Stop at the cursor."""
        self._set_playing(playing=False)

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
        if self._playing:
            self._anchor(self._frame, now_s)
        self._speed = speed
        self.speed_changed.emit(speed)

    def tick(self, now_s: float) -> None:
        """Move the cursor to where it belongs now, and stop at the end of the episode."""
        if not self._playing:
            return
        position_ns = self._anchor_ns + round((now_s - self._anchor_s) * self._speed * NS_PER_S)
        target = self._frame_at(position_ns)
        self.seek(target)
        last_ns = self._position_of(self._clock.num_frames - 1)
        if (self._speed > 0 and position_ns >= last_ns) or (self._speed < 0 and position_ns <= 0):
            self.pause()

    def _anchor(self, frame: int, now_s: float) -> None:
        self._anchor_s = now_s
        self._anchor_ns = self._position_of(frame)

    def _position_of(self, frame: int) -> int:
        time_ns = self._clock.time_ns(frame)
        return round(frame * NS_PER_S / self._clock.pace_hz) if time_ns is None else time_ns

    def _frame_at(self, position_ns: int) -> int:
        if self._clock.times_ns is None:
            return self._clock.clamp(int(position_ns * self._clock.pace_hz // NS_PER_S))
        return self._clock.frame_shown_at(position_ns)

    def _set_playing(self, *, playing: bool) -> None:
        if playing != self._playing:
            self._playing = playing
            self.playing_changed.emit(playing)
