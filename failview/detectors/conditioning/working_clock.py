"""The even clock on which all detectors work, and how its rows map to frames."""

from dataclasses import dataclass

import numpy as np

from failview.model.clock import NS_PER_S, Clock
from failview.model.signals import Values

FASTEST_HZ = 100.0
"""Contacts of a gripper last tens of milliseconds; a faster clock costs time and shows nothing more."""

_EVEN = 0.2
"""Steps that differ from the median by less than this share count as even: frame i is then row i."""

_SAME_INSTANT_S = 1e-6


@dataclass(frozen=True, eq=False)
class WorkingClock:
    """Even times from the first to the last frame.

    Attributes:
        times_s: (rows,) seconds since the first frame.
        rate_hz: Rows per second.
        frame_times_s: (frames,) seconds since the first frame.
        timed: False when the file tells no time: rows are then frames at a nominal pace, and nothing that needs real
            seconds may be judged.
    """

    times_s: Values
    rate_hz: float
    frame_times_s: Values
    timed: bool

    @property
    def is_frames(self) -> bool:
        """Whether row i is frame i."""
        return self.times_s is self.frame_times_s

    def rows(self, seconds: float) -> int:
        """Number of rows in a time, at least 1."""
        return max(1, round(seconds * self.rate_hz))

    def frame_from(self, row: int) -> int:
        """First frame at or after a row: where an event that begins at the row is first seen."""
        if self.is_frames:
            return row
        frame = int(np.searchsorted(self.frame_times_s, self.times_s[row] - _SAME_INSTANT_S))
        return min(frame, len(self.frame_times_s) - 1)

    def row_of(self, frame: int) -> int:
        """Row nearest to a frame."""
        if self.is_frames:
            return frame
        row = round(float(self.frame_times_s[frame]) * self.rate_hz)
        return min(row, len(self.times_s) - 1)


def working_clock(clock: Clock, fastest_hz: float | None) -> WorkingClock:
    """The clock to work on: the frames' own where it is even and no signal is much faster.

    Args:
        clock: The episode's clock.
        fastest_hz: Rate of the fastest signal that matters; None when none has a rate.
    """
    if clock.times_ns is None:
        frames_s = np.arange(clock.num_frames) / clock.pace_hz
        return WorkingClock(frames_s, clock.pace_hz, frames_s, timed=False)
    frames_s = clock.times_ns / NS_PER_S
    frame_rate_hz = clock.rate_hz
    if frame_rate_hz is None:
        return WorkingClock(frames_s, clock.pace_hz, frames_s, timed=False)
    rate_hz = min(max(frame_rate_hz, fastest_hz or 0.0), FASTEST_HZ)
    steps_s = np.diff(frames_s)
    even = bool(np.abs(steps_s * frame_rate_hz - 1.0).max() < _EVEN)
    if even and rate_hz < 1.5 * frame_rate_hz and frame_rate_hz < 1.5 * FASTEST_HZ:
        return WorkingClock(frames_s, frame_rate_hz, frames_s, timed=True)
    rows = int(np.floor(frames_s[-1] * rate_hz + _SAME_INSTANT_S)) + 1
    return WorkingClock(np.arange(rows) / rate_hz, rate_hz, frames_s, timed=True)
