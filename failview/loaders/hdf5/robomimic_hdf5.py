"""HDF5 with a group per episode: robomimic, robosuite raw demos, LIBERO, MimicGen, Isaac Lab, ManiSkill."""

from pathlib import Path
from typing import Any, TypedDict

import h5py

from failview.errors import DatasetError
from failview.loaders.dataset import EpisodeEntry
from failview.loaders.hdf5.hdf5_kind import episodes_group
from failview.loaders.hdf5.hdf5_tree import damage_told, member, member_or_warning, open_hdf5
from failview.loaders.hdf5.robomimic_attributes import dataset_task, declared_rate, episode_task
from failview.loaders.hdf5.robomimic_episode import frame_count, read_demo
from failview.loaders.index_cache import IndexCache
from failview.loaders.kept_open import opened
from failview.loaders.natural_order import natural_key, safe_id
from failview.loaders.progress import Progress
from failview.loaders.raw_dataset import RawEpisode
from failview.model.episode import EpisodePlace


class _Listing(TypedDict):
    """What the list of episodes says; an episode is (name, frames, task)."""

    group: str
    rate_hz: float | None
    warnings: list[str]
    episodes: list[tuple[str, int, str]]


class RobomimicHdf5:
    """One HDF5 file whose /data group, or whose top, holds the episodes.

    It is open only while it is read, unless whoever reads wants more of it: a folder may hold more such files than a
    process may have open.
    """

    format_name = "robomimic HDF5"

    def __init__(self, path: Path, progress: Progress) -> None:
        self.path = path
        self._is_closed = False
        cache = IndexCache(path, "episodes of an HDF5 file")
        found = _understood(cache.get(path)) or _look(path, progress)
        cache.put(path, found)
        cache.save()
        self.warnings = found["warnings"]
        self._group = found["group"]
        self._names = {safe_id(name): name for name, _, _ in found["episodes"]}
        self.entries = [
            EpisodeEntry(safe_id(name), num_frames, found["rate_hz"], task)
            for name, num_frames, task in found["episodes"]
        ]

    def read_episode(self, episode_id: str) -> RawEpisode:
        """Read the numbers of an episode."""
        if self._is_closed:
            raise DatasetError("this dataset has been closed", where=self.path)
        name = self._names[episode_id]
        with opened(self.path, open_hdf5) as file, damage_told(self.path, f"{name} is damaged and cannot be read"):
            return read_demo(self.path, _group(file, self._group), name)

    def place(self, episode_id: str) -> EpisodePlace:
        """One of many in this place."""
        return EpisodePlace(self.path, episode_id)

    def close(self) -> None:
        """Read nothing any more."""
        self._is_closed = True


def _look(path: Path, progress: Progress) -> _Listing:
    """The episodes by names, shapes and attributes.

    Raises:
        DatasetError: There is none, or the file is damaged.
    """
    with open_hdf5(path) as file, damage_told(path):
        group = episodes_group(file) or "data"
        data = _group(file, group)
        warnings: list[str] = []
        demos = _demos(data, warnings)
        if not demos:
            raise DatasetError("no episodes: /data holds no demo", where=path, hint="Record or export some first")
        rate_hz, _ = declared_rate(data)
        task = dataset_task(data)
        listed = progress(demos, "listing episodes")
        episodes = [(name, frame_count(demo), episode_task(demo) or task) for name, demo in listed]
        return {"group": group, "rate_hz": rate_hz, "warnings": warnings, "episodes": episodes}


def _understood(remembered: Any) -> _Listing | None:
    """A listing out of the cache; None for anything else."""
    match remembered:
        case {
            "group": str(group),
            "rate_hz": float() | None as rate_hz,
            "warnings": list(warnings),
            "episodes": [_, *_] as episodes,
        } if all(isinstance(line, str) for line in warnings) and all(map(_is_episode, episodes)):
            listed = [(str(name), int(frames), str(task)) for name, frames, task in episodes]
            return {"group": group, "rate_hz": rate_hz, "warnings": warnings, "episodes": listed}
    return None


def _is_episode(item: Any) -> bool:
    return isinstance(item, list) and list(map(type, item)) == [str, int, str]


def _group(file: h5py.File, path: str) -> h5py.Group:
    item = member(file, path)
    if not isinstance(item, h5py.Group):
        raise KeyError(path)
    return item


def _demos(data: h5py.Group, warnings: list[str]) -> list[tuple[str, h5py.Group]]:
    """The episode groups in natural order; groups of other files are left out, with a warning."""
    found = []
    for name in sorted(data, key=natural_key):
        item = member_or_warning(data, name, f"{data.name}/{name}".lstrip("/"), warnings)
        if isinstance(item, h5py.Group):
            found.append((name, item))
    return found


def open_raw(path: Path, progress: Progress) -> RobomimicHdf5:
    """Open a file of this family.

    Raises:
        DatasetError: No episodes, truncated or damaged.
    """
    return RobomimicHdf5(path, progress)
