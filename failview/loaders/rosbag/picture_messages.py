"""Messages that are pictures: which types, where their stamp stands, and how each encoding becomes RGB."""

import base64
import json
import struct
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from failview.errors import DatasetError
from failview.loaders.pictures.encoded_pictures import decode_picture, is_encoded_picture
from failview.loaders.rosbag.bag_storage import Channel
from failview.loaders.rosbag.message_plan import fields_of
from failview.model.camera import Picture

_RAW_TYPES = ("sensor_msgs/msg/Image", "foxglove_msgs/msg/RawImage", "foxglove.RawImage")
_COMPRESSED_TYPES = ("sensor_msgs/msg/CompressedImage", "foxglove_msgs/msg/CompressedImage", "foxglove.CompressedImage")
_VIDEO_TYPES = (
    "foxglove_msgs/msg/CompressedVideo",
    "foxglove.CompressedVideo",
    "ffmpeg_image_transport_msgs/msg/FFMPEGPacket",
)
_DEPTH_HEADER_BYTES = 12
"""compressed_depth_image_transport puts its ConfigHeader (format and two parameters, 3 x 4 bytes) before the PNG."""

_CHANNELS = {"mono8": 1, "8UC1": 1, "rgb8": 3, "bgr8": 3, "8UC3": 3, "rgba8": 4, "bgra8": 4, "8UC4": 4}
_BAYER = {
    "bayer_rggb8": cv2.COLOR_BayerRGGB2RGB,
    "bayer_bggr8": cv2.COLOR_BayerBGGR2RGB,
    "bayer_gbrg8": cv2.COLOR_BayerGBRG2RGB,
    "bayer_grbg8": cv2.COLOR_BayerGRBG2RGB,
}
_YUV422 = {
    "yuv422": cv2.COLOR_YUV2RGB_UYVY,
    "uyvy": cv2.COLOR_YUV2RGB_UYVY,
    "yuv422_yuy2": cv2.COLOR_YUV2RGB_YUYV,
    "yuyv": cv2.COLOR_YUV2RGB_YUYV,
}
_DEPTH: dict[str, np.dtype[Any]] = {"16UC1": np.dtype("u2"), "mono16": np.dtype("u2"), "32FC1": np.dtype("f4")}
_SWAPPED = frozenset({"bgr8", "bgra8", "8UC3", "8UC4"})
"""8UC3 and 8UC4 name no colours; OpenCV, which writes them, keeps blue first."""

Raw = npt.NDArray[np.generic]


@dataclass(frozen=True)
class PictureMessage:
    """One picture as it came.

    Attributes:
        kind: "raw", "compressed" or "video".
        encoding: Its encoding or format, in the message's words.
        data: The encoded bytes or the pixels.
        width: Pixels; 0 where the message does not say.
        height: Pixels; 0 where the message does not say.
        row_bytes: Bytes per row of raw pixels.
        is_big_endian: Of raw 16-bit or float pixels.
    """

    kind: str
    encoding: str
    data: bytes
    width: int = 0
    height: int = 0
    row_bytes: int = 0
    is_big_endian: bool = False


def picture_kind(type_name: str) -> str:
    """One of "raw", "compressed", "video", or "" when messages of a type are no pictures."""
    for kind, names in (("raw", _RAW_TYPES), ("compressed", _COMPRESSED_TYPES), ("video", _VIDEO_TYPES)):
        if type_name in names:
            return kind
    return ""


def stamp_in_head(channel: Channel, head: bytes) -> int | None:
    """The stamp, in ns, at the beginning of a picture message; None when it has none that can be read.

    All picture types begin with a header or a stamp: in CDR after the 4 bytes of the encapsulation, in ROS 1 after
    the sequence number.
    """
    try:
        if channel.encoding == "json":
            fields = json.loads(head)
            stamp = fields.get("timestamp") or (fields.get("header") or {}).get("stamp") or {}
            seconds, nanoseconds = stamp.get("sec", stamp.get("secs")), stamp.get("nsec", stamp.get("nanosec"))
            return None if seconds is None else int(seconds) * 1_000_000_000 + int(nanoseconds or 0)
        order = "<" if channel.encoding == "ros1" or head[1] & 1 else ">"
        seconds, nanoseconds = struct.unpack_from(f"{order}II", head, 4)
        return int(seconds) * 1_000_000_000 + int(nanoseconds)
    except (struct.error, ValueError, IndexError, AttributeError, TypeError):
        return None


def picture_message(kind: str, message: Any) -> PictureMessage:
    """The picture in a decoded message.

    Raises:
        KeyError: The message is not of a known form.
    """
    fields = fields_of(message) or {}
    data = fields["data"]
    content = base64.b64decode(data) if isinstance(data, str) else np.asarray(data, dtype=np.uint8).tobytes()
    encoding = str(fields.get("encoding", fields.get("format", "")))
    if kind != "raw":
        return PictureMessage(kind, encoding, content)
    width, height = int(fields["width"]), int(fields["height"])
    return PictureMessage(
        kind, encoding, content, width, height, int(fields.get("step") or 0), bool(fields.get("is_bigendian"))
    )


def is_depth(message: PictureMessage) -> bool:
    """Whether it holds distances, not colours."""
    return message.encoding in _DEPTH if message.kind == "raw" else "compressedDepth" in message.encoding


def depth_values(message: PictureMessage, where: str, frame: int) -> Raw:
    """(height, width) distances as stored: mm for 16 bits, m for floats.

    Raises:
        DatasetError: Damaged.
    """
    if message.kind == "raw":
        dtype = _DEPTH[message.encoding].newbyteorder(">" if message.is_big_endian else "<")
        return np.asarray(_rows(message, dtype, 1, where, frame)[:, :, 0])
    png = message.data[_DEPTH_HEADER_BYTES:]
    decoded = cv2.imdecode(np.frombuffer(png, dtype=np.uint8), cv2.IMREAD_UNCHANGED) if png else None
    if decoded is None:
        raise DatasetError(f"picture {frame} cannot be decoded", where=where, hint="The bag is damaged")
    if message.encoding.startswith("32FC1"):
        quantised = np.asarray(decoded, dtype=np.float32)
        first, second = struct.unpack_from("<ff", message.data, 4)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(quantised > 0, first / (quantised - second), 0.0)
    return np.asarray(decoded)


def colour_picture(message: PictureMessage, where: str, frame: int) -> Picture:
    """(height, width, 3) RGB of a raw or compressed picture.

    Raises:
        DatasetError: Damaged, or an encoding that is not known.
    """
    if message.kind == "compressed":
        picture = decode_picture(message.data, where, frame)
        is_rgb_inside = "compressed rgb" in message.encoding
        return np.ascontiguousarray(picture[:, :, ::-1]) if is_rgb_inside else picture
    encoding = message.encoding.lower() if message.encoding.lower() in {*_BAYER, *_YUV422} else message.encoding
    if encoding in _BAYER:
        return np.asarray(cv2.cvtColor(_rows(message, np.dtype("u1"), 1, where, frame)[:, :, 0], _BAYER[encoding]))
    if encoding in _YUV422:
        return np.asarray(cv2.cvtColor(_rows(message, np.dtype("u1"), 2, where, frame), _YUV422[encoding]))
    channels = _CHANNELS.get(encoding)
    if channels is None:
        raise DatasetError(f"pictures encoded as {encoding!r:.40} are not read", where=where)
    pixels = _rows(message, np.dtype("u1"), channels, where, frame)
    if channels == 1:
        return np.repeat(pixels, 3, axis=2)
    colours = pixels[:, :, 2::-1] if encoding in _SWAPPED else pixels[:, :, :3]
    return np.ascontiguousarray(colours)


def is_readable(message: PictureMessage) -> str:
    """Why pictures like this one cannot be shown; empty when they can."""
    if message.kind == "raw":
        known = {*_CHANNELS, *_BAYER, *_DEPTH, *_YUV422}
        return (
            ""
            if message.encoding in known or message.encoding.lower() in known
            else (f"pictures encoded as {message.encoding!r:.40} are not read")
        )
    content = message.data[_DEPTH_HEADER_BYTES:] if is_depth(message) else message.data
    if message.kind == "compressed" and not is_encoded_picture(content):
        return f"compressed as {message.encoding!r:.40}, which is not read"
    return ""


def _rows(message: PictureMessage, dtype: np.dtype[Any], channels: int, where: str, frame: int) -> Any:
    """(height, width, channels) pixels; rows may be padded."""
    packed = message.width * channels * dtype.itemsize
    step = message.row_bytes or packed
    needed = step * (message.height - 1) + packed
    if message.width < 1 or message.height < 1 or step < packed or len(message.data) < needed:
        raise DatasetError(f"picture {frame} is cut off", where=where, hint="The bag is damaged")
    padded = message.data[: step * message.height].ljust(step * message.height, b"\0")
    rows = np.frombuffer(padded, dtype=np.uint8).reshape(message.height, step)[:, :packed]
    return np.ascontiguousarray(rows).view(dtype).reshape(message.height, message.width, channels)
