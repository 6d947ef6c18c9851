"""Cameras whose pictures were stored in another order of colours or of rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from failview.model.camera import Camera, Picture, PictureReader

CHANNEL_ORDERS = ("rgb", "bgr")


@dataclass
class _ChangedReader:
    """Another reader's pictures, each changed in the same way."""

    inner: PictureReader
    change: Callable[[Picture], Picture]

    def read(self, frame: int) -> Picture:
        """(height, width, 3) picture of exactly this frame."""
        return np.ascontiguousarray(self.change(self.inner.read(frame)))

    def read_range(self, start: int, stop: int) -> Iterator[Picture]:
        """Pictures of frames start to stop - 1, in order."""
        for picture in self.inner.read_range(start, stop):
            yield np.ascontiguousarray(self.change(picture))

    def close(self) -> None:
        """Release what the other reader holds."""
        self.inner.close()


def red_and_blue_exchanged(camera: Camera) -> Camera:
    """The same camera with red and blue exchanged in every picture."""
    return _changed(camera, lambda picture: picture[:, :, ::-1])


def upright(camera: Camera) -> Camera:
    """The same camera for pictures that were stored bottom row first."""
    return _changed(camera, lambda picture: picture[::-1])


def _changed(camera: Camera, change: Callable[[Picture], Picture]) -> Camera:
    return replace(camera, open_reader=lambda: _ChangedReader(camera.open_reader(), change))
