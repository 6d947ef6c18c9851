"""Signals are made fit to be judged: what is missing, repeated, late, fast or flipped, with the truth at hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from failview.detectors.conditioning.condition import condition
from failview.detectors.conditioning.derivatives import derivative
from failview.detectors.conditioning.gaps import fill, repeated_rows
from failview.detectors.conditioning.resampling import continuous_quaternions, to_clock
from failview.detectors.conditioning.working_clock import working_clock
from failview.model.clock import NS_PER_S, Clock
from failview.model.episode import Episode
from failview.model.roles import ARBITRARY_UNIT, Role
from failview.model.signals import Signal
from tests.detectors.gripper_story import Recording, recorded
from tests.detectors.pick_stories import slip, success


def with_signal(episode: Episode, role: Role, **changes) -> Episode:
    return replace(episode, signals={**episode.signals, role: replace(episode.signals[role], **changes)})


def test_a_clean_episode_is_left_as_it_is():
    episode = recorded(success())
    conditioned = condition(episode)
    assert conditioned.notes == ()
    assert conditioned.unusable == {}
    assert conditioned.clock.is_frames
    for role in (Role.GRIPPER_APERTURE, Role.GRIPPER_FORCE, Role.EE_POSITION):
        np.testing.assert_array_equal(conditioned.signals[role], episode.signals[role].values)
        assert conditioned.known[role].all()


def test_the_episode_itself_is_never_changed():
    gaps = ((Role.GRIPPER_FORCE, 1.0, 0.3), (Role.EE_ORIENTATION, 1.0, 0.3))
    episode = recorded(slip(), Recording(repeats=0.03, flips=True, gaps=gaps))
    before = {role: signal.values.copy() for role, signal in episode.signals.items()}
    condition(episode)
    for role, values in before.items():
        np.testing.assert_array_equal(episode.signals[role].values, values)


def test_repeated_frames_become_lines():
    episode = recorded(slip(), Recording(repeats=0.0))
    again = [20, 47, 48]
    for role, signal in episode.signals.items():
        if role is not Role.ACTION:
            signal.values[20], signal.values[47], signal.values[48] = (signal.values[row] for row in (19, 46, 46))
    flags = repeated_rows({role.value: signal.values for role, signal in episode.signals.items()
                           if role is not Role.ACTION})  # fmt: skip
    assert np.flatnonzero(flags).tolist() == again
    conditioned = condition(episode)
    assert conditioned.notes == ("3 repeated frames filled in",)
    hand = conditioned.signals[Role.EE_POSITION]
    np.testing.assert_allclose(hand[20], (hand[19] + hand[21]) / 2)
    np.testing.assert_allclose(hand[47], hand[46] + (hand[49] - hand[46]) / 3)
    np.testing.assert_array_equal(conditioned.signals[Role.ACTION], episode.signals[Role.ACTION].values)


def test_a_robot_at_rest_repeats_nothing():
    moving = np.random.default_rng(0).normal(size=(100, 3))
    moving[40:60] = moving[40]
    assert not repeated_rows({"hand": moving, "joints": moving * 2}).any()


def test_one_moving_signal_is_no_witness():
    moving = np.random.default_rng(0).normal(size=(100, 1))
    moving[50] = moving[49]
    assert not repeated_rows({"hand": moving, "still": np.zeros((100, 1))}).any()
    assert repeated_rows({}).shape == (0,)


def test_bursts_of_nan_are_bridged_and_long_gaps_are_not_known():
    how = Recording(gaps=((Role.GRIPPER_FORCE, 1.0, 0.3), (Role.GRIPPER_FORCE, 3.0, 1.2)))
    conditioned = condition(recorded(success(), how))
    assert np.isfinite(conditioned.signals[Role.GRIPPER_FORCE]).all()
    known = conditioned.known[Role.GRIPPER_FORCE]
    assert known[:60].all()
    assert not known[61:83].any()
    assert any("gripper_force: 30 samples" in note for note in conditioned.notes)


def test_a_pose_that_is_missing_at_the_end_is_held_and_not_known():
    episode = recorded(success())
    episode.signals[Role.OBJECT_POSITION].values[-30:] = np.nan
    conditioned = condition(episode)
    np.testing.assert_array_equal(
        conditioned.signals[Role.OBJECT_POSITION][-30:],
        np.tile(episode.signals[Role.OBJECT_POSITION].values[-31], (30, 1)),
    )
    assert conditioned.known[Role.OBJECT_POSITION][:-30].all()
    assert not conditioned.known[Role.OBJECT_POSITION][-30:].any()


def test_a_pose_that_is_missing_for_a_moment_at_either_end_is_known():
    episode = recorded(success())
    episode.signals[Role.OBJECT_POSITION].values[-8:] = np.nan
    episode.signals[Role.OBJECT_POSITION].values[:8] = np.nan
    assert condition(episode).known[Role.OBJECT_POSITION].all()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"values": np.full((80, 1), np.nan)}, "holds no number"),
        ({"values": np.full((80, 1), 4000.0)}, "implausible"),
        ({"values": np.zeros((77, 1))}, "77 samples without times for 80 frames"),
        ({"unit": ARBITRARY_UNIT}, "unknown scale"),
    ],
)
def test_what_cannot_be_judged_is_left_out_with_the_reason(change, reason):
    whole = recorded(slip())
    signals = {role: replace(signal, values=signal.values[:80]) for role, signal in whole.signals.items()}
    episode = replace(whole, clock=Clock.at_rate(80, 20.0, "planted"), signals=signals)
    conditioned = condition(with_signal(episode, Role.GRIPPER_FORCE, **change))
    assert reason in conditioned.unusable[Role.GRIPPER_FORCE]
    assert conditioned.get(Role.GRIPPER_FORCE) is None
    assert conditioned.column(Role.GRIPPER_FORCE) is None


def test_mostly_missing_is_not_judged():
    episode = recorded(slip())
    episode.signals[Role.GRIPPER_APERTURE].values[20:] = np.nan
    assert "missing in" in condition(episode).unusable[Role.GRIPPER_APERTURE]


def test_infinite_values_are_missing():
    episode = recorded(slip())
    episode.signals[Role.GRIPPER_FORCE].values[[10, 11]] = [[np.inf], [-np.inf]]
    conditioned = condition(episode)
    assert np.abs(conditioned.signals[Role.GRIPPER_FORCE]).max() < 20


@pytest.mark.parametrize("step_m", [0.0005, 0.001])
def test_the_step_of_a_quantised_aperture(step_m):
    conditioned = condition(recorded(success(), Recording(aperture_step_m=step_m, aperture_noise_m=0.6 * step_m)))
    assert conditioned.quantum[Role.GRIPPER_APERTURE] == pytest.approx(step_m)


def test_a_smooth_aperture_has_no_step():
    assert condition(recorded(success())).quantum[Role.GRIPPER_APERTURE] == 0.0


def test_signs_of_quaternions_are_made_continuous_across_gaps():
    how = Recording(flips=True, gaps=((Role.OBJECT_ORIENTATION, 1.0, 0.3), (Role.EE_ORIENTATION, 2.0, 0.5)))
    steady, jumping = condition(recorded(slip())), condition(recorded(slip(), how))
    for role in (Role.OBJECT_ORIENTATION, Role.EE_ORIENTATION):
        turn = Rotation.from_quat(steady.signals[role]).inv() * Rotation.from_quat(jumping.signals[role])
        assert np.degrees(turn.magnitude()).max() < 0.01
        assert np.linalg.norm(np.diff(jumping.signals[role], axis=0), axis=1).max() < 0.2


def test_a_quaternion_of_zeros_is_no_orientation():
    values = np.tile([0.0, 0.0, 0.0, 1.0], (6, 1))
    values[2:4] = 0.0
    values[4] *= -2.0
    found = continuous_quaternions(values)
    assert np.isnan(found[2:4]).all()
    np.testing.assert_array_equal(found[[0, 1, 4, 5]], np.tile([0.0, 0.0, 0.0, 1.0], (4, 1)))


@pytest.mark.parametrize("rate_hz", [10.0, 20.0, 30.0])
def test_a_fast_force_sets_the_clock_and_rows_map_to_frames(rate_hz):
    how = Recording(rate_hz=rate_hz, force_hz=1000.0)
    conditioned = condition(recorded(slip(), how))
    clock = conditioned.clock
    assert clock.rate_hz == 100.0
    assert not clock.is_frames
    for frame in range(conditioned.episode.num_frames):
        assert clock.frame_from(clock.row_of(frame)) in {frame, min(frame + 1, conditioned.episode.num_frames - 1)}
    assert clock.frame_from(conditioned.rows - 1) == conditioned.episode.num_frames - 1
    assert clock.frame_from(0) == 0


def test_an_event_between_frames_is_first_seen_in_the_next():
    clock = working_clock(Clock.at_rate(11, 10.0, "planted"), 100.0)
    assert [clock.frame_from(row) for row in (0, 1, 9, 10, 11, 100)] == [0, 1, 1, 1, 2, 10]


def test_a_force_spike_of_a_millisecond_is_averaged_and_not_moved():
    clock = working_clock(Clock.at_rate(21, 10.0, "planted"), 1000.0)
    times_s = np.arange(0.0, 2.0, 0.001)
    values = np.where(np.isclose(times_s, 0.735), 50.0, 0.0)[:, None]
    rows = to_clock(values, times_s, clock)
    assert np.flatnonzero(rows[:, 0]).tolist() == [74]
    assert rows[74, 0] == pytest.approx(5.0)


def test_duplicate_stamps_have_no_slope():
    episode = recorded(slip(), Recording(force_hz=50.0))
    signal = episode.signals[Role.GRIPPER_FORCE]
    times_ns = signal.times_ns.copy()
    times_ns[1::2] = times_ns[::2][: len(times_ns[1::2])]
    conditioned = condition(with_signal(episode, Role.GRIPPER_FORCE, times_ns=times_ns))
    assert np.isfinite(conditioned.signals[Role.GRIPPER_FORCE]).all()
    assert abs(float(conditioned.signals[Role.GRIPPER_FORCE].max()) - 8.0) < 0.3


def test_a_signal_that_begins_late_is_not_known_before():
    whole = recorded(success(), Recording(force_hz=100.0))
    signal = whole.signals[Role.GRIPPER_FORCE]
    late = signal.times_ns > 2 * NS_PER_S
    conditioned = condition(
        with_signal(whole, Role.GRIPPER_FORCE, values=signal.values[late], times_ns=signal.times_ns[late])
    )
    known = conditioned.known[Role.GRIPPER_FORCE]
    assert not known[: round(1.3 * conditioned.clock.rate_hz)].any()
    assert known[round(2.0 * conditioned.clock.rate_hz) + 1 :].all()


def test_uneven_frames_are_put_on_an_even_clock():
    episode = recorded(slip(), Recording(uneven=0.6))
    conditioned = condition(episode)
    assert not conditioned.clock.is_frames
    np.testing.assert_allclose(np.diff(conditioned.clock.times_s), 1.0 / conditioned.clock.rate_hz)
    back = np.interp(conditioned.clock.frame_times_s, conditioned.clock.times_s,
                     conditioned.signals[Role.EE_POSITION][:, 2])  # fmt: skip
    assert np.abs(back - episode.signals[Role.EE_POSITION].values[:, 2])[:-2].max() < 0.01


def test_without_times_frames_are_rows_and_seconds_are_not_real():
    conditioned = condition(recorded(slip(), Recording(timed=False)))
    assert conditioned.clock.is_frames
    assert not conditioned.clock.timed


@pytest.mark.parametrize("rate_hz", [20.0, 100.0])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_derivatives_of_a_cubic(rate_hz, order):
    seconds = np.arange(0, 2, 1 / rate_hz)
    true = {1: 3 * seconds**2, 2: 6 * seconds, 3: np.full(len(seconds), 6.0)}[order]
    found = derivative(seconds**3, rate_hz, window_s=0.25, order=order)
    inside = slice(int(0.2 * rate_hz), -int(0.2 * rate_hz))
    # a parabola over a window of 0.25 s misses the cubic's slope by at most a fifth of its width squared
    np.testing.assert_allclose(found[inside], true[inside], atol=0.02)


def test_a_derivative_has_no_phase_shift():
    values = np.zeros((101, 2))
    values[50:, 0] = 1.0
    speed = derivative(values, 20.0, window_s=0.25)
    assert abs(int(np.abs(speed[:, 0]).argmax()) - 49.5) <= 0.5
    assert not speed[:, 1].any()
    assert derivative(values[:1], 20.0, window_s=0.25).shape == (1, 2)
    assert derivative(values[:3], 20.0, window_s=0.25).shape == (3, 2)


@given(
    st.lists(st.booleans(), min_size=1, max_size=60),
    st.floats(-5, 5),
    st.floats(-5, 5),
)
def test_filling_restores_a_line_and_touches_nothing_else(missing, slope, offset):
    absent = np.array(missing)
    times_s = np.arange(len(absent)) * 0.05
    line = (offset + slope * times_s)[:, None]
    values = np.where(absent[:, None], np.nan, line)
    filled, known = fill(values, times_s, np.zeros(len(absent), dtype=np.bool_), longest_s=0.2)
    assert np.isfinite(filled).all()
    np.testing.assert_array_equal(filled[~absent], line[~absent])
    if (~absent).any():
        first, last = np.flatnonzero(~absent)[[0, -1]]
        np.testing.assert_allclose(filled[first : last + 1], line[first : last + 1], atol=1e-9)
    assert known[~absent].all()


def test_signals_of_no_columns_do_not_disturb():
    episode = recorded(slip())
    empty = Signal("action", np.zeros((episode.num_frames, 0)), "", ())
    condition(replace(episode, signals={**episode.signals, Role.ACTION: empty}))


@pytest.mark.parametrize("glitch", [1e300, -1e300, 1e30, 5000.0])
def test_single_impossible_samples_are_glitches(glitch):
    episode = recorded(slip())
    for role in (Role.GRIPPER_FORCE, Role.GRIPPER_APERTURE, Role.EE_POSITION):
        episode.signals[role].values[[7, 33]] = glitch
    conditioned = condition(episode)
    assert conditioned.unusable == {}
    assert np.abs(conditioned.signals[Role.GRIPPER_FORCE]).max() < 20
    assert np.abs(conditioned.signals[Role.EE_POSITION]).max() < 1
    assert "gripper_aperture: 2 samples without a value filled in" in conditioned.notes
