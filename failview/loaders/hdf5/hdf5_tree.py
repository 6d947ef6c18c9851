"""Walks an HDF5 tree without leaving the file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py

from failview.errors import DatasetError
from failview.loaders.hdf5.global_heap import require_sound_ends
from failview.loaders.remote.remote_path import RemotePath

_MAX_DEPTH = 8


@contextmanager
def damage_told(path: Path, what: str = "this HDF5 file is truncated or damaged") -> Iterator[None]:
    """Turns what the HDF5 library raises on damaged files into one line.

    Raises:
        DatasetError: In place of the library's errors, which differ with the place of the damage.
    """
    try:
        yield
    except (OSError, KeyError, RuntimeError, ValueError, TypeError) as error:
        raise DatasetError(what, where=path, hint="Copy or download it again") from error


def open_hdf5(path: Path) -> h5py.File:
    """Open a file read-only, without HDF5's own locks (they fail on read-only and network disks).

    Raises:
        DatasetError: Truncated or damaged.
    """
    with damage_told(path):
        require_sound_ends(path)
        if isinstance(path, RemotePath):
            return h5py.File(path.open("rb"), "r")
        return h5py.File(path, "r", locking=False)


def datasets_below(group: h5py.Group, warnings: list[str]) -> Iterator[tuple[str, h5py.Dataset]]:
    """Every dataset below a group with its path, in file order.

    Links and storage that lead outside the file are left out, with a warning; so are cycles.

    Args:
        group: Where to start.
        warnings: Gets one line for whatever is left out.
    """
    yield from _walk(group, "", warnings, 0)


def _walk(group: h5py.Group, prefix: str, warnings: list[str], depth: int) -> Iterator[tuple[str, h5py.Dataset]]:
    for name in group:
        path = f"{prefix}{name}"
        item = _member(group, name, path, warnings)
        if isinstance(item, h5py.Dataset) and _stays_inside(item, path, warnings):
            yield path, item
        elif isinstance(item, h5py.Group) and depth < _MAX_DEPTH:
            yield from _walk(item, f"{path}/", warnings, depth + 1)


def _member(group: h5py.Group, name: str, path: str, warnings: list[str]) -> object:
    if isinstance(group.get(name, getlink=True), h5py.ExternalLink):
        warnings.append(f"{path} is a link to another file: left out")
        return None
    try:
        return group[name]
    except (KeyError, OSError, RuntimeError, ValueError) as error:
        warnings.append(f"{path} cannot be read ({' '.join(str(error).split())}): left out")
        return None


def _stays_inside(dataset: h5py.Dataset, path: str, warnings: list[str]) -> bool:
    if dataset.external or dataset.is_virtual:
        warnings.append(f"{path} keeps its data in another file: left out")
        return False
    return True
