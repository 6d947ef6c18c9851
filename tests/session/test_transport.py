"""The cursor: exact steps, playback by wall clock, never outside the episode."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from failview.model.clock import FALLBACK_RATE_HZ, Clock
from failview.session.transport import SPEEDS, Transport


def loaded(clock: Clock, frame: int = 0, speed: float = 1.0) -> Transport:
    transport = Transport(speed)
    transport.load(clock, frame)
    return transport


@given(
    rate_hz=st.sampled_from([7.5, 10.0, 29.97, 30.0, 60.0]),
    speed=st.sampled_from(SPEEDS),
    elapsed_s=st.floats(0, 3),
)
def test_playback_follows_the_wall_clock_at_every_speed(rate_hz: float, speed: float, elapsed_s: float) -> None:
    transport = loaded(Clock.at_rate(1000, rate_hz, "test"), speed=speed)
    transport.play(100.0)
    transport.tick(100.0 + elapsed_s)
    assert abs(transport.frame - elapsed_s * speed * rate_hz) <= 1


def test_every_frame_is_shown_at_real_time_when_ticks_are_fast_enough() -> None:
    transport = loaded(Clock.at_rate(50, 30.0, "test"))
    seen = [0]
    transport.frame_changed.connect(seen.append)
    transport.play(0.0)
    for tick in range(60 * 2):
        transport.tick(tick / 60)
    assert seen == list(range(50))


def test_playing_backwards_stops_at_the_first_frame() -> None:
    transport = loaded(Clock.at_rate(100, 10.0, "test"), frame=20)
    transport.set_speed(-1.0, 0.0)
    transport.play(0.0)
    transport.tick(1.0)
    assert transport.frame == 10
    transport.tick(5.0)
    assert (transport.frame, transport.playing) == (0, False)


def test_the_end_is_reached_and_playing_stops_there() -> None:
    transport = loaded(Clock.at_rate(10, 10.0, "test"))
    transport.play(0.0)
    transport.tick(60.0)
    assert (transport.frame, transport.playing) == (9, False)
    transport.play(61.0)
    assert (transport.frame, transport.playing) == (0, True)


def test_an_uneven_clock_shows_the_last_frame_that_began() -> None:
    times_ns = np.array([0, 10, 34, 44, 1000], dtype=np.int64) * 1_000_000
    transport = loaded(Clock(5, times_ns, "test"))
    transport.play(0.0)
    seen = []
    for time_s in (0.009, 0.010, 0.033, 0.035, 0.5, 0.999, 1.0):
        transport.tick(time_s)
        seen.append(transport.frame)
    assert seen == [0, 1, 1, 2, 3, 3, 4]


def test_without_a_rate_frames_are_played_at_the_fallback_pace() -> None:
    transport = loaded(Clock(100, None, "none"))
    transport.play(0.0)
    transport.tick(2.05)
    assert transport.frame == int(2 * FALLBACK_RATE_HZ)
    transport.step_seconds(1.0)
    assert transport.frame == int(3 * FALLBACK_RATE_HZ)


def test_a_change_of_speed_while_playing_does_not_jump() -> None:
    transport = loaded(Clock.at_rate(1000, 10.0, "test"))
    transport.play(0.0)
    transport.tick(2.0)
    transport.change_speed(1, 2.0)
    assert (transport.frame, transport.speed) == (20, 2.0)
    transport.tick(3.0)
    assert transport.frame == 40


def test_the_ladder_of_speeds_goes_down_through_backwards() -> None:
    transport = loaded(Clock.at_rate(10, 10.0, "test"))
    seen = []
    for _ in range(12):
        transport.change_speed(-1, 0.0)
        seen.append(transport.speed)
    assert seen == [0.5, 0.25, 0.1, -0.1, -0.25, -0.5, -1.0, -2.0, -4.0, -4.0, -4.0, -4.0]
    with pytest.raises(ValueError, match="no such speed"):
        transport.set_speed(3.0, 0.0)


@given(frame=st.integers(-(10**10), 10**10))
def test_the_cursor_never_leaves_the_episode(frame: int) -> None:
    transport = loaded(Clock.at_rate(30, 10.0, "test"))
    transport.seek(frame)
    assert 0 <= transport.frame < 30
    transport.step(frame)
    assert 0 <= transport.frame < 30


def test_one_second_is_one_second_of_the_episodes_clock() -> None:
    times_ns = np.array([0, 100, 200, 1200, 1300], dtype=np.int64) * 1_000_000
    transport = loaded(Clock(5, times_ns, "test"), frame=2)
    transport.step_seconds(1.0)
    assert transport.frame == 3
    transport.step_seconds(-1.0)
    assert transport.frame == 2


def test_the_next_episode_plays_forwards_at_the_same_speed() -> None:
    transport = loaded(Clock.at_rate(30, 10.0, "test"), frame=20)
    transport.set_speed(-0.25, 0.0)
    transport.load(Clock.at_rate(30, 10.0, "test"))
    assert transport.speed == 0.25
