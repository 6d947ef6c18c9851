"""Exports that appear whole or not at all: written beside their place, then moved there in one step."""

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil

from failview import __version__
from failview.errors import ExportError
from failview.sidecars.atomic_file import fsync_folder
from failview.sidecars.location import CONTAINER_SUFFIX
from failview.sidecars.os_errors import in_words

MARK = ".failview-export.json"
"""In every exported folder: only such a folder is ever replaced."""

_PART = ".failview-part"
_OLD = f"{_PART}.old"
_SCRATCH = f"{_PART}.scratch"


@contextlib.contextmanager
def whole_file(target: Path, source: Path, *, force: bool = False) -> Iterator[Path]:
    """Gives a path to write the file to; it is moved to its place when the block ends without an error.

    Args:
        target: Where the file goes; the folders above it are made.
        source: The dataset, which must not be written to.
        force: Replace what is there.

    Raises:
        ExportError: The place is taken, or part of the source, or cannot be written.
    """
    with _to_be_moved(target, source, force=force, folder=False) as part:
        yield part
        if not part.is_file():
            raise ExportError("nothing was written", where=target)


@contextlib.contextmanager
def whole_folder(target: Path, source: Path, *, kind: str, force: bool = False) -> Iterator[Path]:
    """Gives an empty folder to write to; it is moved to its place when the block ends without an error.

    Args:
        target: Where the folder goes; the folders above it are made.
        source: The dataset, which must not be written to.
        kind: What is exported ("rlds").
        force: Replace what is there, if it is a folder that failview exported, or an empty one.

    Raises:
        ExportError: The place is taken, or part of the source, or cannot be written.
    """
    with _to_be_moved(target, source, force=force, folder=True) as part:
        part.mkdir()
        yield part
        mark = {"export": kind, "failview": __version__}
        (part / MARK).write_text(json.dumps(mark) + "\n", encoding="utf-8")


@contextlib.contextmanager
def put_in_place_of(target: Path, backup: Path) -> Iterator[Path]:
    """Gives a path to write to; at the end it takes the place of a file, which stays as a backup.

    Args:
        target: The file, which somebody has told us to change.
        backup: Where it stays as it was; nothing may be there.

    Raises:
        ExportError: It cannot be written; the file is as it was.
    """
    part = _part_of(target)
    try:
        _remove_leftovers(target, _PART)
        try:
            yield part
            _flush(part)
            _keep_as(target, backup)
            part.replace(target)
            fsync_folder(target.parent)
        except BaseException:
            _remove(part)
            raise
    except OSError as error:
        what, _ = in_words(error)
        raise ExportError(f"cannot be written: {what}", where=target, hint="It is as it was") from error


def _keep_as(target: Path, backup: Path) -> None:
    """Give a file a second name; where there are no hard links, a copy."""
    try:
        os.link(target, backup, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:
        shutil.copy2(target, backup)
        _flush(backup)


def _part_of(target: Path) -> Path:
    return target.with_name(f".{target.name}.{os.getpid()}{_PART}")


@contextlib.contextmanager
def scratch_beside(part: Path) -> Iterator[Path]:
    """A folder for pieces of what is being written, on the same disk; it is gone afterwards.

    Args:
        part: What `whole_file` or `whole_folder` gave.
    """
    folder = part.with_name(part.name.removesuffix(_PART) + _SCRATCH)
    _remove(folder)
    folder.mkdir()
    try:
        yield folder
    finally:
        _remove(folder)


@contextlib.contextmanager
def _to_be_moved(target: Path, source: Path, *, force: bool, folder: bool) -> Iterator[Path]:
    target = target.absolute()
    _refuse_the_source(target, source)
    _refuse_what_is_there(target, force=force, folder=folder)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(target, _PART)
        _remove_leftovers(target, _SCRATCH)
        part = _part_of(target)
        try:
            yield part
            _flush(part)
            _put_in_place(part, target)
            _remove_leftovers(target, _OLD)
        except BaseException:
            _remove(part)
            raise
    except OSError as error:
        what, _ = in_words(error)
        raise ExportError(f"cannot be written: {what}", where=target, hint="Nothing was exported") from error


def _refuse_the_source(target: Path, source: Path) -> None:
    """An export into the source, or around it, would change data that is only to be read.

    Raises:
        ExportError: It would.
    """
    place, data = target.resolve(), source.resolve()
    labels = data.with_name(data.name + CONTAINER_SUFFIX)
    if place.is_relative_to(data) or place.is_relative_to(labels):
        raise ExportError("lies in the dataset itself", where=target, hint="Export to another place")
    if data.is_relative_to(place):
        raise ExportError("holds the dataset itself", where=target, hint="Export to another place")


def _refuse_what_is_there(target: Path, *, force: bool, folder: bool) -> None:
    if not os.path.lexists(target):
        return
    if not force:
        raise ExportError("is there already", where=target, hint="Name another place, or replace it with --force")
    if folder and target.is_dir() and not target.is_symlink():
        if (target / MARK).is_file() or not any(target.iterdir()):
            return
        what = "is a folder that failview did not export, and is not replaced"
        raise ExportError(what, where=target, hint="Name another place")
    if folder or not target.is_file():
        is_what = "a folder" if target.is_dir() else "a file"
        raise ExportError(f"{is_what} is there, and is not replaced", where=target, hint="Name another place")


def _put_in_place(part: Path, target: Path) -> None:
    """Rename; a folder that is there makes room first, and comes back when the new one cannot take its place."""
    if not target.is_dir():
        part.replace(target)
    else:
        old = part.with_name(part.name.removesuffix(_PART) + _OLD)
        target.rename(old)
        try:
            part.rename(target)
        except OSError:
            old.rename(target)
            raise
        shutil.rmtree(old, ignore_errors=True)
    fsync_folder(target.parent)


def _flush(part: Path) -> None:
    """All of it on the disk before it is called whole."""
    files = [item for item in part.rglob("*") if item.is_file()] if part.is_dir() else [part] if part.exists() else []
    for file in files:
        handle = os.open(file, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _remove_leftovers(target: Path, ending: str) -> None:
    """What exports to the same place left that were killed."""
    for item in target.parent.glob(f".{_literal(target.name)}.*{ending}"):
        number = item.name.removeprefix(f".{target.name}.").removesuffix(ending)
        if number.isdigit() and not psutil.pid_exists(int(number)):
            _remove(item)


def _literal(name: str) -> str:
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in name)


def _remove(part: Path) -> None:
    with contextlib.suppress(OSError):
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        else:
            part.unlink(missing_ok=True)
