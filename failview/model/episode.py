"""One episode: frames on a reference clock, signals by role, cameras, and what is doubtful about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from failview.model.camera import Camera
from failview.model.clock import Clock
from failview.model.robot import Robot
from failview.model.roles import Role
from failview.model.signals import Signal


@dataclass(frozen=True)
class EpisodeSource:
    """Where an episode comes from, as its sidecar records it.

    Attributes:
        path: The dataset, as the user named it.
        format_name: Name of the format ("robomimic HDF5").
        fingerprint: Hash over the episode's content ("sha256:…"), to notice that data changed under an annotation.
    """

    path: str
    format_name: str
    fingerprint: str


@dataclass(frozen=True)
class EpisodePlace:
    """Where an episode lies on disk, which decides where its sidecar lies.

    Attributes:
        path: The file or folder that holds it.
        id_inside: Its id among the others in there; None when the file or folder is this episode alone.
    """

    path: Path
    id_inside: str | None = None


@dataclass(frozen=True)
class RoleAssignment:
    """Which stream plays a role, and why.

    Attributes:
        stream: Name of the stream in the file.
        unit: Unit of the stream in the file, before conversion.
        guessed: True when names and values suggested it and no profile or declaration confirms it.
        reason: Why, in words.
        columns: Labels or indices of the columns taken, "all" by default.
        dead: The stream never changes in any episode looked at: it can be shown, but nothing is judged from it.
    """

    stream: str
    unit: str
    guessed: bool
    reason: str
    columns: str = "all"
    dead: bool = False


@dataclass(frozen=True, eq=False)
class Episode:
    """An episode ready to be shown and judged.

    Attributes:
        episode_id: Unique in its dataset; safe as part of a file name.
        task: What the robot was asked to do; empty when the file does not say.
        clock: Reference clock; its frames are the frames of the cameras and of per-frame signals.
        signals: Signals that play a role, in SI units.
        other_signals: Streams without a role, by stream name.
        cameras: By name, in the order to show them.
        assignments: Why each role got its stream.
        warnings: What is wrong or doubtful in the file, one line each.
        source: Provenance for the sidecar.
        robot: The robot's model, where the profile names one that fits.
    """

    episode_id: str
    task: str
    clock: Clock
    signals: Mapping[Role, Signal]
    cameras: Mapping[str, Camera]
    source: EpisodeSource
    other_signals: Mapping[str, Signal] = field(default_factory=dict)
    assignments: Mapping[Role, RoleAssignment] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    robot: Robot | None = None

    @property
    def num_frames(self) -> int:
        """Number of frames."""
        return self.clock.num_frames
