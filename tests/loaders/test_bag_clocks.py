"""Bags: every topic on its own clock, and the clock that moves (DATA 1, 2, 3)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from failview.loaders import open_dataset
from failview.model.episode import Episode
from failview.model.roles import Role
from tests.loaders.number_pictures import number_in, numbered_picture
from tests.loaders.write_bags import (
    START_NS,
    STEP_NS,
    Messages,
    Sent,
    demonstration,
    write_json_mcap,
    write_mcap,
    write_ros1,
)

JOINTS = "sensor_msgs/msg/JointState"
IMAGE = "sensor_msgs/msg/Image"


@contextmanager
def opened(path: Path) -> Iterator[Episode]:
    dataset = open_dataset(path)
    episode = dataset.open_episode(dataset.entries[0].episode_id)
    assert episode.num_frames == dataset.entries[0].num_frames
    yield episode
    dataset.close()


def relative_ms(times_ns: Any) -> list[float]:
    return [round(float(value) / 1e6, 3) for value in times_ns]


def test_every_topic_keeps_its_rate_and_its_samples(tmp_path: Path) -> None:
    messages = Messages()
    with opened(write_mcap(tmp_path / "a.mcap", demonstration(messages, 0, 10), messages)) as episode:
        assert episode.clock.origin == "header stamps of /cam_high/image_raw"
        assert relative_ms(episode.clock.times_ns) == [50.0 * frame for frame in range(10)]
        joints = episode.signals[Role.JOINT_POSITION]
        assert relative_ms(joints.times_ns) == [12.5 * sample for sample in range(37)]
        np.testing.assert_allclose(joints.values[:, 0], 0.01 * np.arange(37))
        assert joints.labels == ("a", "b")
        assert (joints.unit, joints.rate_hz(episode.clock)) == ("rad", pytest.approx(80.0))
        wrench = episode.signals[Role.WRENCH]
        np.testing.assert_allclose(wrench.at_frame(episode.clock, 7), [7.0, 1.0, 2.0, 0.1, 0.2, 0.0])
        assert episode.signals[Role.PHASE].num_samples == 10


def test_words_are_a_signal(tmp_path: Path) -> None:
    messages = Messages(ros1=True)
    with opened(write_ros1(tmp_path / "a.bag", demonstration(messages, 0, 10), messages)) as episode:
        phase = episode.signals[Role.PHASE]
        assert phase.text_values == ("reach", "lift")
        assert [phase.text_values[int(phase.at_frame(episode.clock, frame)[0])] for frame in (0, 4, 5, 9)] == [
            "reach",
            "reach",
            "lift",
            "lift",
        ]


def joint_messages(messages: Messages, headers_ns: list[int], bags_ns: list[int]) -> list[Sent]:
    return [
        Sent("/joint_states", JOINTS, bag_ns, messages.joints(header_ns, ["a", "b"], [0.01 * row, -0.01 * row]))
        for row, (header_ns, bag_ns) in enumerate(zip(headers_ns, bags_ns, strict=True))
    ]


def test_header_stamps_of_zero_leave_the_bag_time(tmp_path: Path) -> None:
    """DATA 1."""
    messages = Messages()
    times_ns = [START_NS + row * STEP_NS for row in range(20)]
    sent = joint_messages(messages, [0] * 20, times_ns)
    with opened(write_mcap(tmp_path / "a.mcap", sent, messages)) as episode:
        assert episode.clock.origin == "bag time of /joint_states"
        assert relative_ms(episode.clock.times_ns) == [50.0 * row for row in range(20)]
        assert any("header stamps of /joint_states are all 0" in line for line in episode.warnings)


def test_a_bag_time_that_stands_still_leaves_the_header_stamps(tmp_path: Path) -> None:
    """DATA 1: converted bags often carry one and the same bag time."""
    messages = Messages()
    times_ns = [START_NS + row * STEP_NS for row in range(20)]
    with opened(write_mcap(tmp_path / "a.mcap", joint_messages(messages, times_ns, [7] * 20), messages)) as episode:
        assert episode.clock.origin == "header stamps of /joint_states"
        assert relative_ms(episode.clock.times_ns) == [50.0 * row for row in range(20)]
        assert any("bag times of /joint_states stand still" in line for line in episode.warnings)


def test_two_clocks_topics_without_stamps_are_placed_by_the_bag_time_of_the_frames(tmp_path: Path) -> None:
    """DATA 1: simulator time at half speed in the headers, wall time in the bag."""
    messages = Messages()
    sent = joint_messages(
        messages,
        [5 * 10**9 + row * STEP_NS for row in range(20)],
        [START_NS + row * 2 * STEP_NS for row in range(20)],
    )
    sent += [
        Sent("/width", "std_msgs/msg/Float64", START_NS + row * 2 * STEP_NS, messages.make("std_msgs/msg/Float64", row))
        for row in range(20)
    ]
    with opened(write_mcap(tmp_path / "a.mcap", sent, messages)) as episode:
        assert relative_ms(episode.clock.times_ns) == [50.0 * row for row in range(20)]
        width = episode.signals[Role.GRIPPER_APERTURE]
        assert width.stream == "/width.data"
        assert relative_ms(width.times_ns) == [50.0 * row for row in range(20)]
        assert any("different clocks" in line and "header stamps are used" in line for line in episode.warnings)


def test_a_driver_with_a_clock_of_its_own_is_placed_by_bag_time(tmp_path: Path) -> None:
    """DATA 1."""
    messages = Messages()
    times_ns = [START_NS + row * STEP_NS for row in range(20)]
    sent = joint_messages(messages, times_ns, times_ns)
    sent += [
        Sent(
            "/wrench", "geometry_msgs/msg/WrenchStamped", when, messages.wrench(when - START_NS + 9, [row] + [0.0] * 5)
        )
        for row, when in enumerate(times_ns)
    ]
    with opened(write_mcap(tmp_path / "a.mcap", sent, messages)) as episode:
        assert any("/wrench: its header stamps are of another clock" in line for line in episode.warnings)
        assert relative_ms(episode.signals[Role.WRENCH].times_ns) == [50.0 * row for row in range(20)]


def test_single_stamps_of_zero_are_filled_in(tmp_path: Path) -> None:
    """DATA 1: the first message of many drivers."""
    messages = Messages()
    times_ns = [START_NS + row * STEP_NS for row in range(20)]
    sent = joint_messages(messages, [0, *times_ns[1:]], [when + 3_000_000 for when in times_ns])
    with opened(write_mcap(tmp_path / "a.mcap", sent, messages)) as episode:
        assert relative_ms(episode.clock.times_ns) == [50.0 * row for row in range(20)]
        assert any("1 of 20 header stamps are 0" in line for line in episode.warnings)


def test_repeated_samples_are_taken_once_and_ties_are_spread(tmp_path: Path) -> None:
    """DATA 2: a simulator clock of 20 ms, messages every 10 ms; half of them say something new."""
    messages = Messages()
    stamps_ns = [START_NS + (row // 2) * 20_000_000 for row in range(40)]
    sent = [
        Sent("/joint_states", JOINTS, when, messages.joints(when, ["a", "b"], [0.1 * (row // 4), 0.01 * row]))
        for row, when in enumerate(stamps_ns)
    ]
    sent += [
        Sent("/wrench", "geometry_msgs/msg/WrenchStamped", when, messages.wrench(when, [row // 2] + [0.0] * 5))
        for row, when in enumerate(stamps_ns)
    ]
    with opened(write_mcap(tmp_path / "a.mcap", sent, messages)) as episode:
        assert relative_ms(episode.clock.times_ns) == [10.0 * row for row in range(40)]
        assert relative_ms(episode.signals[Role.JOINT_POSITION].times_ns) == [10.0 * row for row in range(40)]
        wrench = episode.signals[Role.WRENCH]
        assert relative_ms(wrench.times_ns) == [20.0 * row for row in range(20)]
        np.testing.assert_allclose(wrench.values[:, 0], np.arange(20.0))
        text = "\n".join(episode.warnings)
        assert "/wrench: 20 of 40 samples repeat the one before" in text
        assert "20 of 40 frames have the stamp of the one before: spread evenly" in text


def test_nested_messages_keep_their_own_stamps(tmp_path: Path) -> None:
    """DATA 2: what an outer message carries is up to 65 ms old."""
    definitions = {
        "my_msgs/msg/Tag": "std_msgs/Header header\nsensor_msgs/JointState joint_state\n"
        "geometry_msgs/WrenchStamped wrench\nint32 tag"
    }
    messages = Messages(ros1=True, definitions=definitions)
    sent = []
    for row in range(30):
        when = START_NS + row * 10_000_000
        joints = messages.joints(when - 30_000_000, ["a", "b"], [0.01 * row, 0.0])
        wrench = messages.wrench(when - 65_000_000 - (row % 2) * 10_000_000, [row // 2] + [0.0] * 5)
        tag = messages.make("my_msgs/msg/Tag", messages.header(when), joints, wrench, row // 10)
        sent.append(Sent("/tag", "my_msgs/msg/Tag", when + 1_000_000, tag))
    with opened(write_ros1(tmp_path / "a.bag", sent, messages)) as episode:
        joints = episode.signals[Role.JOINT_POSITION]
        assert relative_ms(joints.times_ns)[:2] == [-0.0, 10.0] or relative_ms(joints.times_ns)[:2] == [0.0, 10.0]
        assert joints.values[0, 0] == pytest.approx(0.03), "the sample of 30 ms later is the one taken at frame 0"
        wrench = episode.signals[Role.WRENCH]
        steps = np.diff(relative_ms(wrench.times_ns))
        assert np.all(steps[1:] == 20.0), "every second message repeats the wrench before"
        assert episode.signals[Role.PHASE].at_frame(episode.clock, 25)[0] == 2.0


def test_epoch_seconds_as_numbers(tmp_path: Path) -> None:
    """DATA 3: float64 seconds are a stamp; in float32 they collapse, and the bag time is used."""
    double = [
        (
            "/state",
            "State",
            START_NS + row * STEP_NS,
            {"timestamp": 1.7e9 + 0.02 * row, "joint_position": [0.1 * row, 0]},
        )
        for row in range(20)
    ]
    with opened(write_json_mcap(tmp_path / "double.mcap", double)) as episode:
        assert episode.clock.origin == "header stamps of /state"
        assert episode.clock.rate_hz == pytest.approx(50.0, rel=1e-4)
    single = [(topic, kind, when, {**fields, "timestamp": float(np.float32(fields["timestamp"]))})
              for topic, kind, when, fields in double]  # fmt: skip
    with opened(write_json_mcap(tmp_path / "single.mcap", single)) as episode:
        assert episode.clock.origin == "bag time of /state"
        assert episode.clock.rate_hz == pytest.approx(20.0)
        assert any("stand still" in line for line in episode.warnings)


def test_a_slower_camera_shows_its_last_picture_and_says_so(tmp_path: Path) -> None:
    messages = Messages()
    sent = []
    for frame in range(20):
        when = START_NS + frame * STEP_NS
        sent.append(Sent("/scene/image_raw", IMAGE, when, messages.image(when, numbered_picture(frame))))
    for frame in range(4):
        when = START_NS + 3 * STEP_NS + frame * 4 * STEP_NS + 1_000_000
        sent.append(Sent("/wrist/image_raw", IMAGE, when, messages.image(when, numbered_picture(500 + frame))))
    with opened(write_mcap(tmp_path / "a.mcap", sent, messages)) as episode:
        reader = episode.cameras["wrist"].open_reader()
        shown = [number_in(picture) - 500 for picture in reader.read_range(0, 20)]
        reader.close()
        assert shown == [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]
        text = "\n".join(episode.warnings)
        assert "/wrist/image_raw has 4 pictures for 20 frames" in text
        assert "the first 4 frames show its first picture" in text


def test_pictures_that_came_out_of_order_are_shown_in_the_order_of_their_stamps(tmp_path: Path) -> None:
    messages = Messages()
    order = [0, 1, 3, 2, 4, 5, 7, 6, *range(8, 30)]
    sent = [
        Sent("/cam/image_raw", IMAGE, START_NS + row * STEP_NS, messages.image(
            START_NS + frame * STEP_NS, numbered_picture(frame)))
        for row, frame in enumerate(order)
    ]  # fmt: skip
    with opened(write_mcap(tmp_path / "a.mcap", sent, messages)) as episode:
        reader = episode.cameras["cam"].open_reader()
        assert [number_in(picture) for picture in reader.read_range(0, 30)] == list(range(30))
        reader.close()


def test_signals_outside_the_pictures_are_left_out_but_the_value_that_holds_is_kept(tmp_path: Path) -> None:
    messages = Messages()
    sent = [Sent("/mode", "std_msgs/msg/String", START_NS - 9 * 10**9, messages.string("teleop"))]
    for row in range(200):
        when = START_NS - 5 * 10**9 + row * STEP_NS
        sent.append(Sent("/joint_states", JOINTS, when, messages.joints(when, ["a", "b"], [0.001 * row, 0.0])))
    for frame in range(20):
        when = START_NS + frame * STEP_NS + 10_000_000
        sent.append(Sent("/cam/image_raw", IMAGE, when, messages.image(when, numbered_picture(frame))))
    with opened(write_mcap(tmp_path / "a.mcap", sent, messages)) as episode:
        joints = episode.signals[Role.JOINT_POSITION]
        assert joints.values[0, 0] == pytest.approx(0.1)
        assert relative_ms(joints.times_ns)[0] == -10.0
        assert joints.num_samples == 20
        mode = episode.other_signals["/mode.data"]
        assert (mode.num_samples, mode.text_values, relative_ms(mode.times_ns)) == (1, ("teleop",), [0.0])
        assert any("signals up to 5.0 s before its first" in line for line in episode.warnings)
