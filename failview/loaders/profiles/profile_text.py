"""The text of a profile: typed access to its tables, and the line of every key for what must be refused."""

import difflib
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from failview.errors import ProfileError

_LARGEST = 1e9
_HEADER = re.compile(r"^\s*\[([^\[\]]+)\]")
_KEY = re.compile(r"^\s*([A-Za-z0-9_.\"'-]+)\s*=")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known word; empty when none is near."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"Did you mean {near[0]}? " if near else ""


@dataclass(frozen=True)
class ProfileText:
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


class ProfileTable:
    """One table of the file, with typed access."""

    def __init__(self, source: ProfileText, content: Mapping[str, Any], name: str) -> None:
        self._source = source
        self._entries: Mapping[str, Any] = content.get(name, {})
        self._name = name

    def text(self, key: str, allowed: tuple[str, ...] = ()) -> str:
        """A text; "" when it is not there."""
        value = self._typed(key, lambda item: isinstance(item, str), "a text in quotes")
        if value is not None and allowed and value not in allowed:
            shown = ", ".join(repr(item) for item in allowed)
            raise self._source.refuse(f"{key} cannot be {value!r}", self._name, key, f"Allowed: {shown}")
        return "" if value is None else str(value)

    def name(self, key: str) -> str:
        """A text that says something; "" when it is not there."""
        value = self.text(key)
        if key in self._entries and not value.strip():
            raise self._source.refuse(f"{key} is blank", self._name, key, "Write it, or remove the line")
        return value

    def text_or_number(self, key: str) -> str:
        """A text, or a whole number as text."""
        value = self._typed(key, lambda item: type(item) in {str, int}, "a text in quotes or a whole number")
        return "" if value is None else str(value)

    def texts(self, key: str, *, single: bool = False) -> tuple[str, ...]:
        """A list of texts; a text alone counts as one where `single`."""

        def fits(item: object) -> bool:
            return (single and isinstance(item, str)) or (
                isinstance(item, list) and all(isinstance(part, str) for part in item)
            )

        value = self._typed(key, fits, "a text or a list of texts" if single else "a list of texts")
        if value is None:
            return ()
        if any(not part.strip() for part in ([value] if value and isinstance(value, str) else value)):
            raise self._source.refuse(f"{key} holds a blank name", self._name, key, "Write it, or remove it")
        return (value,) if isinstance(value, str) else tuple(value)

    def numbers(self, key: str) -> tuple[float, ...]:
        """A list of numbers."""

        def fits(item: object) -> bool:
            return isinstance(item, list) and all(type(part) in {int, float} and abs(part) < _LARGEST for part in item)

        return tuple(map(float, self._typed(key, fits, "a list of numbers") or ()))

    def flag(self, key: str) -> bool:
        """True or false."""
        return bool(self._typed(key, lambda item: isinstance(item, bool), "true or false"))

    def number(self, key: str, *, positive: bool = False) -> float | None:
        """A number; None when it is not there."""

        def fits(item: object) -> bool:
            return isinstance(item, int | float) and not isinstance(item, bool)

        value = self._typed(key, fits, "a number")
        if value is not None and positive and not 0 < value < float("inf"):
            raise self._source.refuse(f"{key} must be above zero", self._name, key)
        if value is not None and not math.isfinite(value):
            raise self._source.refuse(f"{key} must be a finite number", self._name, key)
        return None if value is None else float(value)

    def _typed(self, key: str, fits: Callable[[object], bool], wanted: str) -> Any:
        value = self._entries.get(key)
        if value is not None and not fits(value):
            raise self._source.refuse(f"{key} must be {wanted}", self._name, key)
        return value
