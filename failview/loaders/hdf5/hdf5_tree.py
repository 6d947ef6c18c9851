"""Walks an HDF5 tree without leaving the file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py

from failview.errors import DatasetError
from failview.loaders.hdf5.global_heap import require_sound_ends
from failview.loaders.remote.remote_path import RemotePath

_MAX_DEPTH = 8
_MAX_LINKS = 16
_CANNOT_BE_READ = (KeyError, OSError, RuntimeError, ValueError)


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


class OutsideFileError(OSError):
    """What was asked for does not lie in the file."""


def member(group: h5py.Group, path: str) -> object:
    """What stands at a path below a group. Another file is never opened for it, whatever links and storage say.

    Every part of the path is looked at before it is followed: a soft link may lead through one to another file.

    Raises:
        OutsideFileError: The path, or the storage of the dataset at its end, leads to another file.
        KeyError: There is nothing.
        OSError, RuntimeError, ValueError: It cannot be read.
    """
    item = _followed(group, path, _MAX_LINKS)
    if isinstance(item, h5py.Dataset):
        _require_own_storage(item)
    return item


def member_or_none(group: h5py.Group, path: str) -> object:
    """What stands at a path below a group; None when there is nothing that can be read from this file."""
    try:
        return member(group, path)
    except _CANNOT_BE_READ:
        return None


def member_or_warning(group: h5py.Group, name: str, path: str, warnings: list[str]) -> object:
    """What stands under a name; None, with a warning that names it by its path, when it is left out."""
    try:
        return member(group, name)
    except OutsideFileError as error:
        warnings.append(f"{path} {error}: left out")
    except _CANNOT_BE_READ as error:
        warnings.append(f"{path} cannot be read ({' '.join(str(error).split())}): left out")
    return None


def datasets_below(
    group: h5py.Group, warnings: list[str], but: frozenset[str] = frozenset()
) -> Iterator[tuple[str, h5py.Dataset]]:
    """Every dataset below a group with its path, in file order.

    Links and storage that lead outside the file are left out, with a warning; so are groups that hold themselves.

    Args:
        group: Where to start.
        warnings: Gets one line for whatever is left out.
        but: Members of the group itself that are passed over.
    """
    yield from _walk(group, "", warnings, (_address(group),), but)


def _followed(group: h5py.Group, path: str, links_left: int) -> object:
    here: object = group.file["/"] if path.startswith("/") else group
    for part in path.split("/"):
        if part in {"", "."}:
            continue
        if not isinstance(here, h5py.Group):
            raise KeyError(f"nothing lies below what is no group, as {part} should")
        name = part.encode("utf-8", "surrogateescape")
        kind = here.id.links.get_info(name).type
        if kind == h5py.h5l.TYPE_HARD:
            here = _opened(here, name)
        elif kind != h5py.h5l.TYPE_SOFT:
            raise OutsideFileError("is a link to another file")
        elif not links_left:
            raise KeyError("links lead to links without end")
        else:
            links_left -= 1
            here = _followed(here, here.id.links.get_val(name).decode("utf-8", "surrogateescape"), links_left)
    return here


def _opened(group: h5py.Group, name: bytes) -> object:
    """What a hard link leads to. h5py's own way asks for more, and takes several times as long."""
    found = h5py.h5o.open(group.id, name)
    if isinstance(found, h5py.h5d.DatasetID):
        return h5py.Dataset(found, readonly=True)
    return h5py.Group(found) if isinstance(found, h5py.h5g.GroupID) else group[name]


def _require_own_storage(dataset: h5py.Dataset) -> None:
    created = dataset.id.get_create_plist()
    if created.get_external_count():
        raise OutsideFileError("keeps its data in another file")
    if created.get_layout() == h5py.h5d.VIRTUAL:
        is_own = all(source.file_name == "." for source in dataset.virtual_sources())
        what = "is put together from other datasets" if is_own else "keeps its data in another file"
        raise OutsideFileError(f"{what} (virtual dataset)")


def _walk(
    group: h5py.Group, prefix: str, warnings: list[str], above: tuple[int, ...], but: frozenset[str] = frozenset()
) -> Iterator[tuple[str, h5py.Dataset]]:
    for name in (item for item in group if item not in but):
        path = f"{prefix}{name}"
        item = member_or_warning(group, name, path, warnings)
        if isinstance(item, h5py.Dataset):
            yield path, item
        elif isinstance(item, h5py.Group) and len(above) <= _MAX_DEPTH:
            address = _address(item)
            if address in above:
                warnings.append(f"{path} leads back to a group around it: left out")
            else:
                yield from _walk(item, f"{path}/", warnings, (*above, address))


def _address(group: h5py.Group) -> int:
    return int(h5py.h5o.get_info(group.id).addr)
