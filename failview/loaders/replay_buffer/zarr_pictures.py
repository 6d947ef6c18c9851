"""Pictures stored as rows of a zarr array."""

import importlib
from collections.abc import Iterator

import numpy as np

from failview.loaders.pictures.picture_arrays import PictureLayout, to_rgb, with_float_scale
from failview.loaders.replay_buffer.row_blocks import ArrayRows
from failview.model.camera import Camera, Picture


class ZarrPictureReader:
    """Reads the pictures of one episode; the rows behind it are shared by all readers of the dataset."""

    def __init__(self, rows: ArrayRows, layout: PictureLayout, first_row: int, num_frames: int) -> None:
        self._rows = rows
        self._layout = layout
        self._first_row = first_row
        self._num_frames = num_frames

    def read(self, frame: int) -> Picture:
        """(height, width, 3) RGB picture of exactly this frame."""
        if not 0 <= frame < self._num_frames:
            raise IndexError(f"frame {frame} of {self._num_frames}")
        return to_rgb(self._rows.row(self._first_row + frame), self._layout)

    def read_range(self, start: int, stop: int) -> Iterator[Picture]:
        """RGB pictures of frames start to stop - 1, in order."""
        for frame in range(start, stop):
            yield self.read(frame)

    def close(self) -> None:
        """Nothing of its own stays open."""


class EncodedPictureReader(ZarrPictureReader):
    """Decodes pictures that are stored as files (JPEG, PNG, …), one per row."""

    def read(self, frame: int) -> Picture:
        """(height, width, 3) RGB picture of exactly this frame."""
        if not 0 <= frame < self._num_frames:
            raise IndexError(f"frame {frame} of {self._num_frames}")
        pictures = importlib.import_module("failview.loaders.pictures.encoded_pictures")  # OpenCV, only where needed
        content = self._rows.content(self._first_row + frame)
        picture: Picture = pictures.decode_picture(content, self._rows.path, frame)
        return picture


def zarr_camera(  # noqa: PLR0913 - where the pictures lie and how they are stored
    name: str, rows: ArrayRows, layout: PictureLayout, first_row: int, num_frames: int, *, is_encoded: bool = False
) -> Camera:
    """A camera over the rows of one episode."""
    reader = EncodedPictureReader if is_encoded else ZarrPictureReader
    return Camera(name, layout.width, layout.height, num_frames, lambda: reader(rows, layout, first_row, num_frames))


def scaled_layout(layout: PictureLayout, rows: ArrayRows) -> PictureLayout:
    """The layout with the scale of float pictures (0-1 or 0-255), told by three pictures of the whole array."""
    if rows.dtype.kind != "f" or not rows.num_rows:
        return layout
    picked = {0, rows.num_rows // 2, rows.num_rows - 1}
    brightest = max((rows.row(index) for index in sorted(picked)), key=lambda picture: float(np.nanmax(picture)))
    return with_float_scale(layout, brightest)
