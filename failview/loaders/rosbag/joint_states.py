"""JointState messages, which may each carry other joints in another order: joined by name."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from failview.loaders.raw_dataset import Floats
from failview.loaders.roles.role_names import name_words

_QUANTITIES = (("position", "rad or m"), ("velocity", "rad/s"), ("effort", "Nm"))
"""Units by the definition of sensor_msgs/JointState; of a sliding joint they are m, m/s and N."""
_GRIPPER_WORDS = frozenset({"gripper", "finger", "knuckle"})


@dataclass(frozen=True, eq=False)
class JointStream:
    """Some joints that always come together.

    Attributes:
        name: Path below the topic ("position", "gripper.position").
        rows: (samples,) which messages they come from.
        values: (samples, joints); NaN where a message gives no number.
        joints: Names of the joints.
        unit: By the definition of the message; None where it cannot tell (a gripper).
    """

    name: str
    rows: np.ndarray[Any, np.dtype[np.int64]]
    values: Floats
    joints: tuple[str, ...]
    unit: str | None


@dataclass
class JointStates:
    """Collects the messages of one topic (or of one nested field)."""

    names: list[tuple[str, ...]] = field(default_factory=list)
    numbers: list[tuple[Any, Any, Any]] = field(default_factory=list)

    def add(self, message: Any) -> None:
        """One more message: an object or a JSON object."""
        fields = message if isinstance(message, dict) else vars(message)
        position, velocity, effort = (fields.get(quantity, ()) for quantity, _ in _QUANTITIES)
        self.names.append(tuple(fields.get("name", ())))
        self.numbers.append((position, velocity, effort))

    def streams(self, warnings: list[str], where: str) -> Iterator[JointStream]:
        """One stream per quantity and group of joints; the largest group has the plain name."""
        groups = _groups(self.names)
        for number, joints in enumerate(groups):
            prefix = _prefix(joints, is_main=number == 0)
            rows = np.array([row for row, names in enumerate(self.names) if joints[0] in names], dtype=np.int64)
            for index, (quantity, unit) in enumerate(_QUANTITIES):
                values = self._values(rows, joints, index)
                if values is None:
                    if quantity == "effort":
                        warnings.append(f"{where}: {quantity} of {_named(joints)} is empty in every message")
                    continue
                declared = None if all(map(_is_gripper, joints)) and quantity == "position" else unit
                yield JointStream(f"{prefix}{quantity}", rows, values, joints, declared)

    def _values(self, rows: Any, joints: tuple[str, ...], quantity: int) -> Floats | None:
        values = np.full((len(rows), len(joints)), np.nan)
        columns: dict[tuple[str, ...], list[int]] = {}
        for index, row in enumerate(rows):
            names, numbers = self.names[row], self.numbers[row][quantity]
            if len(numbers) != len(names):
                continue
            picked = columns.setdefault(names, [names.index(joint) for joint in joints])
            values[index] = np.asarray(numbers, dtype=np.float64)[picked]
        return None if np.all(np.isnan(values)) else values


def _groups(names: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Joints that occur in exactly the same kinds of messages, the largest group first; a gripper stands alone."""
    kinds = list(Counter(names))
    found: dict[tuple[frozenset[int], str], list[str]] = {}
    for joint in dict.fromkeys(joint for kind in kinds for joint in kind):
        carried_by = frozenset(index for index, kind in enumerate(kinds) if joint in kind)
        found.setdefault((_same_kinds(carried_by, kinds), _gripper_of(joint)), []).append(joint)
    groups = [tuple(joints) for joints in found.values()]
    return sorted(groups, key=lambda joints: (all(map(_is_gripper, joints)), -len(joints)))


def _same_kinds(carried_by: frozenset[int], kinds: Sequence[tuple[str, ...]]) -> frozenset[int]:
    """Messages with the same joints in another order are one kind."""
    first = {frozenset(kind): index for index, kind in reversed(list(enumerate(kinds)))}
    return frozenset(first[frozenset(kinds[index])] for index in carried_by)


def _is_gripper(joint: str) -> bool:
    return bool(name_words(joint) & _GRIPPER_WORDS)


def _gripper_of(joint: str) -> str:
    """Which gripper a joint belongs to; empty for a joint of an arm."""
    return f"gripper{_side((joint,))}" if _is_gripper(joint) else ""


def _prefix(joints: tuple[str, ...], *, is_main: bool) -> str:
    if len(joints) > 1 and all(map(_is_gripper, joints)):
        return f"gripper{_side(joints)}."
    return "" if is_main and not _is_gripper(joints[0]) else f"{joints[0]}."


def _side(joints: tuple[str, ...]) -> str:
    sides = {side for side in ("left", "right") if all(side in joint.lower() for joint in joints)}
    return f"_{sides.pop()}" if sides else ""


def _named(joints: tuple[str, ...]) -> str:
    return joints[0] if len(joints) == 1 else f"{joints[0]} and {len(joints) - 1} more joints"
