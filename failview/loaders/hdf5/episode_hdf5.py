"""HDF5 with one episode per file: a file, or a folder of them."""

import contextlib
from itertools import islice
from pathlib import Path

from failview.errors import DatasetError
from failview.loaders.content_sniffing import HDF5_SUFFIXES, has_hdf5_signature
from failview.loaders.episode_files import EpisodeFileKind, EpisodeFiles, files_below
from failview.loaders.hdf5.episode_file import list_episode_file, read_episode_file
from failview.loaders.hdf5.hdf5_kind import holds_many_episodes, why_not_recognised

_LOOKED_AT = 8
_LOOKED_THROUGH = 50_000
_KIND = EpisodeFileKind("HDF5, one episode per file", list_episode_file, read_episode_file)


def recognises(path: Path) -> bool:
    """Whether a file is the recording of one episode, or a folder holds such files and none of many episodes.

    Raises:
        DatasetError: A file is truncated or damaged.
    """
    if path.is_file():
        return has_hdf5_signature(path) and not holds_many_episodes(path) and not why_not_recognised(path)
    return _kinds(path) == {"one"}


def _kinds(folder: Path) -> set[str]:
    """Which kinds of recordings the first files of a folder are; damaged ones and other things do not count."""
    kinds = set()
    for file in islice(files_below(folder, HDF5_SUFFIXES, _LOOKED_THROUGH), _LOOKED_AT):
        with contextlib.suppress(DatasetError):
            if has_hdf5_signature(file):
                kinds.add("many" if holds_many_episodes(file) else "none" if why_not_recognised(file) else "one")
    return kinds - {"none"}


def open_raw(path: Path) -> EpisodeFiles:
    """Open a file or a folder of files.

    Raises:
        DatasetError: None can be read.
    """
    files = [path] if path.is_file() else list(files_below(path, HDF5_SUFFIXES))
    return EpisodeFiles(path, files, _KIND)
