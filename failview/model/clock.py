"""The reference clock of an episode: which time belongs to which frame."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

TimesNs = npt.NDArray[np.int64]

NS_PER_S = 1_000_000_000

FALLBACK_RATE_HZ = 10.0
"""Playback pace of an episode whose file tells no rate. It sets the pace only; no time is ever derived from it."""


@dataclass(frozen=True, eq=False)
class Clock:
    """Maps frames (0-based) to times since the start of the episode.

    Attributes:
        num_frames: Number of frames.
        times_ns: (num_frames,) times in ns since the first frame, never decreasing; None when the file tells no
            time and no rate. Frames are then the only unit.
        origin: Where the times come from, in words ("timestamps", "declared 30 Hz", "profile rate_hz").
    """

    num_frames: int
    times_ns: TimesNs | None
    origin: str

    def __post_init__(self) -> None:
        """Refuse times that cannot address frames.

        Raises:
            ValueError: Wrong length, or times that run backwards.
        """
        if self.times_ns is None:
            return
        if self.times_ns.shape != (self.num_frames,):
            raise ValueError(f"{self.times_ns.shape} times for {self.num_frames} frames")
        if self.num_frames > 1 and bool(np.any(np.diff(self.times_ns) < 0)):
            raise ValueError("the clock runs backwards")

    @classmethod
    def at_rate(cls, num_frames: int, rate_hz: float, origin: str) -> "Clock":
        """An even clock of rate_hz, in Hz."""
        times_ns = np.round(np.arange(num_frames, dtype=np.float64) * (NS_PER_S / rate_hz)).astype(np.int64)
        return cls(num_frames, times_ns, origin)

    @property
    def is_timed(self) -> bool:
        """Whether frames have times."""
        return self.times_ns is not None

    @cached_property
    def rate_hz(self) -> float | None:
        """Frames per second by the median step; None without times or with fewer than two frames."""
        if self.times_ns is None or self.num_frames < 2:
            return None
        steps_ns = np.diff(self.times_ns)
        moving_ns = steps_ns[steps_ns > 0]
        return float(NS_PER_S / np.median(moving_ns)) if moving_ns.size else None

    @property
    def pace_hz(self) -> float:
        """Frames per second for playback: the rate where it is known, else FALLBACK_RATE_HZ."""
        return self.rate_hz or FALLBACK_RATE_HZ

    @property
    def duration_s(self) -> float | None:
        """Seconds from the first to the last frame; None without times."""
        if self.times_ns is None or self.num_frames == 0:
            return None
        return float(self.times_ns[-1] - self.times_ns[0]) / NS_PER_S

    def time_ns(self, frame: int) -> int | None:
        """Time of a frame in ns since the first frame; None without times."""
        return None if self.times_ns is None else int(self.times_ns[self.clamp(frame)])

    def time_s(self, frame: int) -> float | None:
        """Time of a frame in s since the first frame; None without times."""
        time_ns = self.time_ns(frame)
        return None if time_ns is None else time_ns / NS_PER_S

    def frame_shown_at(self, time_ns: int) -> int:
        """The frame on the screen at a time: the last one that began at or before it (first frame before that).

        Raises:
            ValueError: The episode has no times.
        """
        if self.times_ns is None:
            raise ValueError("this episode has no times")
        return self.clamp(int(np.searchsorted(self.times_ns, time_ns, side="right")) - 1)

    def clamp(self, frame: int) -> int:
        """The frame of this episode nearest to a number."""
        return max(0, min(frame, self.num_frames - 1))
