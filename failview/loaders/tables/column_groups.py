"""Puts columns that belong together into one stream, by their names: joint_0 … joint_6, ee_x ee_y ee_z, fx fy fz."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from failview.loaders.roles.role_names import ColumnKind, column_meaning, name_words

_NUMBERED = re.compile(r"^(?P<before>.*?)[\[._ ]*(?P<number>\d+)\]?(?P<after>\D*)$")
_COMPONENT = re.compile(r"^(?:(?P<stem>.*?)[._/ ]?)?(?P<part>q[xyzw]|[fFtTmM][xyz]|[xyzw])$")
_COMPONENT_AFTER = re.compile(r"^(?P<stem>.*?)[._/ ](?P<part>[xyzw])$")
_FORCE, _TORQUE = ("fx", "fy", "fz"), (("tx", "ty", "tz"), ("mx", "my", "mz"))
_QUATERNION = ("qx", "qy", "qz", "qw")
_XYZ = ("x", "y", "z")
_MEASURES = {
    "pos": "joint_pos",
    "vel": "joint_vel",
    "torque": "joint_torque",
}
"""What each of several joints with names of their own measures (elbow.pos, elbow.vel)."""


@dataclass(frozen=True)
class ColumnGroup:
    """Columns that make one stream.

    Attributes:
        name: Name of the stream.
        columns: Names of the columns, in the order of the stream.
    """

    name: str
    columns: tuple[str, ...]


def group_columns(names: Sequence[str]) -> list[ColumnGroup]:
    """Every column in exactly one group, in the order of the first column of each.

    Args:
        names: Names of columns of single numbers.
    """
    groups: list[ColumnGroup] = []
    left = dict.fromkeys(names)
    for find in (_components, _numbered, _joints):
        for group in find(list(left)):
            groups.append(group)
            for column in group.columns:
                left.pop(column, None)
    groups += [ColumnGroup(name, (name,)) for name in left]
    place = {name: index for index, name in enumerate(names)}
    taken: set[str] = set()
    return [
        _unlike(group, taken) for group in sorted(groups, key=lambda item: min(place[name] for name in item.columns))
    ]


def _unlike(group: ColumnGroup, taken: set[str]) -> ColumnGroup:
    """The group with a name that no other has."""
    name = group.name
    while name in taken:
        name += "_"
    taken.add(name)
    return ColumnGroup(name, group.columns)


def _components(names: Sequence[str]) -> list[ColumnGroup]:
    """X y z, qx qy qz qw and fx fy fz tx ty tz of one stem."""
    stems: dict[str, dict[str, str]] = {}
    for name in names:
        found = _COMPONENT.match(name)
        if found and (not found["stem"] or not found["stem"][-1].isalpha() or _cut(name, found)):
            stems.setdefault(found["stem"] or "", {}).setdefault(found["part"].lower(), name)
    groups = []
    for stem, parts in stems.items():
        groups += _of_stem(stem, parts)
    return groups


def _cut(name: str, found: re.Match[str]) -> bool:
    """Whether a separator, or a capital letter, stands before the component: ee_x and posX, not max."""
    before = name[found.start("part") - 1]
    return not before.isalnum() or (found["part"][0].isupper() and before.islower())


def _of_stem(stem: str, parts: Mapping[str, str]) -> list[ColumnGroup]:
    groups = []
    torque = next((names for names in _TORQUE if all(part in parts for part in names)), ())
    if all(part in parts for part in _FORCE):
        wanted = (*_FORCE, *torque)
        groups.append(
            ColumnGroup(_joined(stem, "force_torque" if torque else "force"), tuple(parts[p] for p in wanted))
        )
    elif torque:
        groups.append(ColumnGroup(_joined(stem, "torque"), tuple(parts[part] for part in torque)))
    position = _XYZ if all(part in parts for part in _XYZ) else ()
    quaternion = _QUATERNION if all(part in parts for part in _QUATERNION) else ()
    if position and not quaternion and "w" in parts:
        groups.append(ColumnGroup(stem or "xyzw", tuple(parts[part] for part in (*_XYZ, "w"))))
    elif position or quaternion:
        name = stem or ("pose" if position and quaternion else "xyz" if position else "quat")
        groups.append(ColumnGroup(name, tuple(parts[part] for part in (*position, *quaternion))))
    return groups


def _joined(stem: str, word: str) -> str:
    return f"{stem}_{word}" if stem and word.split("_", maxsplit=1)[0] not in name_words(stem) else stem or word


def _numbered(names: Sequence[str]) -> list[ColumnGroup]:
    """Columns that differ in one number alone, two at least: joint_0 …, joint_1_vel …, state[0] …."""
    series: dict[tuple[str, str], dict[int, str]] = {}
    for name in names:
        found = _NUMBERED.match(name)
        if found and (found["before"] or found["after"]):
            series.setdefault((found["before"], found["after"]), {}).setdefault(int(found["number"]), name)
    groups = []
    for (before, after), columns in series.items():
        numbers = sorted(columns)
        if len(numbers) >= 2 and numbers == list(range(numbers[0], numbers[0] + len(numbers))):
            name = f"{before.rstrip('._[ ')}{'_' if before and after.strip('._ ') else ''}{after.strip('._ ')}"
            groups.append(ColumnGroup(name, tuple(columns[number] for number in numbers)))
    return groups


def _joints(names: Sequence[str]) -> list[ColumnGroup]:
    """Joints with names of their own: elbow.pos, shoulder.pos …; or elbow, shoulder …."""
    kinds = {
        ColumnKind.JOINT_POSITION: "joint_pos",
        ColumnKind.JOINT_VELOCITY: "joint_vel",
        ColumnKind.JOINT_TORQUE: "joint_torque",
    }
    found: dict[str, list[str]] = {}
    for name in names:
        words = name_words(name)
        if words & {"action", "command", "gripper", "force", "ee"} or (len(words) == 1 and words & _MEASURES.keys()):
            continue
        kind = column_meaning(name).kind
        if kind in kinds:
            found.setdefault(kinds[kind], []).append(name)
    return [ColumnGroup(name, tuple(columns)) for name, columns in found.items() if len(columns) >= 2]
