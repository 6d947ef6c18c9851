"""HDF5 with one episode per file: a file, or a folder of them."""

from collections.abc import Sequence
from pathlib import Path

from failview.errors import DatasetError
from failview.loaders.content_sniffing import HDF5_SUFFIXES
from failview.loaders.episode_files import EpisodeFileKind, EpisodeFiles, files_below
from failview.loaders.hdf5.episode_file import list_episode_file, read_episode_file
from failview.loaders.hdf5.hdf5_kind import holds_many_episodes, why_not_recognised
from failview.loaders.progress import Progress

_KIND = EpisodeFileKind("HDF5, one episode per file", list_episode_file, read_episode_file)


def are_episodes(files: Sequence[Path]) -> bool:
    """Whether the first files of a folder, or the only file, are recordings of one episode each.

    Of many files, damaged ones and other things do not count.

    Raises:
        DatasetError: The only file is truncated or damaged.
    """
    kinds = set()
    for file in files:
        try:
            kinds.add("many" if holds_many_episodes(file) else "none" if why_not_recognised(file) else "one")
        except DatasetError:
            if len(files) == 1:
                raise
    return kinds - {"none"} == {"one"}


def open_raw(path: Path, progress: Progress) -> EpisodeFiles:
    """Open a file or a folder of files.

    Raises:
        DatasetError: None can be read.
    """
    files = [path] if path.is_file() else list(files_below(path, HDF5_SUFFIXES))
    return EpisodeFiles(path, files, _KIND, progress)
