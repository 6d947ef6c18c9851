"""Deviations of values: units that nobody tells, dead streams, copies, forces of unknown kind; how they are judged.

The files are written with h5py, opened, and judged as `failview detect` judges them.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np
import numpy.typing as npt
import pytest
from scipy.spatial.transform import Rotation
from typer.testing import CliRunner

from failview.cli.inspect import app
from failview.detectors.catalogue import conclude, first_look
from failview.detectors.conditioning.condition import condition
from failview.model.detection import EpisodeFindings, ProposedField
from failview.model.episode import Episode
from failview.model.roles import ARBITRARY_UNIT, Role
from failview.settings.thresholds import DetectorSettings
from tests.loaders.one_episode import episode_of
from tests.loaders.write_lerobot import write_v2

Floats = npt.NDArray[np.float64]

FRAMES, RATE_HZ = 120, 20.0
TIMES_S = np.arange(FRAMES) / RATE_HZ
SWING = np.sin(TIMES_S * 2.1)[:, None]
"""Between -1 and 1, and never the same twice."""


def arm(joints: int = 7) -> Floats:
    """(frames, joints) rad."""
    return SWING * np.linspace(0.9, 0.2, joints) + 0.01 * np.arange(joints)


def hand() -> Floats:
    """(frames, 3) m."""
    return np.hstack([0.4 + 0.1 * SWING, 0.05 * np.cos(TIMES_S)[:, None], 0.2 + 0.05 * SWING**2])


def write(path: Path, arrays: Mapping[str, npt.ArrayLike], *, demos: int = 1, rate_hz: float | None = RATE_HZ) -> Path:
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        if rate_hz:
            data.attrs["env_args"] = json.dumps({"env_kwargs": {"control_freq": rate_hz}})
        for number in range(demos):
            demo = data.create_group(f"demo_{number}")
            demo["actions"] = np.random.default_rng(number).normal(size=(FRAMES, 7))
            for name, values in arrays.items():
                if name in demo:
                    del demo[name]
                demo[name] = values
    return path


def findings_of(episode: Episode) -> EpisodeFindings:
    settings = DetectorSettings()
    return conclude(first_look(episode, settings), None, settings)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "demos.hdf5"


@pytest.mark.parametrize(("every", "words"), [(5, "23 of 119 steps take no time"), (2, "stands still in 60 of 119")])
def test_stamps_that_come_twice_break_no_derivative(path: Path, every: int, words: str) -> None:
    """DATA 2: a step of no time would be an infinite speed."""
    stamps_s = TIMES_S.copy()
    stamps_s[every::every] = stamps_s[every - 1 : -1 : every]
    stamps_s = stamps_s if every > 2 else np.repeat(TIMES_S[::2], 2)
    episode = episode_of(write(path, {"timestamps": stamps_s, "obs/eef_pos": hand(), "obs/joint_pos": arm()}))
    assert any(words in line for line in episode.warnings)
    findings = findings_of(episode)
    assert "smoothness" not in findings.not_judged
    assert findings.arrays
    assert not any(np.isinf(values).any() for values in findings.arrays.values())
    assert not any(item.detector == "smoothness" for item in findings.detections)


def test_without_a_rate_nothing_pretends_to_be_seconds(path: Path) -> None:
    """DATA 4: no duration, no rate, no jerk per second; what needs no time is judged all the same."""
    write(path, {"obs/eef_pos": hand(), "obs/joint_pos": arm()}, rate_hz=None)
    episode = episode_of(path)
    assert (episode.clock.is_timed, episode.clock.rate_hz, episode.clock.duration_s) == (False, None, None)
    findings = findings_of(episode)
    assert findings.array_times_ns is None
    assert "smoothness" in findings.not_judged
    found = json.loads(CliRunner().invoke(app, [str(path), "--json"]).stdout)["episodes"][0]
    assert (found["rate_hz"], found["duration_s"]) == (None, None)
    assert {role["rate_hz"] for role in found["roles"].values()} == {None}


def test_two_failures_and_a_recovery_in_one_episode(path: Path) -> None:
    """DATA 8: both misses are found, and that the third attempt made them good."""
    moments_s = [0, 0.5, 1.0, 1.4, 2.0, 2.5, 3.0, 3.4, 4.0, 4.3, 5.4, 5.9, 6.0]
    openings = [0.08, 0.08, 0.0, 0.0, 0.08, 0.08, 0.0, 0.0, 0.08, 0.03, 0.03, 0.08, 0.08]
    grip = np.interp(TIMES_S, [4.3, 4.4, 5.4, 5.45], [0.0, 4.0, 4.0, 0.0])
    episode = episode_of(
        write(path, {"obs/gripper_width": np.interp(TIMES_S, moments_s, openings), "obs/gripper_force": grip})
    )
    findings = findings_of(episode)
    missed = [item for item in findings.detections if item.kind == "grasp.missed"]
    closings = [range(10, 21), range(50, 61)]
    assert len(missed) == 2
    assert all(item.start_frame in closing for item, closing in zip(missed, closings, strict=True))
    assert findings.proposal[ProposedField.RECOVERY_ATTEMPTED].value is True
    assert findings.proposal[ProposedField.RECOVERY_OUTCOME].value == "recovered"


def turned(order: str) -> Floats:
    """(frames, 4) the same turns about z, each in its own order."""
    xyzw = Rotation.from_euler("z", 20.0 + 10.0 * SWING, degrees=True).as_quat()
    return np.asarray(xyzw if order == "xyzw" else xyzw[:, [3, 0, 1, 2]])


@pytest.mark.parametrize("told_by", ["name", "attribute"])
def test_two_orders_of_quaternions_in_one_file(path: Path, told_by: str) -> None:
    """DATA 10: each stream is read in its own order where anything tells it."""
    names = {"wxyz": "obs/object_quat", "xyzw": "obs/eef_quat"}
    if told_by == "name":
        names = {order: f"{name}_{order}" for order, name in names.items()}
    write(path, {name: turned(order) for order, name in names.items()})
    if told_by == "attribute":
        with h5py.File(path, "r+") as file:
            for order, name in names.items():
                file[f"data/demo_0/{name}"].attrs["unit"] = order
    episode = episode_of(path)
    for role in (Role.EE_ORIENTATION, Role.OBJECT_ORIENTATION):
        assert episode.signals[role].values == pytest.approx(turned("xyzw"))
        assert not episode.assignments[role].guessed


def test_an_order_that_nothing_tells_is_a_guess(path: Path) -> None:
    """DATA 10."""
    episode = episode_of(write(path, {"obs/eef_quat": turned("xyzw")}))
    assert episode.assignments[Role.EE_ORIENTATION].guessed
    assert "order not declared" in episode.assignments[Role.EE_ORIENTATION].reason


def test_an_object_of_zeros_is_not_at_the_goal(path: Path) -> None:
    """DATA 10: object (frames, 39) all zero, and a gripper that copies the joints."""
    episode = episode_of(
        write(path, {"obs/object": np.zeros((FRAMES, 39)), "obs/gripper_pos": arm(), "obs/joint_pos": arm()})
    )
    assert episode.assignments[Role.OBJECT_POSITION].dead
    assert Role.GRIPPER_APERTURE not in episode.signals
    assert "object_position never changes" in findings_of(episode).not_judged["task_success"]
    text = "\n".join(episode.warnings)
    assert "obs/gripper_pos repeats obs/joint_pos" in text
    assert "obs/object (object_position): zero for all frames: a dead stream" in text


UNITS = {
    "radians": (arm(), "rad"),
    "degrees": (np.rad2deg(arm() * 3), "deg"),
    "servo ticks 0-4095": (np.rint(2048 + 900 * SWING * np.ones(6)), ARBITRARY_UNIT),
    "0-1": (0.5 + 0.5 * SWING * np.linspace(1, 0.5, 6), ARBITRARY_UNIT),
    "0-100": (50 + 50 * SWING * np.linspace(1, 0.5, 6), ARBITRARY_UNIT),
    "0-255": (np.rint(128 + 127 * SWING * np.linspace(1, 0.5, 6)), ARBITRARY_UNIT),
}


@pytest.mark.parametrize("name", UNITS)
def test_joints_in_a_unit_that_nothing_tells(path: Path, name: str) -> None:
    """DATA 14: guessed by the size of the values, and shown as guessed wherever it is shown."""
    values, unit = UNITS[name]
    episode = episode_of(write(path, {"obs/joint_pos": values}))
    signal = episode.signals[Role.JOINT_POSITION]
    assert episode.assignments[Role.JOINT_POSITION].unit == unit
    assert signal.guessed_unit
    factor = np.pi / 180 if unit == "deg" else 1.0
    assert signal.values == pytest.approx(values * factor)
    assert signal.unit == ("rad" if unit == "deg" else unit)
    found = json.loads(CliRunner().invoke(app, [str(path), "--json"]).stdout)["episodes"][0]["roles"]["joint_position"]
    assert (found["unit"], found["guessed"]) == (unit, True)
    if unit == ARBITRARY_UNIT:
        assert condition(episode).unusable[Role.JOINT_POSITION] == "joint_position has an unknown scale"


def test_lengths_in_millimetres(path: Path) -> None:
    """DATA 14: positions by their size; an opening of 80 could be millimetres or percent, so it stays arbitrary."""
    episode = episode_of(write(path, {"obs/eef_pos": 1000 * hand(), "obs/gripper_width": 40 + 40 * SWING}))
    assert (episode.assignments[Role.EE_POSITION].unit, episode.signals[Role.EE_POSITION].guessed_unit) == ("mm", True)
    assert episode.signals[Role.EE_POSITION].values == pytest.approx(hand())
    aperture = episode.signals[Role.GRIPPER_APERTURE]
    assert (aperture.unit, aperture.guessed_unit) == (ARBITRARY_UNIT, True)


def test_the_profile_settles_a_unit(path: Path) -> None:
    """DATA 14."""
    write(path, {"obs/joint_pos": UNITS["degrees"][0] / 9, "obs/gripper_width": 40 + 40 * SWING})
    path.with_name("demos.hdf5.failview.toml").write_text(
        '[roles.joint_position]\nstream = "obs/joint_pos"\nunit = "deg"\n'
        '[roles.gripper_aperture]\nstream = "obs/gripper_width"\nunit = "mm"\n'
    )
    episode = episode_of(path)
    assert episode.signals[Role.JOINT_POSITION].values == pytest.approx(np.deg2rad(UNITS["degrees"][0] / 9))
    assert episode.signals[Role.GRIPPER_APERTURE].values[:, 0] == pytest.approx((0.04 + 0.04 * SWING)[:, 0])
    assert not any(item.guessed for item in episode.assignments.values() if item.stream.startswith("obs/"))


def test_an_aperture_that_is_one_joint_of_many(tmp_path: Path) -> None:
    """DATA 15: found by its column's name, its scale shown as unknown."""
    episode = episode_of(write_v2(tmp_path / "v2"))
    given = episode.assignments[Role.GRIPPER_APERTURE]
    assert (given.stream, given.columns, given.unit) == ("observation.state", "gripper.pos", ARBITRARY_UNIT)
    assert given.guessed
    assert "gripper.pos" not in episode.signals[Role.JOINT_POSITION].labels


@pytest.mark.parametrize("name", ["obs/force_norm", "obs/wrench_magnitude", "obs/ee_force", "obs/eef_force_norm"])
def test_a_force_without_direction_is_no_wrench(path: Path, name: str) -> None:
    """DATA 15: kept as a signal; inspect says why it plays no role."""
    episode = episode_of(write(path, {name: 5 * np.abs(SWING), "obs/joint_pos": arm()}))
    assert Role.WRENCH not in episode.signals
    assert name in episode.other_signals
    streams = json.loads(CliRunner().invoke(app, [str(path), "--json"]).stdout)["streams"]
    note = next(stream["note"] for stream in streams if stream["stream"] == name)
    assert note in {"a norm has no direction: it is no wrench", "named like wrench, but it has 1 column"}


def grasp(bias_n: float, axes: Rotation) -> dict[str, Floats]:
    """A gripper that takes something, carries it and sets it down; a wrist sensor reads gravity and its own bias."""
    aperture = np.interp(TIMES_S, [0, 1.0, 1.6, 4.4, 4.8, 6.0], [0.08, 0.08, 0.03, 0.03, 0.08, 0.08])
    grip = np.interp(TIMES_S, [1.6, 1.7, 4.4, 4.45], [0.0, 4.0, 4.0, 0.0]) + bias_n
    noise = np.random.default_rng(0).normal(0, 0.02, (FRAMES, 7))
    wrench = np.hstack([axes.apply(np.tile([0.0, 0.0, -12.0], (FRAMES, 1))) + 10 * bias_n, np.zeros((FRAMES, 3))])
    return {
        "obs/gripper_width": aperture[:, None],
        "obs/gripper_force": grip[:, None] + noise[:, :1],
        "obs/wrench": wrench + noise[:, 1:],
        "obs/eef_pos": hand(),
    }


@pytest.mark.parametrize("bias_n", [0.0, 1.5, -3.0])
@pytest.mark.parametrize("axes", [Rotation.identity(), Rotation.from_euler("xy", [180, 90], degrees=True)])
def test_forces_that_are_biased_and_of_any_frame(path: Path, bias_n: float, axes: Rotation) -> None:
    """DATA 15: what the sensors read while nothing is touched is no contact, whichever way their axes lie."""
    findings = findings_of(episode_of(write(path, grasp(bias_n, axes))))
    assert not {"collision", "grasp"} & findings.not_judged.keys()
    assert [item.kind for item in findings.detections if item.detector in {"collision", "grasp"}] == []


@pytest.mark.parametrize("bias_n", [0.0, -3.0])
def test_a_blow_is_found_beneath_a_bias(path: Path, bias_n: float) -> None:
    """DATA 15: 25 N for 0.3 s, on the way."""
    recorded = grasp(bias_n, Rotation.from_euler("y", 90, degrees=True))
    recorded["obs/wrench"][56:62, 1] += 25.0
    found = [item for item in findings_of(episode_of(write(path, recorded))).detections if item.detector == "collision"]
    assert [item.start_frame for item in found] == [pytest.approx(56, abs=2)]


DEAD = {
    "a wrench of zeros": ("obs/wrench", np.zeros((FRAMES, 6)), Role.WRENCH, "zero for all frames"),
    "frozen joints": ("obs/joint_pos", np.tile(arm()[3], (FRAMES, 1)), Role.JOINT_POSITION, "constant for all frames"),
    "no velocity": ("obs/joint_vel", np.zeros((FRAMES, 7)), Role.JOINT_VELOCITY, "zero for all frames"),
    "an arm of -1": ("obs/joint_pos", -np.ones((FRAMES, 7)), Role.JOINT_POSITION, "-1 for all frames"),
    "no number": ("obs/joint_torques", np.full((FRAMES, 7), np.nan), Role.JOINT_TORQUE, "no number at all"),
    "no grip force": ("obs/gripper_force", np.zeros((FRAMES, 1)), Role.GRIPPER_FORCE, "zero for all frames"),
}


@pytest.mark.parametrize("name", DEAD)
def test_dead_streams_are_told_and_nothing_is_judged_from_them(path: Path, name: str) -> None:
    """DATA 16: an all-zero force is not "no contact"."""
    stream, values, role, words = DEAD[name]
    episode = episode_of(write(path, {stream: values}))
    assert episode.assignments[role].dead
    assert any(f"{stream} ({role.value}): {words}" in line and "dead stream" in line for line in episode.warnings)
    findings = findings_of(episode)
    assert {"grasp", "collision", "smoothness", "workspace"} <= findings.not_judged.keys()
    assert not findings.detections


def test_efforts_that_are_empty(path: Path) -> None:
    """DATA 16: an array of no columns plays no role."""
    episode = episode_of(write(path, {"obs/joint_torques": np.zeros((FRAMES, 0)), "obs/joint_pos": arm()}))
    assert set(episode.signals) == {Role.JOINT_POSITION, Role.ACTION}


@pytest.mark.parametrize(("filler", "words"), [(-1.0, "-1 in all frames"), (0.0, "0 in all frames")])
def test_an_arm_beside_the_one_that_was_recorded(path: Path, filler: float, words: str) -> None:
    """DATA 16: one of two arms of a bimanual robot was not there."""
    both = np.hstack([arm(), np.full((FRAMES, 7), filler)])
    episode = episode_of(write(path, {"obs/joint_pos": both}))
    said = [line for line in episode.warnings if "joint_position" in line]
    assert len(said) == 1
    assert f"columns 7 to 13 (7 of 14 joints) are {words}: an arm that rested, or was not recorded" in said[0]


def test_the_arm_that_lives_is_taken(path: Path) -> None:
    """DATA 16: arms in streams of their own."""
    episode = episode_of(write(path, {"obs/left_joint_pos": -np.ones((FRAMES, 7)), "obs/right_joint_pos": arm()}))
    assert episode.assignments[Role.JOINT_POSITION].stream == "obs/right_joint_pos"
    assert "left" not in episode.assignments[Role.JOINT_POSITION].reason


@pytest.mark.parametrize("later", [0, 1, 2])
def test_a_command_written_down_from_what_the_hand_did(path: Path, later: int) -> None:
    """DATA 17: its distance from the hand is nothing, and means nothing."""
    done = np.concatenate([hand()[later:], np.repeat(hand()[-1:], later, axis=0)])
    findings = findings_of(episode_of(write(path, {"obs/eef_pos": hand(), "obs/eef_pos_cmd": done})))
    assert "was taken from what the arm did" in findings.not_judged["tracking"]
    assert not any(item.detector == "tracking" for item in findings.detections)


@pytest.mark.parametrize(("later", "words"), [(1, "is the next"), (0, "is a copy of")])
@pytest.mark.parametrize(("state", "values"), [("obs/joint_pos", arm()), ("obs/eef_pos", hand())])
def test_an_action_that_is_the_state(path: Path, state: str, values: Floats, later: int, words: str) -> None:
    """DATA 17: warned of, and the tracking error is not judged."""
    action = np.concatenate([values[later:], np.repeat(values[-1:], later, axis=0)])
    gripper = np.sign(SWING)
    episode = episode_of(write(path, {"actions": np.hstack([action, gripper]), state: values}))
    assert any(f"actions {words} {state}: a tracking error" in line for line in episode.warnings)
    assert "tracking" in findings_of(episode).not_judged


def test_an_action_copied_into_the_observations_is_no_state(path: Path) -> None:
    """DATA 17."""
    action = np.random.default_rng(5).normal(size=(FRAMES, 7))
    before = np.concatenate([action[:1], action[:-1]])
    write(path, {"actions": action, "obs/actions": action, "obs/prev_action": before, "obs/joint_pos": arm()})
    episode = episode_of(path)
    assert episode.assignments[Role.ACTION].stream == "actions"
    assert episode.assignments[Role.JOINT_POSITION].stream == "obs/joint_pos"
    assert set(episode.signals) == {Role.ACTION, Role.JOINT_POSITION}


def test_torques_with_gravity_are_no_external_torques(path: Path) -> None:
    """DATA 18: 43 Nm of gravity on joint 2 hit nothing; without the robot's model nothing is judged from them."""
    gravity = np.array([0.0, 43.0, 1.0, 20.0, 1.0, 2.0, 0.1]) * np.cos(arm())
    write(path, {"obs/joint_pos": arm(), "obs/tau_J": gravity, "obs/tau_J_d": 0.9 * gravity})
    episode = episode_of(path)
    assert episode.assignments[Role.JOINT_TORQUE].stream == "obs/tau_J"
    assert Role.EXTERNAL_TORQUE not in episode.signals
    findings = findings_of(episode)
    assert "robot model" in findings.not_judged["collision"]
    assert not any(item.detector == "collision" for item in findings.detections)
