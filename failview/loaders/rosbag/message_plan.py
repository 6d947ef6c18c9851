"""What a message holds: its numbers, words, joint states and stamps by dotted path, told by its first example."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import numpy as np

from failview.model.clock import NS_PER_S

Path = tuple[str | int, ...]
Get = Callable[[Any], Any]

MAX_COLUMNS = 512
_MAX_ITEMS = 8
_SECONDS = ("sec", "secs")
_NANOSECONDS = ("nanosec", "nsec", "nsecs", "nanosecs")
_STAMP_FIELDS = ("stamp", "timestamp")
_XYZ, _XYZW = ("x", "y", "z"), ("x", "y", "z", "w")
_VECTORS = (("x", "y"), _XYZ, _XYZW)
_WRENCH = ("fx", "fy", "fz", "tx", "ty", "tz")
_NOT_SIGNALS = frozenset({"header", "child_frame_id", "frame_id", "layout", "name"})

_UNITS = {
    "Point": "m",
    "Point32": "m",
    "Quaternion": "xyzw",
    "Transform.translation": "m",
    "Twist.linear": "m/s",
    "Twist.angular": "rad/s",
    "Imu.angular_velocity": "rad/s",
    "Imu.linear_acceleration": "m/s2",
    "Range.range": "m",
}
"""Units that the definitions of geometry_msgs and sensor_msgs declare (REP 103), by type, or by owner and field."""
_UNIT_PACKAGES = ("geometry_msgs", "sensor_msgs")


@dataclass(frozen=True)
class Leaf:
    """One stream of a topic.

    Attributes:
        path: Dotted path in the message; empty for the message itself.
        get: Takes the value out of a message: a number, a sequence of numbers, or a word.
        is_word: It holds words.
        labels: Names of the columns; empty when the message gives none.
        unit: Declared by the type; None when it is not.
        dtype: Type in the message.
    """

    path: str
    get: Get
    is_word: bool = False
    labels: tuple[str, ...] = ()
    unit: str | None = None
    dtype: str = "float64"


@dataclass
class Scope:
    """Fields of a message that share one stamp.

    Attributes:
        path: Where the (nested) message begins; empty for the message itself.
        stamp_ns: Takes the stamp out of a message; None when it carries none.
        leaves: Streams.
        joints: (path, what takes it out of a message) of every JointState.
    """

    path: str
    stamp_ns: Get | None
    leaves: list[Leaf] = field(default_factory=list)
    joints: list[tuple[str, Get]] = field(default_factory=list)


@dataclass
class MessagePlan:
    """Everything that is read from the messages of a topic.

    Attributes:
        scopes: Groups of fields with one stamp each; the first one is the message itself.
        unread: (path, reason) of what is not read.
    """

    scopes: list[Scope] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)


def plan_of(example: Any) -> MessagePlan:
    """What can be read from messages like this one."""
    plan = MessagePlan()
    root = Scope("", stamp_getter(example))
    plan.scopes.append(root)
    _Walker(plan, example).walk(example, (), root)
    plan.scopes[1:] = [scope for scope in plan.scopes[1:] if scope.leaves or scope.joints]
    return plan


def fields_of(value: Any) -> dict[str, Any] | None:
    """Fields of a message object or a JSON object; None for anything else."""
    if isinstance(value, dict):
        return {str(name): item for name, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        # Constants of the definition, and what the library adds, have a default; fields have none.
        fields = (item for item in dataclasses.fields(value) if item.default is dataclasses.MISSING)
        return {item.name: getattr(value, item.name) for item in fields}
    return None


def type_of(value: Any) -> str:
    """The message type of an object ("geometry_msgs/msg/Point"); empty for JSON."""
    return str(getattr(value, "__msgtype__", ""))


def stamp_getter(example: Any, path: Path = ()) -> Get | None:
    """What takes the stamp, in ns, out of a message whose part at `path` looks like the example; None without one."""
    fields = fields_of(example) or {}
    header = fields_of(fields.get("header")) or {}
    candidates: list[tuple[Path, Any]] = [(("header", name), header.get(name)) for name in _STAMP_FIELDS]
    candidates += [((name,), fields.get(name)) for name in _STAMP_FIELDS]
    for below, value in candidates:
        parts = _time_fields(value)
        if parts is not None:
            get = getter(example, path, [(*below, part) for part in parts])
            return _stamp_of(get)
        if not path and isinstance(value, float) and len(below) == 1:
            get_one = getter(example, path, [below])
            return _float_stamp_of(get_one)
    return None


def getter(example: Any, prefix: Path, paths: list[Path]) -> Get:
    """One call that takes the values at some paths out of a message; a single path gives the bare value."""
    full = [(*prefix, *path) for path in paths]
    if not isinstance(example, dict) and all(isinstance(part, str) for path in full for part in path):
        return attrgetter(*(".".join(map(str, path)) for path in full))
    if len(full) == 1:
        only = full[0]
        return lambda message: _dig(message, only)
    return lambda message: tuple(_dig(message, path) for path in full)


def _dig(value: Any, path: Path) -> Any:
    for part in path:
        value = getattr(value, part) if isinstance(part, str) and not isinstance(value, dict) else value[part]
    return value


def _stamp_of(parts: Get) -> Get:
    def stamp_ns(message: Any) -> int:
        seconds, nanoseconds = parts(message)
        return int(seconds) * NS_PER_S + int(nanoseconds)

    return stamp_ns


def _float_stamp_of(get: Get) -> Get:
    """Seconds as float64 since 1970 are exact to 0.2 us."""
    return lambda message: round(get(message) * NS_PER_S)


def _time_fields(value: Any) -> tuple[str, str] | None:
    fields = fields_of(value)
    if fields is None or len(fields) != 2:
        return None
    seconds = next((name for name in _SECONDS if name in fields), None)
    nanoseconds = next((name for name in _NANOSECONDS if name in fields), None)
    return (seconds, nanoseconds) if seconds and nanoseconds else None


def _dotted(path: Path) -> str:
    return ".".join(map(str, path))


def _is_number(value: Any) -> bool:
    return isinstance(value, bool | int | float | np.bool_ | np.integer | np.floating)


class _Walker:
    """Walks over an example message."""

    def __init__(self, plan: MessagePlan, root: Any) -> None:
        self._plan = plan
        self._root = root

    def walk(self, value: Any, path: Path, scope: Scope) -> None:
        """Collect what a (nested) message holds."""
        fields = fields_of(value)
        if fields is None:
            self._leaf(value, path, scope, None)
            return
        if _is_joint_state(fields):
            scope.joints.append((_dotted(path), self._get(path)))
            return
        vector = self._vector(value, fields, path)
        if vector is not None:
            scope.leaves.append(vector)
            return
        for name, item in fields.items():
            if name in _NOT_SIGNALS or (name in _STAMP_FIELDS and scope.path == _dotted(path)):
                continue
            self._field(value, name, item, (*path, name), scope)

    def _field(self, owner: Any, name: str, item: Any, path: Path, scope: Scope) -> None:
        inner = fields_of(item)
        if _time_fields(item) is not None:
            return
        if inner is not None:
            nested = stamp_getter_below(self._root, item, path)
            below = scope if nested is None else Scope(_dotted(path), nested)
            if below is not scope:
                self._plan.scopes.append(below)
            before = len(below.leaves)
            self.walk(item, path, below)
            self._declare(owner, name, below, before)
        elif isinstance(item, list) and item and fields_of(item[0]) is not None:
            self._list(item, path, scope)
        else:
            self._leaf(item, path, scope, _declared(type_of(owner), name))

    def _declare(self, owner: Any, name: str, scope: Scope, before: int) -> None:
        """A vector has the unit that its owner's definition gives it."""
        unit = _declared(type_of(owner), name)
        if unit and len(scope.leaves) == before + 1 and scope.leaves[-1].unit is None:
            scope.leaves[-1] = dataclasses.replace(scope.leaves[-1], unit=unit)

    def _list(self, items: list[Any], path: Path, scope: Scope) -> None:
        if len(items) > _MAX_ITEMS:
            kind = type_of(items[0]).rsplit("/", 1)[-1] or "object"
            self._plan.unread.append((_dotted(path), f"a list of {len(items)} {kind}s"))
            return
        for number, item in enumerate(items):
            self.walk(item, (*path, number), scope)

    def _leaf(self, value: Any, path: Path, scope: Scope, unit: str | None) -> None:
        dotted = _dotted(path)
        if isinstance(value, str):
            scope.leaves.append(Leaf(dotted, self._get(path), is_word=True, dtype="text"))
        elif _is_number(value):
            scope.leaves.append(Leaf(dotted, self._get(path), unit=unit, dtype=type(value).__name__))
        elif isinstance(value, np.ndarray) or (isinstance(value, list) and all(map(_is_number, value))):
            self._array(value, dotted, path, scope)
        elif value is not None and not (isinstance(value, list) and not value):
            self._plan.unread.append((dotted, "neither numbers nor words"))

    def _array(self, value: Any, dotted: str, path: Path, scope: Scope) -> None:
        dtype = str(value.dtype) if isinstance(value, np.ndarray) else "list"
        if len(value) > MAX_COLUMNS:
            self._plan.unread.append((dotted, "too large for a signal"))
        else:
            scope.leaves.append(Leaf(dotted, self._get(path), dtype=dtype))

    def _vector(self, value: Any, fields: dict[str, Any], path: Path) -> Leaf | None:
        """A point, vector, quaternion or wrench becomes one stream."""
        names = tuple(sorted(fields, key=lambda name: _XYZW.index(name) if name in _XYZW else 9))
        kind = type_of(value).rsplit("/", 1)[-1]
        base = str(path[-1]) if path else kind.lower() or "value"
        if names in _VECTORS and all(_is_number(item) for item in fields.values()):
            unit = _declared(type_of(value), "") or ("xyzw" if names == _XYZW else None)
            labels = tuple(f"{base}.{name}" for name in names)
            return Leaf(_dotted(path), getter(self._root, path, [(name,) for name in names]), False, labels, unit)
        if set(fields) == {"force", "torque"} and all(
            set(fields_of(item) or ()) == set(_XYZ) for item in fields.values()
        ):
            paths: list[Path] = [(part, axis) for part in ("force", "torque") for axis in _XYZ]
            declared = "N and Nm" if kind == "Wrench" else None
            return Leaf(_dotted(path), getter(self._root, path, paths), False, _WRENCH, declared)
        return None

    def _get(self, path: Path) -> Get:
        return getter(self._root, (), [path]) if path else _itself


def stamp_getter_below(root: Any, value: Any, path: Path) -> Get | None:
    """The stamp of a nested message, taken out of the whole message."""
    fields = fields_of(value) or {}
    header = fields_of(fields.get("header")) or {}
    for below, item in ((("header", "stamp"), header.get("stamp")), (("stamp",), fields.get("stamp"))):
        parts = _time_fields(item)
        if parts is not None:
            get = getter(root, path, [(*below, part) for part in parts])
            return _stamp_of(get)
    return None


def _itself(message: Any) -> Any:
    return message


def _is_joint_state(fields: dict[str, Any]) -> bool:
    names = fields.get("name")
    return (
        isinstance(names, list)
        and all(isinstance(name, str) for name in names)
        and "position" in fields
        and isinstance(fields["position"], list | np.ndarray)
    )


def _declared(owner_type: str, name: str) -> str | None:
    package, _, kind = owner_type.partition("/msg/")
    if package not in _UNIT_PACKAGES:
        return None
    return _UNITS.get(f"{kind}.{name}" if name else kind)
