"""Tells that the files of an episode are unchanged without reading them."""

import hashlib
import os
import stat
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from pathlib import Path

from failview.model.episode import EpisodePlace

_MOST_FILES = 200_000
_FEW = 8
"""Of so few files any can belong to any: a lone table takes a video of whatever name."""
_METADATA = frozenset({".zarray", ".zattrs", ".zgroup", ".zmetadata"})
"""Hidden files of zarr v2 that say what the numbers are; nothing else that is hidden is data."""

_OURS = (".failview", ".failview.json", ".failview.toml", ".detections.npz")


class SourceStamps:
    """States of the places where episodes lie: names, sizes and times of their files.

    What lies beside a file under the same name, and in folders beside it (its videos), belongs to it. What failview
    itself writes does not.
    """

    def __init__(self) -> None:
        self._of_folder = cache(_stamp)
        self._beside = cache(_Neighbours)

    def of(self, place: EpisodePlace) -> str:
        """Hash over the state of a place; empty when it cannot be told (another machine, a link to a folder)."""
        try:
            if place.path.is_dir():
                return self._of_folder(place.path)
            return self._beside(place.path.parent).stamp(place.path.name)
        except OSError:
            return ""


class _Neighbours:
    """The files of a folder that hold an episode each."""

    def __init__(self, folder: Path) -> None:
        with os.scandir(folder) as found:
            entries = [entry for entry in found if not _is_ours(entry.name)]
        folders = sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
        below = [_stamp(folder / name) for name in folders]
        self._below = _hash(map("|".join, zip(folders, below, strict=True)))
        self._is_told = all(below) and not any(entry.is_symlink() and entry.is_dir() for entry in entries)
        self._lines = {entry.name: _line(entry.name, entry) for entry in entries if entry.is_file()}
        self._names = sorted(self._lines)

    def stamp(self, name: str) -> str:
        """Hash over the state of one of them and what belongs to it; empty when it cannot be told."""
        stem = Path(name).stem
        if name not in self._lines or not self._is_told:
            return ""
        if len(self._names) <= _FEW:
            return _hash((self._below, *self._lines.values()))
        same = []
        for other in self._names[bisect_left(self._names, stem) :]:
            if not other.startswith(stem):
                break
            if not other[len(stem) : len(stem) + 1].isalnum():
                same.append(self._lines[other])
        return _hash((self._below, *same))


class _LinkedFolderError(Exception):
    """What a link to a folder leads to is not looked at: it may lead anywhere, back to itself too."""


def _stamp(folder: Path) -> str:
    """Hash over the state of everything in a folder; empty when that is too much, or a link to a folder is in it."""
    try:
        lines = list(islice(_walk(folder, ""), _MOST_FILES + 1))
    except _LinkedFolderError:
        return ""
    return _hash(lines) if len(lines) <= _MOST_FILES else ""


def _walk(folder: Path, prefix: str) -> Iterator[str]:
    with os.scandir(folder) as found:
        entries = sorted((entry for entry in found if not _is_ours(entry.name)), key=lambda entry: entry.name)
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(folder / entry.name, f"{prefix}{entry.name}/")
        else:
            yield _line(f"{prefix}{entry.name}", entry)


def _line(name: str, entry: os.DirEntry[str]) -> str:
    """Size, identity and both times: that of the status no program can set back.

    Raises:
        _LinkedFolderError: A link to a folder, whose files can change without it.
    """
    status = entry.stat()
    if stat.S_ISDIR(status.st_mode):
        raise _LinkedFolderError(name)
    return f"{name}|{status.st_size}|{status.st_mtime_ns}|{status.st_ctime_ns}|{status.st_ino}"


def _is_ours(name: str) -> bool:
    hidden = name.startswith(".") and name not in _METADATA
    return hidden or name.endswith(_OURS)


def _hash(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()[:32]
