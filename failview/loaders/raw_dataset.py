"""What a format module delivers: streams, cameras and clock as they are in the file. Everything else is shared."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from failview.loaders.dataset import EpisodeEntry, StreamInfo
from failview.model.camera import Camera
from failview.model.episode import EpisodePlace

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RawStream:
    """One stream of numbers as found in the file.

    Attributes:
        name: Its path or column name in the file.
        values: (samples, columns) as float64 in the file's unit; words are codes into `text_values`.
        sample_shape: Shape of one sample in the file.
        dtype: Type in the file.
        labels: Declared column names; empty when the file gives none.
        unit: Declared unit, in the file's own words; None when the file gives none.
        times_s: (samples,) own timestamps in s on the clock of the file; None when sample i belongs to frame i.
        text_values: Distinct words of a stream of words.
        label_reason: Where the labels come from, when that is not obvious.
        role_free: Never a candidate for a role (the next observation, a row number).
    """

    name: str
    values: Floats
    sample_shape: tuple[int, ...]
    dtype: str
    labels: tuple[str, ...] = ()
    unit: str | None = None
    times_s: Floats | None = None
    text_values: tuple[str, ...] = ()
    label_reason: str = ""
    role_free: bool = False

    @property
    def width(self) -> int:
        """Number of columns."""
        return int(self.values.shape[1])


@dataclass(frozen=True, eq=False)
class RawClock:
    """What the file says about the time of its frames.

    Attributes:
        times_s: (frames,) timestamps in s; None when there are none.
        times_origin: Where they come from ("timestamps").
        rate_hz: Declared rate; None when nothing declares one.
        rate_origin: Where it comes from ("control_freq_hz").
        times_guessed: True when no declaration says that `times_s` is time.
        is_common: The streams' own times are known to be of this very clock, whatever stretch of it they cover.
    """

    times_s: Floats | None = None
    times_origin: str = ""
    rate_hz: float | None = None
    rate_origin: str = ""
    times_guessed: bool = False
    is_common: bool = False


class Transforms(Protocol):
    """Named frames that move against each other (tf)."""

    @property
    def frames(self) -> Sequence[str]:
        """Names of all frames."""

    def guess(self) -> tuple[str, str] | None:
        """(parent, child) that look like the base and the tool of an arm; None when none do."""

    def chain(self, parent: str, child: str) -> tuple[RawStream, RawStream] | str:
        """(position in m, orientation xyzw) of one frame in another; why there is none, in words."""


@dataclass(frozen=True, eq=False)
class RawEpisode:
    """One episode as found in the file.

    Attributes:
        num_frames: Number of frames.
        task: What the robot was asked to do; may be empty.
        streams: Every numeric stream.
        cameras: In file order.
        clock: What the file says about time.
        fingerprint: Hash over the content ("sha256:…").
        warnings: What the format module found wrong, one line each.
        quaternion_order: Order that this family of files uses by convention, with nothing declared; "" if none.
        unread: Streams that are listed but not read as numbers, with the reason in their note.
        channel_order: Order of the colours that the stored pictures were taken to have, "rgb" or "bgr"; the cameras
            give RGB if that is right.
        transforms: Frames from which the end effector's pose can be computed; None when the file has none.
    """

    num_frames: int
    task: str
    streams: Sequence[RawStream]
    cameras: Sequence[Camera]
    clock: RawClock
    fingerprint: str
    warnings: tuple[str, ...] = ()
    quaternion_order: str = ""
    unread: Sequence[StreamInfo] = ()
    channel_order: str = "rgb"
    transforms: Transforms | None = None


class RawDataset(Protocol):
    """A dataset of one format. Reading is thread-safe; nothing is ever written.

    Attributes:
        path: The file or folder.
        format_name: Name of the format for people.
        entries: The episodes in natural order, known without reading their data.
        warnings: What is wrong with the dataset as a whole.
    """

    path: Path
    format_name: str
    entries: Sequence[EpisodeEntry]
    warnings: Sequence[str]

    def read_episode(self, episode_id: str) -> RawEpisode:
        """Read the numbers of an episode and prepare its cameras; the id is one of the entries'.

        Raises:
            failview.errors.DatasetError: The episode cannot be read.
        """

    def place(self, episode_id: str) -> EpisodePlace:
        """Where an episode lies on disk."""

    def close(self) -> None:
        """Release files. Safe to repeat."""
