"""Cameras: pictures addressed by frame index."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]


class PictureReader(Protocol):
    """Reads the pictures of one camera. Belongs to one thread; close it after use."""

    def read(self, frame: int) -> Picture:
        """(height, width, 3) RGB picture of exactly this frame.

        Raises:
            IndexError: No such frame.
            failview.errors.DatasetError: The picture cannot be decoded.
        """

    def read_range(self, start: int, stop: int) -> Iterator[Picture]:
        """RGB pictures of frames start to stop - 1, in order; faster than single reads for video."""

    def close(self) -> None:
        """Release files and decoders. Safe to repeat."""


@dataclass(frozen=True)
class Camera:
    """One camera of an episode.

    Attributes:
        name: Short name ("front", "wrist").
        width: Pixels.
        height: Pixels.
        num_frames: Number of pictures; frame i of the camera is frame i of the episode.
        open_reader: Makes a new reader; each thread opens its own.
        is_depth: The pictures are distances shown as brightness; black is not measured.
    """

    name: str
    width: int
    height: int
    num_frames: int
    open_reader: Callable[[], PictureReader]
    is_depth: bool = False
