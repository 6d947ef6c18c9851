"""What each topic of a bag is for, by its type and name, and which one gives the frames."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from failview.loaders.natural_order import natural_key
from failview.loaders.rosbag.bag_storage import Channel
from failview.loaders.rosbag.message_decoding import Decode, UndecodableError, decoder_of
from failview.loaders.rosbag.picture_messages import picture_kind

_TF_TYPES = ("tf2_msgs/msg/TFMessage", "tf/msg/tfMessage", "foxglove.FrameTransforms")
_JOINT_TYPE = "JointState"
_HOUSEKEEPING = frozenset(
    {"/rosout", "/rosout_agg", "/parameter_events", "/events/write_split", "/clock", "/diagnostics", "/diagnostics_agg"}
)
_NO_SIGNAL_TYPES = ("PointCloud2", "LaserScan", "CameraInfo", "RobotState", "Marker", "MarkerArray", "Log")
_AT_THE_HAND = ("wrist", "hand", "gripper")
_DEPTH_WORDS = ("depth", "disparity", "infra", "/ir/")
_MOTION_WORDS = ("pose", "state", "wrench", "force", "odom", "twist", "imu")
_CAMERA_WORDS_LEFT_OUT = frozenset(
    {"image", "image_raw", "image_rect", "image_rect_raw", "image_rect_color", "image_color", "compressed"}
    | {"compresseddepth", "image_compressed", "image_transport", "ffmpeg", "h264", "video"}
)


class _Use(IntEnum):
    """How well a topic serves as the clock of the frames, best first."""

    CAMERA = 0
    HAND_CAMERA = 1
    DEPTH_CAMERA = 2
    JOINTS = 3
    MOTION = 4
    OTHER = 5
    TRANSFORMS = 6


@dataclass(frozen=True)
class Topic:
    """One topic, with the channels of all its publishers in all files.

    Attributes:
        name: Its name.
        type_name: Message type.
        channels: (number of the storage file, channel).
        decoders: What decodes the messages of each channel, by (number of the file, id in it).
        why_unread: Why it is not read; empty when it is.
    """

    name: str
    type_name: str
    channels: tuple[tuple[int, Channel], ...]
    decoders: Mapping[tuple[int, int], Decode]
    why_unread: str = ""

    @property
    def count(self) -> int:
        """Number of messages, by the index."""
        return sum(channel.count for _, channel in self.channels)

    @property
    def picture_kind(self) -> str:
        """One of "raw", "compressed", "video"; empty when it holds no pictures."""
        return picture_kind(self.type_name)

    @property
    def is_transforms(self) -> bool:
        """Whether it is /tf or alike."""
        return self.type_name in _TF_TYPES

    @property
    def is_housekeeping(self) -> bool:
        """Whether it is about the recording, not about the robot."""
        return self.name in _HOUSEKEEPING or self.type_name.rsplit("/", 1)[-1] in _NO_SIGNAL_TYPES


def topics_of(channels: Iterable[tuple[int, Channel]], distribution: str) -> list[Topic]:
    """Topics in the order of the file; one name with two types is two topics, the second with its type behind it."""
    grouped: dict[tuple[str, str], list[tuple[int, Channel]]] = {}
    for number, channel in channels:
        grouped.setdefault((channel.topic, channel.type_name), []).append((number, channel))
    topics: list[Topic] = []
    for (name, type_name), members in grouped.items():
        decoders: dict[tuple[int, int], Decode] = {}
        reason = ""
        for number, channel in members:
            try:
                decoders[number, channel.key] = decoder_of(channel, distribution)
            except UndecodableError as error:
                reason = str(error)
        is_second = any(topic.name == name for topic in topics)
        shown = f"{name}[{type_name.rsplit('/', 1)[-1]}]" if is_second else name
        topics.append(Topic(shown, type_name, tuple(members), decoders, "" if decoders else reason))
    return topics


def reference_topic(topics: Iterable[Topic]) -> Topic | None:
    """The topic whose messages are the frames: a camera of the scene, else the joints, else what moves most.

    None when nothing can be read.
    """
    usable = [topic for topic in topics if topic.count and not topic.why_unread and not topic.is_housekeeping]
    return min(usable, key=_preference, default=None)


def camera_name(topic: str) -> str:
    """Short name of a camera: /cam_high/color/image_raw/compressed -> cam_high_color."""
    parts = [part for part in topic.split("/") if part and part.lower() not in _CAMERA_WORDS_LEFT_OUT]
    return "_".join(parts) or topic.strip("/").replace("/", "_") or "camera"


def _preference(topic: Topic) -> tuple[bool, int, int, tuple[tuple[int, int | str], ...]]:
    use = _use(topic)
    by_count = 0 if use < _Use.JOINTS else -topic.count
    return topic.count < 2, use, by_count, natural_key(topic.name)


def _use(topic: Topic) -> _Use:
    name = topic.name.lower()
    if topic.picture_kind:
        if any(word in name for word in _DEPTH_WORDS):
            return _Use.DEPTH_CAMERA
        return _Use.HAND_CAMERA if any(word in name for word in _AT_THE_HAND) else _Use.CAMERA
    if topic.is_transforms:
        return _Use.TRANSFORMS
    if topic.type_name.endswith(_JOINT_TYPE):
        return _Use.JOINTS
    kind = topic.type_name.rsplit("/", 1)[-1].lower()
    return _Use.MOTION if any(word in name or word in kind for word in _MOTION_WORDS) else _Use.OTHER
