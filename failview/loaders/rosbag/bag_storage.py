"""What every storage file of a bag offers: channels from its index, messages in one pass, single messages by place."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from failview.errors import DatasetError

HEAD_BYTES = 2048
"""Enough of a message for its header, its format and the first units of an encoded picture."""


@dataclass(frozen=True)
class Channel:
    """One topic of one publisher, as the index of a storage file lists it.

    Attributes:
        key: Its id in the storage file.
        topic: Its name.
        type_name: Message type in the style of ROS 2 ("sensor_msgs/msg/JointState"), or the schema's name.
        encoding: "ros1", "cdr", "json", or what the file says.
        definition: Text that defines the message type; empty when the file carries none.
        definition_format: "msg", "idl" or "".
        count: Number of messages that the index promises.
    """

    key: int
    topic: str
    type_name: str
    encoding: str
    definition: str
    definition_format: str
    count: int


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it is stored.

    Attributes:
        channel: Id of its channel.
        time_ns: When it was recorded (bag time), in ns.
        place: Where it lies in its storage file, for `BagAccess.read`.
        data: Its bytes, or the first HEAD_BYTES of them where only the head was asked for.
    """

    channel: int
    time_ns: int
    place: tuple[int, int]
    data: bytes


class BagAccess(Protocol):
    """An open storage file. Belongs to one thread."""

    def messages(self, whole: Collection[int], heads: Collection[int], warnings: list[str]) -> Iterator[Message]:
        """Messages of some channels, in no particular order; a damaged stretch becomes a warning.

        Args:
            whole: Ids of the channels whose messages are wanted.
            heads: Ids of the channels of which the beginning of each message is enough.
            warnings: Gets one line for everything that cannot be read.
        """

    def read(self, place: tuple[int, int]) -> bytes:
        """One message by its place."""


class BagStorage(Protocol):
    """One storage file, of which only the index has been read.

    Attributes:
        path: The file.
        channels: What its index lists.
        warnings: What is wrong with its index.
    """

    path: Path
    channels: Sequence[Channel]
    warnings: Sequence[str]

    def open(self, path: Path) -> AbstractContextManager[BagAccess]:
        """Open it for reading messages; path is the file itself, or a copy unpacked anew."""


@contextmanager
def damage_told(path: Path, what: str = "this bag is damaged and cannot be read") -> Iterator[None]:
    """Turn whatever the libraries raise on broken bytes into one clear line."""
    try:
        yield
    except DatasetError:
        raise
    except OSError as error:
        raise DatasetError(f"{what} ({error.strerror or error})", where=path, hint="Copy it again") from error
    except Exception as error:
        # The bag libraries raise nearly every built-in error, assertions included, on bytes that they do not expect.
        reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        raise DatasetError(f"{what} ({reason[:120]})", where=path, hint="Copy it again, or reindex it") from error
