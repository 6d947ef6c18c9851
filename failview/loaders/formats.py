"""The table of formats."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import cast

from failview.errors import DatasetError
from failview.loaders.content_sniffing import (
    HDF5_SUFFIXES,
    has_hdf5_signature,
    is_lerobot_folder,
)
from failview.loaders.episode_files import files_below
from failview.loaders.progress import Progress
from failview.loaders.raw_dataset import RawDataset
from failview.loaders.remote.remote_path import RemotePath
from failview.loaders.replay_buffer.zarr_files import is_zarr
from failview.loaders.rosbag.bag_recognition import is_bag
from failview.loaders.tables.table_recognition import is_table

_LOOKED_AT = 8
_LOOKED_THROUGH = 50_000
"""A folder is judged by its first files, and by not more than so many entries."""


@dataclass(frozen=True)
class Format:
    """One row of the table.

    Attributes:
        name: For people.
        recognises: Tells by content whether a file or folder is of this format; raises DatasetError when it
            plainly is, but is broken.
        module: Imported only when the format is met; offers `open_raw(path, progress) -> RawDataset`.
        extra: Optional dependency group that the module needs; empty for none.
        last_resort: Its content could be many things, so that it counts only where nothing else is.
        local_only: Its library opens files of this machine alone.
    """

    name: str
    recognises: Callable[[Path], bool]
    module: str
    extra: str = ""
    last_resort: bool = False
    local_only: bool = False


def _is_robomimic(path: Path) -> bool:
    """h5py is imported only for a file that is HDF5."""
    if not has_hdf5_signature(path):
        return False
    return bool(importlib.import_module("failview.loaders.hdf5.hdf5_kind").holds_many_episodes(path))


def _is_episode_hdf5(path: Path) -> bool:
    """h5py is imported only where there is an HDF5 file."""
    files = [path] if path.is_file() else list(islice(files_below(path, HDF5_SUFFIXES, _LOOKED_THROUGH), _LOOKED_AT))
    files = [file for file in files if has_hdf5_signature(file)]
    return bool(files) and bool(importlib.import_module("failview.loaders.hdf5.episode_hdf5").are_episodes(files))


FORMATS: tuple[Format, ...] = (
    Format("LeRobot", is_lerobot_folder, "failview.loaders.lerobot.lerobot_dataset"),
    Format("robomimic HDF5", _is_robomimic, "failview.loaders.hdf5.robomimic_hdf5"),
    Format("HDF5 with one episode per file", _is_episode_hdf5, "failview.loaders.hdf5.episode_hdf5"),
    Format("rosbag", is_bag, "failview.loaders.rosbag.bag_dataset", local_only=True),
    Format("zarr replay buffer", is_zarr, "failview.loaders.replay_buffer.replay_buffer"),
    Format("CSV and Parquet tables", is_table, "failview.loaders.tables.table_recordings", last_resort=True),
)


def recognise(path: Path, *, last_resort: bool = True) -> Format | None:
    """The format of a file or folder by its content; None when no row knows it.

    Args:
        path: The file or folder.
        last_resort: Whether the rows that could be many things count.

    Raises:
        DatasetError: It belongs to a format but is broken.
    """
    rows = (row for row in FORMATS if last_resort or not row.last_resort)
    return next((row for row in rows if row.recognises(path)), None)


def open_raw(row: Format, location: Path, progress: Progress) -> RawDataset:
    """Open a file or folder that a row recognised.

    Raises:
        DatasetError: It is broken, or a library that it needs is not installed.
    """
    if isinstance(location, RemotePath) and row.local_only:
        raise DatasetError(f"a {row.name} cannot be read over the network", where=location, hint="Download it first")
    try:
        module = importlib.import_module(row.module)
    except ImportError as error:
        hint = f"Install it with: pip install 'failview[{row.extra}]'" if row.extra else "Reinstall failview"
        raise DatasetError(f"reading {row.name} needs {error.name}", where=location, hint=hint) from error
    return cast("RawDataset", module.open_raw(location, progress))


def format_names() -> str:
    """The formats in words."""
    return ", ".join(row.name for row in FORMATS)
