"""Reads one episode of a replay buffer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from failview.errors import DatasetError
from failview.loaders.dataset import StreamInfo
from failview.loaders.fingerprint import Fingerprint
from failview.loaders.raw_dataset import RawClock, RawEpisode, RawStream
from failview.loaders.replay_buffer.buffer_arrays import BufferArray, Content
from failview.loaders.replay_buffer.episode_ends import RowRange
from failview.loaders.replay_buffer.episode_facts import EpisodeFacts, declared_rate, whole_buffer_task
from failview.loaders.replay_buffer.zarr_pictures import zarr_camera
from failview.loaders.roles.stream_values import TIME_NAMES, as_columns, seconds, text_codes
from failview.model.camera import Camera


@dataclass
class _Content:
    """What has been collected from one episode."""

    streams: list[RawStream] = field(default_factory=list)
    cameras: list[Camera] = field(default_factory=list)
    unread: list[StreamInfo] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    fingerprint: Fingerprint = field(default_factory=Fingerprint)


def read_buffer_episode(
    arrays: Sequence[BufferArray], item: RowRange, facts: EpisodeFacts, attributes: Mapping[str, Any]
) -> RawEpisode:
    """Read the numbers of an episode and prepare its cameras.

    Raises:
        DatasetError: Every array of it is damaged.
    """
    content = _Content()
    times: RawClock | None = None
    lost: list[DatasetError] = []
    for array in arrays:
        start, stop = min(item.start, array.rows.num_rows), min(item.stop, array.rows.num_rows)
        if array.content in {Content.PICTURE, Content.ENCODED}:
            _collect_pictures(content, array, item, stop - start)
        elif array.content in {Content.WORDS, Content.NUMBERS}:
            try:
                found = _collect_rows(content, array, start, stop, attributes)
                times = times or found
            except DatasetError as error:
                lost.append(error)
                content.warnings.append(f"{array.name} is left out: {error}")
                content.unread.append(_info(array, "damaged"))
        else:
            content.unread.append(_info(array, array.note))
    if lost and not content.streams and not content.cameras:
        raise lost[0]
    success = facts.success(item.number)
    if success is not None:
        content.fingerprint.add_text(f"success|{success}")
        content.streams.append(RawStream("success", np.full((item.num_rows, 1), float(success)), (), "meta", unit=""))
    rate_hz, rate_origin = declared_rate(attributes)
    return RawEpisode(
        num_frames=item.num_rows,
        task=facts.task(item.number) or whole_buffer_task(attributes),
        streams=content.streams,
        cameras=content.cameras,
        clock=times or RawClock(rate_hz=rate_hz, rate_origin=rate_origin),
        fingerprint=content.fingerprint.text(),
        warnings=tuple(content.warnings),
        unread=tuple(content.unread),
    )


def _collect_rows(
    content: _Content, array: BufferArray, start: int, stop: int, attributes: Mapping[str, Any]
) -> RawClock | None:
    """Collect words or numbers; the clock of the frames when they are their times."""
    if array.content is Content.WORDS:
        _collect_words(content, array, start, stop)
        return None
    return _times(array, _collect_numbers(content, array, start, stop), attributes)


def _info(array: BufferArray, note: str) -> StreamInfo:
    return StreamInfo(array.name, array.rows.row_shape, str(array.rows.dtype), note=note)


def _collect_numbers(content: _Content, array: BufferArray, start: int, stop: int) -> Any:
    values = array.rows.rows(start, stop)
    _warn_absent(content, array, start, stop)
    content.fingerprint.add_array(array.name, values)
    content.streams.append(
        RawStream(
            array.name,
            as_columns(values),
            array.rows.row_shape,
            str(array.rows.dtype),
            labels=array.labels,
            unit=array.unit,
            role_free=_is_time(array),
        )
    )
    return values


def _collect_words(content: _Content, array: BufferArray, start: int, stop: int) -> None:
    values = array.rows.rows(start, stop).reshape(-1)
    _warn_absent(content, array, start, stop)
    codes, words = text_codes([str(value) for value in values])
    content.fingerprint.add_array(f"{array.name}|{'|'.join(words)}", codes)
    content.streams.append(RawStream(array.name, codes, (), "text", text_values=words))


def _collect_pictures(content: _Content, array: BufferArray, item: RowRange, count: int) -> None:
    rows = array.rows
    content.unread.append(_info(array, array.note))
    content.fingerprint.add_text(f"{array.name}|{rows.row_shape}|{rows.dtype.str}|{count}")
    if count <= 0:
        content.warnings.append(f"{array.name} has no pictures of this episode")
        return
    try:
        content.fingerprint.add_bytes("first", rows.content_of(item.start))
    except DatasetError as error:
        content.warnings.append(error.what)
    if count != item.num_rows:
        content.warnings.append(f"{array.name} has {count} pictures for {item.num_rows} frames")
    assert array.layout is not None
    is_encoded = array.content is Content.ENCODED
    content.cameras.append(zarr_camera(array.camera_name, rows, array.layout, item.start, count, is_encoded=is_encoded))


def _warn_absent(content: _Content, array: BufferArray, start: int, stop: int) -> None:
    absent = array.rows.absent_rows(start, stop)
    if absent:
        content.warnings.append(
            f"{array.name}: {absent} of {stop - start} samples are not stored: they show the fill value "
            "(recorded as such, or lost)"
        )


def _is_time(array: BufferArray) -> bool:
    return array.name.rsplit("/", 1)[-1].lower() in TIME_NAMES


def _times(array: BufferArray, values: Any, attributes: Mapping[str, Any]) -> RawClock | None:
    """The clock of the frames, where a buffer has timestamps."""
    if not _is_time(array) or values.reshape(len(values), -1).shape[1] != 1:
        return None
    rate_hz, rate_origin = declared_rate(attributes)
    return RawClock(seconds(values.reshape(-1)), array.name, rate_hz, rate_origin)
