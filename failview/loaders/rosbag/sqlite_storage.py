"""ROS 2 bags in SQLite files (.db3), opened read-only and without touching a write-ahead log."""

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from failview.errors import DatasetError
from failview.loaders.rosbag.bag_storage import HEAD_BYTES, Channel, Message, damage_told

_FORMATS = {"ros2msg": "msg", "ros2idl": "idl"}
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table'"


class SqliteStorage:
    """One .db3 file.

    Args:
        path: The file.
        counts: Messages per topic as metadata.yaml lists them; without them the rows are counted.
    """

    def __init__(self, path: Path, counts: Mapping[str, int] | None = None) -> None:
        self.path = path
        self.warnings: Sequence[str] = ()
        log = path.with_name(f"{path.name}-wal")
        if log.is_file() and log.stat().st_size:
            self.warnings = (f"{log.name} holds messages that were never written into {path.name}: not read",)
        with damage_told(path), closing(_connect(path)) as database:
            tables = {name for (name,) in database.execute(_TABLES)}
            if not {"topics", "messages"} <= tables:
                raise DatasetError("a SQLite file, but no bag: it has no tables topics and messages", where=path)
            definitions = _definitions(database) if "message_definitions" in tables else {}
            found = list(database.execute("SELECT id, name, type, serialization_format FROM topics ORDER BY id"))
            if counts is None:
                counted = dict(database.execute("SELECT topic_id, COUNT(*) FROM messages GROUP BY topic_id"))
            else:
                counted = {key: counts.get(name, 0) for key, name, _, _ in found}
        self.channels: Sequence[Channel] = [
            Channel(key, name, kind, encoding, *definitions.get(kind, ("", "")), counted.get(key, 0))
            for key, name, kind, encoding in found
        ]

    @contextmanager
    def open(self, path: Path) -> Iterator["SqliteAccess"]:
        """Open it for reading messages."""
        with damage_told(path), closing(_connect(path)) as database:
            yield SqliteAccess(path, database)


class SqliteAccess:
    """An open .db3 file."""

    def __init__(self, path: Path, database: sqlite3.Connection) -> None:
        self._path = path
        self._database = database

    def messages(self, whole: Collection[int], heads: Collection[int], warnings: list[str]) -> Iterator[Message]:
        """Messages in the order of the rows."""
        try:
            for key in whole:
                rows = self._database.execute("SELECT id, timestamp, data FROM messages WHERE topic_id = ?", (key,))
                for row, time_ns, data in rows:
                    yield Message(key, int(time_ns), (row, 0), bytes(data))
            for key in heads:
                for row, time_ns in self._database.execute(
                    "SELECT id, timestamp FROM messages WHERE topic_id = ?", (key,)
                ):
                    with self._database.blobopen("messages", "data", row, readonly=True) as blob:
                        yield Message(key, int(time_ns), (row, 0), blob.read(HEAD_BYTES))
        except (sqlite3.Error, TypeError, ValueError) as error:
            warnings.append(f"{self._path.name}: damaged, part of its messages is left out ({error})")

    def read(self, place: tuple[int, int]) -> bytes:
        """One message by its row."""
        with damage_told(self._path, "a message is damaged"):
            found = self._database.execute("SELECT data FROM messages WHERE id = ?", (place[0],)).fetchone()
            if found is None:
                raise DatasetError(f"message {place[0]} is missing", where=self._path, hint="Copy the bag again")
            return bytes(found[0])


def _connect(path: Path) -> sqlite3.Connection:
    """Immutable: SQLite neither looks for a log nor creates files beside the data."""
    return sqlite3.connect(f"file:{quote(str(path.resolve()))}?immutable=1", uri=True, check_same_thread=False)


def _definitions(database: sqlite3.Connection) -> dict[str, tuple[str, str]]:
    rows = database.execute("SELECT topic_type, encoded_message_definition, encoding FROM message_definitions")
    return {
        kind: (text, _FORMATS[encoding])
        for kind, text, encoding in rows
        if encoding in _FORMATS and isinstance(text, str) and text.strip()
    }
