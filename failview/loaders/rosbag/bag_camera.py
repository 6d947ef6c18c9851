"""Cameras of a bag: pictures are read from their messages one by one, and decoded when they are asked for."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np

from failview.errors import DatasetError
from failview.loaders.pictures.depth_pictures import depth_limit, depth_note, depth_picture
from failview.loaders.rosbag.bag import BagReader
from failview.loaders.rosbag.compressed_video import VideoDecoder, is_keyframe
from failview.loaders.rosbag.message_decoding import Decode
from failview.loaders.rosbag.picture_messages import (
    PictureMessage,
    colour_picture,
    depth_values,
    is_depth,
    is_readable,
    picture_message,
)
from failview.loaders.rosbag.topic_reading import Stamps
from failview.model.camera import Camera, Picture

_KEPT_BYTES = 24 * 1024 * 1024
_KEPT_PICTURES = 16


@dataclass(frozen=True)
class PicturePlace:
    """Where one picture lies: storage file, place in it, and whether a decoder can begin with it."""

    file: int
    place: tuple[int, int]
    is_key: bool = True


@dataclass(frozen=True, eq=False)
class PictureTopic:
    """The pictures of one topic in the order of their stamps.

    Attributes:
        topic: Its name.
        kind: "raw", "compressed" or "video".
        decode: Turns a message into an object.
        places: One per picture.
        access: Opens the bag.
        where: The bag, for messages.
    """

    topic: str
    kind: str
    decode: Decode
    places: Sequence[PicturePlace]
    access: Callable[[], AbstractContextManager[BagReader]]
    where: str

    def message(self, reader: BagReader, number: int) -> PictureMessage:
        """One picture as it came.

        Raises:
            DatasetError: Its message cannot be read.
        """
        place = self.places[number]
        data = reader.read(place.file, place.place)
        try:
            return picture_message(self.kind, self.decode(data))
        except Exception as error:
            raise DatasetError(
                f"{self.topic}: the message of picture {number} cannot be decoded",
                where=self.where,
                hint="The bag is damaged",
            ) from error


class _Decoder(Protocol):
    def picture(self, number: int) -> Picture:
        """RGB of one picture by its number in the topic."""


class _Stills:
    """Pictures that stand for themselves."""

    def __init__(self, topic: PictureTopic, reader: BagReader) -> None:
        self._topic = topic
        self._reader = reader
        self._limit: float | None = None

    def picture(self, number: int) -> Picture:
        message = self._topic.message(self._reader, number)
        where = f"{self._topic.where} {self._topic.topic}"
        if not is_depth(message):
            return colour_picture(message, where, number)
        values = depth_values(message, where, number)
        if self._limit is None:
            first = values if number == 0 else depth_values(self._topic.message(self._reader, 0), where, 0)
            self._limit = depth_limit(first)
        return depth_picture(values, self._limit)


class _Video:
    """Pictures that need those before them."""

    def __init__(self, topic: PictureTopic, reader: BagReader, keep: Callable[[int, Picture], None]) -> None:
        self._topic = topic
        self._reader = reader
        self._keep = keep
        keys = np.flatnonzero([place.is_key for place in topic.places])
        self._keys = keys if keys.size else np.zeros(1, dtype=np.int64)
        self._decoder: VideoDecoder | None = None
        self._next = -1

    def picture(self, number: int) -> Picture:
        key = int(self._keys[max(0, int(np.searchsorted(self._keys, number, side="right")) - 1)])
        if self._decoder is None or not self._next <= number or key > self._next:
            self._decoder = VideoDecoder(self._topic.message(self._reader, key).encoding, self._topic.where)
            self._next = key
        found: Picture | None = None
        try:
            while found is None and self._next <= len(self._topic.places):
                found = self._feed(number)
        except DatasetError:
            self._decoder = None
            raise
        if found is None:
            self._decoder = None
            raise DatasetError(f"{self._topic.topic}: picture {number} is missing or damaged", where=self._topic.where)
        return found

    def _feed(self, wanted: int) -> Picture | None:
        """Give the decoder one more message, or the end; the wanted picture when it came out."""
        assert self._decoder is not None
        at_end = self._next == len(self._topic.places)
        data = None if at_end else self._topic.message(self._reader, self._next).data
        found = None
        for number, picture in self._decoder.decode(data, self._next):
            self._keep(number, picture)
            found = picture if number == wanted else found
        self._next += 1
        if at_end:
            self._decoder = None
            self._next = -1 if found is not None else len(self._topic.places) + 1
        return found


class BagPictureReader:
    """Reads the pictures of one camera through an access of its own; keeps the last ones."""

    def __init__(self, topic: PictureTopic, picture_of_frame: Stamps) -> None:
        self._topic = topic
        self._picture_of_frame = picture_of_frame
        self._stack = ExitStack()
        self._decoder: _Decoder | None = None
        self._kept: OrderedDict[int, Picture] = OrderedDict()

    def read(self, frame: int) -> Picture:
        """(height, width, 3) RGB picture shown at this frame."""
        if not 0 <= frame < self._picture_of_frame.size:
            raise IndexError(f"frame {frame} of {self._picture_of_frame.size}")
        number = int(self._picture_of_frame[frame])
        kept = self._kept.get(number)
        if kept is None:
            kept = self._opened().picture(number)
            self._keep(number, kept)
        return kept

    def read_range(self, start: int, stop: int) -> Iterator[Picture]:
        """RGB pictures of frames start to stop - 1, in order."""
        for frame in range(start, stop):
            yield self.read(frame)

    def close(self) -> None:
        """Release the bag."""
        self._decoder = None
        self._kept.clear()
        self._stack.close()

    def _opened(self) -> _Decoder:
        if self._decoder is None:
            reader = self._stack.enter_context(self._topic.access())
            is_video = self._topic.kind == "video"
            self._decoder = _Video(self._topic, reader, self._keep) if is_video else _Stills(self._topic, reader)
        return self._decoder

    def _keep(self, number: int, picture: Picture) -> None:
        picture.setflags(write=False)
        self._kept[number] = picture
        self._kept.move_to_end(number)
        while len(self._kept) > max(2, min(_KEPT_PICTURES, _KEPT_BYTES // picture.nbytes)):
            self._kept.popitem(last=False)


def bag_camera(name: str, topic: PictureTopic, picture_of_frame: Stamps) -> tuple[Camera, str]:
    """(the camera, a note about what it shows).

    Raises:
        DatasetError: Its first picture cannot be decoded, or its encoding is not known.
    """
    first = int(picture_of_frame[0])
    with topic.access() as reader:
        message = topic.message(reader, first)
        scale_message = topic.message(reader, 0) if is_depth(message) else message
    problem = is_readable(message)
    if problem:
        raise DatasetError(problem, where=topic.topic)
    probe = BagPictureReader(topic, picture_of_frame[:1])
    try:
        height, width, _ = probe.read(0).shape
        note = "camera"
        if is_depth(message):
            limit = depth_limit(depth_values(scale_message, topic.topic, 0))
            unit = "mm" if message.encoding.startswith(("16UC1", "mono16")) else "m"
            note = depth_note(limit, unit)
    finally:
        probe.close()
    count = int(picture_of_frame.size)
    open_reader = partial(BagPictureReader, topic, picture_of_frame)
    return Camera(name, width, height, count, open_reader, is_depth=is_depth(message)), note


def picture_place(kind: str, file: int, place: tuple[int, int], head: bytes) -> PicturePlace:
    """Where a picture lies; of a video, whether a decoder can begin with it."""
    return PicturePlace(file, place, kind != "video" or is_keyframe(head))
