"""Names, shapes, declarations and values decide about roles and units; guesses say that they are guesses."""

import numpy as np
import pytest

from failview.loaders.raw_dataset import RawClock, RawEpisode, RawStream
from failview.loaders.roles.role_names import Combine
from failview.loaders.roles.stream_roles import RoleChoice, choose_roles
from failview.loaders.roles.stream_summary import summarise
from failview.model.roles import ARBITRARY_UNIT, Role

FRAMES = 50
WAVE = np.sin(np.arange(FRAMES) / 5.0)[:, None]


def stream(
    name: str,
    width: int = 3,
    *,
    span: tuple[float, float] = (-1.0, 1.0),
    unit: str | None = None,
    labels: tuple[str, ...] = (),
) -> RawStream:
    low, high = span
    values = low + (high - low) * (WAVE * np.linspace(1.0, 0.8, width) + 1.0) / 2.0
    if name.endswith("quat"):
        values = values + np.array([0.0, 0.0, 0.0, 2.0])
        values = values / np.linalg.norm(values, axis=1, keepdims=True)
    return RawStream(name, values, (width,), "float64", labels=labels, unit=unit)


def roles_of(*streams: RawStream, order: str = "") -> dict[Role, RoleChoice]:
    episode = RawEpisode(FRAMES, "", streams, (), RawClock(), "sha256:0")
    return choose_roles(summarise(episode), order)


@pytest.mark.parametrize(
    ("name", "width", "role"),
    [
        ("obs/robot0_eef_pos", 3, Role.EE_POSITION),
        ("observation.ee_position", 3, Role.EE_POSITION),
        ("observation.tcp_pose", 6, Role.EE_POSITION),
        ("observation/robot_state/cartesian_position", 6, Role.EE_POSITION),
        ("endEffectorPosition", 3, Role.EE_POSITION),
        ("obs/robot0_eef_pos_cmd", 3, Role.EE_COMMAND),
        ("target_eef_pos", 3, Role.EE_COMMAND),
        ("observation.ee_command", 3, Role.EE_COMMAND),
        ("obs/robot0_joint_pos", 7, Role.JOINT_POSITION),
        ("observation.joint_positions", 7, Role.JOINT_POSITION),
        ("/observations/qpos", 14, Role.JOINT_POSITION),
        ("joint_states", 7, Role.JOINT_POSITION),
        ("obs/robot0_joint_vel", 7, Role.JOINT_VELOCITY),
        ("/observations/qvel", 14, Role.JOINT_VELOCITY),
        ("joint_velocities", 7, Role.JOINT_VELOCITY),
        ("joint_torques", 7, Role.JOINT_TORQUE),
        ("/observations/effort", 14, Role.JOINT_TORQUE),
        ("tau_ext", 7, Role.EXTERNAL_TORQUE),
        ("observation.external_torque", 7, Role.EXTERNAL_TORQUE),
        ("observation.wrench", 6, Role.WRENCH),
        ("obs/robot0_ee_force", 3, Role.WRENCH),
        ("ft_sensor", 6, Role.WRENCH),
        ("obs/robot0_gripper_force", 1, Role.GRIPPER_FORCE),
        ("gripper_width", 1, Role.GRIPPER_APERTURE),
        ("observation.gripper_aperture", 1, Role.GRIPPER_APERTURE),
        ("obs/object_pos", 3, Role.OBJECT_POSITION),
        ("cube_pos", 3, Role.OBJECT_POSITION),
        ("obs/goal_pos", 3, Role.GOAL_POSITION),
        ("actions", 7, Role.ACTION),
        ("action", 26, Role.ACTION),
        ("phase", 1, Role.PHASE),
        ("next.success", 1, Role.SUCCESS),
        ("is_episode_successful", 1, Role.SUCCESS),
        ("observation.velocity", 14, Role.JOINT_VELOCITY),
        ("action.joint_position", 7, Role.ACTION),
        ("master/joint_position", 7, Role.ACTION),
        ("puppet/joint_position", 7, Role.JOINT_POSITION),
        ("joint_action/vector", 14, Role.ACTION),
    ],
)
def test_names(name: str, width: int, role: Role) -> None:
    span = (0.0, 0.08) if role is Role.GRIPPER_APERTURE else (-1.0, 1.0)
    chosen = roles_of(stream(name, width, span=span))
    assert set(chosen) == {role}
    assert chosen[role].reason


@pytest.mark.parametrize(
    ("name", "width"),
    [
        ("obs/robot0_joint_pos_cos", 7),
        ("obs/robot0_eef_vel_lin", 3),
        ("obs/gripper_to_cube_pos", 3),
        ("obs/robot0_gripper_qvel", 2),
        ("obs/robot0_joint_pos_cmd", 7),
        ("rewards", 1),
        ("dones", 1),
        ("observation.state", 7),
        ("obs/object_pos", 2),
    ],
)
def test_names_that_mean_something_else(name: str, width: int) -> None:
    assert roles_of(stream(name, width)) == {}


def flag(name: str, *values: float) -> RawStream:
    return RawStream(name, np.repeat(np.array(values), 8)[:, None], (), "float64")


@pytest.mark.parametrize("name", ["rewards", "reward", "next.reward"])
def test_a_reward_of_0_and_1_is_guessed_to_be_success(name: str) -> None:
    chosen = roles_of(flag(name, 0.0, 1.0))[Role.SUCCESS]
    assert (chosen.parts[0].stream, chosen.guessed, chosen.dead) == (name, True, False)
    assert "reward" in chosen.reason


def test_a_shaped_reward_is_no_flag() -> None:
    assert roles_of(flag("rewards", 0.0, 0.4, 1.0)) == {}
    assert roles_of(flag("rewards", 0.0, -1.0)) == {}


def test_a_reward_that_is_zero_in_an_episode_may_be_one_in_others() -> None:
    assert not roles_of(flag("rewards", 0.0, 0.0))[Role.SUCCESS].dead


def test_an_explicit_flag_comes_before_a_reward() -> None:
    chosen = roles_of(flag("rewards", 0.0, 1.0), flag("success", 1.0, 1.0))[Role.SUCCESS]
    assert (chosen.parts[0].stream, chosen.guessed) == ("success", False)


def test_the_end_of_a_recording_is_no_success() -> None:
    assert roles_of(flag("dones", 0.0, 1.0), flag("next.done", 0.0, 1.0)) == {}


def test_a_declaration_of_several_units_serves_each_role() -> None:
    labels = ("joint1", "joint2", "gripper_aperture")
    chosen = roles_of(stream("observation.state", 3, labels=labels, unit="deg (2), mm (1)"))
    assert {role: (choice.unit, choice.guessed) for role, choice in chosen.items()} == {
        Role.JOINT_POSITION: ("deg", False),
        Role.GRIPPER_APERTURE: ("mm", False),
    }


def test_a_declared_unit_is_no_guess() -> None:
    chosen = roles_of(stream("obs/object_pos", unit="mm, world frame"))[Role.OBJECT_POSITION]
    assert (chosen.unit, chosen.guessed) == ("mm", False)
    assert "mm, world frame" in chosen.reason


@pytest.mark.parametrize(
    ("span", "unit"),
    [((-3.0, 3.0), "rad"), ((-150.5, 150.25), "deg"), ((-99.5, 99.5), ARBITRARY_UNIT), ((0.0, 1.0), ARBITRARY_UNIT)],
)
def test_joint_units_by_their_size(span: tuple[float, float], unit: str) -> None:
    """DATA 14."""
    chosen = roles_of(stream("joint_pos", 6, span=span))[Role.JOINT_POSITION]
    assert (chosen.unit, chosen.guessed) == (unit, True)


@pytest.mark.parametrize(("high", "unit"), [(0.08, "m"), (1.0, ARBITRARY_UNIT), (100.0, ARBITRARY_UNIT)])
def test_aperture_units_by_their_size(high: float, unit: str) -> None:
    """DATA 14."""
    chosen = roles_of(stream("gripper_width", 1, span=(0.0, high)))[Role.GRIPPER_APERTURE]
    assert (chosen.unit, chosen.guessed) == (unit, True)


def test_two_fingers_are_summed_only_in_metres() -> None:
    values = np.concatenate([0.02 + 0.02 * WAVE, -0.02 - 0.02 * WAVE], axis=1)
    fingers = RawStream("obs/robot0_gripper_qpos", values, (2,), "float64")
    chosen = roles_of(fingers)[Role.GRIPPER_APERTURE]
    assert chosen.combine is Combine.SUM_OF_ABSOLUTES
    assert roles_of(RawStream(fingers.name, values * 20, (2,), "float64")) == {}
    assert roles_of(RawStream(fingers.name, values - 0.05, (2,), "float64")) == {}


def test_quaternion_orders() -> None:
    """DATA 10."""
    guess = roles_of(stream("eef_quat", 4))[Role.EE_ORIENTATION]
    assert (guess.unit, guess.guessed) == ("xyzw", True)
    family = roles_of(stream("eef_quat", 4), order="wxyz")[Role.EE_ORIENTATION]
    assert (family.unit, family.guessed) == ("wxyz", True)
    declared = roles_of(stream("eef_quat", 4, unit="wxyz"))[Role.EE_ORIENTATION]
    assert (declared.unit, declared.guessed) == ("wxyz", False)


def test_four_numbers_that_are_no_rotation() -> None:
    assert roles_of(RawStream("eef_quat", np.hstack([WAVE] * 4) * 3, (4,), "float64")) == {}


def test_columns_of_one_state_play_several_roles() -> None:
    """DATA 15."""
    labels = ("j1.pos", "j2.pos", "j1.vel", "j2.vel", "ee.x", "ee.y", "ee.z", "gripper.pos", "kLeftHandThumb")
    chosen = roles_of(stream("observation.state", 9, labels=labels, span=(0.0, 0.07)))
    taken = {role: choice.parts[0].columns for role, choice in chosen.items()}
    assert taken == {
        Role.JOINT_POSITION: (0, 1),
        Role.JOINT_VELOCITY: (2, 3),
        Role.EE_POSITION: (4, 5, 6),
        Role.GRIPPER_APERTURE: (7,),
    }


def test_gripper_column_is_no_arm_joint() -> None:
    """DATA 15."""
    labels = ("shoulder", "elbow", "wrist_1", "gripper")
    chosen = roles_of(stream("observation.joint_positions", 4, labels=labels))
    assert chosen[Role.JOINT_POSITION].parts[0].columns == (0, 1, 2)


def test_a_better_name_wins_and_rivals_make_a_guess() -> None:
    width = stream("obs/robot0_gripper_width", 1, span=(0, 0.08), unit="m")
    chosen = roles_of(stream("obs/gripper_pos", 1, span=(0, 0.04), unit="m"), width)
    assert chosen[Role.GRIPPER_APERTURE].parts[0].stream == width.name
    assert not chosen[Role.GRIPPER_APERTURE].guessed
    arms = roles_of(stream("robot1_joint_pos", 7, unit="rad", span=(-2, 1)), stream("robot0_joint_pos", 7, unit="rad"))
    assert arms[Role.JOINT_POSITION].parts[0].stream == "robot0_joint_pos"
    assert arms[Role.JOINT_POSITION].guessed
    assert "robot1_joint_pos fits as well" in arms[Role.JOINT_POSITION].reason


def test_a_copy_is_no_rival() -> None:
    """DATA 10."""
    first = stream("obs/joint_pos", 7, unit="rad")
    again = RawStream("states/joint_position", first.values, (7,), "float64", unit="rad")
    assert not roles_of(first, again)[Role.JOINT_POSITION].guessed


def test_an_unknown_thing_with_a_pose_is_guessed_to_be_the_object() -> None:
    chosen = roles_of(stream("obs/Can_pos"), stream("obs/Can_quat", 4), stream("obs/Can_to_robot0_eef_pos"))
    assert chosen[Role.OBJECT_POSITION].parts[0].stream == "obs/Can_pos"
    assert chosen[Role.OBJECT_ORIENTATION].parts[0].stream == "obs/Can_quat"
    assert chosen[Role.OBJECT_POSITION].guessed
    assert roles_of(stream("obs/Can_pos")) == {}


def test_force_and_torque_make_one_wrench() -> None:
    chosen = roles_of(stream("obs/ee_force", unit="N"), stream("obs/ee_torque", unit="Nm"))[Role.WRENCH]
    assert [part.stream for part in chosen.parts] == ["obs/ee_force", "obs/ee_torque"]
    assert not chosen.guessed


def test_a_living_stream_is_preferred_to_a_dead_one() -> None:
    """DATA 10, 16."""
    dead = RawStream("obs/object_pos", np.zeros((FRAMES, 3)), (3,), "float64")
    alive = stream("obs/cube_pos")
    assert roles_of(dead, alive)[Role.OBJECT_POSITION].parts[0].stream == "obs/cube_pos"
    assert roles_of(dead)[Role.OBJECT_POSITION].dead
    assert not roles_of(alive)[Role.OBJECT_POSITION].dead
