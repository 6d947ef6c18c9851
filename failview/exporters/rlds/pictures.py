"""Pictures of a camera, encoded for an example."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from failview.exporters.rlds.features import Pictures
from failview.model.camera import Camera, Picture

JPEG_QUALITY = 95


@dataclass(frozen=True)
class PictureStyle:
    """How pictures are carried.

    Attributes:
        encoding: "jpeg" or "png"; only the latter keeps every bit.
        shorter_side: Pixels of the shorter side; 0 for no pictures, None for pictures as they are.
    """

    encoding: str = "jpeg"
    shorter_side: int | None = None

    def of(self, camera: Camera) -> Pictures:
        """Pictures of a camera in the export; never larger than they are."""
        smaller = min(camera.width, camera.height)
        factor = 1.0 if self.shorter_side is None else min(1.0, self.shorter_side / smaller)
        return Pictures(self.encoding, max(1, round(camera.width * factor)), max(1, round(camera.height * factor)))


def encoded(camera: Camera, style: Pictures) -> Iterator[bytes]:
    """The pictures of a camera as files, in order.

    Raises:
        DatasetError: One cannot be read.
    """
    parameters = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if style.encoding == "jpeg" else []
    suffix = ".jpg" if style.encoding == "jpeg" else ".png"
    reader = camera.open_reader()
    try:
        for picture in reader.read_range(0, camera.num_frames):
            ok, content = cv2.imencode(suffix, cv2.cvtColor(_scaled(picture, style), cv2.COLOR_RGB2BGR), parameters)
            assert ok, "a picture of uint8 can always be encoded"
            yield bytes(content)
    finally:
        reader.close()


def _scaled(picture: Picture, style: Pictures) -> Picture:
    if picture.shape[:2] == (style.height, style.width):
        return picture
    resized = cv2.resize(picture, (style.width, style.height), interpolation=cv2.INTER_AREA)
    return np.asarray(resized, dtype=np.uint8)
