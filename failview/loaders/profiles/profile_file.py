"""Reads a profile and refuses what it does not know, with the line."""

import difflib
import math
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from failview.errors import ProfileError
from failview.loaders.pictures.changed_pictures import CHANNEL_ORDERS
from failview.loaders.profiles.profile import (
    GripperLimits,
    Profile,
    RobotModel,
    RoleMapping,
    SuccessCriterion,
    TransformChain,
    allowed_units,
)
from failview.loaders.roles.role_names import Combine
from failview.model.roles import Role

_KEYS: dict[str, tuple[str, ...]] = {
    "dataset": ("task", "object", "rate_hz", "cameras", "channel_order"),
    "gripper": ("aperture_min_m", "aperture_max_m", "force_max_n"),
    "robot": ("model", "ee_frame", "base", "ee_from_joints"),
    "tf": ("parent", "child"),
    "success": ("criterion", "distance_m"),
    "roles": tuple(role.value for role in Role),
}
_ROLE_KEYS = ("stream", "columns", "unit", "scale", "sign", "combine", "guessed")
_CRITERIA = ("distance", "flag")
_LARGEST = 1e9
_SLICE = re.compile(r"^\s*(\d+)\s*:\s*(\d+)\s*$")
_HEADER = re.compile(r"^\s*\[([^\[\]]+)\]")
_KEY = re.compile(r"^\s*([A-Za-z0-9_.\"'-]+)\s*=")


@dataclass(frozen=True)
class _Source:
    """The text of a profile, to find the line of a key."""

    path: Path
    text: str

    def refuse(self, what: str, table: str, key: str = "", hint: str = "") -> ProfileError:
        """The error for a place in the file."""
        return ProfileError(what, where=f"{self.path}:{self._line(table, key)}", hint=hint)

    def _line(self, table: str, key: str) -> int:
        current, header_line = "", 1
        for number, line in enumerate(self.text.splitlines(), start=1):
            header = _HEADER.match(line)
            if header:
                current = _plain(header.group(1))
                header_line = number if current == table else header_line
                continue
            found = _KEY.match(line)
            full = ".".join(part for part in (current, _plain(found.group(1))) if part) if found else ""
            if found and full == ".".join(part for part in (table, key) if part):
                return number
        return header_line


def _plain(dotted: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in dotted.split("."))


def read_profile(path: Path) -> Profile:
    """Read a profile.

    Raises:
        ProfileError: Not TOML, or a wrong key, role, unit or type; the message names the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except FileNotFoundError as error:
        raise ProfileError("no such profile", where=path, hint="Check the path") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError(f"this profile cannot be read ({error})", where=path) from error
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"not valid TOML: {error}", where=path, hint="Correct that line") from error
    return _profile(_Source(path, text), content)


def _profile(source: _Source, content: Mapping[str, Any]) -> Profile:
    _check_keys(source, content, tuple(_KEYS), "")
    for name, table in content.items():
        if not isinstance(table, dict):
            raise source.refuse(f"{name} must be a table", "", name, f"Write [{name}] on a line of its own")
        _check_keys(source, table, _KEYS[name], name)
    dataset, gripper = _Table(source, content, "dataset"), _Table(source, content, "gripper")
    success = _Table(source, content, "success")
    return Profile(
        path=source.path,
        task=dataset.text("task"),
        object_name=dataset.text("object"),
        rate_hz=dataset.number("rate_hz", positive=True),
        cameras=dataset.texts("cameras"),
        channel_order=dataset.text("channel_order", CHANNEL_ORDERS),
        gripper=GripperLimits(
            gripper.number("aperture_min_m"), gripper.number("aperture_max_m"), gripper.number("force_max_n")
        ),
        robot=_robot(source, content),
        tf=_chain(source, content),
        success=SuccessCriterion(success.text("criterion", _CRITERIA), success.number("distance_m", positive=True)),
        roles={Role(name): _role(source, content, Role(name)) for name in content.get("roles", {})},
    )


def _check_keys(source: _Source, table: Mapping[str, Any], allowed: tuple[str, ...], name: str) -> None:
    for key in table:
        if key not in allowed:
            near = difflib.get_close_matches(key, allowed, n=1)
            meant = f"Did you mean {near[0]}? " if near else ""
            where = f" in [{name}]" if name else ""
            is_table = not name or name == "roles"
            place = (f"{name}.{key}".strip("."), "") if is_table and isinstance(table[key], dict) else (name, key)
            raise source.refuse(f"unknown key {key}{where}", *place, f"{meant}Allowed: {', '.join(allowed)}")


def _chain(source: _Source, content: Mapping[str, Any]) -> TransformChain:
    table = _Table(source, content, "tf")
    parent, child = table.text("parent"), table.text("child")
    if bool(parent) != bool(child):
        raise source.refuse("tf needs parent and child", "tf", "", "Name both frames, or remove the table")
    return TransformChain(parent, child)


def _robot(source: _Source, content: Mapping[str, Any]) -> RobotModel:
    table = _Table(source, content, "robot")
    model, base = table.text("model"), table.numbers("base")
    if len(base) not in {0, 3, 7} or (len(base) == 7 and not 0.99 < math.hypot(*base[3:]) < 1.01):
        hint = "Write [x, y, z] in m, or [x, y, z, qx, qy, qz, qw] with a unit quaternion"
        raise source.refuse("base must be a position or a pose", "robot", "base", hint)
    path = source.path.parent / model if model else None
    return RobotModel(path, table.text("ee_frame"), base, table.flag("ee_from_joints"))


def _role(source: _Source, content: Mapping[str, Any], role: Role) -> RoleMapping:
    name = f"roles.{role.value}"
    entry = content["roles"][role.value]
    if not isinstance(entry, dict):
        raise source.refuse(f"{role.value} must be a table", "roles", role.value, f"Write [{name}]")
    _check_keys(source, entry, _ROLE_KEYS, name)
    table = _Table(source, {name: entry}, name)
    if "stream" not in entry:
        raise source.refuse("a role needs a stream", name, "", 'stream = "" switches the role off')
    sign = table.number("sign")
    if sign not in {None, 1.0, -1.0}:
        raise source.refuse("sign must be 1 or -1", name, "sign")
    return RoleMapping(
        streams=tuple(item for item in table.texts("stream", single=True) if item),
        columns=_columns(source, entry.get("columns"), name),
        unit=table.text("unit", allowed_units(role)) if "unit" in entry else None,
        scale=_or(table.number("scale"), 1.0),
        sign=int(_or(sign, 1.0)),
        guessed=table.flag("guessed"),
        combine=Combine(table.text("combine", tuple(item.value for item in Combine))),
    )


def _columns(source: _Source, value: object, table: str) -> tuple[int, ...] | slice | None:
    if value is None:
        return None
    matched = _SLICE.match(value) if isinstance(value, str) else None
    if matched and int(matched.group(1)) < int(matched.group(2)):
        return slice(int(matched.group(1)), int(matched.group(2)))
    if isinstance(value, list) and value and all(type(item) is int and item >= 0 for item in value):
        return tuple(value)
    hint = 'Write indices, columns = [0, 1, 2], or a range, columns = "0:7" (7 not included)'
    raise source.refuse("columns must be indices or a range", table, "columns", hint)


def _or(value: float | None, default: float) -> float:
    return default if value is None else value


class _Table:
    """One table of the file, with typed access."""

    def __init__(self, source: _Source, content: Mapping[str, Any], name: str) -> None:
        self._source = source
        self._entries: Mapping[str, Any] = content.get(name, {})
        self._name = name

    def text(self, key: str, allowed: tuple[str, ...] = ()) -> str:
        value = self._typed(key, lambda item: isinstance(item, str), "a text in quotes")
        if value is not None and allowed and value not in allowed:
            shown = ", ".join(repr(item) for item in allowed)
            raise self._source.refuse(f"{key} cannot be {value!r}", self._name, key, f"Allowed: {shown}")
        return "" if value is None else str(value)

    def texts(self, key: str, *, single: bool = False) -> tuple[str, ...]:
        def fits(item: object) -> bool:
            return (single and isinstance(item, str)) or (
                isinstance(item, list) and all(isinstance(part, str) for part in item)
            )

        value = self._typed(key, fits, "a text or a list of texts" if single else "a list of texts")
        if value is None:
            return ()
        return (value,) if isinstance(value, str) else tuple(value)

    def numbers(self, key: str) -> tuple[float, ...]:
        def fits(item: object) -> bool:
            return isinstance(item, list) and all(type(part) in {int, float} and abs(part) < _LARGEST for part in item)

        return tuple(map(float, self._typed(key, fits, "a list of numbers") or ()))

    def flag(self, key: str) -> bool:
        return bool(self._typed(key, lambda item: isinstance(item, bool), "true or false"))

    def number(self, key: str, *, positive: bool = False) -> float | None:
        def fits(item: object) -> bool:
            return isinstance(item, int | float) and not isinstance(item, bool)

        value = self._typed(key, fits, "a number")
        if value is not None and positive and not 0 < value < float("inf"):
            raise self._source.refuse(f"{key} must be above zero", self._name, key)
        return None if value is None else float(value)

    def _typed(self, key: str, fits: Callable[[object], bool], wanted: str) -> Any:
        value = self._entries.get(key)
        if value is not None and not fits(value):
            raise self._source.refuse(f"{key} must be {wanted}", self._name, key)
        return value
