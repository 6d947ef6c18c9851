"""Bags: folders, metadata, splits, compression, and the traps of their libraries (DATA 19 to 22)."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from mcap.writer import CompressionType, IndexType

from failview.errors import DatasetError
from failview.loaders import open_dataset
from failview.loaders.opening import OpenedDataset
from failview.model.roles import Role
from tests.contracts.loader_contract import content_hash
from tests.loaders.number_pictures import number_in
from tests.loaders.write_bags import (
    START_NS,
    STEP_NS,
    Messages,
    Sent,
    demonstration,
    write_mcap,
    write_ros1,
    write_ros2,
)

JOINTS = "sensor_msgs/msg/JointState"


def sent_joints(messages: Messages, count: int = 20, first: int = 0) -> list[Sent]:
    sent = []
    for row in range(first, first + count):
        when = START_NS + row * STEP_NS
        sent.append(Sent("/joint_states", JOINTS, when, messages.joints(when, ["a", "b"], [0.01 * row, 1.0])))
    return sent


def all_warnings(dataset: OpenedDataset) -> str:
    lines = [line for entry in dataset.entries for line in dataset.open_episode(entry.episode_id).warnings]
    return "\n".join([*dataset.warnings, *lines])


def angles(dataset: OpenedDataset, episode_id: str = "") -> list[float]:
    episode = dataset.open_episode(episode_id or dataset.entries[0].episode_id)
    return [round(float(value), 6) for value in episode.signals[Role.JOINT_POSITION].values[:, 0]]


EXPECTED = [round(0.01 * row, 6) for row in range(20)]


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
def test_metadata_with_another_quality_of_service_loses_nothing(tmp_path: Path, storage: str) -> None:
    """DATA 19: rosbags yields no message when metadata.yaml and storage disagree about QoS."""
    messages = Messages()
    bag = write_ros2(tmp_path / "bag", sent_joints(messages), messages, storage)
    metadata = bag / "metadata.yaml"
    text = metadata.read_text()
    changed = text.replace(
        "offered_qos_profiles: []", "offered_qos_profiles:\n        - {history: keep_last, depth: 5}"
    )
    changed = changed.replace('offered_qos_profiles: ""', 'offered_qos_profiles: "- history: 3\\n  depth: 9"')
    assert changed != text
    metadata.write_text(changed)
    dataset = open_dataset(bag)
    assert angles(dataset) == EXPECTED
    dataset.close()


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
def test_metadata_that_promises_more_than_there_is(tmp_path: Path, storage: str) -> None:
    """DATA 19: the counts are compared."""
    messages = Messages()
    bag = write_ros2(tmp_path / "bag", sent_joints(messages), messages, storage)
    metadata = bag / "metadata.yaml"
    metadata.write_text(metadata.read_text().replace("message_count: 20", "message_count: 31"))
    dataset = open_dataset(bag)
    assert angles(dataset) == EXPECTED
    told = all_warnings(dataset)
    assert "20" in told
    assert "31" in told
    dataset.close()


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
def test_metadata_missing_renamed_or_broken(tmp_path: Path, storage: str) -> None:
    """DATA 20."""
    messages = Messages()
    bag = write_ros2(tmp_path / "bag", sent_joints(messages), messages, storage)
    (file,) = [item for item in bag.iterdir() if item.name != "metadata.yaml"]
    file.rename(bag / f"renamed{file.suffix}")
    dataset = open_dataset(bag)
    assert angles(dataset) == EXPECTED
    assert f"metadata.yaml names {file.name}, the folder holds renamed{file.suffix}" in all_warnings(dataset)
    dataset.close()
    (bag / "metadata.yaml").write_text("rosbag2_bagfile_information: [oh: no")
    dataset = open_dataset(bag)
    assert angles(dataset) == EXPECTED
    assert "metadata.yaml: cannot be read" in all_warnings(dataset)
    dataset.close()
    (bag / "metadata.yaml").unlink()
    dataset = open_dataset(bag)
    assert angles(dataset) == EXPECTED
    dataset.close()
    dataset = open_dataset(bag / f"renamed{file.suffix}")
    assert angles(dataset) == EXPECTED
    dataset.close()


def test_a_service_channel_does_not_take_the_rest_with_it(tmp_path: Path) -> None:
    """DATA 21."""
    messages = Messages()
    extra = [("/add/_service_event", "example_interfaces/srv/AddTwoInts_Event", "cdr", b"\0\1\0\0\1\2\3\4")]
    extra += [("/odd", "somebody/Odd", "protobuf", b"\x08\x01")]
    path = write_mcap(tmp_path / "a.mcap", sent_joints(messages), messages, extra=extra)
    dataset = open_dataset(path)
    assert angles(dataset) == EXPECTED
    notes = {stream.stream: stream.note for stream in dataset.report("a").streams}
    assert "service events" in notes["/add/_service_event"]
    assert "/odd is not read: its messages are encoded as protobuf" in all_warnings(dataset)
    dataset.close()


def test_definitions_missing_in_an_older_database(tmp_path: Path) -> None:
    """DATA 22: Humble and older write none; common types are known, the custom one is named and left out."""
    messages = Messages(definitions={"lab_msgs/msg/Grip": "float64 width"})
    sent = sent_joints(messages)
    sent += [
        Sent("/grip", "lab_msgs/msg/Grip", START_NS + row * STEP_NS, messages.make("lab_msgs/msg/Grip", 0.01))
        for row in range(20)
    ]
    bag = write_ros2(tmp_path / "bag", sent, messages, "sqlite3")
    (file,) = bag.glob("*.db3")
    database = sqlite3.connect(file)
    for table in ("message_definitions", "schema", "metadata"):
        database.execute(f"DROP TABLE {table}")
    database.commit()
    database.close()
    dataset = open_dataset(bag)
    assert angles(dataset) == EXPECTED
    assert "/grip is not read: the bag carries no definition of lab_msgs/msg/Grip" in all_warnings(dataset)
    dataset.close()


@pytest.mark.parametrize("storage", ["mcap", "sqlite3"])
@pytest.mark.parametrize("with_metadata", [True, False])
def test_a_split_bag_is_one_episode(tmp_path: Path, storage: str, with_metadata: bool) -> None:
    messages = Messages()
    sent = demonstration(messages, 100, 12)
    borders = (0, len(sent) // 3, 2 * len(sent) // 3, len(sent))
    bag = tmp_path / "long"
    bag.mkdir()
    for number in range(3):
        part = write_ros2(tmp_path / f"part{number}", sent[borders[number] : borders[number + 1]], messages, storage)
        (file,) = [item for item in part.iterdir() if item.name != "metadata.yaml"]
        file.rename(bag / f"long_{number}{file.suffix}")
        if number == 0 and with_metadata:
            names = "".join(f"\n  - long_{index}{file.suffix}" for index in range(3))
            text = (part / "metadata.yaml").read_text()
            start = text.index("relative_file_paths:")
            rest = text[start:].split("\n", 2)[2]
            (bag / "metadata.yaml").write_text(f"{text[:start]}relative_file_paths:{names}\n{rest}")
    dataset = open_dataset(bag)
    assert [(entry.episode_id, entry.num_frames) for entry in dataset.entries] == [("long", 12)]
    episode = dataset.open_episode("long")
    assert episode.signals[Role.JOINT_POSITION].num_samples == 45
    for camera in episode.cameras.values():
        reader = camera.open_reader()
        for order in (range(12), range(11, -1, -1)):
            assert [number_in(reader.read(frame)) - 100 for frame in order] == list(order)
        reader.close()
    dataset.close()


def test_folders_of_bags_are_one_dataset_in_natural_order(tmp_path: Path) -> None:
    ros1, ros2 = Messages(ros1=True), Messages()
    folder = tmp_path / "data"
    write_ros1(folder / "take_10.bag", sent_joints(ros1, 10), ros1)
    write_ros1(folder / "take_2" / "record.bag", sent_joints(ros1, 12), ros1)
    write_ros2(folder / "take_3", sent_joints(ros2, 14), ros2)
    write_mcap(folder / "more" / "a.mcap", sent_joints(ros2, 15), ros2)
    write_mcap(folder / "more" / "b.mcap", sent_joints(ros2, 16), ros2)
    (folder / "notes.txt").write_text("nothing")
    (folder / "broken.bag").write_bytes(b"#ROSBAG V2.0\nno more")
    (folder / "none.mcap").write_bytes(b"")
    dataset = open_dataset(folder)
    listed = [(entry.episode_id, entry.num_frames) for entry in dataset.entries]
    assert listed == [("more.a", 15), ("more.b", 16), ("take_2", 12), ("take_3", 14), ("take_10", 10)]
    assert dataset.place("take_2").path == folder / "take_2" / "record.bag"
    assert dataset.place("take_3").path == folder / "take_3"
    assert dataset.place("take_3").id_inside is None
    told = "\n".join(dataset.warnings)
    assert "broken.bag" in told
    assert "none.mcap: this file is empty" in told
    for entry in dataset.entries:
        assert len(angles(dataset, entry.episode_id)) == entry.num_frames
    dataset.close()


def test_a_recording_that_was_cut_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    messages = Messages()
    for name, options in (("chunks", {"chunk_size": 600}), ("loose", {"use_chunking": False})):
        whole = write_mcap(tmp_path / f"{name}.mcap", sent_joints(messages), messages, **options)
        content = whole.read_bytes()
        cut = tmp_path / f"{name}_cut.mcap"
        cut.write_bytes(content[: int(len(content) * 0.6)])
        dataset = open_dataset(cut)
        count = dataset.entries[0].num_frames
        assert 5 < count < 20
        assert angles(dataset) == EXPECTED[:count]
        assert "the recording was cut off" in all_warnings(dataset)
        dataset.close()


def test_an_mcap_file_without_index(tmp_path: Path) -> None:
    messages = Messages()
    for name, index in (("none", IndexType.NONE), ("some", IndexType.CHUNK)):
        path = write_mcap(
            tmp_path / f"{name}.mcap",
            sent_joints(messages),
            messages,
            compression=CompressionType.ZSTD,
            chunk_size=500,
            index_types=index,
            use_statistics=False,
            repeat_channels=False,
            repeat_schemas=False,
        )
        dataset = open_dataset(path)
        assert dataset.entries[0].num_frames == 20
        assert angles(dataset) == EXPECTED
        dataset.close()


def test_an_unfinished_ros1_bag_says_what_to_do(tmp_path: Path) -> None:
    messages = Messages(ros1=True)
    path = write_ros1(tmp_path / "a.bag", sent_joints(messages), messages)
    content = bytearray(path.read_bytes())
    place = content.index(b"index_pos=") + len(b"index_pos=")
    content[place : place + 8] = bytes(8)
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=r"not finished: it has no index\. Run: rosbag reindex"):
        open_dataset(path)


@pytest.mark.parametrize("kind", ["ros1", "mcap", "sqlite3"])
def test_an_empty_bag_is_told_in_one_line(tmp_path: Path, kind: str) -> None:
    """DATA 9."""
    messages = Messages(ros1=kind == "ros1")
    if kind == "ros1":
        path = write_ros1(tmp_path / "a.bag", [], messages)
    else:
        path = write_ros2(tmp_path / "a", [], messages, kind)
    with pytest.raises(DatasetError, match="this bag is empty: it holds no message"):
        open_dataset(path)


def test_listing_reads_no_data(tmp_path: Path) -> None:
    """Bags whose messages are all destroyed are listed as if nothing had happened."""
    ros1, ros2 = Messages(ros1=True), Messages()
    folder = tmp_path / "data"
    first = write_ros1(folder / "a.bag", demonstration(ros1, 0, 12), ros1)
    second = write_mcap(folder / "b.mcap", demonstration(ros2, 0, 14), ros2)
    for path, start, stop in ((first, 5000, 0.7), (second, 100, 0.7)):
        content = bytearray(path.read_bytes())
        end = int(len(content) * stop)
        content[start:end] = bytes(end - start)
        path.write_bytes(content)
    dataset = open_dataset(folder)
    assert [entry.num_frames for entry in dataset.entries] == [12, 14]
    dataset.close()


def test_the_list_is_remembered_until_a_file_changes(tmp_path: Path) -> None:
    messages = Messages()
    folder = tmp_path / "data"
    for number in range(3):
        write_ros2(folder / f"take_{number}", sent_joints(messages, 10 + number), messages, "sqlite3")
    (file,) = (folder / "take_1").glob("*.db3")
    for count in (11, 11, 14):
        if count == 14:
            shutil.rmtree(folder / "take_1")
            write_ros2(folder / "take_1", sent_joints(messages, 14), messages, "sqlite3")
        dataset = open_dataset(folder)
        assert [entry.num_frames for entry in dataset.entries] == [10, count, 12]
        assert len(angles(dataset, "take_1")) == count
        dataset.close()
    (folder / "take_1" / "metadata.yaml").unlink()
    shutil.move(file, file.with_name("other.db3"))
    dataset = open_dataset(folder)
    assert [entry.num_frames for entry in dataset.entries] == [10, 14, 12]
    dataset.close()


def test_damaged_chunks_are_left_out(tmp_path: Path) -> None:
    messages = Messages()
    path = write_mcap(
        tmp_path / "a.mcap", sent_joints(messages), messages, compression=CompressionType.LZ4, chunk_size=700
    )
    content = bytearray(path.read_bytes())
    place = len(content) // 3
    content[place : place + 150] = bytes(150)
    path.write_bytes(content)
    dataset = open_dataset(path)
    assert dataset.entries[0].num_frames == 20
    left = angles(dataset)
    assert 10 < len(left) < 20
    assert set(left) <= set(EXPECTED)
    told = all_warnings(dataset)
    assert "chunks are damaged: left out" in told
    assert "the index lists 20 messages" in told
    dataset.close()


def test_a_log_that_was_never_written_back_is_told_and_not_touched(tmp_path: Path) -> None:
    messages = Messages()
    bag = write_ros2(tmp_path / "bag", sent_joints(messages), messages, "sqlite3")
    (file,) = bag.glob("*.db3")
    file.with_name(f"{file.name}-wal").write_bytes(b"\x37\x7f\x06\x82" + bytes(100))
    before = content_hash(bag)
    dataset = open_dataset(bag)
    assert angles(dataset) == EXPECTED
    assert "holds messages that were never written" in all_warnings(dataset)
    dataset.close()
    assert content_hash(bag) == before


def test_a_database_that_is_no_bag(tmp_path: Path) -> None:
    path = tmp_path / "other.db3"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE people (name TEXT)")
    database.commit()
    database.close()
    with pytest.raises(DatasetError, match="not a dataset that failview knows"):
        open_dataset(path)


def test_bags_are_known_by_content(tmp_path: Path) -> None:
    messages = Messages(ros1=True)
    path = write_ros1(tmp_path / "a.bag", sent_joints(messages), messages)
    shutil.copy(path, tmp_path / "recording.dat")
    dataset = open_dataset(tmp_path / "recording.dat")
    assert angles(dataset) == EXPECTED
    dataset.close()
    (tmp_path / "b.bag").write_text("no bag at all")
    with pytest.raises(DatasetError, match="not a dataset that failview knows"):
        open_dataset(tmp_path / "b.bag")


def test_a_bag_of_housekeeping_alone(tmp_path: Path) -> None:
    messages = Messages()
    sent = [Sent("/rosout", "std_msgs/msg/String", START_NS + row, messages.string("x")) for row in range(5)]
    with pytest.raises(DatasetError, match="no signals and no pictures, only housekeeping"):
        open_dataset(write_mcap(tmp_path / "a.mcap", sent, messages))


def test_unpacked_copies_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    messages = Messages()
    for number in range(4):
        write_ros2(tmp_path / "bags" / f"take_{number}", demonstration(messages, 0, 6), messages, "mcap", "file")
    dataset = open_dataset(tmp_path / "bags")
    assert not list(scratch.iterdir()), "metadata.yaml is enough for the list"
    readers = [
        camera.open_reader() for entry in dataset.entries
        for camera in dataset.open_episode(entry.episode_id).cameras.values()
    ]  # fmt: skip
    for reader in readers * 2:
        assert [number_in(reader.read(frame)) for frame in (5, 0)] == [5, 0]
    assert len([item for item in scratch.rglob("*") if item.is_file()]) <= 2
    for reader in readers:
        reader.close()
    dataset.close()
    assert not list(scratch.iterdir())
