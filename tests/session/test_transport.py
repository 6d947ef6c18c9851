"""The cursor: exact steps, playback by wall clock, no frame left out, never outside the episode."""

from collections.abc import Callable
from itertools import pairwise

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from failview.model.clock import FALLBACK_RATE_HZ, Clock
from failview.session.playing.playback import MAX_LATE_S, FrameRange
from failview.session.playing.transport import SPEEDS, Transport

TICK_S = 0.005


def loaded(
    clock: Clock, frame: int = 0, speed: float = 1.0, shown: Callable[[int], int | None] | None = None
) -> Transport:
    transport = Transport(speed) if shown is None else Transport(speed, shown)
    transport.load(clock, frame)
    return transport


def run(transport: Transport, from_s: float, until_s: float, tick_s: float = TICK_S) -> float:
    """Tick like a timer while it plays; gives the time of the last tick."""
    now_s = from_s
    for number in range(round((until_s - from_s) / tick_s) + 1):
        now_s = from_s + number * tick_s
        transport.tick(now_s)
        if not transport.playing:
            break
    return now_s


class SlowScreen:
    """Shows what was asked for a fixed time later; only the latest wish counts, as with the real viewer."""

    def __init__(self, takes_s: float) -> None:
        self.takes_s = takes_s
        self.now_s = 0.0
        self.shown: int | None = 0
        self.seen = [0]
        self._asked: int | None = None
        self._under_way: tuple[float, int] | None = None

    def ask(self, frame: int) -> None:
        self._asked = frame

    def frame(self, _asked: int) -> int | None:
        return self.shown

    def pass_time(self, now_s: float) -> None:
        self.now_s = now_s
        if self._under_way is not None and now_s >= self._under_way[0]:
            self.shown = self._under_way[1]
            self.seen.append(self.shown)
            self._under_way = None
        if self._under_way is None and self._asked is not None:
            self._under_way, self._asked = (now_s + self.takes_s, self._asked), None


def play_with(screen: SlowScreen, clock: Clock, speed: float, *, most_s: float = 100.0) -> tuple[Transport, float]:
    """Play a whole episode on a screen; gives the seconds from the first frame shown to the last one asked for."""
    transport = loaded(clock, speed=speed, shown=screen.frame)
    transport.frame_changed.connect(screen.ask)
    arrived_s = [0.0]
    transport.frame_changed.connect(lambda _frame: arrived_s.append(screen.now_s))
    transport.play(0.0)
    while transport.playing and screen.now_s < most_s:
        screen.pass_time(screen.now_s + TICK_S)
        transport.tick(screen.now_s)
    return transport, arrived_s[-1]


@given(
    rate_hz=st.sampled_from([7.5, 10.0, 29.97, 30.0, 60.0]),
    speed=st.sampled_from(SPEEDS),
    elapsed_s=st.floats(0, 3),
)
def test_playback_follows_the_wall_clock_at_every_speed(rate_hz: float, speed: float, elapsed_s: float) -> None:
    transport = loaded(Clock.at_rate(1000, rate_hz, "test"), speed=speed)
    transport.play(100.0)
    ended_s = run(transport, 100.0, 100.0 + elapsed_s)
    assert abs(transport.frame - (ended_s - 100.0) * speed * rate_hz) <= 1


UNEVEN = Clock(
    200,
    np.cumsum(np.concatenate([[0], np.random.default_rng(7).choice([2, 20, 33, 70, 400], 199)])) * 1_000_000,
    "uneven",
)
"""Steps of 2 to 400 ms, as recorders that stumble leave them."""


@pytest.mark.parametrize("clock", [Clock.at_rate(300, 30.0, "even"), UNEVEN, Clock(100, None, "none")], ids=str)
@pytest.mark.parametrize("speed", SPEEDS)
def test_a_whole_episode_takes_its_time_within_2_percent(clock: Clock, speed: float) -> None:
    screen = SlowScreen(takes_s=0.012)
    transport, took_s = play_with(screen, clock, speed, most_s=2000.0)
    duration_s = clock.duration_s or (clock.num_frames - 1) / clock.pace_hz
    assert took_s == pytest.approx(duration_s / speed, rel=0.02)
    assert (transport.frame, transport.playing) == (clock.num_frames - 1, False)
    assert transport.playback.kept_share == 1.0


@pytest.mark.parametrize("speed", [speed for speed in SPEEDS if speed <= 1])
@pytest.mark.parametrize("takes_s", [0.004, 0.03, 0.08])
@pytest.mark.parametrize("clock", [Clock.at_rate(90, 30.0, "even"), UNEVEN], ids=["even", "uneven"])
def test_up_to_real_time_no_frame_is_left_out_however_slow_the_screen(
    clock: Clock, takes_s: float, speed: float
) -> None:
    screen = SlowScreen(takes_s)
    play_with(screen, clock, speed, most_s=2000.0)
    assert screen.seen == list(range(clock.num_frames))


@pytest.mark.parametrize("speed", [2.0, 4.0])
def test_above_real_time_frames_are_left_out_but_never_the_last(speed: float) -> None:
    screen = SlowScreen(0.06)
    _, took_s = play_with(screen, Clock.at_rate(300, 30.0, "test"), speed)
    assert took_s == pytest.approx(299 / 30 / speed, rel=0.02)
    assert screen.seen[-1] == 299
    assert len(screen.seen) < 299
    assert all(earlier < later for earlier, later in pairwise(screen.seen))


def test_a_clock_that_waits_says_how_fast_it_really_is() -> None:
    told: list[float] = []
    screen = SlowScreen(1 / 24)
    transport = loaded(Clock.at_rate(300, 30.0, "test"), shown=screen.frame)
    transport.frame_changed.connect(screen.ask)
    transport.playback.kept_changed.connect(told.append)
    transport.play(0.0)
    while screen.now_s < 5.0:
        screen.pass_time(screen.now_s + 0.001)
        transport.tick(screen.now_s)
    assert transport.frame == pytest.approx(5 * 24, abs=6)
    assert told[-1] == pytest.approx(0.8, abs=0.06)
    screen.takes_s = 0.002
    while screen.now_s < 8.0:
        screen.pass_time(screen.now_s + 0.001)
        transport.tick(screen.now_s)
    assert told[-1] == 1.0
    screen.takes_s = 10.0
    while screen.now_s < 11.0:
        screen.pass_time(screen.now_s + 0.001)
        transport.tick(screen.now_s)
    assert told[-1] == 0.0
    transport.pause()
    assert transport.playback.kept_share == 1.0


def test_what_was_waited_for_is_not_made_up_in_a_rush() -> None:
    screen = SlowScreen(3.0)
    transport = loaded(Clock.at_rate(900, 30.0, "test"), speed=2.0, shown=screen.frame)
    transport.frame_changed.connect(screen.ask)
    transport.play(0.0)
    run_screen = 0.0
    while run_screen < 3.5:
        run_screen += TICK_S
        screen.pass_time(run_screen)
        transport.tick(run_screen)
        if run_screen > 1.0:
            screen.takes_s = 0.01
    assert transport.frame <= (MAX_LATE_S + 0.6) * 2 * 30


def test_the_clock_starts_when_the_first_frame_is_on_the_screen() -> None:
    shown: list[int | None] = [None]
    transport = loaded(Clock.at_rate(100, 10.0, "test"), speed=2.0, shown=lambda _frame: shown[0])
    transport.play(0.0)
    run(transport, 0.0, 4.0)
    assert (transport.frame, transport.playing) == (0, True)
    shown[0] = 0
    run(transport, 4.0, 4.2)
    assert transport.frame == pytest.approx(4, abs=1)


def test_every_frame_is_shown_at_real_time_when_ticks_are_fast_enough() -> None:
    transport = loaded(Clock.at_rate(50, 30.0, "test"))
    seen = [0]
    transport.frame_changed.connect(seen.append)
    transport.play(0.0)
    run(transport, 0.0, 2.0, 1 / 60)
    assert seen == list(range(50))


def test_playing_backwards_stops_at_the_first_frame() -> None:
    transport = loaded(Clock.at_rate(100, 10.0, "test"), frame=20)
    transport.set_speed(-1.0, 0.0)
    transport.play(0.0)
    run(transport, 0.0, 1.0)
    assert transport.frame == 10
    run(transport, 1.0, 5.0)
    assert (transport.frame, transport.playing) == (0, False)


@pytest.mark.parametrize("speed", SPEEDS)
def test_backwards_is_as_fast_as_forwards(speed: float) -> None:
    transport = loaded(UNEVEN, frame=199, speed=-speed)
    transport.play(0.0)
    took_s = run(transport, 0.0, 1000.0)
    assert took_s == pytest.approx(UNEVEN.duration_s / speed, rel=0.02)


def test_the_end_is_reached_and_playing_stops_there() -> None:
    transport = loaded(Clock.at_rate(10, 10.0, "test"))
    transport.play(0.0)
    run(transport, 0.0, 2.0)
    assert (transport.frame, transport.playing) == (9, False)
    transport.play(61.0)
    assert (transport.frame, transport.playing) == (0, True)


def test_an_uneven_clock_shows_the_last_frame_that_began() -> None:
    times_ns = np.array([0, 10, 34, 44, 1000], dtype=np.int64) * 1_000_000
    transport = loaded(Clock(5, times_ns, "test"))
    transport.play(0.0)
    at_ms = {}
    for now_ms in range(1002):
        transport.tick(now_ms / 1000)
        at_ms[now_ms] = transport.frame
    assert [at_ms[ms] for ms in (9, 11, 33, 35, 500, 999, 1001)] == [0, 1, 1, 2, 3, 3, 4]


def test_without_a_rate_frames_are_played_at_the_fallback_pace() -> None:
    transport = loaded(Clock(100, None, "none"))
    transport.play(0.0)
    run(transport, 0.0, 2.05)
    assert transport.frame == int(2 * FALLBACK_RATE_HZ)
    transport.step_seconds(1.0)
    assert transport.frame == int(3 * FALLBACK_RATE_HZ)


def test_a_change_of_speed_while_playing_does_not_jump() -> None:
    transport = loaded(Clock.at_rate(1000, 10.0, "test"))
    transport.play(0.0)
    run(transport, 0.0, 2.0)
    transport.change_speed(1, 2.0)
    assert (transport.frame, transport.speed) == (20, 2.0)
    run(transport, 2.0, 3.0)
    assert transport.frame == 40


def test_changes_of_speed_lose_no_time() -> None:
    """A frame lasts a second at 0.1x; who changes the speed meanwhile does not begin it again."""
    transport = loaded(Clock.at_rate(1000, 10.0, "test"), speed=0.1)
    transport.play(0.0)
    for tenths in range(1, 31):
        transport.set_speed((0.1, 0.25)[tenths % 2], tenths / 10)
        transport.tick(tenths / 10)
    assert transport.frame == 5


def test_a_loop_goes_round_and_shows_its_ends_each_time() -> None:
    transport = loaded(Clock.at_rate(100, 10.0, "test"), frame=50)
    transport.loop = FrameRange(20, 29)
    seen: list[int] = []
    transport.frame_changed.connect(seen.append)
    transport.play(0.0)
    assert transport.frame == 20
    run(transport, 0.0, 3.04)
    assert seen == list(range(20, 30)) * 3 + [20]
    transport.set_speed(-2.0, 3.04)
    seen.clear()
    run(transport, 3.04, 4.2)
    assert set(seen) == set(range(20, 30))
    assert transport.playing


def test_a_loop_of_one_frame_stays_and_one_that_was_left_is_entered_again() -> None:
    transport = loaded(Clock.at_rate(100, 10.0, "test"), frame=50)
    transport.loop = FrameRange(20, 20)
    transport.play(0.0)
    run(transport, 0.0, 2.0)
    assert (transport.frame, transport.playing) == (20, True)
    transport.seek(70, 2.0)
    transport.tick(2.1)
    assert transport.frame == 20


@pytest.mark.parametrize("takes_s", [0.01, 0.15])
@pytest.mark.parametrize("speed", [-0.5, 1.0, 4.0])
def test_a_range_is_played_once_and_then_told(speed: float, takes_s: float) -> None:
    screen = SlowScreen(takes_s)
    transport = loaded(Clock.at_rate(100, 10.0, "test"), speed=speed, shown=screen.frame)
    transport.frame_changed.connect(screen.ask)
    told: list[bool] = []
    transport.range_played.connect(told.append)
    transport.play_range(30, 20, 0.0)
    while transport.playing:
        assert told == []
        screen.pass_time(screen.now_s + TICK_S)
        transport.tick(screen.now_s)
    assert told == [True]
    assert (transport.frame, screen.seen[-1]) == (30, 30)
    assert screen.seen[1] == 20
    if speed <= 1:
        assert screen.seen[1:] == list(range(20, 31))
    transport.play(screen.now_s)
    assert transport.frame == 30, "afterwards it plays on from here"


@pytest.mark.parametrize(
    "disturb", [Transport.pause, lambda t: t.seek(3), lambda t: t.load(t.clock), lambda t: t.step(1)]
)
def test_a_range_that_is_disturbed_says_so_once(disturb: Callable[[Transport], None]) -> None:
    transport = loaded(Clock.at_rate(100, 10.0, "test"))
    told: list[bool] = []
    transport.range_played.connect(told.append)
    transport.play_range(20, 30, 0.0)
    run(transport, 0.0, 0.3)
    disturb(transport)
    assert told == [False]
    assert not transport.playing


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
