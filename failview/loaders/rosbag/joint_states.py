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
_SIDES = {"l": "left", "left": "left", "r": "right", "right": "right"}
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
        taken: set[str] = set()
        for number, (gripper, joints) in enumerate(_groups(self.names)):
            apart = gripper if len(joints) > 1 and gripper not in {"", *taken} else joints[0]
            taken.add(apart)
            prefix = f"{apart}." if number or gripper else ""
            rows = np.array([row for row, names in enumerate(self.names) if joints[0] in names], dtype=np.int64)
            for index, (quantity, unit) in enumerate(_QUANTITIES):
                values = self._values(rows, joints, index)
                if values is None:
                    if quantity == "effort":
                        warnings.append(f"{where}: {quantity} of {_named(joints)} is empty in every message")
                    continue
                declared = None if gripper and quantity == "position" else unit
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


def _groups(names: Sequence[tuple[str, ...]]) -> list[tuple[str, tuple[str, ...]]]:
    """(gripper or "", joints) that occur in exactly the same kinds of messages; arms first, the largest first."""
    kinds = list(Counter(names))
    joints = list(dict.fromkeys(joint for kind in kinds for joint in kind))
    are_arms_sided = any(_sides(joint) for joint in joints if not _is_gripper(joint))
    found: dict[tuple[frozenset[int], str], list[str]] = {}
    for joint in joints:
        carried_by = frozenset(index for index, kind in enumerate(kinds) if joint in kind)
        gripper = _gripper_of(joint, are_arms_sided=are_arms_sided)
        found.setdefault((_same_kinds(carried_by, kinds), gripper), []).append(joint)
    groups = [(gripper, tuple(members)) for (_, gripper), members in found.items()]
    return sorted(groups, key=lambda group: (bool(group[0]), -len(group[1])))


def _same_kinds(carried_by: frozenset[int], kinds: Sequence[tuple[str, ...]]) -> frozenset[int]:
    """Messages with the same joints in another order are one kind."""
    first = {frozenset(kind): index for index, kind in reversed(list(enumerate(kinds)))}
    return frozenset(first[frozenset(kinds[index])] for index in carried_by)


def _is_gripper(joint: str) -> bool:
    return bool(name_words(joint) & _GRIPPER_WORDS)


def _sides(joint: str) -> list[str]:
    return [_SIDES[part] for part in joint.lower().split("_") if part in _SIDES]


def _gripper_of(joint: str, *, are_arms_sided: bool) -> str:
    """Which gripper a joint belongs to; empty for a joint of an arm.

    A side in its name is that of the arm where arms have sides or where a second side names the finger; else left
    and right are the two fingers of one gripper.
    """
    if not _is_gripper(joint):
        return ""
    sides = _sides(joint)
    if sides and (are_arms_sided or len(sides) > 1):
        return f"gripper_{sides[0]}"
    return "gripper_fingers" if sides else "gripper"


def _named(joints: tuple[str, ...]) -> str:
    return joints[0] if len(joints) == 1 else f"{joints[0]} and {len(joints) - 1} more joints"
