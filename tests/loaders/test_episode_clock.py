"""The reference clock takes what is right and says what is doubtful."""

import numpy as np
import pytest

from failview.loaders.episode_clock import reference_clock, samples_per_frame, signal_times, times_within_frames
from failview.loaders.raw_dataset import RawClock
from failview.loaders.roles.stream_values import seconds
from failview.model.clock import Clock

FRAMES = 100


def clock_of(
    times_s: np.ndarray | None, rate_hz: float | None = None, profile_hz: float | None = None
) -> tuple[Clock, str]:
    raw = RawClock(times_s, "timestamps", rate_hz, "fps")
    clock, warnings = reference_clock(FRAMES, raw, profile_hz)
    return clock, "\n".join(warnings)


def test_nothing_known() -> None:
    """DATA 4."""
    clock, warnings = clock_of(None)
    assert not clock.is_timed
    assert "set rate_hz in the profile" in warnings


def test_declared_rate() -> None:
    clock, warnings = clock_of(None, 25.0)
    assert clock.rate_hz == pytest.approx(25.0)
    assert warnings == ""


def test_profile_rate_replaces_everything() -> None:
    """DATA 5: somebody who was sure is asked to look again."""
    clock, warnings = clock_of(np.arange(FRAMES) / 18.3, 20.0, profile_hz=20.0)
    assert clock.rate_hz == pytest.approx(20.0)
    assert "profile says 20 Hz, but timestamps run at 18.3 Hz" in warnings


def test_absolute_stamps_keep_their_steps() -> None:
    clock, warnings = clock_of(1.7e9 + np.arange(FRAMES) * 0.05)
    assert clock.time_s(99) == pytest.approx(4.95, abs=1e-6)
    assert warnings == ""


def test_float32_stamps_of_an_even_clock_become_even() -> None:
    """DATA 3: small float32 stamps are exact enough."""
    times = (np.arange(FRAMES) / 30).astype(np.float32).astype(np.float64)
    clock, warnings = clock_of(times, 30.0)
    assert set(np.diff(clock.times_ns).tolist()) <= {33333333, 33333334}
    assert warnings == ""


def test_wrong_declared_rate() -> None:
    """DATA 5."""
    clock, warnings = clock_of(np.arange(FRAMES) / 18.3, 20.0)
    assert clock.rate_hz == pytest.approx(18.3, rel=1e-4)
    assert "fps declares 20 Hz, but timestamps run at 18.3 Hz" in warnings


def test_duplicate_stamps() -> None:
    """DATA 2."""
    times = np.arange(FRAMES) * 0.05
    times[40] = times[39]
    clock, warnings = clock_of(times)
    assert clock.is_timed
    assert "1 of 99 steps take no time (first: to frame 40)" in warnings


def test_uneven_steps() -> None:
    """DATA 6."""
    _, warnings = clock_of(np.cumsum(np.where(np.arange(FRAMES) % 3 == 0, 0.024, 0.010)))
    assert "uneven steps, 10 to 24 ms (median 10 ms)" in warnings


@pytest.mark.parametrize(
    ("times", "text"),
    [
        (np.concatenate([np.arange(50), np.arange(50)]) * 0.05, "time runs backwards at frame 50"),
        (np.full(FRAMES, np.float32(1.7e9), dtype=np.float64), "the clock stands still in 99 of 99 steps"),
        (np.full(FRAMES, np.nan), "100 timestamps are not numbers"),
        (np.arange(90) * 0.05, "90 timestamps for 100 frames"),
    ],
)
def test_unusable_stamps_give_way_to_the_declared_rate(times: np.ndarray, text: str) -> None:
    clock, warnings = clock_of(times, 20.0)
    assert clock.rate_hz == pytest.approx(20.0)
    assert text in warnings
    clock, warnings = clock_of(times)
    assert not clock.is_timed
    assert text in warnings


@pytest.mark.parametrize("scale", [1, 1_000, 1_000_000, 1_000_000_000])
def test_integer_stamps_since_1970(scale: int) -> None:
    """DATA 3."""
    stamps = (1_700_000_000 * scale + np.arange(10) * max(1, scale // 20)).astype(np.int64)
    assert np.diff(seconds(stamps)) == pytest.approx(np.full(9, max(1, scale // 20) / scale), abs=1e-6)


def test_integer_stamps_from_zero() -> None:
    assert seconds(np.arange(5) * 50_000_000)[4] == pytest.approx(0.2)
    assert seconds(np.arange(5) * 50)[4] == pytest.approx(0.2)


@pytest.mark.parametrize("step", [50.0, 1e-5])
def test_stamps_that_are_hardly_seconds_are_doubted(step: float) -> None:
    clock, warnings = reference_clock(20, RawClock(times_s=np.arange(20) * step, times_origin="timestamps"), None)
    assert clock.is_timed
    assert any("not in seconds?" in line for line in warnings)


def test_stamps_over_more_than_a_year_are_no_clock() -> None:
    stamps_s = np.array([0.0, 1.0, 1.7e18])
    clock, warnings = reference_clock(3, RawClock(times_s=stamps_s, times_origin="timestamps"), None)
    assert not clock.is_timed
    assert "span more than a year" in warnings[0]


@pytest.mark.parametrize("stamps", [None, np.arange(FRAMES - 1) / 20.0], ids=["no stamps", "too few stamps"])
def test_a_stream_whose_stamps_have_nothing_to_be_compared_with_begins_with_the_first_frame(
    stamps: np.ndarray | None,
) -> None:
    raw = RawClock(stamps, "timestamps", 20.0, "fps")
    clock, _ = reference_clock(FRAMES, raw, None)
    found = signal_times(1.7e9 + np.arange(FRAMES * 10) / 200.0, raw, clock)
    assert found.times_s[[0, 400]] == pytest.approx([0.0, 2.0])
    assert not found.wrong
    assert "200 Hz" in found.assumed
    assert "taken to begin with the first frame" in found.assumed


def test_nothing_is_assumed_where_the_frames_have_stamps() -> None:
    raw = RawClock(1.7e9 + np.arange(FRAMES) / 20.0, "timestamps")
    clock, _ = reference_clock(FRAMES, raw, None)
    found = signal_times(1.7e9 + 0.02 + np.arange(FRAMES * 10) / 200.0, raw, clock)
    assert found.times_s[0] == pytest.approx(0.02)
    assert not found.assumed


def test_several_samples_per_frame_lie_evenly_between_the_frames() -> None:
    times_ns = np.array([0, 100, 300, 400]) * 1_000_000
    found = times_within_frames(8, Clock(4, times_ns, "stamps"))
    assert found is not None
    assert found.times_s == pytest.approx([0, 0.05, 0.1, 0.2, 0.3, 0.35, 0.4, 0.45])
    assert "8 samples for 4 frames and no times: taken as 2 for each frame, evenly spaced (20 Hz)" in found.assumed


@pytest.mark.parametrize(("samples", "each"), [(8, 2), (12, 3), (9, 0), (4, 0), (2, 0), (0, 0)])
def test_only_whole_numbers_of_samples_per_frame_count(samples: int, each: int) -> None:
    assert samples_per_frame(samples, 4) == each
    assert samples_per_frame(samples, 1) == 0
    assert (times_within_frames(samples, Clock.at_rate(4, 10.0, "rate")) is not None) == bool(each)
    assert times_within_frames(samples, Clock(4, None, "none")) is None
