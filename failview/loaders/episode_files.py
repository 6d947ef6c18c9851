"""Files of one episode each as one dataset; a single file is a dataset of one."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from failview.errors import DatasetError
from failview.loaders.dataset import EpisodeEntry
from failview.loaders.index_cache import IndexCache
from failview.loaders.natural_order import natural_key, safe_id
from failview.loaders.progress import Progress
from failview.loaders.raw_dataset import RawEpisode
from failview.loaders.remote.remote_path import RemotePath
from failview.model.episode import EpisodePlace

_DEPTH = 5
"""Recorders nest episodes by lab, outcome, date and episode at most."""
_MAX_ENTRIES = 500_000
_NAMED_IN_WARNING = 3
_OTHERS = (".failview", ".zarr")


@dataclass(frozen=True)
class EpisodeFileKind:
    """How files of one kind are listed and read.

    Attributes:
        format_name: For people.
        list_file: The line of a file in the list of episodes, from its path and id; reads no data.
        read_file: The numbers and cameras of the episode in a file.
    """

    format_name: str
    list_file: Callable[[Path, str], EpisodeEntry]
    read_file: Callable[[Path], RawEpisode]


class EpisodeFiles:
    """A file, or the files below a folder in natural order, as a raw dataset.

    Args:
        path: What the user opened.
        files: The files; a broken one is a warning as long as another can be read.
        kind: How to list and read them.
        progress: Shows how far listing has come.

    Raises:
        DatasetError: None of them can be read.
    """

    def __init__(self, path: Path, files: Sequence[Path], kind: EpisodeFileKind, progress: Progress) -> None:
        self.path = path
        self.format_name = kind.format_name
        self._kind = kind
        self._files: dict[str, Path] = {}
        self.entries: list[EpisodeEntry] = []
        self.warnings: list[str] = []
        cache = IndexCache(path, kind.format_name)
        errors: list[DatasetError] = []
        named = sorted(zip(_ids(path, files), files, strict=True), key=lambda pair: natural_key(pair[0]))
        for episode_id, file in progress(named, "listing episodes"):
            try:
                self.entries.append(self._entry(cache, file, episode_id))
                self._files[episode_id] = file
            except DatasetError as error:
                errors.append(error)
        cache.save()
        if not self.entries:
            raise errors[0] if errors else DatasetError("no episodes", where=path)
        self.warnings += [str(error) for error in errors[:_NAMED_IN_WARNING]]
        if len(errors) > _NAMED_IN_WARNING:
            self.warnings.append(f"{len(errors) - _NAMED_IN_WARNING} more files cannot be read and are left out")

    def read_episode(self, episode_id: str) -> RawEpisode:
        """Read the numbers of an episode; nothing stays open."""
        return self._kind.read_file(self._files[episode_id])

    def place(self, episode_id: str) -> EpisodePlace:
        """A file of its own."""
        return EpisodePlace(self._files[episode_id])

    def close(self) -> None:
        """Nothing stays open between reads."""

    def _entry(self, cache: IndexCache, file: Path, episode_id: str) -> EpisodeEntry:
        known = _understood(cache.get(file), episode_id)
        if known is not None:
            return known
        entry = self._kind.list_file(file, episode_id)
        remembered = asdict(entry)
        del remembered["episode_id"]
        cache.put(file, remembered)
        return entry


def _understood(remembered: Any, episode_id: str) -> EpisodeEntry | None:
    """An entry out of the cache; None for anything else."""
    match remembered:
        case {"num_frames": int(frames), "rate_hz": float() | int() | None as rate_hz, "task": str(task)}:
            return EpisodeEntry(episode_id, frames, None if rate_hz is None else float(rate_hz), task)
    return None


def files_below(folder: Path, suffixes: tuple[str, ...], most: int = _MAX_ENTRIES) -> Iterator[Path]:
    """Files with one of the suffixes in a folder and its sub-folders, in natural order; other datasets are left alone.

    Args:
        folder: Where to look.
        suffixes: Endings, in small letters.
        most: Stops after so many entries, whatever they are.

    Raises:
        DatasetError: The folder cannot be read.
    """
    yield from _below(folder, suffixes, _DEPTH, [most])


def _below(folder: Path, suffixes: tuple[str, ...], depth: int, left: list[int]) -> Iterator[Path]:
    children = _children(folder, is_root=depth == _DEPTH)
    left[0] -= len(children)
    if left[0] < 0 or any(entry.name == "meta" and (folder / "meta" / "info.json").is_file() for entry in children):
        return
    for entry in children:
        if entry.name.lower().endswith(suffixes):
            if entry.is_file():
                yield folder / entry.name
        elif depth and entry.is_dir(follow_symlinks=False):
            yield from _below(folder / entry.name, suffixes, depth - 1, left)


class FolderEntry(Protocol):
    """What is asked of a thing in a folder."""

    @property
    def name(self) -> str:
        """Its name."""

    def is_file(self) -> bool:
        """Whether it is a file."""

    def is_dir(self, *, follow_symlinks: bool) -> bool:
        """Whether it is a folder."""


def listed(folder: Path) -> Sequence[FolderEntry]:
    """What lies in a folder; the paths of a remote one answer the same questions."""
    if isinstance(folder, RemotePath):
        return list(folder.iterdir())
    with os.scandir(folder) as entries:
        return list(entries)


def _children(folder: Path, *, is_root: bool) -> list[FolderEntry]:
    """What lies in a folder, in natural order, without what is hidden or of another kind."""
    try:
        seen = [item for item in listed(folder) if not item.name.startswith(".") and not item.name.endswith(_OTHERS)]
    except OSError as error:
        if not is_root:
            return []
        raise DatasetError(f"this folder cannot be read ({error.strerror})", where=folder) from error
    return sorted(seen, key=lambda entry: natural_key(entry.name))


def _ids(path: Path, files: Sequence[Path]) -> list[str]:
    """Ids by the paths within the dataset, without what is the same for all of them at the end (trajectory.h5)."""
    parts = [_parts(path, file) for file in files]
    while len(parts) > 1 and all(len(item) > 1 for item in parts) and len({item[-1] for item in parts}) == 1:
        parts = [item[:-1] for item in parts]
    names = [".".join(item) for item in parts]
    counts = Counter(names)
    return [
        safe_id(name if counts[name] == 1 else f"{name}{file.suffix}") for name, file in zip(names, files, strict=True)
    ]


def _parts(path: Path, file: Path) -> tuple[str, ...]:
    """Folders within the dataset and the name without its ending; by the text, for there may be ten thousand."""
    if isinstance(path, RemotePath):
        inside = file.relative_to(path) if file != path else Path(file.name)
        return (*inside.parts[:-1], inside.stem)
    text = str(file).removeprefix(str(path)).lstrip(os.sep) or file.name
    *folders, name = text.split(os.sep)  # noqa: PTH206 - quick
    stem, dot, suffix = name.rpartition(".")
    return (*folders, stem if stem and dot and suffix else name)
