"""Bags: what becomes of each type of message."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from failview.errors import ProfileError
from failview.loaders import open_dataset
from failview.loaders.assembled_dataset import AssembledDataset
from failview.loaders.profiles.profile_writer import write_profile
from failview.model.episode import Episode
from failview.model.roles import Role
from tests.loaders.write_bags import START_NS, STEP_NS, Messages, Sent, write_json_mcap, write_mcap, write_ros1

ROWS = 20
JOINTS = "sensor_msgs/msg/JointState"


def at(row: float) -> int:
    return START_NS + round(row * STEP_NS)


@contextmanager
def opened(path: Path) -> Iterator[tuple[AssembledDataset, Episode]]:
    dataset = open_dataset(path)
    assert isinstance(dataset, AssembledDataset)
    yield dataset, dataset.open_episode(dataset.entries[0].episode_id)
    dataset.close()


def joints(messages: Messages, names: list[str], topic: str = "/joint_states") -> list[Sent]:
    return [
        Sent(
            topic, JOINTS, at(row), messages.joints(at(row), names, [0.01 * (row + 1) * n for n, _ in enumerate(names)])
        )
        for row in range(ROWS)
    ]


def test_joint_states_of_other_joints_are_told_apart_by_name(tmp_path: Path) -> None:
    """Baxter, and every robot whose gripper publishes on the arm's topic: one joint now and then, in any order."""
    messages = Messages(ros1=True)
    sent = []
    for row in range(40):
        if row % 4 == 3:
            message = messages.joints(at(row), ["left_gripper_finger"], [0.001 * row])
        elif row % 2:
            message = messages.joints(at(row), ["s1", "s0", "e0"], [1.0, 0.01 * row, 2.0], [0, 5, 0], [7, 8, 9])
        else:
            message = messages.joints(at(row), ["s0", "s1", "e0"], [0.01 * row, 1.0, 2.0], [5, 0, 0], [8, 7, 9])
        sent.append(Sent("/robot/joint_states", JOINTS, at(row), message))
    with opened(write_ros1(tmp_path / "a.bag", sent, messages)) as (dataset, episode):
        assert episode.num_frames == dataset.entries[0].num_frames == 40
        arm = episode.signals[Role.JOINT_POSITION]
        assert arm.labels == ("s0", "s1", "e0")
        rows = [row for row in range(40) if row % 4 != 3]
        np.testing.assert_allclose(arm.values, [[0.01 * row, 1.0, 2.0] for row in rows])
        assert [round(float(time) / 5e7, 6) for time in arm.times_ns] == rows
        np.testing.assert_allclose(episode.signals[Role.JOINT_TORQUE].values[:, 0], 8.0)
        aperture = episode.signals[Role.GRIPPER_APERTURE]
        assert aperture.stream == "/robot/joint_states.left_gripper_finger.position"
        np.testing.assert_allclose(aperture.values[:, 0], 0.001 * np.arange(3, 40, 4))
        assert episode.assignments[Role.GRIPPER_APERTURE].guessed
        assert not episode.assignments[Role.JOINT_POSITION].guessed


def test_fingers_among_the_joints_are_the_gripper(tmp_path: Path) -> None:
    messages = Messages()
    names = [f"panda_joint{number}" for number in range(1, 8)] + ["panda_finger_joint1", "panda_finger_joint2"]
    sent = [
        Sent(
            "/joint_states",
            JOINTS,
            at(row),
            messages.joints(at(row), names, [0.3 + 0.01 * row] * 7 + [0.002 * row] * 2),
        )
        for row in range(ROWS)
    ]
    with opened(write_mcap(tmp_path / "a.mcap", sent, messages)) as (_, episode):
        assert episode.signals[Role.JOINT_POSITION].labels == tuple(names[:7])
        np.testing.assert_allclose(episode.signals[Role.GRIPPER_APERTURE].values[:, 0], 0.004 * np.arange(ROWS))
        text = "\n".join(episode.warnings)
        assert "effort of panda_joint1 and 6 more joints is empty in every message" in text, "DATA 16"


@pytest.mark.parametrize(
    ("arm", "fingers", "streams"),
    [
        (["j1", "j2"], ["left_finger_joint", "right_finger_joint"], ["gripper_fingers"]),
        (["l_e0", "r_e0"], ["l_gripper_l_finger", "l_gripper_r_finger"], ["gripper_left"]),
        (["left_j1", "right_j1"], ["left_gripper", "right_gripper"], ["left_gripper", "right_gripper"]),
    ],
)
def test_left_and_right_are_fingers_or_arms(
    tmp_path: Path, arm: list[str], fingers: list[str], streams: list[str]
) -> None:
    messages = Messages()
    sent = [
        Sent(
            "/joint_states",
            JOINTS,
            at(row),
            messages.joints(at(row), arm + fingers, [0.1 * row] * 2 + [0.001 * row] * 2),
        )
        for row in range(ROWS)
    ]
    with opened(write_mcap(tmp_path / "a.mcap", sent, messages)) as (dataset, episode):
        names = {stream.stream for stream in dataset.report("a").streams}
        assert names == {"/joint_states.position", *(f"/joint_states.{name}.position" for name in streams)}
        width_m = 0.001 * (ROWS - 1) * (2 if len(streams) == 1 else 1)
        assert episode.signals[Role.GRIPPER_APERTURE].values[-1, 0] == pytest.approx(width_m)


def test_poses_wrenches_odometry_and_arrays(tmp_path: Path) -> None:
    messages = Messages()
    make = messages.make
    sent = joints(messages, ["a", "b"])
    for row in range(ROWS):
        pose = messages.pose([0.1 * row, 0.2, 0.3], [0.0, 0.0, 0.6, 0.8])
        twist = make("geometry_msgs/msg/Twist", messages.vector(row, 0, 0), messages.vector(0, 0, 0.5))
        covariance = np.zeros(36)
        with_pose = make("geometry_msgs/msg/PoseWithCovariance", pose, covariance)
        with_twist = make("geometry_msgs/msg/TwistWithCovariance", twist, covariance)
        odometry = make("nav_msgs/msg/Odometry", messages.header(at(row)), "base", with_pose, with_twist)
        poses = make("geometry_msgs/msg/PoseArray", messages.header(at(row)), [pose] * 12)
        for topic, kind, message in (
            ("/tcp_pose", "geometry_msgs/msg/PoseStamped", messages.pose_stamped(at(row), [row, 1, 2], [0, 0, 0, 1])),
            ("/object_pose", "geometry_msgs/msg/Pose", pose),
            ("/cmd_vel", "geometry_msgs/msg/Twist", twist),
            ("/ft_sensor", "geometry_msgs/msg/WrenchStamped", messages.wrench(at(row), [row, 0, 9, 0.1, 0, 0])),
            ("/odom", "nav_msgs/msg/Odometry", odometry),
            ("/detections", "geometry_msgs/msg/PoseArray", poses),
            ("/action", "std_msgs/msg/Float64MultiArray", messages.floats([row, -row, 0.5])),
            ("/gripper/width", "std_msgs/msg/Float32", make("std_msgs/msg/Float32", 0.08)),
            ("/success", "std_msgs/msg/Bool", make("std_msgs/msg/Bool", row > 10)),
            ("/count", "std_msgs/msg/Int32", make("std_msgs/msg/Int32", row)),
        ):
            sent.append(Sent(topic, kind, at(row), message))
    with opened(write_mcap(tmp_path / "a.mcap", sent, messages)) as (dataset, episode):
        streams = {role: (item.stream, item.unit, item.guessed) for role, item in episode.assignments.items()}
        assert streams[Role.EE_POSITION] == ("/tcp_pose.pose.position", "m", False)
        assert streams[Role.EE_ORIENTATION] == ("/tcp_pose.pose.orientation", "xyzw", False)
        assert streams[Role.OBJECT_POSITION] == ("/object_pose.position", "m", False)
        assert streams[Role.WRENCH] == ("/ft_sensor.wrench", "N and Nm", False)
        assert streams[Role.ACTION][0] == "/action.data"
        assert streams[Role.GRIPPER_APERTURE][0] == "/gripper/width.data"
        assert streams[Role.SUCCESS][0] == "/success.data"
        assert episode.signals[Role.WRENCH].labels == ("fx", "fy", "fz", "tx", "ty", "tz")
        np.testing.assert_allclose(episode.signals[Role.ACTION].values[5], [5, -5, 0.5])
        np.testing.assert_allclose(episode.signals[Role.OBJECT_ORIENTATION].values[3], [0, 0, 0.6, 0.8])
        others = episode.other_signals
        np.testing.assert_allclose(others["/odom.pose.pose.position"].values[4], [0.4, 0.2, 0.3])
        assert others["/odom.twist.twist.linear"].unit == "m/s"
        assert others["/cmd_vel.angular"].unit == "rad/s"
        assert others["/count.data"].values[7, 0] == 7
        notes = {stream.stream: stream.note for stream in dataset.report("a").streams}
        assert notes["/detections.poses"] == "a list of 12 Poses"


def test_custom_messages_by_dotted_path_and_the_profile_names_them(tmp_path: Path) -> None:
    definitions = {
        "lab_msgs/msg/Finger": "float64 width\nfloat64 force",
        "lab_msgs/msg/Hand": "uint8 OPEN=1\nlab_msgs/Finger[2] fingers\nfloat32[3] tip\nstring state\nuint8[] blob",
        "lab_msgs/msg/Robot": "std_msgs/Header header\nlab_msgs/Hand hand\nfloat64[] q",
    }
    messages = Messages(definitions=definitions)
    make, sent = messages.make, []
    for row in range(ROWS):
        fingers = [make("lab_msgs/msg/Finger", 0.01 * row, 1.0 * row), make("lab_msgs/msg/Finger", 0.5, 2.0)]
        blob = np.zeros(2000, dtype=np.uint8)
        tip = np.array([row, 2, 3], dtype=np.float32)
        hand = make("lab_msgs/msg/Hand", fingers, tip, "open" if row < 5 else "closed", blob)
        robot = make("lab_msgs/msg/Robot", messages.header(at(row)), hand, np.arange(0 if row == 3 else 7) * 0.1)
        sent.append(Sent("/robot", "lab_msgs/msg/Robot", at(row), robot))
    path = write_mcap(tmp_path / "a.mcap", sent, messages)
    profile = tmp_path / "a.mcap.failview.toml"
    profile.write_text('[roles.gripper_aperture]\nstream = "/robot.hand.fingers.0.width"\nunit = "m"\n')
    with opened(path) as (dataset, episode):
        np.testing.assert_allclose(episode.signals[Role.GRIPPER_APERTURE].values[:, 0], 0.01 * np.arange(ROWS))
        assert not episode.assignments[Role.GRIPPER_APERTURE].guessed
        assert episode.signals[Role.JOINT_POSITION].stream == "/robot.q"
        assert np.isnan(episode.signals[Role.JOINT_POSITION].values[3]).all()
        assert episode.other_signals["/robot.hand.fingers.1.force"].values[0, 0] == 2.0
        assert episode.other_signals["/robot.hand.tip"].values.shape == (ROWS, 3)
        assert episode.other_signals["/robot.hand.state"].text_values == ("open", "closed")
        names = {stream.stream: stream.note for stream in dataset.report("a").streams}
        assert names["/robot.hand.blob"] == "too large for a signal"
        assert not any("OPEN" in name for name in names), "a constant of the definition is no field"


def test_json_messages(tmp_path: Path) -> None:
    """DATA 21."""
    sent: list[tuple[str, str, int, dict[str, Any]]] = []
    for row in range(ROWS):
        names = {"name": ["a", "b"], "position": [0.1 * row, 0.2], "velocity": [], "effort": []}
        sent.append(("/joints", "JointState", at(row), names))
        vector = {"x": 1.0 * row, "y": 0.0, "z": 0.0}
        wrench = {"wrench": {"force": vector, "torque": vector}, "ok": True, "mode": "auto", "missing": None}
        sent.append(("/ft", "Wrench", at(row), {**wrench, **({"late": 5} if row > 3 else {})}))
    with opened(write_json_mcap(tmp_path / "a.mcap", sent)) as (_, episode):
        np.testing.assert_allclose(episode.signals[Role.JOINT_POSITION].values[:, 0], 0.1 * np.arange(ROWS))
        np.testing.assert_allclose(episode.signals[Role.WRENCH].values[4], [4, 0, 0, 4, 0, 0])
        late = episode.other_signals["/ft.late"].values[:, 0]
        assert np.isnan(late[:4]).all()
        assert (late[4:] == 5).all()


def transforms(messages: Messages, *, tool: str = "tool0") -> list[Sent]:
    """base -> link turns about z and tool sits 0.5 m along its x; a camera stands still beside them."""
    make, sent = messages.make, joints(messages, ["a", "b"])
    for row in range(ROWS):
        angle = 0.05 * row
        turn = [0.0, 0.0, np.sin(angle / 2), np.cos(angle / 2)]
        moving = messages.transform(at(row), "base_link", "link", [0.0, 0.0, 1.0], turn)
        sent.append(Sent("/tf", "tf2_msgs/msg/TFMessage", at(row), make("tf2_msgs/msg/TFMessage", [moving])))
    half = [0.0, 0.0, np.sqrt(0.5), np.sqrt(0.5)]
    fixed = [
        messages.transform(at(0), "link", tool, [0.5, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]),
        messages.transform(at(0), "camera", "base_link", [1.0, 0.0, 0.0], half),
    ]
    sent.append(Sent("/tf_static", "tf2_msgs/msg/TFMessage", at(0), make("tf2_msgs/msg/TFMessage", fixed)))
    return sent


def test_the_end_effector_from_tf_by_the_names_of_the_frames(tmp_path: Path) -> None:
    messages = Messages()
    with opened(write_mcap(tmp_path / "a.mcap", transforms(messages), messages)) as (dataset, episode):
        angle = 0.05 * np.arange(ROWS)
        position = episode.signals[Role.EE_POSITION]
        np.testing.assert_allclose(
            position.values, np.stack([0.5 * np.cos(angle), 0.5 * np.sin(angle), np.ones(ROWS)], axis=1), atol=1e-9
        )
        orientation = episode.signals[Role.EE_ORIENTATION].values
        np.testing.assert_allclose(
            orientation[:, 2:], np.stack([np.sin(angle / 2), np.cos(angle / 2)], axis=1), atol=1e-9
        )
        assignment = episode.assignments[Role.EE_POSITION]
        assert assignment.guessed
        assert "from base_link to tool0; guess" in assignment.reason
        written = write_profile(dataset)
        assert "# frames: base_link, camera, link, tool0" in written
        assert 'child = "tool0"' in written
    (tmp_path / "a.mcap.failview.toml").write_text(written)
    with opened(tmp_path / "a.mcap") as (_, again):
        np.testing.assert_allclose(again.signals[Role.EE_POSITION].values, position.values)


def test_the_profile_names_the_frames(tmp_path: Path) -> None:
    messages = Messages(
        ros1=True, definitions={"tf2_msgs/msg/TFMessage": "geometry_msgs/TransformStamped[] transforms"}
    )
    path = write_ros1(tmp_path / "a.bag", transforms(messages, tool="flange_17"), messages)
    with opened(path) as (_, episode):
        assert Role.EE_POSITION not in episode.signals
    profile = tmp_path / "a.bag.failview.toml"
    profile.write_text('[tf]\nparent = "camera"\nchild = "flange_17"\n')
    with opened(path) as (_, episode):
        angle = 0.05 * np.arange(ROWS)
        expected = np.stack([1 - 0.5 * np.sin(angle), 0.5 * np.cos(angle), np.ones(ROWS)], axis=1)
        np.testing.assert_allclose(episode.signals[Role.EE_POSITION].values, expected, atol=1e-9)
        assert not episode.assignments[Role.EE_POSITION].guessed
    profile.write_text('[tf]\nparent = "flange_17"\nchild = "camera"\n')
    with opened(path) as (_, episode):
        np.testing.assert_allclose(episode.signals[Role.EE_POSITION].values[0], [0.0 - 0.5, 1.0, -1.0], atol=1e-9)
    profile.write_text('[tf]\nparent = "base_link"\nchild = "gripper"\n')
    with opened(path) as (_, episode):
        assert any("there is no frame gripper; there are base_link, camera" in line for line in episode.warnings)
    profile.write_text('[tf]\nparent = "base_link"\n')
    with pytest.raises(ProfileError, match="tf needs parent and child"):
        open_dataset(path)


def test_a_bag_of_transforms_alone(tmp_path: Path) -> None:
    messages = Messages()
    sent = [item for item in transforms(messages) if item.topic.startswith("/tf")]
    with opened(write_mcap(tmp_path / "a.mcap", sent, messages)) as (dataset, episode):
        assert episode.num_frames == dataset.entries[0].num_frames == ROWS
        assert Role.EE_POSITION in episode.signals


def test_one_name_with_two_types_and_two_publishers(tmp_path: Path) -> None:
    messages = Messages(ros1=True)
    sent = joints(messages, ["a", "b"])
    for row in range(ROWS):
        sent.append(Sent("/x", "std_msgs/msg/Float64", at(row), messages.make("std_msgs/msg/Float64", float(row))))
        sent.append(Sent("/x", "std_msgs/msg/String", at(row), messages.string("on")))
    with opened(write_ros1(tmp_path / "a.bag", sent, messages)) as (_, episode):
        assert episode.other_signals["/x.data"].values[7, 0] == 7.0
        assert episode.other_signals["/x[String].data"].text_values == ("on",)


def test_words_without_end_are_no_signal(tmp_path: Path) -> None:
    messages = Messages()
    sent = joints(messages, ["a", "b"])
    sent += [Sent("/log", "std_msgs/msg/String", at(row / 100), messages.string(f"line {row}")) for row in range(1500)]
    with opened(write_mcap(tmp_path / "a.mcap", sent, messages)) as (dataset, episode):
        assert "/log.data" not in episode.other_signals
        assert any("different words" in stream.note for stream in dataset.report("a").streams)
