"""Reads a profile and refuses what it does not know, with the line."""

import math
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from failview.errors import ProfileError
from failview.loaders.pictures.changed_pictures import CHANNEL_ORDERS
from failview.loaders.profiles.detector_tables import SUCCESS_KEYS, read_detector_values, read_success
from failview.loaders.profiles.profile import (
    GripperLimits,
    Profile,
    RobotModel,
    RoleMapping,
    TransformChain,
    allowed_units,
)
from failview.loaders.profiles.profile_text import ProfileTable, ProfileText, did_you_mean
from failview.loaders.roles.role_names import Combine
from failview.model.roles import Role

KEYS: dict[str, tuple[str, ...]] = {
    "dataset": ("task", "object", "rate_hz", "cameras", "channel_order"),
    "gripper": ("aperture_min_m", "aperture_max_m", "force_max_n"),
    "robot": ("model", "ee_frame", "base", "ee_from_joints"),
    "tf": ("parent", "child"),
    "success": SUCCESS_KEYS,
    "detectors": (),
    "roles": tuple(role.value for role in Role),
}
"""Keys by table; those of [detectors] are checked where they are read."""
ROLE_KEYS = ("stream", "columns", "unit", "scale", "sign", "combine", "guessed")
"""Keys of a table [roles.…]."""
_SLICE = re.compile(r"^\s*(\d+)\s*:\s*(\d+)\s*$")


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
    return _profile(ProfileText(path, text), content)


def _profile(source: ProfileText, content: Mapping[str, Any]) -> Profile:
    _check_keys(source, content, tuple(KEYS), "")
    for name, table in content.items():
        if not isinstance(table, dict):
            raise source.refuse(f"{name} must be a table", "", name, f"Write [{name}] on a line of its own")
        if name != "detectors":
            _check_keys(source, table, KEYS[name], name)
    dataset = ProfileTable(source, content, "dataset")
    return Profile(
        path=source.path,
        task=dataset.name("task"),
        object_name=dataset.name("object"),
        rate_hz=dataset.number("rate_hz", positive=True),
        cameras=dataset.texts("cameras"),
        channel_order=dataset.text("channel_order", CHANNEL_ORDERS),
        gripper=_gripper(source, content),
        robot=_robot(source, content),
        tf=_chain(source, content),
        success=read_success(source, content),
        detectors=read_detector_values(source, content.get("detectors", {})),
        roles={Role(name): _role(source, content, Role(name)) for name in content.get("roles", {})},
    )


def _check_keys(source: ProfileText, table: Mapping[str, Any], allowed: tuple[str, ...], name: str) -> None:
    for key in table:
        if key not in allowed:
            meant = did_you_mean(key, allowed)
            where = f" in [{name}]" if name else ""
            is_table = not name or name == "roles"
            place = (f"{name}.{key}".strip("."), "") if is_table and isinstance(table[key], dict) else (name, key)
            raise source.refuse(f"unknown key {key}{where}", *place, f"{meant}Allowed: {', '.join(allowed)}")


def _gripper(source: ProfileText, content: Mapping[str, Any]) -> GripperLimits:
    table = ProfileTable(source, content, "gripper")
    lowest, highest = table.number("aperture_min_m"), table.number("aperture_max_m", positive=True)
    if lowest is not None and lowest < 0:
        raise source.refuse("aperture_min_m must not be below zero", "gripper", "aperture_min_m")
    if lowest is not None and highest is not None and lowest >= highest:
        what = f"aperture_min_m ({lowest:g}) must be below aperture_max_m ({highest:g})"
        raise source.refuse(what, "gripper", "aperture_min_m", "They may be exchanged")
    return GripperLimits(lowest, highest, table.number("force_max_n", positive=True))


def _chain(source: ProfileText, content: Mapping[str, Any]) -> TransformChain:
    table = ProfileTable(source, content, "tf")
    parent, child = table.name("parent"), table.name("child")
    if bool(parent) != bool(child):
        raise source.refuse("tf needs parent and child", "tf", "", "Name both frames, or remove the table")
    return TransformChain(parent, child)


def _robot(source: ProfileText, content: Mapping[str, Any]) -> RobotModel:
    table = ProfileTable(source, content, "robot")
    none_wanted = content.get("robot", {}).get("model") == ""
    model, base = "" if none_wanted else table.name("model"), table.numbers("base")
    if len(base) not in {0, 3, 7} or (len(base) == 7 and not 0.99 < math.hypot(*base[3:]) < 1.01):
        hint = "Write [x, y, z] in m, or [x, y, z, qx, qy, qz, qw] with a unit quaternion"
        raise source.refuse("base must be a position or a pose", "robot", "base", hint)
    path = source.path.parent / model if model else None
    return RobotModel(path, table.name("ee_frame"), base, table.flag("ee_from_joints"), none_wanted)


def _role(source: ProfileText, content: Mapping[str, Any], role: Role) -> RoleMapping:
    name = f"roles.{role.value}"
    entry = content["roles"][role.value]
    if not isinstance(entry, dict):
        raise source.refuse(f"{role.value} must be a table", "roles", role.value, f"Write [{name}]")
    _check_keys(source, entry, ROLE_KEYS, name)
    table = ProfileTable(source, {name: entry}, name)
    if "stream" not in entry:
        raise source.refuse("a role needs a stream", name, "", 'stream = "" switches the role off')
    sign = table.number("sign")
    if sign not in {None, 1.0, -1.0}:
        raise source.refuse("sign must be 1 or -1", name, "sign")
    scale = _or(table.number("scale"), 1.0)
    if scale == 0:
        raise source.refuse("scale must not be zero", name, "scale")
    return RoleMapping(
        streams=tuple(item for item in table.texts("stream", single=True) if item),
        columns=_columns(source, entry.get("columns"), name),
        unit=table.text("unit", allowed_units(role)) if "unit" in entry else None,
        scale=scale,
        sign=int(_or(sign, 1.0)),
        guessed=table.flag("guessed"),
        combine=Combine(table.text("combine", tuple(item.value for item in Combine))),
    )


def _columns(source: ProfileText, value: object, table: str) -> tuple[int, ...] | slice | None:
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
