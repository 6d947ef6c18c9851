"""The way from a path to an opened dataset."""

import importlib
import os
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from failview.errors import DatasetError
from failview.loaders.assembled_dataset import AssembledDataset
from failview.loaders.content_sniffing import (
    HDF5_SUFFIXES,
    has_hdf5_signature,
    is_broken_hdf5,
    is_git_lfs_pointer,
    is_lerobot_folder,
    lerobot_folder_around,
    require_readable_file,
)
from failview.loaders.dataset_folder import DatasetFolder
from failview.loaders.episode_files import files_below
from failview.loaders.formats import Format, format_names, open_raw, recognise
from failview.loaders.natural_order import natural_key
from failview.loaders.profiles.profile import Profile, find_profile
from failview.loaders.profiles.profile_file import read_profile
from failview.loaders.profiles.profile_fit import require_fit
from failview.loaders.progress import Progress, unseen
from failview.loaders.remote.remote_path import RemotePath, remote_path
from failview.loaders.remote.remote_url import as_local_path, as_remote_url
from failview.loaders.replay_buffer.zarr_files import is_zarr
from failview.loaders.rosbag.bag_recognition import is_bag
from failview.loaders.tables.table_recognition import TABLE_SUFFIXES

_NAMED_IN_MESSAGE = 8
_MAY_BE_POINTERS = (*HDF5_SUFFIXES, *TABLE_SUFFIXES, ".bag", ".mcap", ".db3", ".zip", ".npz", ".npy", ".mp4")
_POINTERS_LOOKED_AT = 100
_FOLDERS_LOOKED_AT = 1_000
_LOOKED_THROUGH = 10_000
"""A folder without a dataset is not searched without end."""

OpenedDataset = AssembledDataset | DatasetFolder


def open_dataset(path: str | Path, profile: Path | None = None, *, progress: Progress = unseen) -> OpenedDataset:
    """Open a dataset read-only.

    Args:
        path: File or folder of any format of the table, or the address of one (https://…, s3://…); a folder of files
            that hold episodes opens them all as one.
        profile: Profile to use in place of the one beside the data.
        progress: Shows how far listing has come.

    Raises:
        DatasetError: The path is no dataset, or a broken one.
        ProfileError: The profile has a wrong key, unit or value, or names what no episode has.
    """
    location = _location(path)
    opened = _opened(location, profile, progress)
    try:
        require_fit(location, opened.parts)
    except BaseException:
        opened.close()
        raise
    return opened


def _opened(location: Path, profile: Path | None, progress: Progress) -> OpenedDataset:
    row = None if location.is_file() else recognise(location)
    if location.is_file() or (row is not None and not row.last_resort):
        return _open_one(location, profile, progress, row)
    _refuse_a_part(location)
    inside = _datasets_inside(location, progress, but=TABLE_SUFFIXES if row is not None else ())
    if not inside and row is not None:
        return _open_one(location, profile, progress, row)
    if not inside:
        _refuse_pointers(location)
        _name_deeper(location)
        raise DatasetError("this folder holds no dataset", where=location, hint=f"failview reads {format_names()}")
    if len(inside) == 1:
        return _open_one(inside[0], profile, progress)
    if any(item.is_dir() for item in inside):
        raise DatasetError(
            f"this folder holds {len(inside)} datasets: {_names(inside)}", where=location, hint="Name one of them"
        )
    return _open_files(location, inside, profile or find_profile(location), progress)


def _location(path: str | Path) -> Path:
    """The path of a dataset, on this machine or on another.

    Raises:
        DatasetError: There is nothing, or the other machine does not let us see it.
    """
    url = as_remote_url(path)
    if url is None:
        location = as_local_path(path)
        if not location.exists():
            raise DatasetError("no such file or folder", where=location, hint="Check the path")
        return location
    remote = remote_path(url)
    remote.require()
    return remote


def _open_one(
    location: Path, profile: Path | None, progress: Progress, recognised: Format | None = None
) -> AssembledDataset:
    if location.is_file():
        require_readable_file(location)
    row = recognised or recognise(location)
    if row is None or row.last_resort:
        _refuse_a_part(location)
    if row is None:
        what = f"not a dataset that failview knows{_why_unknown(location)}"
        raise DatasetError(what, where=location, hint=f"It reads {format_names()}")
    chosen = profile if profile is not None else find_profile(location)
    settings = Profile() if chosen is None else read_profile(chosen)
    raw = open_raw(row, location, progress)
    try:
        return AssembledDataset(raw, settings)
    except BaseException:
        raw.close()
        raise


def _refuse_a_part(location: Path) -> None:
    """A file of a LeRobot dataset has its clock, its cameras and its annotations elsewhere in there.

    Raises:
        DatasetError: It is one; names the dataset.
    """
    if isinstance(location, RemotePath):
        return
    if (whole := lerobot_folder_around(location)) is not None:
        raise DatasetError("this is a part of a LeRobot dataset", where=location, hint=f"Open the whole: {whole}")


def _refuse_pointers(folder: Path) -> None:
    """A folder without a dataset whose data was never fetched.

    Raises:
        DatasetError: Git LFS pointers lie in it; names one.
    """
    for file in islice(files_below(folder, _MAY_BE_POINTERS, _LOOKED_THROUGH), _POINTERS_LOOKED_AT):
        if is_git_lfs_pointer(file):
            what = f"{file.relative_to(folder)} is a Git LFS pointer: the data is not here"
            raise DatasetError(what, where=folder, hint="Run: git lfs pull")


def _name_deeper(folder: Path) -> None:
    """A folder whose folders, or theirs, hold datasets: nobody knows which of them is meant.

    Raises:
        DatasetError: There are some; names them.
    """
    if isinstance(folder, RemotePath):
        return
    found: list[Path] = []
    for number, (place, folders, _) in enumerate(os.walk(folder)):
        if number > _FOLDERS_LOOKED_AT or len(found) > _NAMED_IN_MESSAGE:
            break
        folders[:] = sorted((name for name in folders if not name.startswith(".")), key=natural_key)
        if place != str(folder) and _is_dataset_folder(Path(place)):
            found.append(Path(place).relative_to(folder))
            folders.clear()
    if found:
        names = ", ".join(str(item) for item in found[:_NAMED_IN_MESSAGE])
        more = " and more" if len(found) > _NAMED_IN_MESSAGE else ""
        what = f"this folder holds no dataset, but folders in it do: {names}{more}"
        raise DatasetError(what, where=folder, hint="Name one of them")


def _why_unknown(location: Path) -> str:
    """What an HDF5 file holds instead of a recording; h5py is imported only for one."""
    if not has_hdf5_signature(location):
        return ""
    return f": it {importlib.import_module('failview.loaders.hdf5.hdf5_kind').why_not_recognised(location)}"


def _open_files(folder: Path, files: Sequence[Path], profile: Path | None, progress: Progress) -> DatasetFolder:
    """Files of one folder as one dataset; a broken one is a warning as long as another can be read."""
    parts: list[AssembledDataset] = []
    errors: list[DatasetError] = []
    for file in progress(files, "opening files"):
        try:
            parts.append(_open_one(file, profile, unseen))
        except DatasetError as error:
            errors.append(error)
    if not parts:
        raise errors[0]
    return DatasetFolder(folder, parts, [str(error) for error in errors])


def _datasets_inside(folder: Path, progress: Progress, but: tuple[str, ...] = ()) -> list[Path]:
    """The datasets that lie directly in a folder; broken ones count, so that opening them says what is wrong.

    Tables are none here: they count where nothing else is. Ten thousand of them are not looked into by `but`, suffixes.
    """
    try:
        children = [child for child in folder.iterdir() if child.name[0] != "." and child.suffix.lower() not in but]
    except OSError as error:
        raise DatasetError(f"this folder cannot be read ({error.strerror})", where=folder) from error
    children.sort(key=lambda child: natural_key(child.name))
    return [child for child in progress(children, "looking for datasets") if _looks_like_dataset(child)]


def _looks_like_dataset(path: Path) -> bool:
    if is_broken_hdf5(path):
        return True
    try:
        return recognise(path, last_resort=False) is not None
    except DatasetError:
        return True


def _is_dataset_folder(path: Path) -> bool:
    """By what lies directly in it; files of one episode each were looked for in the whole tree before."""
    try:
        return is_lerobot_folder(path) or is_zarr(path) or is_bag(path)
    except DatasetError:
        return True


def _names(items: Sequence[Path]) -> str:
    names = ", ".join(item.name for item in items[:_NAMED_IN_MESSAGE])
    return f"{names} and {len(items) - _NAMED_IN_MESSAGE} more" if len(items) > _NAMED_IN_MESSAGE else names
