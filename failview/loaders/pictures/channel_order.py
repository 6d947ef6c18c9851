"""Exchanges red and blue, for files whose pictures were stored in the other order."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from failview.model.camera import Camera, Picture, PictureReader

CHANNEL_ORDERS = ("rgb", "bgr")


@dataclass
class _SwappedReader:
    """Another reader's pictures with red and blue exchanged."""

    inner: PictureReader

    def read(self, frame: int) -> Picture:
        """(height, width, 3) picture of exactly this frame."""
        return np.ascontiguousarray(self.inner.read(frame)[:, :, ::-1])

    def read_range(self, start: int, stop: int) -> Iterator[Picture]:
        """Pictures of frames start to stop - 1, in order."""
        for picture in self.inner.read_range(start, stop):
            yield np.ascontiguousarray(picture[:, :, ::-1])

    def close(self) -> None:
        """Release what the other reader holds."""
        self.inner.close()


def red_and_blue_exchanged(camera: Camera) -> Camera:
    """The same camera with red and blue exchanged in every picture."""
    return replace(camera, open_reader=lambda: _SwappedReader(camera.open_reader()))
