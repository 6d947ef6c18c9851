"""Which key does what: the table's defaults with the user's changes; a key never means two things."""

from collections.abc import Mapping

from failview.errors import SettingsError
from failview.session.actions import ACTIONS, Action

_MODIFIERS = frozenset({"Ctrl", "Shift", "Alt", "Meta"})
_NAMED_KEYS = frozenset(
    {"Space", "Left", "Right", "Up", "Down", "Home", "End", "PgUp", "PgDown", "Backspace", "Del", "Ins", "Tab", "Esc"}
    | {"Return", "Enter"}
    | {f"F{number}" for number in range(1, 25)}
)


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
                raise SettingsError(
                    f'no action is called "{action_id}"', where=where, hint=f"Actions: {', '.join(sorted(known))}"
                )
        self._keys = {item.id: tuple(changes.get(item.id, item.keys)) for item in ACTIONS}
        self._action_by_key: dict[str, Action] = {}
        for item in ACTIONS:
            for key in self._keys[item.id]:
                if not _is_key(key):
                    raise SettingsError(
                        f'"{key}" for "{item.id}" is no key', where=where, hint="Write keys like X, F2, Ctrl+Shift+Z"
                    )
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
        types_a_character = len(key) <= 1 or key in ("Space", "Backspace")
        return found if found.in_text and not types_a_character else None


def _is_key(key: str) -> bool:
    """Whether something is a key with its modifiers, as Qt writes them."""
    *modifiers, last = [key] if key == "+" else key.split("+")
    return set(modifiers) <= _MODIFIERS and (len(last) == 1 or last in _NAMED_KEYS)


def _normal(key: str) -> str:
    return key.lower()
