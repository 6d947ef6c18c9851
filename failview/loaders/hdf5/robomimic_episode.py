"""Reads one episode group of a robomimic-style HDF5 file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from failview.errors import DatasetError
from failview.loaders.hdf5.failview_annotations import names_of_annotations
from failview.loaders.hdf5.hdf5_content import EpisodeContent, own_times, parent_of
from failview.loaders.hdf5.hdf5_tree import datasets_below, member, member_or_none
from failview.loaders.hdf5.mujoco_state import state_columns
from failview.loaders.hdf5.robomimic_attributes import (
    dataset_task,
    declared_rate,
    declared_unit,
    episode_task,
    json_attribute,
    quaternion_order,
    stores_bottom_row_first,
    text_attribute,
)
from failview.loaders.pictures.changed_pictures import upright
from failview.loaders.raw_dataset import RawClock, RawEpisode, RawStream
from failview.loaders.roles.stream_units import SI_UNITS
from failview.loaders.roles.stream_values import TIME_NAMES, seconds

_FRAME_STREAMS = ("actions", "action", "states", "timestamps")
_FRAME_CLOCK_GROUPS = ("", "obs", "observations")
_OF_SOURCE_DEMOS = frozenset({"src_demo_inds", "src_demo_labels"})
_NEXT = "the next observation, a copy shifted by one frame"


def frame_count(demo: h5py.Group) -> int:
    """Number of frames by the shapes alone: actions, else states, else the first observation, else num_samples."""
    for name in _FRAME_STREAMS:
        item = member_or_none(demo, name)
        if isinstance(item, h5py.Dataset) and item.ndim:
            return int(item.shape[0])
    for name, item in datasets_below(demo, [], names_of_annotations(demo)):
        if item.ndim and not name.startswith("initial_state/"):
            return int(item.shape[0])
    count = demo.attrs.get("num_samples", 0)
    return int(count) if isinstance(count, int | np.integer) else 0


def read_demo(path: Path, data: h5py.Group, name: str) -> RawEpisode:
    """Read the numbers of one episode and prepare its cameras.

    Raises:
        DatasetError: It has no frames.
    """
    demo = member(data, name)
    if not isinstance(demo, h5py.Group):
        raise DatasetError(f"{name} is no group", where=path, hint="Leave it out")
    num_frames = frame_count(demo)
    if not num_frames:
        raise DatasetError(f"{name} has no frames", where=path, hint="Leave it out")
    content = EpisodeContent(path, num_frames)
    datasets = dict(datasets_below(demo, content.warnings, names_of_annotations(demo)))
    content.quiet = {name: note for name, item in datasets.items() if (note := _not_per_frame(name, item, num_frames))}
    times = own_times(datasets, num_frames, _FRAME_CLOCK_GROUPS)
    fields = json_attribute(data, "fields")
    for item_path, item in datasets.items():
        unit = declared_unit(fields, item, item_path.rsplit("/", 1)[-1])
        content.collect(item_path, item, unit, times.get(parent_of(item_path)))
    if stores_bottom_row_first(data):
        content.cameras[:] = [upright(camera) for camera in content.cameras]
        content.depth_cameras[:] = [upright(camera) for camera in content.depth_cameras]
    _collect_success(content, demo)
    _check_num_samples(content, demo, num_frames)
    return RawEpisode(
        num_frames=num_frames,
        task=episode_task(demo) or dataset_task(data),
        streams=_with_state_labels(content.streams, text_attribute(demo, "model_file")),
        cameras=[*content.cameras, *content.depth_cameras],
        clock=_clock(data, demo, datasets, num_frames),
        fingerprint=content.fingerprint.text(),
        warnings=tuple(content.warnings),
        quaternion_order=quaternion_order(data),
        unread=tuple(content.unread),
    )


def _not_per_frame(name: str, item: h5py.Dataset, num_frames: int) -> str:
    """Why a dataset is no stream of this episode; empty when it is one."""
    if name.startswith("next_obs/"):
        return _NEXT
    if name.rsplit("/", 1)[-1] in _OF_SOURCE_DEMOS:
        return "which demonstration each part was generated from"
    shape = item.shape
    return "a single value" if shape and shape[0] == 1 < num_frames else ""


def _collect_success(content: EpisodeContent, demo: h5py.Group) -> None:
    """Isaac Lab records success as an attribute of the episode."""
    success = demo.attrs.get("success")
    if isinstance(success, bool | int | np.bool_ | np.integer):
        content.add_flag("success", value=bool(success))


def _check_num_samples(content: EpisodeContent, demo: h5py.Group, num_frames: int) -> None:
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
