"""Collects what one episode in an HDF5 tree holds: streams of numbers and words, cameras, and what is not read."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import h5py
import numpy as np
import numpy.typing as npt

from failview.errors import DatasetError
from failview.loaders.dataset import StreamInfo
from failview.loaders.fingerprint import Fingerprint
from failview.loaders.hdf5.encoded_datasets import encoded_camera, encoded_picture, holds_encoded_pictures
from failview.loaders.hdf5.global_heap import require_sound_rows
from failview.loaders.hdf5.hdf5_pictures import hdf5_camera, hdf5_depth_camera
from failview.loaders.pictures.depth_pictures import depth_note, depth_size
from failview.loaders.pictures.picture_arrays import PictureLayout, picture_layout, with_float_scale
from failview.loaders.raw_dataset import Floats, RawStream
from failview.loaders.roles.stream_values import TIME_NAMES, as_columns, seconds, text_codes
from failview.model.camera import Camera

_MAX_COLUMNS = 512
_PICTURE_SUFFIXES = ("_image", "_rgb", "_img", "_color")
_SAYS_PICTURE_ONLY = frozenset({"rgb", "image", "images", "img", "color", "colors", "rgb_image", "data", "frames"})
"""Names of picture arrays that do not say which camera it is; the group around them does."""


@dataclass
class EpisodeContent:
    """What has been collected from one episode.

    Attributes:
        path: The file.
        num_frames: Frames of the episode.
        quiet: Datasets that are listed but not read, with the reason.
    """

    path: Path
    num_frames: int
    quiet: Mapping[str, str] = field(default_factory=dict)
    streams: list[RawStream] = field(default_factory=list)
    cameras: list[Camera] = field(default_factory=list)
    depth_cameras: list[Camera] = field(default_factory=list)
    unread: list[StreamInfo] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    encoded: list[str] = field(default_factory=list)
    fingerprint: Fingerprint = field(default_factory=Fingerprint)

    def collect(self, name: str, item: h5py.Dataset, unit: str | None, times_s: Floats | None) -> None:
        """Take in one dataset.

        Args:
            name: Its path within the episode.
            item: The dataset.
            unit: Declared unit, in the file's words.
            times_s: Own timestamps of its group.
        """
        shape, dtype = item.shape or (), item.dtype
        sample_shape = tuple(int(size) for size in shape[1:])
        if not self.quiet.get(name) and _is_table_of_numbers(shape, dtype):
            self._collect_numbers(name, item, sample_shape, unit, times_s)
            return
        require_sound_rows(item)
        if not self.quiet.get(name) and item.ndim and 0 not in item.shape and holds_encoded_pictures(item):
            self._collect_encoded(name, item, sample_shape)
            return
        note = self.quiet.get(name) or _why_unread(item, sample_shape)
        layout = None if note else picture_layout(sample_shape, item.dtype)
        size = None if note else depth_size(name, sample_shape, item.dtype)
        if layout is not None:
            self._collect_camera(name, item, layout)
        elif size is not None:
            self._collect_depth(name, item, size)
        elif note:
            self.unread.append(StreamInfo(name, sample_shape, str(item.dtype), note=note))
        elif h5py.check_string_dtype(item.dtype) is not None:
            codes, words = text_codes([str(word) for word in item.asstr(errors="replace")[:]])
            self.fingerprint.add_text(f"{name}|{'|'.join(words)}")
            self.streams.append(RawStream(name, codes, sample_shape, "text", text_values=words))
        else:
            self._collect_numbers(name, item, sample_shape, unit, times_s)

    def add_flag(self, name: str, *, value: bool) -> None:
        """A flag of the whole episode as a stream that is the same in every frame."""
        self.fingerprint.add_text(f"{name}|{value}")
        self.streams.append(RawStream(name, np.full((self.num_frames, 1), float(value)), (), "attribute", unit=""))

    def _collect_numbers(
        self,
        name: str,
        item: h5py.Dataset,
        sample_shape: tuple[int, ...],
        unit: str | None,
        times_s: Floats | None,
    ) -> None:
        values = _all_numbers(item)
        self.fingerprint.add_array(name, values)
        self.streams.append(
            RawStream(
                name,
                as_columns(values),
                sample_shape,
                _name_of(values.dtype),
                unit=unit,
                times_s=times_s if times_s is not None and len(times_s) == len(values) else None,
                role_free=is_time_name(name),
            )
        )

    def _collect_camera(self, name: str, item: h5py.Dataset, layout: PictureLayout) -> None:
        layout = with_float_scale(layout, item[0]) if item.dtype.kind == "f" else layout
        self.cameras.append(hdf5_camera(camera_name(name), self.path, item, layout, self.num_frames))
        self._note_camera(name, item)
        self._add_a_picture_to_the_fingerprint(item)

    def _collect_depth(self, name: str, item: h5py.Dataset, size: tuple[int, int]) -> None:
        camera, limit = hdf5_depth_camera(depth_camera_name(name), self.path, item, size, self.num_frames)
        self.depth_cameras.append(camera)
        self._note_camera(name, item, depth_note(limit))
        self._add_a_picture_to_the_fingerprint(item)

    def _add_a_picture_to_the_fingerprint(self, item: h5py.Dataset) -> None:
        if item.chunks:
            self.fingerprint.add_text(str(item.id.get_storage_size()))
            if item.id.get_num_chunks():
                first = item.id.get_chunk_info(0).chunk_offset
                self.fingerprint.add_bytes("chunk", item.id.read_direct_chunk(first)[1])
        else:
            self.fingerprint.add_array("first", item[0])

    def _collect_encoded(self, name: str, item: h5py.Dataset, sample_shape: tuple[int, ...]) -> None:
        try:
            camera, limit = encoded_camera(camera_name(name), self.path, item, self.num_frames)
        except DatasetError as error:
            self.warnings.append(f"{name}: {error.what}: camera {camera_name(name)} is not shown")
            self.unread.append(StreamInfo(name, sample_shape, str(item.dtype), note="encoded pictures"))
            return
        if limit is None:
            self.cameras.append(camera)
            self.encoded.append(camera.name)
            self._note_camera(name, item)
        else:
            self.depth_cameras.append(replace(camera, name=depth_camera_name(name)))
            self._note_camera(name, item, depth_note(limit))
        last = int(item.shape[0]) - 1
        for frame in sorted({0, last // 2, last}):
            self.fingerprint.add_bytes(str(frame), encoded_picture(item, frame))

    def _note_camera(self, name: str, item: h5py.Dataset, note: str = "camera") -> None:
        self.unread.append(StreamInfo(name, tuple(item.shape[1:]), str(item.dtype), note=note))
        self.fingerprint.add_text(f"{name}|{item.shape}|{item.dtype.str}")
        if item.shape[0] != self.num_frames:
            self.warnings.append(f"{name} has {item.shape[0]} pictures for {self.num_frames} frames")


def _is_table_of_numbers(shape: tuple[int, ...], dtype: np.dtype[np.generic]) -> bool:
    """Whether it can be nothing but a signal: what holds pictures has bytes, or rows with height and width."""
    is_wider = dtype.kind in "fiu" and dtype.itemsize > 1
    return is_wider and len(shape) in {1, 2} and 0 not in shape and (len(shape) == 1 or shape[1] <= _MAX_COLUMNS)


def _all_numbers(item: h5py.Dataset) -> npt.NDArray[np.generic]:
    """All of a dataset of numbers. What h5py does for parts of one takes as long again as reading a short one."""
    shape, dtype = item.shape, item.dtype
    if len(shape) not in {1, 2} or dtype.metadata is not None or dtype.kind not in "fiu":
        return np.asarray(item[:])
    values = np.empty(shape, dtype)
    item.id.read(h5py.h5s.ALL, h5py.h5s.ALL, values)
    return values


@cache
def _name_of(dtype: np.dtype[np.generic]) -> str:
    return str(dtype)


def _why_unread(item: h5py.Dataset, sample_shape: tuple[int, ...]) -> str:
    """Why a dataset is listed but not read; empty when it is read."""
    if item.ndim == 0:
        return "a single value"
    if 0 in item.shape:
        return "empty"
    if item.dtype.kind not in "fiub" and not (h5py.check_string_dtype(item.dtype) and item.ndim == 1):
        return "not numbers"
    is_shown = picture_layout(sample_shape, item.dtype) or depth_size(item.name, sample_shape, item.dtype)
    if not is_shown and int(np.prod(sample_shape)) > _MAX_COLUMNS:
        is_depth = item.dtype.kind in "fu" and len([size for size in sample_shape if size > 1]) == 2
        return "too large for a signal (depth?)" if is_depth else "too large for a signal"
    return ""


def depth_camera_name(name: str) -> str:
    """Short name of a camera of distances: never that of the camera beside it that sees colours."""
    short = camera_name(name)
    return short if "depth" in short.lower() else f"{short}_depth"


def own_times(
    datasets: Mapping[str, h5py.Dataset], num_frames: int, frame_groups: tuple[str, ...]
) -> dict[str, Floats]:
    """Timestamps in s per group that has a clock of its own; the groups of the frames have none.

    Args:
        datasets: By path within the episode.
        num_frames: Frames of the episode.
        frame_groups: Groups whose time is that of the frames where it has as many stamps as there are frames.
    """
    times = {}
    for name, item in datasets.items():
        parent = parent_of(name)
        is_frame_clock = parent in frame_groups and item.shape[:1] == (num_frames,)
        if is_time_name(name) and item.ndim == 1 and item.dtype.kind in "fiu" and not is_frame_clock:
            times[parent] = seconds(item[:])
    return times


def is_time_name(name: str) -> bool:
    """Whether the last part of a path is one of the names under which recorders store time."""
    return name.rsplit("/", 1)[-1].lower() in TIME_NAMES


def parent_of(name: str) -> str:
    """The group of a dataset; "" at the top."""
    return name.rsplit("/", 1)[0] if "/" in name else ""


def camera_name(name: str) -> str:
    """Short name of the camera whose pictures a path holds."""
    parts = name.split("/")
    while len(parts) > 1 and parts[-1].lower() in _SAYS_PICTURE_ONLY:
        parts.pop()
    last = parts[-1]
    for suffix in _PICTURE_SUFFIXES:
        last = last.removesuffix(suffix)
    return last or name
