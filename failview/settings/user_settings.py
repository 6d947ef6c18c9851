"""What a user may choose once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

THEMES = ("dark", "light")


@dataclass(frozen=True)
class UserSettings:
    """What a user chose.

    Attributes:
        annotator: Name on the sidecars.
        theme: One of THEMES.
        keys: Keys by action id, where the user changed them.
        path: The settings file, whether or not it exists.
    """

    annotator: str
    theme: str = "dark"
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    path: Path = Path()
