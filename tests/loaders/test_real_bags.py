"""Bags that nobody here made."""

import csv

import numpy as np
import pytest

from failview.errors import DatasetError
from failview.loaders import open_dataset
from failview.loaders.assembled_dataset import AssembledDataset
from failview.model.roles import Role
from tests.contracts.loader_contract import content_hash
from tests.real_data import real_data


def test_baxter() -> None:
    """A real arm, 31.6 s at 100 Hz: aperture, wrench, joints, torque and the trail of the end effector."""
    path = real_data("baxter_real_bag")
    before = content_hash(path)
    dataset = open_dataset(path)
    assert isinstance(dataset, AssembledDataset)
    assert [entry.episode_id for entry in dataset.entries] == [
        "experiment_at_2018y01m30d21H44M50S",
        "experiment_named_success",
        "rostopics_to_timeseries",
    ]
    episode = dataset.open_episode("experiment_named_success")
    assert episode.num_frames == dataset.entries[1].num_frames == 3160
    assert episode.clock.origin == "header stamps of /tag_multimodal"
    assert episode.clock.duration_s == pytest.approx(31.6, abs=0.05)
    assert episode.clock.rate_hz == pytest.approx(100.0, rel=0.01)
    units = {role: (item.unit, item.guessed) for role, item in episode.assignments.items()}
    assert units == {
        Role.GRIPPER_APERTURE: ("m", True),
        Role.WRENCH: ("N and Nm", False),
        Role.JOINT_POSITION: ("rad", False),
        Role.JOINT_VELOCITY: ("rad/s", False),
        Role.JOINT_TORQUE: ("Nm", False),
        Role.EE_POSITION: ("m", False),
        Role.EE_ORIENTATION: ("xyzw", False),
        Role.PHASE: ("", True),
    }
    aperture = episode.signals[Role.GRIPPER_APERTURE]
    assert "r_gripper_l_finger_joint" in aperture.stream
    assert aperture.values.max() == pytest.approx(0.02, abs=0.002)
    assert aperture.values.min() == pytest.approx(0.0109, abs=0.0005), "it closes on a thing of about a centimetre"
    joints = episode.signals[Role.JOINT_POSITION]
    assert joints.labels[9:16] == tuple(f"right_{name}" for name in ("e0", "e1", "s0", "s1", "w0", "w1", "w2"))
    assert joints.rate_hz(episode.clock) == pytest.approx(100.0, rel=0.02)
    wrench = episode.signals[Role.WRENCH]
    assert wrench.stream == "/tag_multimodal.wrench_stamped.wrench"
    assert 5.0 < np.abs(wrench.values[:, :3]).max() < 200.0
    position = episode.signals[Role.EE_POSITION]
    span_m = position.values.max(axis=0) - position.values.min(axis=0)
    assert np.all(span_m < 1.5)
    assert np.any(span_m > 0.3)
    moved_m = position.values[50::50] - position.values[:-50:50]
    speed = episode.other_signals["/tag_multimodal.endpoint_state.twist.linear"].values
    seconds = np.diff(position.times_ns) / 1e9
    said_m = np.add.reduceat(speed[1:] * seconds[:, np.newaxis], np.arange(0, len(seconds), 50))[: len(moved_m)]
    assert np.median(np.abs(moved_m - said_m)) < 0.01, "every half second the trail moves as its recorded speed says"
    assert np.corrcoef(moved_m.ravel(), said_m.ravel())[0, 1] > 0.95
    assert len(np.unique(episode.signals[Role.PHASE].values)) > 3
    dataset.close()
    assert content_hash(path) == before


def test_baxter_in_the_simulator() -> None:
    """DATA 1, 2, 16: a coarse clock, half of the stamps twice, a wrench that is all zero."""
    dataset = open_dataset(real_data("baxter_real_bag"))
    coarse = dataset.open_episode("experiment_at_2018y01m30d21H44M50S")
    assert coarse.clock.duration_s == pytest.approx(29.9, abs=0.1)
    text = "\n".join(coarse.warnings)
    assert "have the stamp of the one before: spread evenly" in text
    assert "wrench): zero for all frames" in text
    for signal in coarse.signals.values():
        assert signal.times_ns is not None
        assert np.all(np.diff(signal.times_ns) > 0), "no step of a signal takes no time"
    other = dataset.open_episode("rostopics_to_timeseries")
    assert other.clock.rate_hz == pytest.approx(50.0, rel=0.01)
    assert "wrench" in "\n".join(other.warnings)
    dataset.close()


def test_abitobot() -> None:
    """DATA 1: bag stamps are wall time, header stamps simulator time."""
    path = real_data("abitobot_ros2_mcap")
    dataset = open_dataset(path)
    (entry,) = dataset.entries
    episode = dataset.open_episode(entry.episode_id)
    assert entry.num_frames == episode.num_frames == 1866
    assert episode.clock.origin == "header stamps of /joint_states"
    assert episode.clock.rate_hz == pytest.approx(20.0, rel=0.01)
    assert any("different clocks" in line for line in episode.warnings)
    joints = episode.signals[Role.JOINT_POSITION]
    assert joints.labels == ("arm_1_link_joint", "arm_2_link_joint", "arm_3_link_joint")
    with (path / "others" / "joint_states.csv").open() as file:
        exported = [float(row["effort"]) for row in csv.DictReader(file) if row["joint_name"] == "arm_1_link_joint"]
    effort = episode.signals[Role.JOINT_TORQUE].values[:, 0]
    np.testing.assert_allclose(effort, exported, err_msg="what somebody else took out of this bag")
    imu = episode.other_signals["/imu/data.linear_acceleration"]
    assert imu.rate_hz(episode.clock) == pytest.approx(50.0, rel=0.02)
    dataset.close()


ODD_CASES = {
    "ros2bag/test/resources/empty_bag": "this bag is empty",
    "rosbag2_cpp/test/rosbag2_cpp/bags/only_services.mcap": "service events are no signals",
    "rosbag2_cpp/test/rosbag2_cpp/bags/only_topics.mcap": "only housekeeping topics",
    "rosbag2_cpp/test/rosbag2_cpp/bags/topics_and_services.db3": "service events are no signals",
    "rosbag2_cpp/test/rosbag2_cpp/bags/topics_and_services.mcap": "service events are no signals",
    "rosbag2_py/test/resources/sqlite3/convert_a": "no definition of test_msgs/msg/Empty",
    "rosbag2_py/test/resources/sqlite3/convert_b": "no definition of test_msgs/msg/Empty",
    "rosbag2_tests/resources/mcap/wrong_rmw_test": "encoded as wrong_format",
    "rosbag2_tests/resources/sqlite3/wrong_rmw_test": "no definition of test_msgs/msg/Arrays",
    "rosbag2_transport/test/resources/sqlite3/rewriter_a": "no definition",
    "rosbag2_transport/test/resources/sqlite3/rewriter_b": "no definition",
    "rosbag2_transport/test/resources/sqlite3/test_bag_for_seek": "no definition of test_msgs/msg/BasicTypes",
}
READ = {
    "rosbag2_py/test/resources/mcap/convert_a": 50,
    "rosbag2_py/test/resources/mcap/convert_b": 50,
    "rosbag2_py/test/resources/mcap/reindex_test_bags/multiple_files": 3177,
    "rosbag2_py/test/resources/sqlite3/reindex_test_bags/multiple_files": 3177,
    "rosbag2_py/test/resources/mcap/talker": 10,
    "rosbag2_py/test/resources/sqlite3/talker": 10,
    "rosbag2_py/test/resources/mcap/wbag": 804,
    "rosbag2_py/test/resources/sqlite3/wbag": 804,
    "rosbag2_tests/resources/mcap/bag_with_topics_and_service_events": 1,
    "rosbag2_tests/resources/sqlite3/bag_with_topics_and_service_events": 1,
    "rosbag2_tests/resources/mcap/cdr_test": 4,
    "rosbag2_tests/resources/sqlite3/cdr_test": 4,
    "rosbag2_transport/test/resources/mcap/rewriter_a": 50,
    "rosbag2_transport/test/resources/mcap/rewriter_b": 50,
    "rosbag2_transport/test/resources/mcap/test_bag_for_seek": 5,
}


@pytest.mark.parametrize("name", ODD_CASES)
def test_official_bags_that_hold_no_episode_say_why(name: str) -> None:
    """DATA 9, 21, 22."""
    with pytest.raises(DatasetError) as raised:
        open_dataset(real_data(f"rosbag2_conformance/{name}"))
    assert ODD_CASES[name] in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", READ)
def test_official_bags_that_hold_something_are_read(name: str) -> None:
    """DATA 19 to 22: split, without metadata, with services, in both storages."""
    path = real_data(f"rosbag2_conformance/{name}")
    before = content_hash(path)
    dataset = open_dataset(path)
    (entry,) = dataset.entries
    episode = dataset.open_episode(entry.episode_id)
    assert entry.num_frames == episode.num_frames == READ[name]
    dataset.report(entry.episode_id)
    dataset.close()
    assert content_hash(path) == before


@pytest.mark.parametrize(
    ("bag", "remedy"),
    [
        ("rosbag2_cpp/test/rosbag2_cpp/bags/only_services.mcap", "Record the robot's topics too"),
        ("rosbag2_tests/resources/mcap/wrong_rmw_test", "(and 1 more topic). Convert its messages to CDR"),
        (
            "rosbag2_py/test/resources/sqlite3/convert_a",
            "Convert it to MCAP, which carries the definitions of its messages",
        ),
    ],
)
def test_a_bag_of_which_nothing_can_be_read_says_what_to_do(bag: str, remedy: str) -> None:
    with pytest.raises(DatasetError) as caught:
        open_dataset(real_data("rosbag2_conformance") / bag)
    assert str(caught.value).endswith(remedy)
