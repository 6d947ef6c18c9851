"""Frames and times on the viewer's timelines."""

import numpy as np

from failview.model.clock import Clock
from failview.model.roles import Role
from failview.viewer.native_client import Cursor
from failview.viewer.time_columns import cursor_at, default_timeline, frame_at, num_rows, signal_columns
from tests.episodes.synthetic import make_episode

UNEVEN = Clock(4, np.array([0, 10, 10, 30], dtype=np.int64), "stalled")


def test_every_frame_and_its_place_belong_together() -> None:
    clock = Clock.at_rate(300, 29.97, "test")
    for timeline in ("frame", "time"):
        assert [frame_at(clock, cursor_at(clock, frame, timeline)) for frame in range(300)] == list(range(300))


def test_a_clock_that_stands_still_is_addressed_by_frames() -> None:
    """DATA 3, 4."""
    assert [cursor_at(UNEVEN, frame, "time") for frame in range(4)] == [Cursor("frame", frame) for frame in range(4)]


def test_an_unknown_timeline_tells_no_frame() -> None:
    assert frame_at(UNEVEN, Cursor("log_time", 5)) is None
    assert frame_at(Clock(3, None, "none"), Cursor("time", 5)) is None


def test_fast_signals_bring_the_time_axis() -> None:
    assert default_timeline(make_episode()) == "frame"
    assert default_timeline(make_episode(force_rate_hz=1000)) == "time"
    assert default_timeline(make_episode(rate_hz=None)) == "frame"


def test_a_fast_signal_keeps_its_times_and_stands_at_the_frames_on_the_screen() -> None:
    episode = make_episode(30, rate_hz=10.0, force_rate_hz=100.0)
    signal = episode.signals[Role.GRIPPER_FORCE]
    assert num_rows(episode.clock, signal) == signal.num_samples
    frames, times = (column.as_arrow_array() for column in signal_columns(episode.clock, signal))
    assert np.array_equal(np.asarray(times).astype(np.int64), signal.times_ns)
    assert np.asarray(frames).tolist() == [row // 10 for row in range(signal.num_samples)]
