"""What a stream looks like over several episodes: enough to decide about roles and units, small enough to keep."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from failview.loaders.raw_dataset import Floats, RawEpisode, RawStream

_ROWS_PER_EPISODE = 96


@dataclass(frozen=True, eq=False)
class StreamSummary:
    """One stream, summarised.

    Attributes:
        name: Its name.
        width: Number of columns.
        labels: Declared column names; may be empty.
        unit: Declared unit in the file's words, or None.
        low: (columns,) smallest value.
        high: (columns,) largest value.
        rows: (n, columns) samples at frames that are the same for every stream of an episode, so that rows of two
            streams can be compared.
        has_own_clock: It has timestamps of its own.
        is_text: It is a stream of words.
        label_reason: Where the labels come from.
        role_free: Never a candidate.
        episodes: How many episodes are summarised.
    """

    name: str
    width: int
    labels: tuple[str, ...]
    unit: str | None
    low: Floats
    high: Floats
    rows: Floats
    has_own_clock: bool = False
    is_text: bool = False
    label_reason: str = ""
    role_free: bool = False
    episodes: int = 1

    def is_constant(self, columns: Iterable[int] | None = None) -> bool:
        """Whether the columns never change, in any episode summarised; NaN throughout counts as constant."""
        constant = self._constant
        return all(constant if columns is None else [constant[column] for column in columns])

    @cached_property
    def _constant(self) -> list[bool]:
        constant: list[bool] = ((self.low == self.high) | np.isnan(self.low)).tolist()
        return constant


Summaries = Mapping[str, StreamSummary]


def summarise(episode: RawEpisode) -> dict[str, StreamSummary]:
    """Summaries of the streams of one episode, by name."""
    frames = np.unique(np.linspace(0, episode.num_frames - 1, _ROWS_PER_EPISODE).astype(np.int64))
    return {stream.name: _summary(stream, episode, frames) for stream in episode.streams if stream.values.shape[0]}


def merge(first: Summaries, second: Summaries) -> dict[str, StreamSummary]:
    """Both together; a stream whose shape or columns differ keeps its first form."""
    merged = dict(first)
    for name, other in second.items():
        known = merged.get(name)
        if known is None:
            merged[name] = other
        elif (known.width, known.labels) == (other.width, other.labels):
            merged[name] = _joined(known, other)
    return merged


def _joined(known: StreamSummary, other: StreamSummary) -> StreamSummary:
    return StreamSummary(
        known.name,
        known.width,
        known.labels,
        known.unit,
        np.fmin(known.low, other.low),
        np.fmax(known.high, other.high),
        np.concatenate([known.rows, other.rows]),
        known.has_own_clock,
        known.is_text,
        known.label_reason,
        known.role_free,
        known.episodes + other.episodes,
    )


def _summary(
    stream: RawStream, episode: RawEpisode, frames: np.ndarray[tuple[int, ...], np.dtype[np.int64]]
) -> StreamSummary:
    return StreamSummary(
        stream.name,
        stream.width,
        stream.labels,
        stream.unit,
        np.fmin.reduce(stream.values, axis=0),
        np.fmax.reduce(stream.values, axis=0),
        _rows_at(stream, episode, frames),
        stream.times_s is not None,
        bool(stream.text_values),
        stream.label_reason,
        stream.role_free,
    )


def _rows_at(stream: RawStream, episode: RawEpisode, frames: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> Floats:
    rows = frames
    if stream.times_s is None and stream.values.shape[0] >= episode.num_frames > 0:
        return np.asarray(stream.values[frames])
    frame_times_s = episode.clock.times_s
    if stream.times_s is not None and frame_times_s is not None:
        rows = np.searchsorted(stream.times_s, frame_times_s[frames], side="right") - 1
    elif stream.times_s is not None:
        rows = np.round(frames * ((stream.values.shape[0] - 1) / max(1, episode.num_frames - 1))).astype(np.int64)
    inside = (rows >= 0) & (rows < stream.values.shape[0])
    taken = np.full((len(frames), stream.width), np.nan)
    taken[inside] = stream.values[rows[inside]]
    return taken
