"""The user's settings file: who annotates, which theme, which keys, how the viewer looks."""

import getpass
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import platformdirs

from failview.errors import SettingsError
from failview.model.annotation import Stage
from failview.settings.user_settings import LARGEST_FONT, SMALLEST_FONT, THEMES, UserSettings
from failview.settings.work_rules import WorkRules

_KNOWN = ("annotator", "theme", "font_scale", "keys", "layouts", "readings", "prefetch_mb", "work")

_WHOLE = ("seed", "audit_least")
"""Keys of [work] that count."""


def settings_path() -> Path:
    """Where the settings file is looked for."""
    return platformdirs.user_config_path("failview") / "settings.toml"


def load_user_settings(path: Path | None = None) -> UserSettings:
    """Read the settings file; without one the defaults hold.

    Args:
        path: The file; settings_path() by default.

    Raises:
        SettingsError: The file is no TOML, or has a key or value that means nothing.
    """
    where = settings_path() if path is None else path
    try:
        table = tomllib.loads(where.read_text(encoding="utf-8"))
    except FileNotFoundError:
        table = {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"cannot be read ({error})", where=where, hint="Mend or remove the file") from error
    if unknown := set(table) - set(_KNOWN):
        raise SettingsError(f'unknown key "{min(unknown)}"', where=where, hint=f"Known keys: {', '.join(_KNOWN)}")
    theme = table.get("theme", "dark")
    if theme not in THEMES:
        raise SettingsError(f'theme = "{theme}"', where=where, hint="Choose dark or light")
    annotator = table.get("annotator") or _login_name()
    if not isinstance(annotator, str):
        raise SettingsError("annotator must be a name in quotes", where=where)
    return UserSettings(
        annotator,
        theme,
        _keys(table.get("keys", {}), where),
        where,
        layouts=_layouts(table.get("layouts", {}), where),
        readings=_readings(table, where),
        prefetch_mb=_prefetch_mb(table, where),
        font_scale=_font_scale(table, where),
        work=_work(table.get("work", {}), where),
    )


def _layouts(table: object, where: Path) -> dict[str, Path]:
    """Files by stage; a path that is not absolute begins at the settings file's folder."""
    hint = 'Write layouts = { triage = "my-triage.toml" }'
    if not isinstance(table, dict) or not all(isinstance(file, str) and file for file in table.values()):
        raise SettingsError("layouts must be a table of files", where=where, hint=hint)
    stages = [stage.value for stage in Stage]
    if unknown := set(table) - set(stages):
        raise SettingsError(f"layouts: no stage {min(unknown)!r}", where=where, hint=f"Stages: {', '.join(stages)}")
    return {stage: where.parent / Path(file).expanduser() for stage, file in table.items()}


def _readings(table: Mapping[str, Any], where: Path) -> bool:
    readings = table.get("readings", True)
    if not isinstance(readings, bool):
        raise SettingsError("readings must be true or false", where=where)
    return readings


def _font_scale(table: Mapping[str, Any], where: Path) -> float:
    scale = table.get("font_scale", 1.0)
    if type(scale) not in (int, float) or not SMALLEST_FONT <= scale <= LARGEST_FONT:
        limits = f"{SMALLEST_FONT} to {LARGEST_FONT}"
        raise SettingsError(f"font_scale must be a number from {limits}", where=where, hint="1.0 is the usual size")
    return float(scale)


def _prefetch_mb(table: Mapping[str, Any], where: Path) -> int | None:
    prefetch_mb = table.get("prefetch_mb")
    if prefetch_mb is not None and (type(prefetch_mb) is not int or prefetch_mb < 1):
        raise SettingsError("prefetch_mb must be a whole number of MB above 0", where=where)
    return prefetch_mb


def _work(table: object, where: Path) -> WorkRules:
    """How the work is shared out, where the user changed it."""
    if not isinstance(table, dict):
        raise SettingsError("work must be a table", where=where, hint="Write [work] and below it: review_share = 0.2")
    names = [item.name for item in fields(WorkRules)]
    if unknown := set(table) - set(names):
        raise SettingsError(f'work: unknown key "{min(unknown)}"', where=where, hint=f"Known keys: {', '.join(names)}")
    for name, value in table.items():
        if name in _WHOLE:
            fits, wanted = type(value) is int and value >= 0, "a whole number of 0 or more"
        elif name == "ambiguous":
            fits = isinstance(value, list) and len(value) == 2 and all(map(_is_share, value)) and value[0] <= value[1]
            wanted = "two numbers from 0 to 1, the lower one first"
        else:
            fits, wanted = _is_share(value), "a number from 0 to 1"
        if not fits:
            raise SettingsError(f"work.{name} must be {wanted}", where=where)
    chosen: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in table.items()}
    return WorkRules(**chosen)


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _keys(table: object, where: Path) -> dict[str, tuple[str, ...]]:
    if not isinstance(table, dict):
        raise SettingsError("keys must be a table", where=where, hint='Write [keys] and below it: onset = ["O"]')
    keys: dict[str, tuple[str, ...]] = {}
    for action_id, value in table.items():
        chosen = [value] if isinstance(value, str) else value
        if not isinstance(chosen, list) or not all(isinstance(key, str) and key for key in chosen):
            raise SettingsError(f"keys.{action_id} must be a list of keys", where=where, hint=f'{action_id} = ["O"]')
        keys[action_id] = tuple(chosen)
    return keys


def _login_name() -> str:
    """The user's login name; a machine without one still gets a name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "annotator"
