"""What an HDF5 file of one episode says about itself in attributes and single values: task, rate, success, units."""

from collections.abc import Iterator, Mapping

import h5py
import numpy as np

from failview.loaders.hdf5.global_heap import require_sound_rows
from failview.loaders.hdf5.robomimic_attributes import json_attribute, text_attribute

Datasets = Mapping[str, h5py.Dataset]

_TASK_NAMES = (
    "language_instruction",
    "instruction",
    "task_description",
    "language",
    "language_raw",
    "current_task",
    "lang",
    "prompt",
    "task",
    "task_name",
)
_RATE_NAMES = ("control_freq_hz", "control_freq", "control_frequency", "rate_hz", "fps", "frequency", "hz", "freq")
_STEP_NAMES = ("dt", "timestep", "control_dt")
_SUCCESS_NAMES = ("success", "is_success", "succeeded")
_MAX_RATE_HZ = 10_000.0


def episode_task(top: h5py.Group, datasets: Datasets) -> str:
    """What the robot was asked to do; empty when the file does not say."""
    declared = set(top.attrs)
    metadata = json_attribute(top, "metadata") if "metadata" in declared else {}
    for name in _TASK_NAMES:
        attribute = text_attribute(top, name) if name in declared else ""
        for text in (attribute, metadata.get(name), _text_value(datasets.get(name))):
            if isinstance(text, str) and text.strip():
                return " ".join(text.split())
    return ""


def declared_rate(top: h5py.Group, datasets: Datasets) -> tuple[float | None, str]:
    """(frames per second, where it is declared)."""
    for name, where, value in _numbers(top, datasets):
        if name in _RATE_NAMES and 0 < value < _MAX_RATE_HZ:
            return value, where
        if name in _STEP_NAMES and 0 < value < 1:
            return 1.0 / value, where
    return None, ""


def declared_success(top: h5py.Group) -> bool | None:
    """A success flag of the episode; None when there is none."""
    values = (top.attrs.get(name) for name in _SUCCESS_NAMES)
    return next((bool(value) for value in values if isinstance(value, bool | int | np.bool_ | np.integer)), None)


def own_unit(item: h5py.Dataset) -> str | None:
    """Declared unit of a dataset, in the file's words."""
    return text_attribute(item, "units") or text_attribute(item, "unit") or None


def _numbers(top: h5py.Group, datasets: Datasets) -> Iterator[tuple[str, str, float]]:
    """(name in small letters, where, value) of the single numbers of a file: attributes, then datasets at the top."""
    for name, value in top.attrs.items():
        if isinstance(value, int | float | np.integer | np.floating):
            yield name.lower(), f"attribute {name}", float(value)
    for name, item in datasets.items():
        if "/" not in name and item.ndim == 0 and item.dtype.kind in "fiu":
            yield name.lower(), f"/{name}", float(item[()])


def _text_value(item: h5py.Dataset | None) -> str:
    """A text dataset at the top: a single value, or the first row of one that repeats it."""
    if item is None or h5py.check_string_dtype(item.dtype) is None or 0 in item.shape:
        return ""
    require_sound_rows(item)
    value = item.asstr(errors="replace")[(0,) * item.ndim]
    return value if isinstance(value, str) else ""
