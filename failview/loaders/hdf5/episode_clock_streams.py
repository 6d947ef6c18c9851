"""Which array of an episode file tells the time of its frames."""

from collections.abc import Mapping

import h5py
import numpy as np

from failview.loaders.hdf5.hdf5_content import is_time_name, parent_of
from failview.loaders.raw_dataset import Floats, RawClock
from failview.loaders.roles.stream_values import TIME_NAMES, seconds

_TIME_PARTS = frozenset({"timestamp", "timestamps", "time", "times", "stamp", "stamps"})
_PREFERRED = ("step_start", "read_start", "control_start")
"""DROID stamps every step of its loop; these begin a step."""


def frame_clock(
    datasets: Mapping[str, h5py.Dataset], num_frames: int, rate_hz: float | None, rate_origin: str
) -> RawClock:
    """The clock of the frames: a stream of time if there is a usable one, else the declared rate, else nothing."""
    candidates = sorted(
        (name for name, item in datasets.items() if _has_stamp_per_frame(item, num_frames) and _rank(name) is not None),
        key=lambda name: (_rank(name), name.count("/")),
    )
    first: RawClock | None = None
    for name in candidates:
        times_s = seconds(datasets[name][:].reshape(-1))
        clock = RawClock(times_s, name, rate_hz, rate_origin, times_guessed=not _declares_time(name))
        if _runs(times_s):
            return clock
        first = first or clock
    return first or RawClock(rate_hz=rate_hz, rate_origin=rate_origin)


def _has_stamp_per_frame(item: h5py.Dataset, num_frames: int) -> bool:
    return item.shape in {(num_frames,), (num_frames, 1)} and item.dtype.kind in "fiu"


def is_time_stream(name: str) -> bool:
    """Whether a name is that of a time, so that the stream is no signal."""
    return _rank(name) is not None


def _declares_time(name: str) -> bool:
    return any(part in TIME_NAMES for part in name.lower().split("/"))


def _rank(name: str) -> int | None:
    """How surely a name is that of the frames' time, 0 first; None when it is not a name of time."""
    if is_time_name(name):
        return 0
    parts = [part for piece in name.lower().split("/") for part in piece.split("_")]
    if not _TIME_PARTS & set(parts):
        return None
    last = name.rsplit("/", 1)[-1]
    is_camera = "camera" in name.lower() or "cam" in parts
    return _PREFERRED.index(last) + 1 if last in _PREFERRED and not is_camera else 9


def _runs(times_s: Floats) -> bool:
    """Whether time never runs back and moves in most steps."""
    steps_s = np.diff(times_s)
    return bool(np.all(np.isfinite(times_s)) and np.all(steps_s >= 0) and np.mean(steps_s > 0) > 0.5)


def groups_of(datasets: Mapping[str, h5py.Dataset]) -> tuple[str, ...]:
    """All groups that hold datasets."""
    return tuple({parent_of(name) for name in datasets})
