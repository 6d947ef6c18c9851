"""A bag, or a folder of bags: every bag is one episode."""

from pathlib import Path

from failview.errors import DatasetError
from failview.loaders.dataset import EpisodeEntry
from failview.loaders.index_cache import IndexCache
from failview.loaders.natural_order import safe_id
from failview.loaders.progress import Progress
from failview.loaders.raw_dataset import RawEpisode
from failview.loaders.rosbag.bag import Bag, UnpackedFiles
from failview.loaders.rosbag.bag_episode import frame_count, no_frames, read_bag
from failview.loaders.rosbag.bag_metadata import read_metadata
from failview.loaders.rosbag.bag_recognition import BagSource, find_bags
from failview.loaders.rosbag.bag_storage import Channel
from failview.loaders.rosbag.bag_topics import topics_of
from failview.model.episode import EpisodePlace


class BagDataset:
    """Bags on disk. Between reads nothing stays open."""

    format_name = "rosbag"

    def __init__(self, path: Path, progress: Progress) -> None:
        self.path = path
        self._unpacked = UnpackedFiles()
        sources, self.warnings = find_bags(path)
        self.entries: list[EpisodeEntry] = []
        self._sources: dict[str, BagSource] = {}
        errors: list[DatasetError] = []
        cache = IndexCache(path, self.format_name)
        for source in progress(sources, "listing bags"):
            try:
                self._list(source, cache)
            except DatasetError as error:
                errors.append(error)
        cache.save()
        if not self.entries:
            self.close()
            raise errors[0] if errors else DatasetError("this folder holds no bag", where=path)
        self.warnings += [str(error) for error in errors]

    def read_episode(self, episode_id: str) -> RawEpisode:
        """Read the numbers of a bag and prepare its cameras."""
        return read_bag(Bag(self._sources[episode_id], self._unpacked))

    def place(self, episode_id: str) -> EpisodePlace:
        """A bag is a file or folder of its own."""
        return EpisodePlace(self._sources[episode_id].path)

    def close(self) -> None:
        """Remove unpacked copies."""
        self._unpacked.close()

    def _list(self, source: BagSource, cache: IndexCache) -> None:
        count = _remembered(source, cache) or _promised(source) or self._counted(source)
        _remember(source, cache, count)
        episode_id = safe_id(source.name)
        self._sources[episode_id] = source
        self.entries.append(EpisodeEntry(episode_id, count, None, ""))

    def _counted(self, source: BagSource) -> int:
        bag = Bag(source, self._unpacked)
        topics = topics_of(bag.channels, bag.metadata.distribution)
        count = frame_count(topics)
        if not count:
            raise no_frames(bag, topics)
        return count


def _parts(source: BagSource) -> list[Path]:
    """Every file that decides about the number of frames."""
    return [*source.files, *([source.metadata] if source.metadata else [])]


def _remembered(source: BagSource, cache: IndexCache) -> int:
    """Frames as counted in an earlier run; 0 when a file of the bag has changed since."""
    known = [cache.get(file) for file in _parts(source)]
    match known[0] if known else None:
        case {"num_frames": int(count), "files": names} if names == [file.name for file in _parts(source)]:
            return count if all(item is not None for item in known) else 0
    return 0


def _remember(source: BagSource, cache: IndexCache, count: int) -> None:
    names = [file.name for file in _parts(source)]
    for file in _parts(source):
        cache.put(file, {"num_frames": count, "files": names})


def _promised(source: BagSource) -> int:
    """Frames by metadata.yaml alone, for bags that would have to be unpacked to be listed; 0 when it cannot tell."""
    if source.metadata is None or not all(file.suffix in {".zstd", ".zst"} for file in source.files):
        return 0
    metadata = read_metadata(source.metadata)
    if set(metadata.files) != {file.name for file in source.files}:
        return 0
    channels = [
        (0, Channel(number, name, kind, "cdr", "", "", count))
        for number, (name, kind, count) in enumerate(metadata.topics or ())
    ]
    topics = topics_of(channels, metadata.distribution)
    return 0 if any(topic.why_unread for topic in topics) else frame_count(topics)


def open_raw(path: Path, progress: Progress) -> BagDataset:
    """Open a bag or a folder of bags.

    Raises:
        DatasetError: No bag of it can be listed.
    """
    return BagDataset(path, progress)
