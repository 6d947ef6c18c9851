"""The table of formats, and the way from a path to an opened dataset."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from failview.errors import DatasetError
from failview.loaders.assembled_dataset import AssembledDataset
from failview.loaders.content_sniffing import (
    has_hdf5_signature,
    is_broken_hdf5,
    is_lerobot_folder,
    require_readable_file,
)
from failview.loaders.profile import Profile, find_profile
from failview.loaders.profile_file import read_profile
from failview.loaders.raw_dataset import RawDataset

_NAMED_IN_MESSAGE = 8


@dataclass(frozen=True)
class Format:
    """One row of the table.

    Attributes:
        name: For people.
        recognises: Tells by content whether a file or folder is of this format; raises DatasetError when it
            plainly is, but is broken.
        module: Imported only when the format is met; offers `open_raw(path) -> RawDataset`.
        extra: Optional dependency group that the module needs; empty for none.
    """

    name: str
    recognises: Callable[[Path], bool]
    module: str
    extra: str = ""


def _is_robomimic(path: Path) -> bool:
    """h5py is imported only for a file that is HDF5."""
    if not has_hdf5_signature(path):
        return False
    return bool(importlib.import_module("failview.loaders.hdf5_tree").top_level_names(path) >= {"data"})


FORMATS: tuple[Format, ...] = (
    Format("LeRobot", is_lerobot_folder, "failview.loaders.lerobot"),
    Format("robomimic HDF5", _is_robomimic, "failview.loaders.robomimic_hdf5"),
)


def open_dataset(path: str | Path, profile: Path | None = None) -> AssembledDataset:
    """Open a dataset read-only.

    Args:
        path: File or folder, of any format of the table; a folder with exactly one dataset in it opens that one.
        profile: Profile to use in place of the one beside the data.

    Raises:
        DatasetError: The path is no dataset, or a broken one.
        ProfileError: The profile has a wrong key, unit or value.
    """
    location = _locate(Path(path).expanduser())
    row = recognise(location)
    if row is None:
        raise DatasetError("not a dataset that failview knows", where=location, hint=f"It reads {_format_names()}")
    chosen = _load_profile(location, profile)
    raw = _open_raw(row, location)
    try:
        return AssembledDataset(raw, chosen)
    except BaseException:
        raw.close()
        raise


def recognise(path: Path) -> Format | None:
    """The format of a file or folder by its content; None when no row knows it.

    Raises:
        DatasetError: It belongs to a format but is broken.
    """
    return next((row for row in FORMATS if row.recognises(path)), None)


def _locate(path: Path) -> Path:
    if not path.exists():
        raise DatasetError("no such file or folder", where=path, hint="Check the path")
    if path.is_file():
        require_readable_file(path)
        return path
    if recognise(path) is not None:
        return path
    found = _datasets_inside(path)
    if len(found) == 1:
        return _locate(found[0])
    if not found:
        raise DatasetError("this folder holds no dataset", where=path, hint=f"failview reads {_format_names()}")
    names = ", ".join(item.name for item in found[:_NAMED_IN_MESSAGE])
    more = f" and {len(found) - _NAMED_IN_MESSAGE} more" if len(found) > _NAMED_IN_MESSAGE else ""
    raise DatasetError(f"this folder holds {len(found)} datasets: {names}{more}", where=path, hint="Name one of them")


def _datasets_inside(folder: Path) -> list[Path]:
    """The datasets that lie directly in a folder; broken ones count, so that opening them says what is wrong."""
    try:
        children = sorted(child for child in folder.iterdir() if not child.name.startswith("."))
    except OSError as error:
        raise DatasetError(f"this folder cannot be read ({error.strerror})", where=folder) from error
    return [child for child in children if _looks_like_dataset(child)]


def _looks_like_dataset(path: Path) -> bool:
    if is_broken_hdf5(path):
        return True
    try:
        return recognise(path) is not None
    except DatasetError:
        return True


def _load_profile(location: Path, profile: Path | None) -> Profile:
    chosen = profile if profile is not None else find_profile(location)
    return Profile() if chosen is None else read_profile(chosen)


def _open_raw(row: Format, location: Path) -> RawDataset:
    try:
        module = importlib.import_module(row.module)
    except ImportError as error:
        hint = f"Install it with: pip install 'failview[{row.extra}]'" if row.extra else "Reinstall failview"
        raise DatasetError(f"reading {row.name} needs {error.name}", where=location, hint=hint) from error
    return cast("RawDataset", module.open_raw(location))


def _format_names() -> str:
    return " and ".join(row.name for row in FORMATS)


__all__ = ["FORMATS", "Format", "open_dataset", "recognise"]
