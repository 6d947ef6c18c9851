"""Reads one episode group of a robomimic-style HDF5 file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from failview.errors import DatasetError
from failview.loaders.dataset import StreamInfo
from failview.loaders.fingerprint import Fingerprint
from failview.loaders.hdf5.hdf5_pictures import hdf5_camera
from failview.loaders.hdf5.hdf5_tree import datasets_below
from failview.loaders.hdf5.mujoco_state import state_columns
from failview.loaders.hdf5.robomimic_attributes import (
    dataset_task,
    declared_rate,
    declared_unit,
    episode_task,
    is_isaac_lab,
    text_attribute,
)
from failview.loaders.pictures.picture_arrays import PictureLayout, picture_layout, with_float_scale
from failview.loaders.raw_dataset import RawClock, RawEpisode, RawStream
from failview.loaders.roles.stream_units import SI_UNITS
from failview.loaders.roles.stream_values import TIME_NAMES, as_columns, seconds, text_codes
from failview.model.camera import Camera

_FRAME_STREAMS = ("actions", "action", "states", "timestamps")
_MAX_COLUMNS = 512
_FRAME_CLOCK_GROUPS = ("", "obs", "observations")
_PICTURE_SUFFIXES = ("_image", "_rgb", "_img", "_color")


@dataclass
class _Content:
    """What has been collected from one episode group."""

    streams: list[RawStream] = field(default_factory=list)
    cameras: list[Camera] = field(default_factory=list)
    unread: list[StreamInfo] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    fingerprint: Fingerprint = field(default_factory=Fingerprint)


def frame_count(demo: h5py.Group) -> int:
    """Number of frames by the shapes alone: actions, else states, else the first observation, else num_samples."""
    for name in _FRAME_STREAMS:
        item = demo.get(name)
        if isinstance(item, h5py.Dataset) and item.ndim:
            return int(item.shape[0])
    for _, item in datasets_below(demo, []):
        if item.ndim:
            return int(item.shape[0])
    count = demo.attrs.get("num_samples", 0)
    return int(count) if isinstance(count, int | np.integer) else 0


def read_demo(path: Path, data: h5py.Group, name: str) -> RawEpisode:
    """Read the numbers of one episode and prepare its cameras.

    Raises:
        DatasetError: It has no frames.
    """
    demo = data[name]
    num_frames = frame_count(demo)
    if not num_frames:
        raise DatasetError(f"{name} has no frames", where=path, hint="Leave it out")
    content = _Content()
    datasets = dict(datasets_below(demo, content.warnings))
    own_times = _own_times(datasets, num_frames)
    for item_path, item in datasets.items():
        _collect(content, path, data, item_path, item, own_times.get(_parent(item_path)), num_frames)
    _collect_success(content, demo, num_frames)
    _check_num_samples(content, demo, num_frames)
    return RawEpisode(
        num_frames=num_frames,
        task=episode_task(demo) or dataset_task(data),
        streams=_with_state_labels(content.streams, text_attribute(demo, "model_file")),
        cameras=content.cameras,
        clock=_clock(data, demo, datasets, num_frames),
        fingerprint=content.fingerprint.text(),
        warnings=tuple(content.warnings),
        quaternion_order="wxyz" if is_isaac_lab(data) else "",
        unread=tuple(content.unread),
    )


def _collect(  # noqa: PLR0913, PLR0917 - one dataset with everything that decides about it
    content: _Content,
    path: Path,
    data: h5py.Group,
    item_path: str,
    item: h5py.Dataset,
    times_s: Any,
    num_frames: int,
) -> None:
    sample_shape = tuple(int(size) for size in item.shape[1:])
    note = _why_unread(item_path, item, sample_shape)
    layout = None if note else picture_layout(sample_shape, item.dtype)
    if layout is not None:
        _collect_camera(content, path, item_path, item, layout, num_frames)
    elif note:
        content.unread.append(StreamInfo(item_path, sample_shape, str(item.dtype), note=note))
    elif h5py.check_string_dtype(item.dtype) is not None:
        codes, words = text_codes([str(word) for word in item.asstr(errors="replace")[:]])
        content.fingerprint.add_text(f"{item_path}|{'|'.join(words)}")
        content.streams.append(RawStream(item_path, codes, sample_shape, "text", text_values=words))
    else:
        values = item[:]
        base = item_path.rsplit("/", 1)[-1]
        content.fingerprint.add_array(item_path, values)
        times = times_s if times_s is not None and len(times_s) == len(values) else None
        unit = declared_unit(data, item, base)
        content.streams.append(
            RawStream(
                item_path,
                as_columns(values),
                sample_shape,
                str(item.dtype),
                unit=unit,
                times_s=times,
                role_free=base.lower() in TIME_NAMES,
            )
        )


def _why_unread(item_path: str, item: h5py.Dataset, sample_shape: tuple[int, ...]) -> str:
    """Why a dataset is listed but not read; empty when it is read."""
    if item.ndim == 0:
        return "a single value"
    if 0 in item.shape:
        return "empty"
    if item_path.startswith("next_obs/"):
        return "the next observation, a copy shifted by one frame"
    if item.dtype.kind not in "fiub" and not (h5py.check_string_dtype(item.dtype) and item.ndim == 1):
        return "not numbers"
    if picture_layout(sample_shape, item.dtype) is None and int(np.prod(sample_shape)) > _MAX_COLUMNS:
        return "too large for a signal"
    return ""


def _collect_camera(  # noqa: PLR0913, PLR0917 - one dataset with everything that decides about it
    content: _Content, path: Path, item_path: str, item: h5py.Dataset, layout: PictureLayout, num_frames: int
) -> None:
    layout = with_float_scale(layout, item[0]) if item.dtype.kind == "f" else layout
    content.cameras.append(hdf5_camera(_camera_name(item_path), path, item, layout, num_frames))
    content.unread.append(StreamInfo(item_path, tuple(item.shape[1:]), str(item.dtype), note="camera"))
    content.fingerprint.add_text(f"{item_path}|{item.shape}|{item.dtype.str}")
    if item.chunks:
        content.fingerprint.add_text(str(item.id.get_storage_size()))
        if item.id.get_num_chunks():
            content.fingerprint.add_bytes("chunk", item.id.read_direct_chunk(item.id.get_chunk_info(0).chunk_offset)[1])
    else:
        content.fingerprint.add_array("first", item[0])
    if item.shape[0] != num_frames:
        content.warnings.append(f"{item_path} has {item.shape[0]} pictures for {num_frames} frames")


def _camera_name(item_path: str) -> str:
    name = item_path.rsplit("/", 1)[-1]
    for suffix in _PICTURE_SUFFIXES:
        name = name.removesuffix(suffix)
    return name or item_path


def _own_times(datasets: Mapping[str, h5py.Dataset], num_frames: int) -> dict[str, Any]:
    """Timestamps in s per group that has a clock of its own; the groups of the frames have none."""
    times = {}
    for item_path, item in datasets.items():
        parent = _parent(item_path)
        is_frame_clock = parent in _FRAME_CLOCK_GROUPS and item.shape[:1] == (num_frames,)
        if item_path.rsplit("/", 1)[-1].lower() in TIME_NAMES and item.ndim == 1 and not is_frame_clock:
            times[parent] = seconds(item[:])
    return times


def _collect_success(content: _Content, demo: h5py.Group, num_frames: int) -> None:
    """Isaac Lab records success as an attribute of the episode."""
    success = demo.attrs.get("success")
    if isinstance(success, bool | int | np.bool_ | np.integer):
        content.fingerprint.add_text(f"success|{bool(success)}")
        content.streams.append(
            RawStream("success", np.full((num_frames, 1), float(bool(success))), (), "attribute", unit="")
        )


def _check_num_samples(content: _Content, demo: h5py.Group, num_frames: int) -> None:
    declared = demo.attrs.get("num_samples")
    if isinstance(declared, int | np.integer) and int(declared) != num_frames:
        content.warnings.append(f"num_samples says {int(declared)}, but there are {num_frames} frames")


def _with_state_labels(streams: list[RawStream], model_xml: str) -> list[RawStream]:
    """Name the columns of `states` where the recording carries the model that they belong to."""
    labelled = []
    for stream in streams:
        columns = state_columns(model_xml, stream.width) if stream.name == "states" else None
        labelled.append(
            stream
            if columns is None
            else RawStream(
                stream.name,
                stream.values,
                stream.sample_shape,
                stream.dtype,
                labels=columns.labels,
                unit=SI_UNITS,
                label_reason="joints of the model in the file",
            )
        )
    return labelled


def _clock(data: h5py.Group, demo: h5py.Group, datasets: Mapping[str, h5py.Dataset], num_frames: int) -> RawClock:
    rate_hz, rate_origin = declared_rate(data)
    for group in _FRAME_CLOCK_GROUPS:
        for name in TIME_NAMES:
            item = datasets.get(f"{group}/{name}" if group else name)
            if item is not None and item.shape in {(num_frames,), (num_frames, 1)}:
                return RawClock(seconds(item[:].reshape(-1)), str(item.name).split("/", 3)[-1], rate_hz, rate_origin)
    states = datasets.get("states")
    if states is None or states.ndim != 2 or states.shape[0] != num_frames or not states.shape[1]:
        return RawClock(rate_hz=rate_hz, rate_origin=rate_origin)
    return _simulator_clock(data, demo, states, rate_hz, rate_origin)


def _simulator_clock(
    data: h5py.Group, demo: h5py.Group, states: h5py.Dataset, rate_hz: float | None, rate_origin: str
) -> RawClock:
    """Robosuite's raw recordings begin each state with the simulator's time (MjSimState.flatten())."""
    is_proven = state_columns(text_attribute(demo, "model_file"), int(states.shape[1])) is not None
    is_robosuite = bool(text_attribute(data, "repository_version") and text_attribute(data, "env"))
    if not is_proven and not is_robosuite:
        return RawClock(rate_hz=rate_hz, rate_origin=rate_origin)
    times_s = np.asarray(states[:, 0], dtype=np.float64)
    if not is_proven and not _runs_like_time(times_s):
        return RawClock(rate_hz=rate_hz, rate_origin=rate_origin)
    return RawClock(times_s, "states, column 0 (simulator time)", rate_hz, rate_origin, times_guessed=not is_proven)


def _runs_like_time(times_s: Any) -> bool:
    """Never back, hardly ever still, steps below a second."""
    steps_s = np.diff(times_s)
    return bool(
        steps_s.size and np.all(steps_s >= 0) and np.mean(steps_s > 0) > 0.5 and steps_s.max() < 1 and times_s[0] >= 0
    )


def _parent(item_path: str) -> str:
    return item_path.rsplit("/", 1)[0] if "/" in item_path else ""
