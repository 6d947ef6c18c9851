"""The user's settings file: who annotates, which theme, which keys."""

import getpass
import tomllib
from pathlib import Path

import platformdirs

from failview.errors import SettingsError
from failview.settings.user_settings import THEMES, UserSettings


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
    unknown = set(table) - {"annotator", "theme", "keys"}
    if unknown:
        raise SettingsError(f'unknown key "{min(unknown)}"', where=where, hint="Known keys: annotator, theme, keys")
    theme = table.get("theme", "dark")
    if theme not in THEMES:
        raise SettingsError(f'theme = "{theme}"', where=where, hint="Choose dark or light")
    annotator = table.get("annotator") or _login_name()
    if not isinstance(annotator, str):
        raise SettingsError("annotator must be a name in quotes", where=where)
    return UserSettings(annotator, theme, _keys(table.get("keys", {}), where), where)


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
