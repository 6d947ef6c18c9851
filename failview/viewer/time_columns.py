"""Where samples stand on the viewer's two timelines, and what a place on a timeline means in frames."""

import numpy as np
import numpy.typing as npt
import rerun as rr

from failview.model.clock import Clock
from failview.model.episode import Episode
from failview.model.signals import Signal
from failview.viewer.entity_paths import FRAME_TIMELINE, PLOT_ROLES, TIME_TIMELINE
from failview.viewer.native_client import Cursor
from failview.viewer.other_streams import streams_drawn

Frames = npt.NDArray[np.int64]


def frame_columns(clock: Clock, frames: Frames) -> list[rr.TimeColumn]:
    """Columns for one row per given frame, on "frame" and, where the clock has times, on "time"."""
    times_ns = None if clock.times_ns is None else clock.times_ns[frames]
    return _columns(frames, times_ns)


def signal_columns(clock: Clock, signal: Signal, rows: Frames | None = None) -> list[rr.TimeColumn]:
    """Columns for the samples of a signal: the given rows, or the first `num_rows`.

    A signal with its own clock keeps its exact times on "time"; on "frame", which knows whole numbers only, each sample
    stands at the frame that was on the screen. Samples before the first frame stand at frame 0.
    """
    samples = np.arange(num_rows(clock, signal), dtype=np.int64) if rows is None else rows
    if signal.times_ns is None or clock.times_ns is None:
        return frame_columns(clock, samples)
    times_ns = signal.times_ns[samples]
    shown = np.searchsorted(clock.times_ns, times_ns, side="right").astype(np.int64) - 1
    return _columns(np.clip(shown, 0, clock.num_frames - 1), times_ns)


def num_rows(clock: Clock, signal: Signal) -> int:
    """Number of samples that `signal_columns` places."""
    own_clock = signal.times_ns is not None and clock.times_ns is not None
    return signal.num_samples if own_clock else min(signal.num_samples, clock.num_frames)


def _columns(frames: Frames, times_ns: Frames | None) -> list[rr.TimeColumn]:
    columns = [rr.TimeColumn(FRAME_TIMELINE, sequence=frames)]
    if times_ns is not None:
        columns.append(rr.TimeColumn(TIME_TIMELINE, duration=times_ns.astype("timedelta64[ns]")))
    return columns


def times_are_exact(clock: Clock) -> bool:
    """Whether each frame has a time of its own, so that "time" can address it."""
    return clock.times_ns is not None and bool(np.all(np.diff(clock.times_ns) > 0))


def default_timeline(episode: Episode) -> str:
    """The timeline to show first.

    Frames are what detectors and annotators speak of, so the axis counts frames. Only a signal faster than the frames
    needs "time": on "frame" its samples would pile up on whole numbers.
    """
    plotted = [episode.signals[role] for role in PLOT_ROLES if role in episode.signals]
    plotted += streams_drawn(episode).values()
    has_own_clock = any(signal.times_ns is not None for signal in plotted)
    return TIME_TIMELINE if has_own_clock and times_are_exact(episode.clock) else FRAME_TIMELINE


def cursor_at(clock: Clock, frame: int, timeline: str) -> Cursor:
    """The place of a frame on a timeline; on "frame" when the clock cannot address it on "time"."""
    time_ns = clock.time_ns(frame)
    if timeline != TIME_TIMELINE or time_ns is None or not times_are_exact(clock):
        return Cursor(FRAME_TIMELINE, clock.clamp(frame))
    return Cursor(TIME_TIMELINE, time_ns)


def frame_at(clock: Clock, cursor: Cursor) -> int | None:
    """The frame on the screen at a place of a timeline; None for a timeline that is not ours."""
    if cursor.timeline == FRAME_TIMELINE:
        return clock.clamp(cursor.value)
    if cursor.timeline == TIME_TIMELINE and clock.is_timed:
        return clock.frame_shown_at(cursor.value)
    return None
