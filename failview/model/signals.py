"""Signals: numbers over time, each on its own clock."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from failview.model.clock import Clock, TimesNs

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Signal:
    """One stream of an episode after unit conversion.

    Attributes:
        stream: Name of the stream in the source file.
        values: (samples, columns) float64 in `unit`; NaN where the file has none.
        unit: Unit of the values; SI for signals with a role, "arbitrary" when the file's scale is unknown.
        labels: One name per column.
        times_ns: (samples,) times in ns on the episode's clock, or None when sample i belongs to frame i.
        text_values: For streams of words (a phase tag): the distinct words; the values are then codes into it.
        guessed_unit: True when the unit was inferred from names and value ranges, not declared.
    """

    stream: str
    values: Values
    unit: str
    labels: tuple[str, ...]
    times_ns: TimesNs | None = None
    text_values: tuple[str, ...] = ()
    guessed_unit: bool = False

    def __post_init__(self) -> None:
        """Refuse shapes that do not belong together.

        Raises:
            ValueError: Values that are not (samples, columns), or times or labels of another length.
        """
        if self.values.ndim != 2:
            raise ValueError(f"{self.stream}: values of shape {self.values.shape}, wanted (samples, columns)")
        if len(self.labels) != self.values.shape[1]:
            raise ValueError(f"{self.stream}: {len(self.labels)} labels for {self.values.shape[1]} columns")
        if self.times_ns is not None and self.times_ns.shape != (self.values.shape[0],):
            raise ValueError(f"{self.stream}: {self.times_ns.shape} times for {self.values.shape[0]} samples")

    @property
    def num_samples(self) -> int:
        """Number of samples."""
        return int(self.values.shape[0])

    def rate_hz(self, clock: Clock) -> float | None:
        """Samples per second by the median step; None when neither the signal nor the clock has times."""
        if self.times_ns is None:
            return clock.rate_hz
        steps_ns = np.diff(self.times_ns)
        moving_ns = steps_ns[steps_ns > 0]
        return float(1e9 / np.median(moving_ns)) if moving_ns.size else None

    def at_frame(self, clock: Clock, frame: int) -> Values:
        """(columns,) the last sample at or before a frame (NaN where there is none yet)."""
        row = frame
        if self.times_ns is not None:
            time_ns = clock.time_ns(frame)
            row = frame if time_ns is None else int(np.searchsorted(self.times_ns, time_ns, side="right")) - 1
        if not 0 <= row < self.num_samples:
            return np.full(self.values.shape[1], np.nan)
        return np.asarray(self.values[row])
