"""Which files and folders are bags, by their first bytes; no bag library is imported for it."""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from failview.errors import DatasetError
from failview.loaders.content_sniffing import head_or_nothing, is_git_lfs_pointer
from failview.loaders.episode_files import listed
from failview.loaders.natural_order import natural_key

METADATA_FILE = "metadata.yaml"
_METADATA_MARK = b"rosbag2_bagfile_information"
_ROS1_MARK = b"#ROSBAG V"
_MCAP_MARK = b"\x89MCAP0\r\n"
_SQLITE_MARK = b"SQLite format 3\x00"
_ZSTD_MARK = b"\x28\xb5\x2f\xfd"
_SUFFIXES = frozenset({".bag", ".mcap", ".db3", ".zstd", ".zst"})
_SPLIT = re.compile(r"^(?P<stem>.+)_(?P<number>\d+)$")


@dataclass(frozen=True)
class BagSource:
    """One bag: one episode.

    Attributes:
        name: Name for people, from which the episode's id is made.
        path: The file or folder.
        files: Its storage files, in order.
        metadata: Its metadata.yaml; None without one.
        warnings: What is wrong with how it lies there.
    """

    name: str
    path: Path
    files: tuple[Path, ...]
    metadata: Path | None = None
    warnings: tuple[str, ...] = ()


def is_bag(path: Path) -> bool:
    """Whether a path is a bag, or a folder of bags.

    Raises:
        DatasetError: The folder cannot be read.
    """
    return is_bag_file(path) if path.is_file() else path.is_dir() and next(_sources(path, []), None) is not None


def is_bag_file(path: Path) -> bool:
    """Whether a file is a storage file of a bag."""
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError:
        return False
    if head.startswith(_SQLITE_MARK):
        return _has_bag_tables(path)
    if head.startswith(_ZSTD_MARK):
        return Path(path.stem).suffix in _SUFFIXES
    return head.startswith((_ROS1_MARK, _MCAP_MARK))


def storage_kind(path: Path) -> str:
    """One of "ros1", "mcap", "sqlite", by the first bytes."""
    with path.open("rb") as file:
        head = file.read(16)
    return "ros1" if head.startswith(_ROS1_MARK) else "mcap" if head.startswith(_MCAP_MARK) else "sqlite"


def find_bags(path: Path) -> tuple[list[BagSource], list[str]]:
    """(bags in natural order of their names, one line for everything that looks like one but is none)."""
    warnings: list[str] = []
    if path.is_file():
        return [BagSource(path.stem, path, (path,))], warnings
    return sorted(_sources(path, warnings), key=lambda bag: natural_key(bag.name)), warnings


def _sources(folder: Path, warnings: list[str]) -> Iterator[BagSource]:
    """The bag that a folder is, or those directly in it and in its folders."""
    files, folders = _children(folder)
    own = _as_bag(folder, files)
    if own is not None:
        yield own
        return
    yield from _files_as_bags(files, warnings)
    for child in folders:
        inner, _ = _children(child)
        bag = _as_bag(child, inner)
        found = [bag] if bag else list(_files_as_bags(inner, warnings))
        for source in found:
            name = child.name if len(found) == 1 else f"{child.name}.{source.name}"
            yield BagSource(name, source.path, source.files, source.metadata, source.warnings)


def _files_as_bags(children: Sequence[Path], warnings: list[str]) -> Iterator[BagSource]:
    files = [child for child in children if child.suffix in _SUFFIXES]
    stems = Counter(file.stem for file in files)
    for file in files:
        if is_bag_file(file):
            yield BagSource(file.stem if stems[file.stem] == 1 else file.name, file, (file,))
        elif file.suffix in {".bag", ".mcap", ".db3"}:
            warnings.append(f"{file.name}: {_why_no_bag(file)}: left out")


def _why_no_bag(file: Path) -> str:
    if is_git_lfs_pointer(file):
        return "a Git LFS pointer (run git lfs pull)"
    return "named like a bag, but it is none" if file.stat().st_size else "this file is empty"


def _as_bag(folder: Path, children: Sequence[Path]) -> BagSource | None:
    """The folder as one ROS 2 bag: it has the description of one, or the parts of one that was split."""
    metadata = folder / METADATA_FILE
    named = [child for child in children if child.suffix in _SUFFIXES - {".bag"}]
    if metadata.is_file() and _METADATA_MARK in head_or_nothing(metadata, 4096):
        files = tuple(filter(is_bag_file, named))
        others = tuple(f"{file.name}: {_why_no_bag(file)}: left out" for file in named if file not in files)
        return BagSource(folder.name, folder, files, metadata, others)
    parts = [_SPLIT.match(child.name.split(".")[0]) for child in named]
    if len(named) > 1 and all(part and part["stem"] == folder.name for part in parts):
        files = tuple(filter(is_bag_file, named))
        note = f"{METADATA_FILE} is missing: {len(files)} files named like the folder are taken for one split bag"
        return BagSource(folder.name, folder, files, None, (note,)) if files else None
    return None


def _children(folder: Path) -> tuple[list[Path], list[Path]]:
    """(files, folders) directly in a folder, in natural order, without what is hidden."""
    try:
        visible = [entry for entry in listed(folder) if not entry.name.startswith(".")]
    except OSError as error:
        raise DatasetError(f"this folder cannot be read ({error.strerror})", where=folder) from error
    visible.sort(key=lambda entry: natural_key(entry.name))
    files = [folder / entry.name for entry in visible if entry.is_file()]
    return files, [folder / entry.name for entry in visible if entry.is_dir(follow_symlinks=True)]


def _has_bag_tables(path: Path) -> bool:
    """A SQLite file that is no bag is none of ours; a damaged one with a bag's name is."""
    try:
        uri = f"file:{quote(str(path.resolve()))}?immutable=1"
        with closing(sqlite3.connect(uri, uri=True)) as database:
            names = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.Error:
        return path.suffix == ".db3"
    return {"topics", "messages"} <= names
