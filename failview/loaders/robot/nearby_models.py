"""Finds robot models that lie beside a dataset."""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from xml.etree import ElementTree as ET

from failview.loaders.remote.remote_path import RemotePath

_FOLDERS = frozenset({"model", "models", "robot", "robots", "urdf", "mjcf", "xml", "assets", "description"})
_SUFFIXES = (".urdf", ".xml", ".mjcf")
_ROOTS = frozenset({"robot", "mujoco"})
_MOST_ENTRIES = 20_000
_MOST_MODELS = 8
_MOST_BYTES = 20_000_000


def models_beside(dataset: Path) -> tuple[Path, ...]:
    """URDF and MJCF files in the dataset's folder and in folders of it that are named like a place for models.

    They are told by the root of their XML. Nothing outside the folder is looked at, nor another machine's.
    """
    if isinstance(dataset, RemotePath):
        return ()
    folder = dataset if dataset.is_dir() and dataset.suffix != ".zarr" else dataset.parent
    return tuple(islice(_models(folder, folder.resolve(), depth=1), _MOST_MODELS))


def _models(folder: Path, top: Path, depth: int) -> Iterator[Path]:
    try:
        with os.scandir(folder) as found:
            entries = sorted(islice(found, _MOST_ENTRIES), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        path = folder / entry.name
        if entry.name.lower().endswith(_SUFFIXES) and _is_inside(path, top) and _is_model(path):
            yield path
    for entry in entries:
        if depth and entry.name.lower() in _FOLDERS and entry.is_dir(follow_symlinks=False):
            yield from _models(folder / entry.name, top, depth - 1)


def _is_inside(path: Path, top: Path) -> bool:
    resolved = path.resolve()
    return resolved.is_relative_to(top) and resolved.is_file() and resolved.stat().st_size <= _MOST_BYTES


def _is_model(path: Path) -> bool:
    """Whether the first element says so; the rest is not read."""
    try:
        with path.open("rb") as file:
            _, root = next(iter(ET.iterparse(file, events=("start",))))  # noqa: S314 - only up to the first element
    except (OSError, ET.ParseError, StopIteration, LookupError, ValueError):  # the last two: its encoding
        return False
    return root.tag in _ROOTS
