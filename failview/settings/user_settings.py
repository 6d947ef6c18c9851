"""What a user may choose once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from failview.settings.work_rules import WorkRules

THEMES = ("dark", "light")

SMALLEST_FONT, LARGEST_FONT = 0.8, 2.0
"""Limits of the factor on the usual size of text."""


@dataclass(frozen=True)
class UserSettings:
    """What a user chose.

    Attributes:
        annotator: Name on the sidecars.
        theme: One of THEMES.
        font_scale: Factor on the usual size of text, SMALLEST_FONT to LARGEST_FONT.
        keys: Keys by action id, where the user changed them.
        path: The settings file, whether or not it exists.
        layouts: Layout files of the viewer by stage ("triage"), in place of those that come with failview.
        readings: Whether force, torque and aperture stand over the camera pictures at first.
        prefetch_mb: Memory for the episodes kept in the viewer, in MB; None for a share of the machine's.
        work: How the work is shared out.
    """

    annotator: str
    theme: str = "dark"
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    path: Path = Path()
    font_scale: float = 1.0
    layouts: Mapping[str, Path] = field(default_factory=dict)
    readings: bool = True
    prefetch_mb: int | None = None
    work: WorkRules = field(default_factory=WorkRules)
