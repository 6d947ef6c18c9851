"""What the session wants from a viewer. The real one shows Rerun; tests use a fake that keeps the same promises."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from psygnal import SignalInstance

from failview.model.annotation import Annotation, Stage
from failview.model.detection import EpisodeFindings
from failview.model.episode import Episode


class ViewerState(StrEnum):
    """What the viewer is doing, for the panel's header."""

    STARTING = "starting"
    LOADING = "loading"
    READY = "ready"
    RESTARTING = "restarting"
    GONE = "gone"


@dataclass(frozen=True)
class ViewerStatus:
    """State of the viewer.

    Attributes:
        state: What it is doing.
        episode_id: Episode on the screen, where there is one.
        loaded_fraction: 0 to 1, how much of that episode has been sent.
        message: What a person should know ("viewer restarted"), one thing a line; empty otherwise.
    """

    state: ViewerState
    episode_id: str | None = None
    loaded_fraction: float = 0.0
    message: str = ""


class ViewerPort(Protocol):
    """A viewer that follows the session. No method blocks; all are called from the thread that owns the session.

    Attributes:
        cursor_moved: Emits (episode_id, frame) when a person moved the time cursor in the viewer. Emitted on the
            thread that owns the session.
        status_changed: Emits ViewerStatus, on the thread that owns the session.
        screenshot_saved: Emits (path, error); error is empty when the picture is there.
    """

    cursor_moved: SignalInstance
    status_changed: SignalInstance
    screenshot_saved: SignalInstance

    def start(self) -> None:
        """Start the viewer; status_changed tells when it is ready."""

    def show(self, episode: Episode, annotation: Annotation, frame: int) -> None:
        """Bring an episode to the screen at a frame; log it first if it has not been loaded ahead."""

    def preload(self, episode: Episode, annotation: Annotation) -> None:
        """Log an episode without showing it, when nothing more urgent is to be done."""

    def seek(self, frame: int) -> None:
        """Move the viewer's time cursor. Only the latest of several quick calls need be seen."""

    def shown_frame(self) -> int | None:
        """The frame of the current episode that the viewer brought to the screen last; None before the first."""

    def set_pace(self, speed: float, playing: bool) -> None:
        """Tell the viewer the chosen speed, for people who press play over there."""

    def set_stage(self, stage: Stage) -> None:
        """Show everything in the layout of a stage; the detail stage's before the first call.

        What a person changed in the layout stays while the stage does.
        """

    def show_readings(self, shown: bool) -> None:
        """Write force, torque and aperture over the pictures, or not; they are there before the first call."""

    def mark(self, annotation: Annotation) -> None:
        """Show the marks of the current episode as they are now."""

    def show_findings(self, episode: Episode, findings: EpisodeFindings) -> None:
        """Show what the detectors found in an episode shown or loaded ahead; nothing where it is neither any more."""

    def save_screenshot(self, path: Path) -> None:
        """Write a PNG of the viewer once everything asked for is on the screen; screenshot_saved tells when."""

    def close(self) -> None:
        """End the viewer and wait until it is gone."""
