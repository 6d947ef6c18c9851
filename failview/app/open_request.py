"""What somebody asked to open, and how."""

import os
import socket
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from failview.errors import ViewerError
from failview.model.annotation import Stage
from failview.session.work.errands import Errand

_X_PORT = 6000
"""TCP port of X display 0 (X Window System Protocol)."""
_X_PATIENCE_S = 3.0


@dataclass(frozen=True)
class OpenRequest:
    """A dataset to work on.

    Attributes:
        dataset: The dataset.
        profile: Profile in place of the one beside the data.
        taxonomy: The user's own taxonomy file; None for the default.
        episode_id: Episode to open first; None for the first that is not done.
        frame: Frame to open it at.
        stage: Stage of the work; None for where one stopped, else the first one in which something is left.
        annotator: Who annotates; None for the name in the settings.
        headless: No window: offscreen panel, headless viewer.
        layout: Layout file of the viewer for every stage; None for those of the settings, or of failview.
        screenshots: Folder for panel.png and viewer.png; failview then ends by itself.
        errand: A few episodes, blind, for a re-test, practice or exam; its annotator counts before the other.
    """

    dataset: Path
    profile: Path | None = None
    taxonomy: Path | None = None
    episode_id: str | None = None
    frame: int = 0
    stage: Stage | None = None
    annotator: str | None = None
    headless: bool = False
    layout: Path | None = None
    screenshots: Path | None = None
    errand: Errand | None = None

    def in_mode(self, *, headless: bool) -> "OpenRequest":
        """The same with or without a window."""
        return replace(self, headless=headless)


def has_display() -> bool:
    """Whether a window can be shown.

    Raises:
        ViewerError: DISPLAY names an X server that does not answer; Qt would abort.
    """
    if sys.platform != "linux" or os.environ.get("WAYLAND_DISPLAY"):
        return True
    name = os.environ.get("DISPLAY", "")
    if name and not _answers(name):
        raise ViewerError("no display answers", where=f"DISPLAY={name}", hint="Unset it to run without a window")
    return bool(name)


def _answers(display: str) -> bool:
    """Whether an X server accepts connections; "host:number.screen", without a host on this machine."""
    host, _, rest = display.rpartition(":")
    number = rest.partition(".")[0]
    if not number.isdigit():
        return False
    local = host in ("", "unix")
    address = f"/tmp/.X11-unix/X{number}" if local else (host, _X_PORT + int(number))  # noqa: S108 - where X has it
    try:
        with socket.socket(socket.AF_UNIX if local else socket.AF_INET) as probe:
            probe.settimeout(_X_PATIENCE_S)
            probe.connect(address)
    except OSError:
        return False
    return True
