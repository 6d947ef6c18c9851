"""Writes bags with the writers of rosbags and of mcap."""

import base64
import json
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from mcap.writer import CompressionType
from mcap.writer import Writer as McapWriter
from rosbags.rosbag1 import Writer as Writer1
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin
from rosbags.rosbag2 import Writer as Writer2
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

from tests.loaders.number_pictures import numbered_picture

START_NS = 1_700_000_000_000_000_000
STEP_NS = 50_000_000
"""20 Hz."""


class Sent(NamedTuple):
    """One message on its way into a bag."""

    topic: str
    type_name: str
    bag_ns: int
    message: Any


class Messages:
    """Makes messages of one ROS version."""

    def __init__(self, *, ros1: bool = False, definitions: dict[str, str] | None = None) -> None:
        self.ros1 = ros1
        self.store = get_typestore(Stores.ROS1_NOETIC if ros1 else Stores.ROS2_HUMBLE)
        for name, text in (definitions or {}).items():
            self.store.register(get_types_from_msg(text, name))

    def make(self, type_name: str, *fields: Any, **named: Any) -> Any:
        """A message of any type."""
        return self.store.types[type_name](*fields, **named)

    def header(self, stamp_ns: int, frame: str = "base") -> Any:
        seconds, nanoseconds = divmod(stamp_ns, 1_000_000_000)
        stamp = self.make("builtin_interfaces/msg/Time", seconds, nanoseconds)
        return self.make("std_msgs/msg/Header", *((0,) if self.ros1 else ()), stamp, frame)

    def image(self, stamp_ns: int, pixels: Any, encoding: str = "rgb8", *, padding: int = 0, big: bool = False) -> Any:
        rows = np.ascontiguousarray(pixels).reshape(pixels.shape[0], -1)
        if big:
            rows = rows.byteswap()
        data = np.pad(rows.view(np.uint8), ((0, 0), (0, padding)), constant_values=77)
        height, width = pixels.shape[:2]
        return self.make(
            "sensor_msgs/msg/Image",
            self.header(stamp_ns),
            height,
            width,
            encoding,
            int(big),
            data.shape[1],
            data.reshape(-1),
        )

    def compressed(self, stamp_ns: int, content: bytes, form: str) -> Any:
        data = np.frombuffer(content, dtype=np.uint8)
        return self.make("sensor_msgs/msg/CompressedImage", self.header(stamp_ns), form, data)

    def joints(
        self,
        stamp_ns: int,
        names: Sequence[str],
        position: Sequence[float],
        velocity: Sequence[float] = (),
        effort: Sequence[float] = (),
    ) -> Any:
        arrays = [np.array(values, dtype=np.float64) for values in (position, velocity, effort)]
        return self.make("sensor_msgs/msg/JointState", self.header(stamp_ns), list(names), *arrays)

    def vector(self, x: float, y: float, z: float, kind: str = "Vector3") -> Any:
        return self.make(f"geometry_msgs/msg/{kind}", x, y, z)

    def quaternion(self, x: float, y: float, z: float, w: float) -> Any:
        return self.make("geometry_msgs/msg/Quaternion", x, y, z, w)

    def wrench(self, stamp_ns: int, values: Sequence[float]) -> Any:
        force, torque = self.vector(*values[:3]), self.vector(*values[3:])
        wrench = self.make("geometry_msgs/msg/Wrench", force, torque)
        return self.make("geometry_msgs/msg/WrenchStamped", self.header(stamp_ns, "ft"), wrench)

    def pose(self, position: Sequence[float], xyzw: Sequence[float]) -> Any:
        return self.make("geometry_msgs/msg/Pose", self.vector(*position, kind="Point"), self.quaternion(*xyzw))

    def pose_stamped(self, stamp_ns: int, position: Sequence[float], xyzw: Sequence[float]) -> Any:
        return self.make("geometry_msgs/msg/PoseStamped", self.header(stamp_ns), self.pose(position, xyzw))

    def transform(
        self, stamp_ns: int, parent: str, child: str, position: Sequence[float], xyzw: Sequence[float]
    ) -> Any:
        transform = self.make("geometry_msgs/msg/Transform", self.vector(*position), self.quaternion(*xyzw))
        return self.make("geometry_msgs/msg/TransformStamped", self.header(stamp_ns, parent), child, transform)

    def string(self, text: str) -> Any:
        return self.make("std_msgs/msg/String", text)

    def floats(self, values: Sequence[float]) -> Any:
        layout = self.make("std_msgs/msg/MultiArrayLayout", [], 0)
        return self.make("std_msgs/msg/Float64MultiArray", layout, np.array(values, dtype=np.float64))


def write_ros1(path: Path, sent: Iterable[Sent], messages: Messages, compression: str = "") -> Path:
    """One .bag file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = Writer1(path)
    if compression:
        writer.set_compression(Writer1.CompressionFormat[compression.upper()])
    _send(writer, sent, messages, messages.store.serialize_ros1)
    return path


def _send(writer: Any, sent: Iterable[Sent], messages: Messages, serialize: Callable[[Any, str], Any]) -> None:
    with writer:
        connections: dict[tuple[str, str], Any] = {}
        for item in sent:
            key = (item.topic, item.type_name)
            if key not in connections:
                connections[key] = writer.add_connection(*key, typestore=messages.store)
            writer.write(connections[key], item.bag_ns, serialize(item.message, item.type_name))


def write_ros2(
    folder: Path, sent: Iterable[Sent], messages: Messages, storage: str = "mcap", compression: str = ""
) -> Path:
    """One bag folder; storage "mcap" or "sqlite3", compression "", "file", "message" or "storage"."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    writer = Writer2(folder, version=9, storage_plugin=StoragePlugin[storage.upper()])
    if compression:
        writer.set_compression(CompressionMode[compression.upper()], CompressionFormat.ZSTD)
    _send(writer, sent, messages, messages.store.serialize_cdr)
    return folder


def write_json_mcap(path: Path, sent: Iterable[tuple[str, str, int, dict[str, Any]]], **options: Any) -> Path:
    """One MCAP file of JSON messages: (topic, schema name, log time, fields)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        writer = McapWriter(file, **options)
        writer.start(profile="")
        channels: dict[str, int] = {}
        for topic, schema, log_ns, fields in sent:
            if topic not in channels:
                schema_id = writer.register_schema(schema, "jsonschema", b'{"type": "object"}')
                channels[topic] = writer.register_channel(topic, "json", schema_id)
            writer.add_message(channels[topic], log_ns, json.dumps(fields).encode(), log_ns)
        writer.finish()
    return path


def write_mcap(
    path: Path,
    sent: Iterable[Sent],
    messages: Messages,
    *,
    compression: CompressionType = CompressionType.NONE,
    extra: Sequence[tuple[str, str, str, bytes]] = (),
    **options: Any,
) -> Path:
    """One MCAP file of ROS messages by the mcap library; extra: (topic, schema, encoding, data) of foreign channels."""
    path.parent.mkdir(parents=True, exist_ok=True)
    form = "ros1" if messages.ros1 else "ros2"
    with path.open("wb") as file:
        writer = McapWriter(file, compression=compression, **options)
        writer.start(profile=form)
        channels: dict[str, int] = {}
        for topic, schema, encoding, data in extra:
            schema_id = writer.register_schema(schema, "ros2msg", b"")
            writer.add_message(writer.register_channel(topic, encoding, schema_id), START_NS, data, START_NS)
        for item in sent:
            if item.topic not in channels:
                text, _ = messages.store.generate_msgdef(item.type_name, ros_version=1 if messages.ros1 else 2)
                name = item.type_name.replace("/msg/", "/") if messages.ros1 else item.type_name
                schema_id = writer.register_schema(name, f"{form}msg", text.encode())
                channels[item.topic] = writer.register_channel(
                    item.topic, "ros1" if messages.ros1 else "cdr", schema_id
                )
            serialize = messages.store.serialize_ros1 if messages.ros1 else messages.store.serialize_cdr
            data = bytes(serialize(item.message, item.type_name))
            writer.add_message(channels[item.topic], item.bag_ns, data, item.bag_ns)
        writer.finish()
    return path


def png(number: int) -> bytes:
    """A numbered picture as PNG."""
    return bytes(cv2.imencode(".png", numbered_picture(number)[:, :, ::-1])[1])


def jpeg(number: int) -> bytes:
    """A numbered picture as JPEG."""
    return bytes(cv2.imencode(".jpg", numbered_picture(number)[:, :, ::-1])[1])


def demonstration(messages: Messages, first: int, count: int, start_ns: int = START_NS) -> list[Sent]:
    """Two cameras with pictures numbered from `first` on, joints at 4 times their rate, a wrench, a phase."""
    sent = []
    for frame in range(count):
        stamp_ns = start_ns + frame * STEP_NS
        raw = messages.image(stamp_ns, numbered_picture(first + frame))
        small = messages.compressed(stamp_ns, jpeg(first + frame), "jpeg")
        sent.append(Sent("/cam_high/image_raw", "sensor_msgs/msg/Image", stamp_ns + 2_000_000, raw))
        sent.append(Sent("/cam_wrist/image/compressed", "sensor_msgs/msg/CompressedImage", stamp_ns + 3_000_000, small))
        for part in range(4):
            when_ns = stamp_ns + part * STEP_NS // 4
            angle = 0.01 * (4 * frame + part) + 0.1 * first / 100
            state = messages.joints(when_ns, ["a", "b"], [angle, -angle], [0.8, angle], [1.0, angle])
            sent.append(Sent("/joint_states", "sensor_msgs/msg/JointState", when_ns + 1_000_000, state))
        values = [float(frame), 1.0, 2.0, 0.1, 0.2, float(first)]
        wrench = messages.wrench(stamp_ns, values)
        sent.append(Sent("/wrench", "geometry_msgs/msg/WrenchStamped", stamp_ns + 1_000_000, wrench))
        phase = messages.string("reach" if frame < count // 2 else "lift")
        sent.append(Sent("/phase", "std_msgs/msg/String", stamp_ns, phase))
    return sorted(sent, key=lambda item: item.bag_ns)


def json_demonstration(first: int, count: int) -> list[tuple[str, str, int, dict[str, Any]]]:
    """The same idea as JSON: a camera and a pose."""
    sent: list[tuple[str, str, int, dict[str, Any]]] = []
    for frame in range(count):
        stamp_ns = START_NS + frame * STEP_NS
        stamp = {"sec": stamp_ns // 10**9, "nsec": stamp_ns % 10**9}
        picture = {"timestamp": stamp, "frame_id": "cam", "data": base64.b64encode(png(first + frame)).decode()}
        sent.append(("/cam_high", "foxglove.CompressedImage", stamp_ns, {**picture, "format": "png"}))
        pose = {"position": {"x": 0.1 * frame, "y": 0.0, "z": first / 1000}}
        half = 0.05 * frame
        pose["orientation"] = {"x": 0.0, "y": 0.0, "z": math.sin(half), "w": math.cos(half)}
        sent.append(("/tcp", "foxglove.PoseInFrame", stamp_ns, {"timestamp": stamp, "frame_id": "b", "pose": pose}))
    return sent


def one_ros1_bag(path: Path) -> Path:
    """A small .bag file."""
    messages = Messages(ros1=True)
    return write_ros1(path, demonstration(messages, 0, 8), messages, "lz4")


def one_mcap_bag(path: Path) -> Path:
    """A small folder of one MCAP file and metadata.yaml."""
    messages = Messages()
    return write_ros2(path, demonstration(messages, 0, 8), messages, "mcap", "storage")


def one_sqlite_bag(path: Path) -> Path:
    """A small folder of one .db3 file and metadata.yaml."""
    messages = Messages()
    return write_ros2(path, demonstration(messages, 0, 8), messages, "sqlite3")


def one_json_mcap(path: Path) -> Path:
    """A small MCAP file of JSON messages."""
    return write_json_mcap(path, json_demonstration(0, 8))
