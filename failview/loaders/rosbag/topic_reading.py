"""Collects the messages of one topic into arrays, before anything is decided about time."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from failview.loaders.raw_dataset import Floats
from failview.loaders.roles.stream_values import text_codes
from failview.loaders.rosbag.joint_states import JointStates
from failview.loaders.rosbag.message_decoding import Decode
from failview.loaders.rosbag.message_plan import MAX_COLUMNS, MessagePlan, Scope, plan_of

Stamps = npt.NDArray[np.int64]

_EXAMPLES = 20
"""Messages looked at before the plan is made: the first one often has empty lists."""
_MOST_WORDS = 1000


@dataclass(frozen=True, eq=False)
class TopicStream:
    """One stream of a topic.

    Attributes:
        name: Topic and dotted path.
        values: (samples, columns).
        rows: (samples,) the row of the scope's stamps for each sample; None for all rows in order.
        dtype: Type in the message.
        labels: Column names; may be empty.
        unit: Declared unit, or None.
        words: Distinct words of a stream of words.
    """

    name: str
    values: Floats
    rows: Stamps | None = None
    dtype: str = "float64"
    labels: tuple[str, ...] = ()
    unit: str | None = None
    words: tuple[str, ...] = ()


@dataclass(eq=False)
class TopicScope:
    """Streams that share one stamp per message.

    Attributes:
        name: Topic and path of the (nested) message.
        bag_ns: (messages,) when each message was recorded.
        header_ns: (messages,) the stamp that it carries; None when it carries none.
        streams: Its streams.
    """

    name: str
    bag_ns: Stamps
    header_ns: Stamps | None
    streams: list[TopicStream]


@dataclass
class _Column:
    """What one scope has collected."""

    scope: Scope
    stamps: list[int] = field(default_factory=list)
    values: list[list[Any]] = field(default_factory=list)
    joints: list[JointStates] = field(default_factory=list)


class TopicReading:
    """The messages of one topic.

    Attributes:
        topic: Its name.
        unread: (stream name, reason) of what is not read.
        warnings: One line for everything doubtful.
    """

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.unread: list[tuple[str, str]] = []
        self.warnings: list[str] = []
        self._bag_ns: list[int] = []
        self._waiting: list[Any] = []
        self._columns: list[_Column] | None = None
        self._seen = 0
        self._undecodable = 0
        self._reason = ""

    def add(self, time_ns: int, data: bytes, decode: Decode) -> None:
        """One more message."""
        self._seen += 1
        try:
            message = decode(data)
            if self._columns is None:
                self._waiting.append(message)
            else:
                self._take(message)
        except Exception as error:  # noqa: BLE001 - whatever wrong bytes make a decoder raise, the message is unreadable
            self._undecodable += 1
            self._reason = self._reason or f"{type(error).__name__}: {error}"[:100]
            return
        self._bag_ns.append(time_ns)
        if len(self._waiting) >= _EXAMPLES:
            self._begin()

    def scopes(self) -> Iterator[TopicScope]:
        """What was collected, in the order of recording."""
        self._begin()
        if self._undecodable:
            self.warnings.append(
                f"{self.topic}: {self._undecodable} of {self._seen} messages cannot be decoded ({self._reason})"
            )
        bag_ns = np.array(self._bag_ns, dtype=np.int64)
        order = np.argsort(bag_ns, kind="stable")
        root = self.root_stamps()[1]
        for column in self._columns or ():
            stamps = np.array(column.stamps, dtype=np.int64)[order] if column.scope.stamp_ns else None
            if column.scope.path and stamps is not None and not np.any(stamps):
                where = _join(self.topic, column.scope.path)
                self.warnings.append(f"{where}: its header stamps are all 0: those of the message around it are used")
                stamps = root
            streams = [*self._leaf_streams(column, order), *self._joint_streams(column, order)]
            yield TopicScope(_join(self.topic, column.scope.path), bag_ns[order], stamps, streams)

    def root_stamps(self) -> tuple[Stamps, Stamps | None]:
        """(bag times in ns, ascending; the stamps of the messages themselves, or None)."""
        self._begin()
        bag_ns = np.array(self._bag_ns, dtype=np.int64)
        order = np.argsort(bag_ns, kind="stable")
        root = self._columns[0] if self._columns else None
        has_stamps = root is not None and root.scope.stamp_ns is not None
        return bag_ns[order], np.array(root.stamps, dtype=np.int64)[order] if root and has_stamps else None

    def _begin(self) -> None:
        """Make the plan by the example that tells most."""
        if self._columns is not None or not self._waiting:
            return
        plan = max((plan_of(message) for message in self._waiting), key=_told)
        self.unread += [(_join(self.topic, path), reason) for path, reason in plan.unread]
        self._columns = [
            _Column(scope, values=[[] for _ in scope.leaves], joints=[JointStates() for _ in scope.joints])
            for scope in plan.scopes
        ]
        waiting, self._waiting = self._waiting, []
        for message in waiting:
            self._take(message)

    def _take(self, message: Any) -> None:
        for column in self._columns or ():
            scope = column.scope
            if scope.stamp_ns is not None:
                column.stamps.append(_got(scope.stamp_ns, message) or 0)
            for leaf, values in zip(scope.leaves, column.values, strict=True):
                values.append(_got(leaf.get, message))
            for (_, get), states in zip(scope.joints, column.joints, strict=True):
                states.add(_got(get, message) or {})

    def _leaf_streams(self, column: _Column, order: Stamps) -> Iterator[TopicStream]:
        for leaf, collected in zip(column.scope.leaves, column.values, strict=True):
            name = _join(self.topic, leaf.path)
            values = [collected[index] for index in order]
            if leaf.is_word:
                yield from self._words(name, values)
                continue
            numbers, odd = _numbers(values)
            if numbers is None:
                self.unread.append((name, "empty, or too large for a signal"))
                continue
            if odd:
                self.warnings.append(f"{name}: {odd} of {len(values)} samples have another length: no value")
            labels = leaf.labels if len(leaf.labels) == numbers.shape[1] else ()
            yield TopicStream(name, numbers, None, leaf.dtype, labels, leaf.unit)

    def _words(self, name: str, values: list[Any]) -> Iterator[TopicStream]:
        words = [str(value) if value is not None else "" for value in values]
        if not any(words):
            return
        if len(set(words)) > _MOST_WORDS:
            self.unread.append((name, f"more than {_MOST_WORDS} different words"))
            return
        codes, distinct = text_codes(words)
        yield TopicStream(name, codes, dtype="text", words=distinct)

    def _joint_streams(self, column: _Column, order: Stamps) -> Iterator[TopicStream]:
        for (path, _), states in zip(column.scope.joints, column.joints, strict=True):
            ordered = JointStates([states.names[row] for row in order], [states.numbers[row] for row in order])
            where = _join(self.topic, path)
            for stream in ordered.streams(self.warnings, where):
                name = _join(where, stream.name)
                yield TopicStream(name, stream.values, stream.rows, "float64", stream.joints, stream.unit)


def _told(plan: MessagePlan) -> int:
    return sum(len(scope.leaves) + len(scope.joints) for scope in plan.scopes)


def _got(get: Any, message: Any) -> Any:
    """A value of a message; None where this one has no such field."""
    try:
        return get(message)
    except (AttributeError, KeyError, IndexError, TypeError, ValueError, OverflowError):
        return None


def _numbers(values: list[Any]) -> tuple[Floats | None, int]:
    """((samples, columns) with NaN where a sample is missing or odd, number of odd samples)."""
    lengths = Counter(len(value) if hasattr(value, "__len__") else 1 for value in values if value is not None)
    lengths.pop(0, None)
    if not lengths or lengths.most_common(1)[0][0] > MAX_COLUMNS:
        return None, 0
    width = lengths.most_common(1)[0][0]
    try:
        return np.array(values, dtype=np.float64).reshape(len(values), width), 0
    except (TypeError, ValueError):
        pass
    numbers = np.full((len(values), width), np.nan)
    odd = 0
    for row, value in enumerate(values):
        try:
            numbers[row] = np.asarray(value, dtype=np.float64).reshape(width)
        except (TypeError, ValueError):
            odd += 1
    return numbers, odd


def _join(topic: str, path: str) -> str:
    return f"{topic}.{path}" if path else topic
