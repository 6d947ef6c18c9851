"""Reads one bag as an episode: one pass over its numbers, its pictures by place."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from failview.errors import DatasetError
from failview.loaders.dataset import StreamInfo
from failview.loaders.fingerprint import Fingerprint
from failview.loaders.raw_dataset import RawClock, RawEpisode, RawStream
from failview.loaders.rosbag.bag import Bag, BagReader, channel_key
from failview.loaders.rosbag.bag_camera import PicturePlace, PictureTopic, bag_camera, picture_place
from failview.loaders.rosbag.bag_clock import (
    BagClock,
    Stamped,
    longest_lead_s,
    seconds_since,
    spread_ties,
    within_frames,
)
from failview.loaders.rosbag.bag_topics import Topic, camera_name, reference_topic, topics_of
from failview.loaders.rosbag.picture_messages import picture_message, stamp_in_head
from failview.loaders.rosbag.topic_reading import Stamps, TopicReading, TopicScope, TopicStream
from failview.loaders.rosbag.transform_streams import TransformStreams
from failview.loaders.rosbag.transforms import TransformCollector
from failview.model.camera import Camera

_LEFT_OUT_S = 1.0


@dataclass
class _Pictures:
    """The messages of one picture topic, without their pictures."""

    topic: Topic
    places: list[PicturePlace] = field(default_factory=list)
    bag_ns: list[int] = field(default_factory=list)
    header_ns: list[int] = field(default_factory=list)

    def add(self, file: int, message: Any, channel: Any) -> None:
        """One more message, or its head."""
        head = message.data
        if channel.encoding == "json" and self.topic.picture_kind == "video":
            head = picture_message("video", self.topic.decoders[file, channel.key](message.data)).data
        self.places.append(picture_place(self.topic.picture_kind, file, message.place, head))
        self.bag_ns.append(message.time_ns)
        self.header_ns.append(stamp_in_head(channel, message.data) or 0)

    def stamped(self, warnings: list[str]) -> Stamped:
        """Its two times."""
        bag_ns = np.array(self.bag_ns, dtype=np.int64)
        return Stamped.of(self.topic.name, bag_ns, np.array(self.header_ns, dtype=np.int64), warnings)


@dataclass
class _Content:
    """What one pass over a bag has collected."""

    warnings: list[str] = field(default_factory=list)
    unread: list[StreamInfo] = field(default_factory=list)
    readings: dict[str, TopicReading] = field(default_factory=dict)
    pictures: dict[str, _Pictures] = field(default_factory=dict)
    transforms: TransformCollector = field(default_factory=TransformCollector)
    fingerprint: Fingerprint = field(default_factory=Fingerprint)


def frame_count(topics: list[Topic]) -> int:
    """Number of frames by the index alone; 0 when nothing can be read."""
    reference = reference_topic(topics)
    return 0 if reference is None else reference.count


def read_bag(bag: Bag) -> RawEpisode:
    """Read the numbers of a bag and prepare its cameras.

    Raises:
        DatasetError: It is empty, or nothing in it can be read.
    """
    topics = topics_of(bag.channels, bag.metadata.distribution)
    reference = reference_topic(topics)
    if reference is None:
        raise no_frames(bag, topics)
    content = _collect(bag, topics)
    content.warnings[:0] = bag.warnings
    scopes = {name: list(reading.scopes()) for name, reading in content.readings.items()}
    stamped = _reference_stamps(reference, content)
    if not stamped.bag_ns.size:
        raise DatasetError(f"no message of {reference.name} can be read", where=bag.source.path, hint="Copy it again")
    if stamped.bag_ns.size != reference.count:
        content.warnings.append(
            f"{reference.name}: the index lists {reference.count} messages, {stamped.bag_ns.size} can be read"
        )
    clock = BagClock(stamped)
    frame_ns = clock.frame_ns()
    content.warnings += clock.warnings
    streams = _streams(clock, frame_ns, content, scopes)
    cameras = _cameras(bag, clock, frame_ns, reference, content)
    return RawEpisode(
        num_frames=int(frame_ns.size),
        task="",
        streams=streams,
        cameras=cameras,
        clock=RawClock(seconds_since(frame_ns, int(frame_ns[0])), clock.origin, is_common=True),
        fingerprint=content.fingerprint.text(),
        warnings=tuple(content.warnings),
        unread=tuple(content.unread),
        transforms=_transforms(clock, frame_ns, content),
    )


_RECORD_TOPICS = "Record the robot's topics too"
_REMEDIES = {
    "no definition": "Convert it to MCAP, which carries the definitions of its messages",
    "encoded as": "Convert its messages to CDR",
    "service events": _RECORD_TOPICS,
}
"""What to do, by a word of the reason."""


def no_frames(bag: Bag, topics: list[Topic]) -> DatasetError:
    """The error for a bag in which nothing can become a frame."""
    total = sum(topic.count for topic in topics)
    if not total:
        return DatasetError("this bag is empty: it holds no message", where=bag.source.path, hint="Record it again")
    reasons = [f"{topic.name}: {topic.why_unread}" for topic in topics if topic.count and topic.why_unread]
    if not reasons:
        return DatasetError(
            "this bag holds no signals and no pictures, only housekeeping topics",
            where=bag.source.path,
            hint=_RECORD_TOPICS,
        )
    others = len(reasons) - 1
    more = f" (and {others} more topic{'s' if others > 1 else ''})" if others else ""
    return DatasetError(
        f"nothing in this bag can be read: {reasons[0]}{more}",
        where=bag.source.path,
        hint=next((hint for word, hint in _REMEDIES.items() if word in reasons[0]), ""),
    )


def _collect(bag: Bag, topics: list[Topic]) -> _Content:
    """One pass: whole messages of signals, heads of pictures."""
    content = _Content()
    owners: dict[tuple[int, int], tuple[Topic, Any]] = {}
    whole: list[tuple[int, int]] = []
    heads: list[tuple[int, int]] = []
    for topic in topics:
        if topic.why_unread or topic.is_housekeeping or not topic.count:
            _note_unread(topic, content)
            continue
        for item in topic.channels:
            key = channel_key(item)
            if key in topic.decoders:
                owners[key] = (topic, item[1])
                (heads if topic.picture_kind and item[1].encoding != "json" else whole).append(key)
        if topic.picture_kind:
            content.pictures[topic.name] = _Pictures(topic)
        elif not topic.is_transforms:
            content.readings.setdefault(topic.name, TopicReading(topic.name))
    with bag.access() as reader:
        for found in reader.messages(whole, heads, content.warnings):
            key = (found.file, found.message.channel)
            _take(content, *owners[key], key, found.message)
    return content


def _take(content: _Content, topic: Topic, channel: Any, key: tuple[int, int], message: Any) -> None:
    if topic.picture_kind:
        content.pictures[topic.name].add(key[0], message, channel)
        content.fingerprint.add_bytes(topic.name, message.data)
    elif topic.is_transforms:
        content.transforms.add(message.time_ns, message.data, topic.decoders[key])
    else:
        content.readings[topic.name].add(message.time_ns, message.data, topic.decoders[key])


def _note_unread(topic: Topic, content: _Content) -> None:
    reason = topic.why_unread or ("no messages" if not topic.count else "not a signal of the robot")
    content.unread.append(StreamInfo(topic.name, (), topic.type_name, note=reason))
    if topic.why_unread and topic.count and not topic.name.endswith("/_service_event"):
        content.warnings.append(f"{topic.name} is not read: {topic.why_unread}")


def _reference_stamps(reference: Topic, content: _Content) -> Stamped:
    if reference.name in content.pictures:
        return content.pictures[reference.name].stamped(content.warnings)
    if reference.is_transforms:
        return content.transforms.stamped(reference.name)
    bag_ns, header_ns = content.readings[reference.name].root_stamps()
    return Stamped.of(reference.name, bag_ns, header_ns, content.warnings)


def _streams(
    clock: BagClock, frame_ns: Stamps, content: _Content, scopes: dict[str, list[TopicScope]]
) -> list[RawStream]:
    streams: list[RawStream] = []
    spans: list[Stamps] = []
    repeats: list[_Repeats] = []
    for name, reading in content.readings.items():
        content.warnings += reading.warnings
        content.unread += [StreamInfo(path, (), "", note=reason) for path, reason in reading.unread]
        for scope in scopes[name]:
            stamped = Stamped.of(scope.name, scope.bag_ns, scope.header_ns, content.warnings)
            note = clock.note_on(stamped)
            content.warnings += [note] if note else []
            if not clock.has_time(stamped):
                content.warnings.append(f"{scope.name} has no time: no stamps of its own, and bag time stands still")
                continue
            times_ns = clock.times_ns(stamped)
            spans.append(times_ns)
            repeats.append(_Repeats(scope.name))
            streams += [_placed(stream, times_ns, frame_ns, repeats[-1]) for stream in scope.streams]
    content.warnings += _repeat_warnings(repeats)
    for stream in streams:
        assert stream.times_s is not None
        content.fingerprint.add_array(f"{stream.name}|{'|'.join(stream.text_values)}", stream.values)
        content.fingerprint.add_array("times", stream.times_s)
    before_s, after_s = longest_lead_s(spans, frame_ns)
    if max(before_s, after_s) > _LEFT_OUT_S:
        content.warnings.append(
            f"the frames follow {clock.reference.name}: signals up to {before_s:.1f} s before its first and "
            f"{after_s:.1f} s after its last message are left out"
        )
    return streams


@dataclass
class _Repeats:
    """Samples of one scope that have the stamp of the one before: the same values again, or others."""

    name: str
    dropped: int = 0
    kept: int = 0
    total: int = 0


def _repeat_warnings(repeats: list[_Repeats]) -> Iterator[str]:
    """One line for each kind of repetition (DATA 2): the streams share their causes."""
    dropped = sorted((item for item in repeats if item.dropped), key=lambda item: -item.dropped)
    if dropped:
        most, others = dropped[0], _others(len(dropped) - 1)
        yield f"{most.name}{others}: {most.dropped} of {most.total} samples repeat the one before: taken once"
    kept = sorted((item for item in repeats if item.kept), key=lambda item: -item.kept)
    if kept:
        most, others = kept[0], _others(len(kept) - 1)
        count = f"{most.kept} of {most.total} samples"
        yield f"{most.name}{others}: {count} have the stamp of the one before: spread evenly until the next stamp"


def _others(count: int) -> str:
    return f" and {count} more" if count else ""


def _placed(stream: TopicStream, times_ns: Stamps, frame_ns: Stamps, repeats: _Repeats) -> RawStream:
    """A stream in the order of its times, without repetitions, within the time of the frames."""
    own_ns = times_ns if stream.rows is None else times_ns[stream.rows]
    order = np.argsort(own_ns, kind="stable")
    own_ns, values = own_ns[order], stream.values[order]
    is_still = np.diff(own_ns) == 0
    same = np.all((values[1:] == values[:-1]) | (np.isnan(values[1:]) & np.isnan(values[:-1])), axis=1)
    keep = np.concatenate([[True], ~(is_still & same)]) if own_ns.size else np.zeros(0, dtype=bool)
    if own_ns.size > repeats.total:
        repeats.total, repeats.dropped = int(own_ns.size), int(np.sum(~keep))
        repeats.kept = int(np.sum(is_still & ~same))
    own_ns, values = own_ns[keep], values[keep]
    rows, placed_ns = within_frames(spread_ties(own_ns)[0], frame_ns)
    return RawStream(
        stream.name,
        values[rows],
        (values.shape[1],) if values.shape[1] > 1 else (),
        stream.dtype,
        labels=stream.labels,
        unit=stream.unit,
        times_s=seconds_since(placed_ns, int(frame_ns[0])),
        text_values=stream.words,
    )


def _cameras(bag: Bag, clock: BagClock, frame_ns: Stamps, reference: Topic, content: _Content) -> list[Camera]:
    cameras = []
    for name, pictures in content.pictures.items():
        if not pictures.places:
            content.warnings.append(f"{name}: no picture can be read: not shown")
            continue
        if name == reference.name:
            order, shown = clock.order(), np.arange(frame_ns.size, dtype=np.int64)
        else:
            stamped = pictures.stamped(content.warnings)
            note = clock.note_on(stamped)
            content.warnings += [note] if note else []
            times_ns = clock.times_ns(stamped)
            order = np.argsort(times_ns, kind="stable")
            shown = _shown(name, times_ns[order], frame_ns, content.warnings)
        camera = _camera(bag.access, str(bag.source.path), pictures, order, shown, content)
        if camera is not None:
            cameras.append(camera)
    return cameras


def _shown(name: str, times_ns: Stamps, frame_ns: Stamps, warnings: list[str]) -> Stamps:
    """(frames,) which picture is shown: the last one at or before each frame."""
    numbers = np.searchsorted(times_ns, frame_ns, side="right") - 1
    early = int(np.sum(numbers < 0))
    shown = np.maximum(numbers, 0).astype(np.int64)
    distinct = int(np.unique(shown).size)
    if distinct < 0.95 * frame_ns.size or distinct < 0.95 * times_ns.size:
        warnings.append(
            f"{name} has {times_ns.size} pictures for {frame_ns.size} frames: "
            "each frame shows its last picture at or before it"
        )
    if early > 1:
        warnings.append(f"{name} begins late: the first {early} frames show its first picture")
    return shown


def _camera(  # noqa: PLR0913, PLR0917 - one topic with everything that decides about its camera
    access: Callable[[], AbstractContextManager[BagReader]],
    where: str,
    pictures: _Pictures,
    order: Stamps,
    shown: Stamps,
    content: _Content,
) -> Camera | None:
    topic = pictures.topic
    places = [pictures.places[index] for index in order]
    first = next((number for number, place in enumerate(places) if place.is_key), 0)
    if first:
        content.warnings.append(
            f"{topic.name}: its first {first} pictures need earlier ones that were not recorded: "
            f"picture {first} is shown for them"
        )
    picture_topic = PictureTopic(
        topic.name, topic.picture_kind, next(iter(topic.decoders.values())), places, access, where
    )
    try:
        camera, note = bag_camera(camera_name(topic.name), picture_topic, np.maximum(shown, first))
    except DatasetError as error:
        content.warnings.append(f"{topic.name}: {error.what}: not shown")
        content.unread.append(StreamInfo(topic.name, (), topic.type_name, note=error.what))
        return None
    content.unread.append(StreamInfo(topic.name, (camera.height, camera.width, 3), topic.type_name, note=note))
    return camera


def _transforms(clock: BagClock, frame_ns: Stamps, content: _Content) -> TransformStreams | None:
    tree = content.transforms.tree(clock.times_ns, content.warnings)
    return TransformStreams(tree, frame_ns) if tree.frames else None
