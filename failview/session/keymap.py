"""Which key does what: the table's defaults with the user's changes; a key never means two things."""

import difflib
from collections.abc import Mapping

from failview.errors import SettingsError
from failview.session.actions import ACTIONS, Action

_MODIFIERS = frozenset({"ctrl", "shift", "alt", "meta"})
_NAMED_KEYS = frozenset(
    {"space", "left", "right", "up", "down", "home", "end", "pgup", "pgdown", "backspace", "del", "ins", "esc"}
    | {"return"}
    | {f"f{number}" for number in range(1, 25)}
)
_OTHER_NAMES = {
    "enter": "return",
    "escape": "esc",
    "delete": "del",
    "insert": "ins",
    "pageup": "pgup",
    "pagedown": "pgdown",
    "control": "ctrl",
}
"""Names that people write for a key, or that keyboards have for two keys which nobody tells apart."""

_MOVES_FOCUS = frozenset({"tab", "backtab"})
_TYPING = frozenset({"space", "backspace"})


class Keymap:
    """Keys of all actions.

    Args:
        changes: The user's keys by action id, replacing the defaults of that action.
        where: The settings file, for messages.

    Raises:
        SettingsError: An unknown action, or one key for two actions.
    """

    def __init__(self, changes: Mapping[str, tuple[str, ...]] | None = None, where: str = "the key settings") -> None:
        changes = changes or {}
        known = {item.id for item in ACTIONS}
        for action_id in changes:
            if action_id not in known:
                raise SettingsError(f'no action is called "{action_id}"', where=where, hint=_nearest(action_id, known))
        self._keys = {item.id: tuple(changes.get(item.id, item.keys)) for item in ACTIONS}
        self._action_by_key: dict[str, Action] = {}
        for item in ACTIONS:
            for key in self._keys[item.id]:
                _check(key, item, where)
                other = self._action_by_key.setdefault(_normal(key), item)
                if other is not item:
                    raise SettingsError(
                        f'the key {key} is given to both "{other.id}" and "{item.id}"',
                        where=where,
                        hint="Choose another key for one of them",
                    )

    def keys(self, action_id: str) -> tuple[str, ...]:
        """The keys of an action; the first one is shown."""
        return self._keys[action_id]

    def shown_key(self, action_id: str) -> str:
        """The key to show beside a control; empty when the user took it away."""
        keys = self._keys[action_id]
        return keys[0] if keys else ""

    def action_for(self, key: str, *, in_text: bool) -> Action | None:
        """What a key does; while a text field has the keyboard only keys that type nothing count."""
        found = self._action_by_key.get(_normal(key))
        if found is None or not in_text:
            return found
        return found if found.in_text and not _types(key) else None


def _check(key: str, item: Action, where: str) -> None:
    """Refuse what is no key, or one that cannot be had.

    Raises:
        SettingsError: It is one of these.
    """
    modifiers, last = _parts(key)
    if last in _MOVES_FOCUS:
        raise SettingsError(f'"{key}" for "{item.id}" moves the keyboard', where=where, hint="Choose another key")
    if not set(modifiers) <= _MODIFIERS or not (len(last) == 1 or last in _NAMED_KEYS):
        raise SettingsError(
            f'"{key}" for "{item.id}" is no key', where=where, hint="Write keys like X, F2, Ctrl+Shift+Z"
        )


def _nearest(action_id: str, known: set[str]) -> str:
    """What somebody may have meant."""
    near = difflib.get_close_matches(action_id.lower(), sorted(known), n=1)
    return f'Did you mean "{near[0]}"?' if near else f"Actions: {', '.join(sorted(known))}"


def _parts(key: str) -> tuple[list[str], str]:
    """Modifiers and the key itself, in small letters; "Ctrl++" is Ctrl and the plus key."""
    small = key.lower()
    if small == "+":
        return [], small
    *modifiers, last = [*small[:-2].split("+"), "+"] if small.endswith("++") else small.split("+")
    return [_OTHER_NAMES.get(part, part) for part in modifiers], _OTHER_NAMES.get(last, last)


def _types(key: str) -> bool:
    """Whether a key writes or deletes a character in a text."""
    modifiers, last = _parts(key)
    return set(modifiers) <= {"shift"} and (len(last) == 1 or last in _TYPING)


def _normal(key: str) -> str:
    """One spelling of a key, whatever the case, the order of its modifiers, and which of two Enter keys it is."""
    modifiers, last = _parts(key)
    return "+".join([*sorted(modifiers), last])
