"""One bag: its storage files taken together, whatever metadata.yaml says about them."""

import tempfile
import threading
from collections import OrderedDict
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import zstandard

from failview.errors import DatasetError
from failview.loaders.natural_order import natural_key
from failview.loaders.rosbag.bag_metadata import BagMetadata, read_metadata
from failview.loaders.rosbag.bag_recognition import METADATA_FILE, BagSource, storage_kind
from failview.loaders.rosbag.bag_storage import BagAccess, BagStorage, Channel, Message, damage_told
from failview.loaders.rosbag.mcap_storage import McapStorage
from failview.loaders.rosbag.ros1_storage import Ros1Storage
from failview.loaders.rosbag.sqlite_storage import SqliteStorage

_UNPACKED_FILES = 2


class UnpackedFiles:
    """Storage files that were compressed as a whole, unpacked into a temporary folder; the last few are kept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._files: OrderedDict[Path, Path] = OrderedDict()

    def of(self, path: Path) -> Path:
        """The file itself, or its unpacked copy."""
        if path.suffix not in {".zstd", ".zst"}:
            return path
        with self._lock:
            if path not in self._files:
                self._files[path] = self._unpack(path)
                while len(self._files) > _UNPACKED_FILES:
                    self._files.popitem(last=False)[1].unlink()
            self._files.move_to_end(path)
            return self._files[path]

    def close(self) -> None:
        """Remove the copies."""
        with self._lock:
            self._files.clear()
            if self._folder is not None:
                self._folder.cleanup()
            self._folder = None

    def _unpack(self, path: Path) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="failview-")
        target = Path(tempfile.mkdtemp(dir=self._folder.name)) / path.stem
        told = damage_told(path, "this compressed bag cannot be unpacked")
        with told, path.open("rb") as packed, target.open("wb") as plain:
            zstandard.ZstdDecompressor().copy_stream(packed, plain)
        return target


@dataclass(frozen=True)
class BagMessage:
    """A message of a bag, with the number of the storage file that holds it."""

    file: int
    message: Message


class Bag:
    """The index of one bag: channels with their counts; no message has been read."""

    def __init__(self, source: BagSource, unpacked: UnpackedFiles) -> None:
        self.source = source
        self._unpacked = unpacked
        self.warnings: list[str] = list(source.warnings)
        self.metadata = read_metadata(source.metadata) if source.metadata else BagMetadata()
        if self.metadata.problem:
            self.warnings.append(f"{METADATA_FILE}: {self.metadata.problem}: the storage files are read without it")
        self.files = self._ordered_files()
        if not self.files:
            why = "".join(f"; {line}" for line in source.warnings)
            raise DatasetError(f"this bag has no storage file{why}", where=source.path, hint="Copy the bag again")
        self._packed_messages = self.metadata.compression == "message"
        self.storages = self._open_storages()
        self.channels = [
            (number, channel) for number, storage in enumerate(self.storages) for channel in storage.channels
        ]
        self._compare_counts()

    def counts(self) -> dict[str, int]:
        """Messages per topic, by the index."""
        counts: dict[str, int] = {}
        for _, channel in self.channels:
            counts[channel.topic] = counts.get(channel.topic, 0) + channel.count
        return counts

    @contextmanager
    def access(self) -> Iterator["BagReader"]:
        """Open the storage files for reading."""
        with ExitStack() as stack:
            accesses = [
                stack.enter_context(storage.open(self._unpacked.of(file)))
                for storage, file in zip(self.storages, self.files, strict=True)
            ]
            yield BagReader(accesses, self._packed_messages)

    def _ordered_files(self) -> list[Path]:
        """The files that metadata.yaml names; those that are there when the two differ (DATA 20)."""
        present = {file.name: file for file in self.source.files}
        named = self.metadata.files
        if not named:
            return sorted(present.values(), key=lambda file: natural_key(file.name))
        missing = [name for name in named if name not in present]
        extra = [name for name in present if name not in named]
        if missing and extra:
            self.warnings.append(
                f"{METADATA_FILE} names {', '.join(missing)}, the folder holds {', '.join(extra)}: those are read"
            )
        elif missing:
            self.warnings.append(f"{METADATA_FILE} names {', '.join(missing)}, which is missing: the rest is read")
        elif extra:
            self.warnings.append(f"{METADATA_FILE} does not name {', '.join(extra)}: read all the same")
        known = [present[name] for name in named if name in present]
        return known + sorted((present[name] for name in extra), key=lambda file: natural_key(file.name))

    def _open_storages(self) -> list[BagStorage]:
        """The storages that can be read; a broken one among good ones is a warning."""
        storages: list[BagStorage] = []
        good: list[Path] = []
        errors: list[DatasetError] = []
        for file in self.files:
            try:
                storages.append(self._storage(file))
                good.append(file)
            except DatasetError as error:
                errors.append(error)
        if not storages:
            raise errors[0]
        self.files = good
        self.warnings += [f"{Path(str(error.where)).name}: {error.what}: left out" for error in errors]
        self.warnings += [line for storage in storages for line in storage.warnings]
        return storages

    def _storage(self, file: Path) -> BagStorage:
        path = self._unpacked.of(file)
        with damage_told(file):
            kind = storage_kind(path)
        if kind == "ros1":
            return Ros1Storage(path)
        if kind == "mcap":
            return McapStorage(path)
        named_alone = self.metadata.files == (file.name,) == tuple(item.name for item in self.files)
        counts = self.metadata.counts if named_alone and self.metadata.topics else None
        return SqliteStorage(path, counts)

    def _compare_counts(self) -> None:
        """What metadata.yaml promises against what the storage holds (DATA 19)."""
        promised = self.metadata.counts
        if not promised:
            return
        found = self.counts()
        for topic in sorted(promised.keys() | found.keys()):
            if promised.get(topic, 0) != found.get(topic, 0):
                self.warnings.append(
                    f"{METADATA_FILE} promises {promised.get(topic, 0)} messages of {topic}, "
                    f"the storage holds {found.get(topic, 0)}"
                )


class BagReader:
    """An open bag. Belongs to one thread."""

    def __init__(self, accesses: list[BagAccess], packed_messages: bool) -> None:
        self._accesses = accesses
        self._packed_messages = packed_messages

    def messages(
        self, whole: Collection[tuple[int, int]], heads: Collection[tuple[int, int]], warnings: list[str]
    ) -> Iterator[BagMessage]:
        """Messages of some channels, each given as (number of the file, id in it)."""
        if self._packed_messages:
            whole, heads = {*whole, *heads}, ()
        for number, access in enumerate(self._accesses):
            own = {key for file, key in whole if file == number}
            own_heads = {key for file, key in heads if file == number}
            if not own and not own_heads:
                continue
            for message in access.messages(own, own_heads, warnings):
                yield BagMessage(number, self._plain(message))

    def read(self, file: int, place: tuple[int, int]) -> bytes:
        """One message by its place."""
        data = self._accesses[file].read(place)
        return _unpacked(data) if self._packed_messages else data

    def _plain(self, message: Message) -> Message:
        return replace(message, data=_unpacked(message.data)) if self._packed_messages else message


def _unpacked(data: bytes) -> bytes:
    """A message that the recorder compressed by itself."""
    with zstandard.ZstdDecompressor().stream_reader(data) as reader:
        return bytes(reader.read())


def channel_key(item: tuple[int, Channel]) -> tuple[int, int]:
    """(number of the file, id in it) of a listed channel."""
    return item[0], item[1].key
