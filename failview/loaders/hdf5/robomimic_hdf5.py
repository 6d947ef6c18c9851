"""HDF5 with a group per episode: robomimic, robosuite raw demos, LIBERO, MimicGen, Isaac Lab, ManiSkill."""

from pathlib import Path

import h5py

from failview.errors import DatasetError
from failview.loaders.dataset import EpisodeEntry
from failview.loaders.hdf5.hdf5_kind import episodes_group
from failview.loaders.hdf5.hdf5_tree import damage_told, open_hdf5
from failview.loaders.hdf5.robomimic_attributes import dataset_task, declared_rate, episode_task
from failview.loaders.hdf5.robomimic_episode import frame_count, read_demo
from failview.loaders.natural_order import natural_key, safe_id
from failview.loaders.raw_dataset import RawEpisode
from failview.model.episode import EpisodePlace


class RobomimicHdf5:
    """One HDF5 file whose /data group, or whose top, holds the episodes.

    It is open only while it is read: a folder may hold more such files than a process may have open.
    """

    format_name = "robomimic HDF5"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._is_closed = False
        self._names: dict[str, str] = {}
        self.warnings: list[str] = []
        with open_hdf5(path) as file, damage_told(path):
            self._group = episodes_group(file) or "data"
            self.entries = self._list(file)

    def read_episode(self, episode_id: str) -> RawEpisode:
        """Read the numbers of an episode."""
        if self._is_closed:
            raise DatasetError("this dataset has been closed", where=self.path)
        name = self._names[episode_id]
        with open_hdf5(self.path) as file, damage_told(self.path, f"{name} is damaged and cannot be read"):
            return read_demo(self.path, file[self._group], name)

    def place(self, episode_id: str) -> EpisodePlace:
        """One of many in this place."""
        return EpisodePlace(self.path, episode_id)

    def close(self) -> None:
        """Read nothing any more."""
        self._is_closed = True

    def _list(self, file: h5py.File) -> list[EpisodeEntry]:
        data = file[self._group]
        demos = self._demos(data)
        if not demos:
            raise DatasetError("no episodes: /data holds no demo", where=self.path, hint="Record or export some first")
        rate_hz, _ = declared_rate(data)
        task = dataset_task(data)
        entries = []
        for name, demo in demos:
            episode_id = safe_id(name)
            self._names[episode_id] = name
            entries.append(EpisodeEntry(episode_id, frame_count(demo), rate_hz, episode_task(demo) or task))
        return entries

    def _demos(self, data: h5py.Group) -> list[tuple[str, h5py.Group]]:
        """The episode groups in natural order; groups of other files are left out, with a warning."""
        found = []
        for name in sorted(data, key=natural_key):
            if data.id.links.get_info(name.encode()).type == h5py.h5l.TYPE_EXTERNAL:
                self.warnings.append(f"{data.name}/{name} is a link to another file: left out".lstrip("/"))
                continue
            item = data.get(name)
            if isinstance(item, h5py.Group):
                found.append((name, item))
        return found


def open_raw(path: Path) -> RobomimicHdf5:
    """Open a file of this family.

    Raises:
        DatasetError: No episodes, truncated or damaged.
    """
    return RobomimicHdf5(path)
