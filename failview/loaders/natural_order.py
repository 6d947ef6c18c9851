"""Natural order of names (demo_2 before demo_10) and names that are safe in file names."""

import hashlib
import re
from functools import lru_cache

_DIGITS = re.compile(r"(\d+)")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


@lru_cache(maxsize=1 << 16)  # listing a folder sorts the same names several times
def natural_key(name: str) -> tuple[tuple[int, int | str], ...]:
    """Key that sorts digits by their number and the rest by text."""
    parts = _DIGITS.split(name)
    return tuple((0, int(part)) if part.isdigit() else (1, part) for part in parts if part)


def safe_id(name: str) -> str:
    """The name itself when it can be part of a file name, else a readable stand-in that stays unique."""
    cleaned = _UNSAFE.sub("_", name).lstrip(".-")[:80]
    if cleaned == name:
        return name
    return f"{cleaned or 'episode'}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"
