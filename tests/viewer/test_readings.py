"""What the readings over the pictures say at each frame."""

from dataclasses import replace

import numpy as np
import pytest

from failview.model.episode import Episode, RoleAssignment
from failview.model.roles import Role
from failview.model.signals import Signal
from failview.viewer.readings import Reading, readings_of
from tests.episodes.synthetic import EMPTY_N, HELD_M, HOLD_N, make_episode

FRAMES = 100
SLIP_FRAME = 70
SHORTEST = 4


def episode_with(role: Role, values: object, unit: str, **more: object) -> Episode:
    """An episode with one signal; values: (samples, columns), the last one again and again to fill it."""
    array = np.asarray(values, dtype=np.float64)
    array = np.concatenate([array, np.repeat(array[-1:], SHORTEST - len(array), axis=0)])
    signal = Signal("stream", array, unit, tuple(f"c{column}" for column in range(array.shape[1])), **more)
    return replace(make_episode(len(array), cameras=("front",), roles=frozenset()), signals={role: signal})


def only(episode: Episode) -> Reading:
    (reading,) = readings_of(episode)
    return reading


def test_a_slip_is_seen_in_the_force() -> None:
    """Frame by frame on a force of 1000 Hz: held until the slip, empty after it."""
    readings = readings_of(make_episode(FRAMES, force_rate_hz=1000))
    assert [reading.texts[0].split(" ")[0] for reading in readings] == ["grip", "aperture", "wrist", "wrist"]
    grip, aperture = readings[0], readings[1]
    assert aperture.texts[SLIP_FRAME - 20] == f"aperture {HELD_M * 1000:.0f} mm"
    held, empty = (float(grip.texts[frame].split(" ")[1]) for frame in (SLIP_FRAME - 20, FRAMES - 5))
    assert held == pytest.approx(HOLD_N, abs=0.3)
    assert empty == pytest.approx(EMPTY_N, abs=0.2)
    assert grip.shares[SLIP_FRAME - 20] > 0.8
    assert grip.shares[FRAMES - 5] < 0.1


def test_a_blow_between_two_frames_is_told_at_the_first_of_them() -> None:
    episode = make_episode(30, rate_hz=30.0, force_rate_hz=1000)
    force = episode.signals[Role.GRIPPER_FORCE]
    assert force.times_ns is not None
    values = np.full_like(force.values, 0.2)
    blow_ns = episode.clock.times_ns[10] + 12_000_000
    values[np.searchsorted(force.times_ns, blow_ns)] = -25.0
    texts = only(replace(episode, signals={Role.GRIPPER_FORCE: replace(force, values=values)})).texts
    assert texts[9:12] == ["grip 0.2 N", "grip 25 N", "grip 0.2 N"]


def test_the_noise_of_a_quiet_force_makes_no_long_bar() -> None:
    quiet = only(episode_with(Role.GRIPPER_FORCE, [[0.05], [0.1], [0.0]], "N"))
    assert quiet.shares.max() <= 0.02
    strong = only(episode_with(Role.GRIPPER_FORCE, [[10.0], [40.0], [0.0]], "N"))
    assert strong.shares[:3].tolist() == [0.25, 1.0, 0.0]


def test_two_hands_have_two_numbers_and_more_joints_the_largest() -> None:
    assert only(episode_with(Role.GRIPPER_APERTURE, [[0.03, 0.08]], "m")).texts[0] == "aperture 30 / 80 mm"
    torques = only(episode_with(Role.JOINT_TORQUE, [[1.0, -31.4, 2.0], [0.0, 0.5, 0.0]], "Nm"))
    assert torques.texts[:2] == ["joint torque max 31 Nm", "joint torque max 0.5 Nm"]


def test_a_wrench_is_a_force_and_a_torque_and_hides_the_joints() -> None:
    episode = episode_with(Role.WRENCH, [[3.0, 4.0, 0.0, 0.0, 0.0, 2.0]], "N")
    joints = Signal("tau", np.ones((SHORTEST, 7)), "Nm", tuple("1234567"))
    both = replace(episode, signals={**episode.signals, Role.JOINT_TORQUE: joints})
    assert [reading.texts[0] for reading in readings_of(both)] == ["wrist |F| 5.0 N", "wrist |T| 2.0 Nm"]


def test_units_that_are_guessed_or_unknown_are_not_claimed() -> None:
    assert only(episode_with(Role.GRIPPER_APERTURE, [[0.03]], "m", guessed_unit=True)).texts[0] == "aperture 30 mm?"
    unknown = only(episode_with(Role.GRIPPER_APERTURE, [[-0.5], [0.5]], "arbitrary"))
    assert unknown.texts[:2] == ["aperture -0.5", "aperture 0.5"]
    assert unknown.shares[:2].tolist() == [0.0, 1.0]


def test_missing_values_are_question_marks_and_dead_streams_are_left_out() -> None:
    gaps = only(episode_with(Role.GRIPPER_FORCE, [[2.0], [np.nan], [3.0]], "N"))
    assert gaps.texts[:3] == ["grip 2.0 N", "grip ? N", "grip 3.0 N"]
    assert gaps.shares[1] == 0.0
    nothing = episode_with(Role.GRIPPER_FORCE, [[np.nan], [np.nan]], "N")
    assert set(only(nothing).texts) == {"grip ? N"}
    dead = RoleAssignment("stream", "N", guessed=False, reason="its name", dead=True)
    assert readings_of(replace(nothing, assignments={Role.GRIPPER_FORCE: dead})) == []


def test_a_signal_shorter_than_the_episode_ends_in_question_marks() -> None:
    episode = make_episode(5, cameras=(), roles=frozenset())
    short = Signal("f", np.ones((3, 1)), "N", ("f",))
    assert only(replace(episode, signals={Role.GRIPPER_FORCE: short})).texts[2:] == [
        "grip 1.0 N",
        "grip ? N",
        "grip ? N",
    ]
