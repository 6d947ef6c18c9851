"""Bags: every encoding of pictures, frame by frame."""

import base64
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from failview.errors import DatasetError
from failview.loaders import open_dataset
from failview.model.camera import PictureReader
from failview.model.episode import Episode
from tests.loaders.number_pictures import HEIGHT, WIDTH, number_in, numbered_picture
from tests.loaders.write_bags import START_NS, STEP_NS, Messages, Sent, png, write_json_mcap, write_mcap, write_ros1

IMAGE, COMPRESSED = "sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage"
VIDEO = {"foxglove_msgs/msg/CompressedVideo": "time timestamp\nstring frame_id\nuint8[] data\nstring format"}
CORNERS = np.array([[(250, 20, 30), (20, 240, 40)], [(30, 40, 230), (200, 200, 20)]], dtype=np.uint8)
"""Red, green, blue and yellow."""
COLOURS = CORNERS.repeat(16, axis=0).repeat(16, axis=1)


@contextmanager
def reader_of(path: Path) -> Iterator[tuple[Episode, PictureReader]]:
    dataset = open_dataset(path)
    episode = dataset.open_episode(dataset.entries[0].episode_id)
    (camera,) = episode.cameras.values()
    reader = camera.open_reader()
    assert reader.read(0).shape == (camera.height, camera.width, 3)
    yield episode, reader
    reader.close()
    dataset.close()


def write_images(path: Path, pictures: list[Any], type_name: str = IMAGE, topic: str = "/cam/image_raw") -> Path:
    sent = [Sent(topic, type_name, START_NS + row * STEP_NS, picture) for row, picture in enumerate(pictures)]
    return write_mcap(path, sent, Messages())


def at(row: int) -> int:
    return START_NS + row * STEP_NS


def mosaic(pattern: str) -> np.ndarray[Any, Any]:
    """The colours through a Bayer filter; pattern: colours of the first two rows, "rggb"."""
    channel = {"r": 0, "g": 1, "b": 2}
    grey = np.zeros(COLOURS.shape[:2], dtype=np.uint8)
    for place, letter in enumerate(pattern):
        row, column = divmod(place, 2)
        grey[row::2, column::2] = COLOURS[row::2, column::2, channel[letter]]
    return grey


def with_alpha(pixels: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.dstack([pixels, np.full(pixels.shape[:2], 99, dtype=np.uint8)])


COLOUR_ENCODINGS: dict[str, Callable[[], np.ndarray[Any, Any]]] = {
    "rgb8": lambda: COLOURS,
    "bgr8": lambda: COLOURS[:, :, ::-1],
    "8UC3": lambda: COLOURS[:, :, ::-1],
    "rgba8": lambda: with_alpha(COLOURS),
    "bgra8": lambda: with_alpha(COLOURS[:, :, ::-1]),
    "bayer_rggb8": lambda: mosaic("rggb"),
    "bayer_bggr8": lambda: mosaic("bggr"),
    "bayer_gbrg8": lambda: mosaic("gbrg"),
    "bayer_grbg8": lambda: mosaic("grbg"),
}


@pytest.mark.parametrize("encoding", COLOUR_ENCODINGS)
@pytest.mark.parametrize("padding", [0, 5])
def test_colours_of_raw_pictures(tmp_path: Path, encoding: str, padding: int) -> None:
    pixels = COLOUR_ENCODINGS[encoding]()
    messages = Messages()
    pictures = [messages.image(at(row), pixels, encoding, padding=padding) for row in range(3)]
    with reader_of(write_images(tmp_path / "a.mcap", pictures)) as (_, reader):
        shown = reader.read(1)
        for row, column in ((8, 8), (8, 24), (24, 8), (24, 24)):
            np.testing.assert_allclose(shown[row, column], COLOURS[row, column], atol=2)


def test_yuv_and_grey(tmp_path: Path) -> None:
    messages = Messages()
    yuv = cv2.cvtColor(COLOURS, cv2.COLOR_RGB2YUV)
    uyvy = np.empty((*COLOURS.shape[:2], 2), dtype=np.uint8)
    uyvy[:, :, 1], uyvy[:, 0::2, 0], uyvy[:, 1::2, 0] = yuv[:, :, 0], yuv[:, 0::2, 1], yuv[:, 0::2, 2]
    limited = cv2.cvtColor(uyvy, cv2.COLOR_YUV2RGB_UYVY)
    path = write_images(tmp_path / "yuv.mcap", [messages.image(at(row), uyvy, "yuv422") for row in range(3)])
    with reader_of(path) as (_, reader):
        assert (reader.read(2) == limited).all()
        assert reader.read(2)[8, 8].argmax() == 0
        assert reader.read(2)[24, 8].argmax() == 2
    grey = np.arange(32 * 32, dtype=np.uint8).reshape(32, 32)
    path = write_images(tmp_path / "grey.mcap", [messages.image(at(row), grey, "mono8") for row in range(3)])
    with reader_of(path) as (_, reader):
        assert (reader.read(1) == grey[:, :, np.newaxis]).all()


@pytest.mark.parametrize(("encoding", "big"), [("16UC1", False), ("16UC1", True), ("mono16", False), ("32FC1", False)])
def test_depth_is_shown_as_brightness_on_one_scale(tmp_path: Path, encoding: str, big: bool) -> None:
    messages = Messages()
    pictures = []
    for row in range(4):
        depth = np.full((32, 32), 1000 + 250 * row, dtype=np.float32 if encoding == "32FC1" else np.uint16)
        depth[:8] = np.nan if encoding == "32FC1" else 0
        depth[16:] = 2000
        pictures.append(messages.image(at(row), depth, encoding, big=big))
    path = write_images(tmp_path / "a.mcap", pictures, topic="/cam/depth/image_raw")
    with reader_of(path) as (_, reader):
        assert [int(reader.read(row)[12, 5, 0]) for row in (3, 0, 2, 1)] == [223, 127, 191, 159]
        assert reader.read(0)[0, 0, 0] == 0
        assert reader.read(2)[20, 0, 0] == 255
    dataset = open_dataset(path)
    notes = [stream.note for stream in dataset.report("a").streams]
    assert any("depth shown as brightness, white is 2000" in note for note in notes)
    dataset.close()


def test_compressed_depth(tmp_path: Path) -> None:
    messages = Messages()
    pictures = []
    for row in range(3):
        depth = np.full((32, 32), 1000, dtype=np.uint16)
        depth[8:16] = 400 + 100 * row
        depth[16:] = 800
        content = struct.pack("<iff", 0, 0.0, 0.0) + bytes(cv2.imencode(".png", depth)[1])
        pictures.append(messages.compressed(at(row), content, "16UC1; compressedDepth png"))
    path = write_images(tmp_path / "a.mcap", pictures, COMPRESSED, "/cam/depth/image_raw/compressedDepth")
    with reader_of(path) as (_, reader):
        assert [int(reader.read(row)[10, 0, 0]) for row in (2, 0, 1)] == [153, 102, 127]
        assert reader.read(2)[20, 0, 0] == 204


def test_a_compressed_picture_whose_colours_were_exchanged(tmp_path: Path) -> None:
    """image_transport writes "compressed rgb8" for pictures that it gave to OpenCV without exchanging the colours."""
    messages = Messages()
    swapped = bytes(cv2.imencode(".png", COLOURS)[1])
    usual = bytes(cv2.imencode(".png", COLOURS[:, :, ::-1])[1])
    for name, content, form in (("a", swapped, "rgb8; png compressed rgb8"), ("b", usual, "rgb8; png compressed bgr8")):
        pictures = [messages.compressed(at(row), content, form) for row in range(2)]
        with reader_of(write_images(tmp_path / f"{name}.mcap", pictures, COMPRESSED)) as (_, reader):
            assert (reader.read(1) == COLOURS).all()


def video_packets(numbers: list[int], codec: str, options: dict[str, str]) -> list[bytes]:
    """One encoded picture per number, as a camera that sends H.264 does."""
    context: Any = av.CodecContext.create(codec, "w")
    context.width, context.height, context.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    context.time_base, context.options = Fraction(1, 20), options
    packets: list[bytes] = []
    for number in numbers:
        packets += [bytes(item) for item in context.encode(av.VideoFrame.from_ndarray(numbered_picture(number)))]
    return packets + [bytes(item) for item in context.encode(None)]


@pytest.mark.parametrize(("codec", "name"), [("libx264", "h264"), ("libx265", "h265")])
def test_video_frames_are_exact(tmp_path: Path, codec: str, name: str) -> None:
    numbers = list(range(40))
    options = {"g": "12", "bf": "0", "tune": "zerolatency", "x265-params": "keyint=12:bframes=0:log-level=none"}
    packets = video_packets(numbers, codec, options)
    assert len(packets) == len(numbers)
    messages = Messages(definitions=VIDEO)
    sent = []
    for row, packet in enumerate(packets):
        stamp = messages.make("builtin_interfaces/msg/Time", *divmod(at(row), 10**9))
        data = np.frombuffer(packet, dtype=np.uint8)
        video = messages.make("foxglove_msgs/msg/CompressedVideo", stamp, "cam", data, name)
        sent.append(Sent("/cam/h264", "foxglove_msgs/msg/CompressedVideo", at(row), video))
    path = write_mcap(tmp_path / "a.mcap", sent, messages)
    with reader_of(path) as (episode, reader):
        assert (episode.num_frames, list(episode.cameras)) == (40, ["cam"])
        at_random = np.random.default_rng(1).permutation(numbers).tolist()
        for order in (numbers, numbers[::-1], at_random):
            assert [number_in(reader.read(frame)) for frame in order] == order
    json_sent = [
        ("/cam", "foxglove.CompressedVideo", at(row), {
            "timestamp": {"sec": at(row) // 10**9, "nsec": at(row) % 10**9},
            "data": base64.b64encode(packet).decode(), "format": name})
        for row, packet in enumerate(packets)
    ]  # fmt: skip
    with reader_of(write_json_mcap(tmp_path / "b.mcap", json_sent)) as (_, reader):
        assert [number_in(reader.read(frame)) for frame in (30, 3, 39, 0)] == [30, 3, 39, 0]


def test_video_that_begins_between_two_keyframes(tmp_path: Path) -> None:
    packets = video_packets(list(range(30)), "libx264", {"g": "10", "bf": "0", "tune": "zerolatency"})[4:]
    sent = [
        ("/cam", "foxglove.CompressedVideo", at(row), {
            "timestamp": {"sec": at(row) // 10**9, "nsec": at(row) % 10**9},
            "data": base64.b64encode(packet).decode(), "format": "h264"})
        for row, packet in enumerate(packets)
    ]  # fmt: skip
    with reader_of(write_json_mcap(tmp_path / "a.mcap", sent)) as (episode, reader):
        assert [number_in(reader.read(frame)) for frame in (0, 5, 6, 25, 7, 3)] == [10, 10, 10, 29, 11, 10]
        assert any("its first 6 pictures need earlier ones" in line for line in episode.warnings)


def test_raw_pictures_as_json(tmp_path: Path) -> None:
    sent = []
    for row in range(5):
        data = base64.b64encode(numbered_picture(row).tobytes()).decode()
        size = {"width": WIDTH, "height": HEIGHT, "step": WIDTH * 3, "encoding": "rgb8"}
        stamp = {"sec": at(row) // 10**9, "nsec": at(row) % 10**9}
        sent.append(("/cam", "foxglove.RawImage", at(row), {"timestamp": stamp, "data": data, **size}))
    with reader_of(write_json_mcap(tmp_path / "a.mcap", sent)) as (_, reader):
        assert [number_in(reader.read(frame)) for frame in (4, 0, 2)] == [4, 0, 2]


def test_what_cannot_be_shown_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    messages = Messages()
    sent = []
    for row in range(5):
        odd = messages.image(at(row), COLOURS, "novel12")
        sent.append(Sent("/odd/image_raw", IMAGE, at(row), odd))
        sent.append(Sent("/rvl/compressed", COMPRESSED, at(row), messages.compressed(at(row), b"RVL!", "16UC1; rvl")))
        sent.append(Sent("/cam/compressed", COMPRESSED, at(row), messages.compressed(at(row), png(row), "png")))
    path = write_mcap(tmp_path / "a.mcap", sent, messages)
    with reader_of(path) as (episode, reader):
        assert number_in(reader.read(3)) == 3
        text = "\n".join(episode.warnings)
        assert "/odd/image_raw: pictures encoded as 'novel12' are not read: not shown" in text
        assert "/rvl/compressed: compressed as '16UC1; rvl', which is not read: not shown" in text


def test_one_damaged_picture_spoils_no_other(tmp_path: Path) -> None:
    messages = Messages(ros1=True)
    contents = [png(row) if row != 2 else png(row)[:60] for row in range(5)]
    sent = [
        Sent("/cam/compressed", COMPRESSED, at(row), messages.compressed(at(row), content, "png"))
        for row, content in enumerate(contents)
    ]
    with reader_of(write_ros1(tmp_path / "a.bag", sent, messages)) as (_, reader):
        with pytest.raises(DatasetError, match="picture 2 cannot be decoded"):
            reader.read(2)
        assert [number_in(reader.read(frame)) for frame in (3, 1, 4)] == [3, 1, 4]
