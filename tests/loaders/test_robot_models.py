"""A robot model gives the end effector, the joint limits and the shape; whatever is wrong with it stops nothing."""

import re
import struct
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import h5py
import numpy as np
import pytest

from failview.errors import ProfileError
from failview.loaders import open_dataset
from failview.loaders.profiles.profile_file import read_profile
from failview.loaders.profiles.profile_writer import write_profile
from failview.loaders.robot.joint_matching import joints_by_name, match_joints
from failview.loaders.robot.kinematics import Kinematics
from failview.loaders.robot.link_shapes import link_shapes
from failview.model.episode import Episode
from failview.model.robot import ShapeKind
from failview.model.roles import Role
from failview.resources import demo_dataset_dir
from tests.loaders.write_robot_models import swing, tip_m, write_mjcf, write_urdf
from tests.real_data import real_data

QUARTER_TURN = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])


def write_demo(path: Path, joints: np.ndarray, **obs: np.ndarray) -> Path:
    with h5py.File(path, "w") as file:
        demo = file.create_group("data/demo_0")
        demo.attrs["num_samples"] = len(joints)
        demo["actions"] = np.random.default_rng(0).normal(size=(len(joints), 3))
        demo["obs/robot0_joint_pos"] = joints
        for name, values in obs.items():
            demo[f"obs/{name}"] = values
    return path


def opened(folder: Path, joints: np.ndarray, profile: str, **obs: np.ndarray) -> Episode:
    """The one episode of a file with these joints, through a profile."""
    path = write_demo(folder / "demos.hdf5", joints, **obs)
    (folder / "demos.hdf5.failview.toml").write_text(profile)
    dataset = open_dataset(path)
    try:
        return dataset.open_episode("demo_0")
    finally:
        dataset.close()


def robot_warnings(episode: Episode) -> list[str]:
    assert all("\n" not in warning for warning in episode.warnings)
    return [warning for warning in episode.warnings if "profile, robot" in warning]


def model_lines(name: str = "arm.urdf", *more: str) -> str:
    return "\n".join(["[robot]", f'model = "{name}"', *more, ""])


@pytest.mark.parametrize("kind", ["revolute", "continuous"])
def test_the_end_effector_is_computed_where_none_is_recorded(tmp_path: Path, kind: str) -> None:
    write_urdf(tmp_path / "arm.urdf", kind=kind)
    joints = swing()
    joints[7, 1] = np.nan
    episode = opened(tmp_path, joints, model_lines("arm.urdf", 'ee_frame = "tool0"'))
    position, turn = episode.signals[Role.EE_POSITION], episode.signals[Role.EE_ORIENTATION]
    good = np.isfinite(joints).all(axis=1)
    assert position.values[good] == pytest.approx(tip_m(joints[good]), abs=1e-12)
    assert np.isnan(position.values[7]).all()
    angle = 2 * np.arctan2(turn.values[good, 2], turn.values[good, 3])
    assert np.cos(angle) == pytest.approx(np.cos(joints[good].sum(axis=1)))
    assert (position.unit, position.labels, turn.unit) == ("m", ("x", "y", "z"), "xyzw")
    assignment = episode.assignments[Role.EE_POSITION]
    assert "computed from joint_position by arm.urdf, frame tool0; joints in model order: a guess" in assignment.reason
    assert assignment.guessed
    assert not robot_warnings(episode)


def test_mjcf_says_the_same_and_a_guessed_frame_is_marked(tmp_path: Path) -> None:
    write_mjcf(tmp_path / "arm.xml")
    episode = opened(tmp_path, swing(), model_lines("arm.xml"))
    assert episode.signals[Role.EE_POSITION].values == pytest.approx(tip_m(swing()))
    assert episode.assignments[Role.EE_POSITION].reason.endswith(
        "frame tool0; joints in model order: a guess; frame guessed"
    )
    assert episode.robot is not None
    assert (episode.robot.ee_frame, episode.robot.guessed) == ("tool0", True)


def test_a_recorded_end_effector_stays_unless_the_profile_says_otherwise(tmp_path: Path) -> None:
    write_urdf(tmp_path / "arm.urdf")
    recorded = tip_m(swing()) + np.array([0, 0, 0.001])
    episode = opened(tmp_path, swing(), model_lines(), robot0_eef_pos=recorded)
    assert episode.signals[Role.EE_POSITION].values == pytest.approx(recorded)
    assert episode.assignments[Role.EE_POSITION].stream == "obs/robot0_eef_pos"
    assert "computed" in episode.assignments[Role.EE_ORIENTATION].reason
    assert not episode.assignments[Role.EE_ORIENTATION].guessed, "the recorded position confirms order and frame"
    instead = opened(tmp_path, swing(), model_lines("arm.urdf", "ee_from_joints = true"), robot0_eef_pos=recorded)
    assert instead.signals[Role.EE_POSITION].values == pytest.approx(tip_m(swing()))
    off = opened(tmp_path, swing(), model_lines() + '[roles.ee_position]\nstream = ""\n')
    assert Role.EE_POSITION not in off.signals


@pytest.mark.parametrize(
    ("turn", "step"), [(np.eye(3), [-0.56, 0, 0.8]), (QUARTER_TURN, [0.2, -0.7, 0.3])], ids=["moved", "turned"]
)
def test_a_base_elsewhere_is_found_and_taken_from_the_profile(
    tmp_path: Path, turn: np.ndarray, step: list[float]
) -> None:
    write_urdf(tmp_path / "arm.urdf")
    recorded = tip_m(swing()) @ turn.T + step
    named = model_lines("arm.urdf", 'ee_frame = "tool0"')
    episode = opened(tmp_path, swing(), named, robot0_eef_pos=recorded)
    (warning,) = robot_warnings(episode)
    assert "by a fixed offset" in warning
    assert Role.EE_ORIENTATION not in episode.signals, "nothing is mixed from two frames"
    line = re.search(r"base = \[[^]]*\]", warning)
    assert line is not None
    again = opened(tmp_path, swing(), named + line.group(0), robot0_eef_pos=recorded)
    assert not robot_warnings(again)
    assert again.robot is not None
    poses = again.robot.link_poses(np.arange(again.num_frames))
    tool = [link.name for link in again.robot.links].index("tool0")
    assert poses.positions_m[:, tool] == pytest.approx(recorded, abs=1e-3)


def test_a_differing_frame_or_tool_point_is_named(tmp_path: Path) -> None:
    write_urdf(tmp_path / "arm.urdf")
    joints = swing()
    elbow = 0.4 * np.stack([np.cos(joints[:, 0]), np.sin(joints[:, 0]), np.zeros(len(joints))], axis=1)
    named = model_lines("arm.urdf", 'ee_frame = "tool0"')
    (warning,) = robot_warnings(opened(tmp_path, joints, named, robot0_eef_pos=elbow))
    assert 'ee_frame = "lower"' in warning
    guessed = opened(tmp_path, joints, model_lines(), robot0_eef_pos=elbow)
    assert not robot_warnings(guessed)
    assert guessed.robot is not None
    assert guessed.robot.ee_frame == "lower"
    along = (tip_m(joints) - elbow) / 0.3
    (warning,) = robot_warnings(opened(tmp_path, joints, named, robot0_eef_pos=tip_m(joints) + 0.1 * along))
    assert "always by [0.1, 0, 0] m in its own axes" in warning


def test_a_model_that_does_not_fit_is_told(tmp_path: Path) -> None:
    write_urdf(tmp_path / "arm.urdf")
    swapped = tip_m(swing()[:, ::-1])
    episode = opened(tmp_path, swing(), model_lines("arm.urdf", 'ee_frame = "tool0"'), robot0_eef_pos=swapped)
    (warning,) = robot_warnings(episode)
    assert "not by a fixed offset: model, joint order, unit or ee_frame do not fit" in warning


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "cannot be read (No such file or directory)"),
        ("", "not valid XML"),
        ("<robot", "not valid XML"),
        ('<?xml version="1.0" encoding="no-such-encoding"?><robot/>', "not valid XML (unknown encoding"),
        ("<sdf/>", "<sdf> is neither URDF nor MJCF"),
        ('<robot xmlns:xacro="http://www.ros.org/wiki/xacro"><xacro:include filename="a"/></robot>', "is a xacro"),
        ('<robot name="x"/>', "Pinocchio cannot use this robot model"),
        ("<mujoco/>", "no body found"),
        ('<robot name="x"><link name="a"/></robot>', "no joint that moves"),
        (
            '<mujoco><worldbody><body name="a"><freejoint/><geom type="sphere" size="1"/></body></worldbody></mujoco>',
            "no joint that moves",
        ),
    ],
)
def test_an_unusable_model_is_one_warning(tmp_path: Path, text: str | None, says: str) -> None:
    if text is not None:
        (tmp_path / "arm.urdf").write_text(text)
    episode = opened(tmp_path, swing(), model_lines())
    (warning,) = robot_warnings(episode)
    assert warning.startswith(f"profile, robot.model: {tmp_path / 'arm.urdf'}: ")
    assert says in warning
    assert episode.robot is None
    assert Role.JOINT_POSITION in episode.signals


def test_without_pinocchio_everything_else_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_urdf(tmp_path / "arm.urdf")
    monkeypatch.setitem(sys.modules, "pinocchio", None)
    (warning,) = robot_warnings(opened(tmp_path, swing(), model_lines()))
    assert "needs Pinocchio. Install it with: pip install pin" in warning


@pytest.mark.parametrize(
    ("frame", "says"),
    [("tool", "there is no frame tool. Use tool0"), ("grip_site", "grip_site is a site")],
)
def test_a_frame_that_cannot_be_used_names_the_closest(tmp_path: Path, frame: str, says: str) -> None:
    write_mjcf(tmp_path / "arm.xml")
    episode = opened(tmp_path, swing(), model_lines("arm.xml", f'ee_frame = "{frame}"'))
    (warning,) = robot_warnings(episode)
    assert says in warning
    assert Role.EE_POSITION not in episode.signals
    assert episode.robot is not None, "joints and limits do not depend on it"


def test_joints_that_do_not_fit_give_one_warning(tmp_path: Path) -> None:
    write_urdf(tmp_path / "arm.urdf")
    wide = np.concatenate([swing(), swing(), swing()[:, :1]], axis=1)
    (warning,) = robot_warnings(opened(tmp_path, wide, model_lines()))
    assert "joint_position has 5 columns, the model 2 joints to its end effector (shoulder, elbow)" in warning
    unit = model_lines() + '[roles.joint_position]\nstream = "obs/robot0_joint_pos"\nunit = "arbitrary"\n'
    (warning,) = robot_warnings(opened(tmp_path, swing(), unit))
    assert "joint_position has no known unit" in warning


@pytest.mark.parametrize(
    ("labels", "joints", "columns"),
    [
        (["elbow.pos", "shoulder_pan.pos"], ["shoulder_pan", "elbow"], [1, 0]),
        (["shoulder_pan", "wrist_1"], ["shoulder_pan_joint", "wrist_1_joint"], [0, 1]),
        (["joint1", "joint2"], ["panda_joint1", "panda_joint2", "panda_finger_joint1"], [0, 1]),
        (["fr3_joint2", "fr3_joint1"], ["joint1", "joint2"], [1, 0]),
        (["a/joint_2", "a/joint_1"], ["iiwa_joint_1", "iiwa_joint_2"], [1, 0]),
        (["joint1", "joint2"], ["left_joint1", "left_joint2", "right_joint1", "right_joint2"], []),
        (["0", "1"], ["joint0", "joint1"], []),
        (["q", "q"], ["q1", "q2"], []),
    ],
)
def test_joints_are_matched_by_name(labels: list[str], joints: list[str], columns: list[int]) -> None:
    found = joints_by_name(labels, joints)
    assert [found[joint] for joint in joints if joint in found] == columns


def test_a_joint_without_a_column_is_named_rather_than_guessed() -> None:
    joints = ["shoulder", "elbow", "wrist"]
    named = joints_by_name(["shoulder", "elbow", "gripper"], joints)
    assert (
        match_joints(["shoulder", "elbow", "gripper"], joints, joints, named) == "no column is joint wrist of the model"
    )


def test_limits_and_fingers(tmp_path: Path) -> None:
    write_mjcf(tmp_path / "arm.xml")
    opening = np.linspace(0.0, 0.08, 40)[:, None]
    episode = opened(tmp_path, swing(), model_lines("arm.xml"), robot0_gripper_width=opening)
    robot = episode.robot
    assert robot is not None
    assert robot.joint_names == ("shoulder", "elbow")
    assert robot.lower.tolist() == [-2.0, -3.0]
    assert robot.upper.tolist() == [1.5, 3.0]
    assert episode.signals[Role.GRIPPER_APERTURE].unit == "m"
    frames = np.array([0, 13, 39])
    poses = robot.link_poses(frames)
    left, right = ([link.name for link in robot.links].index(name) for name in ("left", "right"))
    gap = np.linalg.norm(poses.positions_m[:, left] - poses.positions_m[:, right], axis=1)
    assert gap == pytest.approx(opening[frames, 0])
    write_urdf(tmp_path / "turns.urdf", kind="continuous")
    turning = opened(tmp_path, swing(), model_lines("turns.urdf")).robot
    assert turning is not None
    assert (turning.lower[0], turning.upper[0]) == (-np.inf, np.inf)


def stl(path: Path) -> Path:
    """A binary STL of one triangle."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\0" * 80 + struct.pack("<I12fH", 1, *[0.0] * 12, 0))
    return path


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("package://arm_description/meshes/a.stl", "ws/arm_description/meshes/a.stl"),
        ("../meshes/a.STL", "ws/arm_description/meshes/a.STL"),
    ],
)
def test_meshes_are_found_beside_the_model(tmp_path: Path, name: str, place: str) -> None:
    mesh = stl(tmp_path / place)
    (tmp_path / "ws/arm_description/urdf").mkdir(parents=True)
    visual = f'<origin xyz="0.1 0 0" rpy="0 0 1.5707963"/><geometry><mesh filename="{name}" scale="2 2 2"/></geometry>'
    (shape,) = Kinematics(write_urdf(tmp_path / "ws/arm_description/urdf/arm.urdf", visual=visual)).shapes
    assert (shape.kind, shape.mesh, shape.size) == (ShapeKind.MESH, mesh, (2, 2, 2))
    assert shape.position_m == (0.1, 0, 0)
    assert shape.orientation_xyzw == pytest.approx((0, 0, np.sqrt(0.5), np.sqrt(0.5)))


def test_meshes_that_cannot_be_drawn_are_left_out(tmp_path: Path) -> None:
    """A pointer of Git-LFS in place of a mesh is DATA 13."""
    folder = tmp_path / "a/b/c/d/e"
    stl(tmp_path / "outside.stl")
    folder.mkdir(parents=True)
    (folder / "pointer.dae").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\nCOLLADA\n")
    stl(folder / "cut.stl").write_bytes(b"\0" * 100)
    for name in (
        "../../../../../outside.stl", str(tmp_path / "outside.stl"), "pointer.dae", "cut.stl", "nowhere.stl",
        "package://nobody/nothing.dae", "arm.urdf", "",
    ):  # fmt: skip
        visual = f'<geometry><mesh filename="{name}"/></geometry>'
        assert Kinematics(write_urdf(folder / "arm.urdf", visual=visual)).shapes == (), name


@pytest.mark.parametrize(
    "text",
    [
        '<robot><link name="upper"><visual><geometry><box size="1 2"/></geometry></visual></link></robot>',
        '<robot><link name="upper"><visual><geometry/></visual><visual/></link></robot>',
        '<robot><link name="upper"><visual><geometry><sphere radius="x"/></geometry></visual></link></robot>',
        '<robot><link name="other"><visual><geometry><sphere radius="1"/></geometry></visual></link></robot>',
        '<mujoco><asset><mesh file="a.stl"/></asset><body name="upper"><geom mesh="a" quat="1 0"/></body></mujoco>',
        '<mujoco><asset><mesh file="a.stl"/></asset><body name="upper"><geom mesh="a" group="3"/></body></mujoco>',
        '<mujoco><body name="upper"><geom mesh="a"/></body></mujoco>',
    ],
)
def test_shapes_that_are_not_understood_are_left_out(tmp_path: Path, text: str) -> None:
    stl(tmp_path / "a.stl")
    assert link_shapes(tmp_path / "arm.xml", ET.fromstring(text), ["upper"]) == ()


def test_a_mesh_of_an_mjcf(tmp_path: Path) -> None:
    mesh = stl(tmp_path / "assets/a.stl")
    text = """<mujoco><compiler meshdir="assets"/><asset><mesh file="a.stl"/></asset><worldbody><body name="upper">
        <geom mesh="a" pos="1 2 3" quat="0 1 0 0" class="visual"/><geom mesh="a" class="collision"/>
        </body></worldbody></mujoco>"""
    (shape,) = link_shapes(tmp_path / "arm.xml", ET.fromstring(text), ["base", "upper"])
    assert (shape.link, shape.mesh, shape.position_m) == (1, mesh, (1, 2, 3))
    assert shape.orientation_xyzw == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("base = [1, 2]", "base must be a position or a pose"),
        ("base = [0, 0, 0, 0, 0, 0, 2]", "base must be a position or a pose"),
        ('base = "here"', "base must be a list of numbers"),
        ("base = [0, 0, inf]", "base must be a list of numbers"),
        ("ee_from_joints = 1", "ee_from_joints must be true or false"),
    ],
)
def test_wrong_lines_are_refused(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "given.toml"
    path.write_text(f"[robot]\n{line}\n")
    with pytest.raises(ProfileError, match=re.escape(f"{path}:2: {says}")):
        read_profile(path)


def test_a_written_profile_keeps_the_robot(tmp_path: Path) -> None:
    write_urdf(tmp_path / "arm.urdf")
    lines = model_lines("arm.urdf", 'ee_frame = "tool0"', "base = [0.1, 0, 0.2]")
    opened(tmp_path, swing(), lines)
    dataset = open_dataset(tmp_path / "demos.hdf5")
    again = tmp_path / "elsewhere"
    again.mkdir()
    (again / "written.toml").write_text(write_profile(dataset))
    dataset.close()
    kept = read_profile(again / "written.toml").robot
    assert kept.path is not None
    assert kept.path.samefile(tmp_path / "arm.urdf")
    assert (kept.ee_frame, kept.base, kept.ee_from_joints) == ("tool0", (0.1, 0, 0.2), False)


def test_the_demo_names_its_robot_and_both_agree() -> None:
    dataset = open_dataset(demo_dataset_dir())
    for entry in dataset.entries:
        episode = dataset.open_episode(entry.episode_id)
        assert not robot_warnings(episode)
        robot = episode.robot
        assert robot is not None
        assert not robot.guessed
        poses = robot.link_poses(np.arange(episode.num_frames))
        hand = [link.name for link in robot.links].index("eef")
        recorded = episode.signals[Role.EE_POSITION].values
        assert np.abs(poses.positions_m[:, hand] - recorded).max() < 1e-5
        alike = np.abs(np.sum(poses.orientations_xyzw[:, hand] * episode.signals[Role.EE_ORIENTATION].values, axis=1))
        assert alike.min() > 1 - 1e-6
    dataset.close()


def test_sim_pick_place_is_told_its_base(tmp_path: Path) -> None:
    """Positions in the world frame, the model in its own; and a 100 Hz stream of joints."""
    data = real_data("sim_pick_place")
    profile = tmp_path / "given.toml"
    text = f'[robot]\nmodel = "{data / "model/panda_dynamics.xml"}"\nee_frame = "eef"\n'
    for more, expected in (("", "base = [-0.56, 0, 0.8]"), ("base = [-0.56, 0, 0.8]\n", "")):
        profile.write_text(text + more)
        dataset = open_dataset(data / "sample.hdf5", profile)
        for entry in dataset.entries[:4]:
            warnings = robot_warnings(dataset.open_episode(entry.episode_id))
            assert [expected in warning for warning in warnings] == ([True] if expected else [])
        dataset.close()


def test_a_real_franka_agrees() -> None:
    """Joints and end effector as an FR3's own controller recorded them at 1 kHz; the demo's Panda model."""
    kinematics = Kinematics(demo_dataset_dir() / "robot" / "panda.xml")
    columns = {f"joint{number + 1}": number for number in range(7)}
    for file in sorted(real_data("franka_fr3_teleop_npy").glob("franka_data/*.npy")):
        rows = np.load(file, allow_pickle=False)
        position, turn = kinematics.frame_poses(rows[:, 1:8], columns, "eef")
        away_m = np.linalg.norm(position - rows[:, 29:32], axis=1)
        assert np.median(away_m) < 0.0004
        assert away_m.max() < 0.002
        recorded = rows[:, 32:36] / np.linalg.norm(rows[:, 32:36], axis=1, keepdims=True)
        assert np.abs(np.sum(turn * recorded, axis=1)).min() > np.cos(np.radians(0.2) / 2)


def test_a_ros_robot_moves_every_joint_that_its_bag_names(tmp_path: Path) -> None:
    """abitobot: joints by name although dots differ, circles without limits, a sliding joint, no mesh to be found."""
    data = real_data("abitobot_ros2_mcap")
    profile = tmp_path / "given.toml"
    profile.write_text(f'[robot]\nmodel = "{data / "urdf/robot.urdf"}"\n')
    dataset = open_dataset(data / "rosbag", profile)
    episode = dataset.open_episode(dataset.entries[0].episode_id)
    robot = episode.robot
    assert robot is not None
    assert robot.joint_names == ("arm.1_link_joint", "arm.2_link_joint", "arm_3_link_joint")
    assert robot.upper.tolist() == [np.inf, np.inf, 1.15]
    assert {shape.kind for shape in robot.shapes} == {ShapeKind.BOX, ShapeKind.CYLINDER}
    position = episode.signals[Role.EE_POSITION].values
    joints = episode.signals[Role.JOINT_POSITION].values
    assert position[:, 2] - position[0, 2] == pytest.approx(joints[:, 2] - joints[0, 2])
    assert episode.assignments[Role.EE_POSITION].guessed
    dataset.close()
