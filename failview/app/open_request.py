"""What somebody asked to open, and how."""

import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from failview.model.annotation import Stage


@dataclass(frozen=True)
class OpenRequest:
    """A dataset to work on.

    Attributes:
        dataset: The dataset.
        profile: Profile in place of the one beside the data.
        taxonomy: The user's own taxonomy file; None for the default.
        episode_id: Episode to open first; None for the first that is not done.
        frame: Frame to open it at.
        stage: Stage of the work.
        annotator: Who annotates; None for the name in the settings.
        headless: No window: offscreen panel, headless viewer.
        screenshots: Folder for panel.png and viewer.png; failview then ends by itself.
    """

    dataset: Path
    profile: Path | None = None
    taxonomy: Path | None = None
    episode_id: str | None = None
    frame: int = 0
    stage: Stage = Stage.DETAIL
    annotator: str | None = None
    headless: bool = False
    screenshots: Path | None = None

    def in_mode(self, *, headless: bool) -> "OpenRequest":
        """The same with or without a window."""
        return replace(self, headless=headless)


def has_display() -> bool:
    """Whether a window can be shown."""
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
