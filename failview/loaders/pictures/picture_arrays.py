"""Which arrays are pictures, and how each layout becomes RGB."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from failview.model.camera import Picture

_CHANNELS = (1, 3, 4)
_MIN_SIDE = 16


@dataclass(frozen=True)
class PictureLayout:
    """How the samples of a dataset are to be read as pictures.

    Attributes:
        width: Pixels.
        height: Pixels.
        channels: 1 (grey), 3 (RGB) or 4 (RGBA).
        channels_first: True for (channels, height, width).
        scale: Factor to 0-255; 255 for floats in 0-1.
    """

    width: int
    height: int
    channels: int
    channels_first: bool = False
    scale: float = 1.0


def picture_layout(sample_shape: tuple[int, ...], dtype: np.dtype[np.generic]) -> PictureLayout | None:
    """The layout of pictures by shape and type; None when the samples are not pictures.

    Floats with one channel are depth, not pictures.
    """
    if dtype != np.uint8 and dtype.kind != "f":
        return None
    if len(sample_shape) == 2 and dtype == np.uint8 and min(sample_shape) >= 2 * _MIN_SIDE:
        return PictureLayout(sample_shape[1], sample_shape[0], 1)
    if len(sample_shape) != 3:
        return None
    layout = _layout_of_three(sample_shape)
    return None if layout is None or (dtype.kind == "f" and layout.channels == 1) else layout


def _layout_of_three(shape: tuple[int, ...]) -> PictureLayout | None:
    if shape[2] in _CHANNELS and min(shape[:2]) >= _MIN_SIDE:
        return PictureLayout(shape[1], shape[0], shape[2])
    if shape[0] in _CHANNELS and min(shape[1:]) >= _MIN_SIDE:
        return PictureLayout(shape[2], shape[1], shape[0], channels_first=True)
    return None


def with_float_scale(layout: PictureLayout, first_picture: npt.NDArray[np.generic]) -> PictureLayout:
    """The same layout with the scale that the values of the first picture ask for."""
    in_unit_range = first_picture.dtype.kind == "f" and float(np.nanmax(first_picture, initial=0.0)) <= 1.0
    scale = 255.0 if in_unit_range else 1.0
    return PictureLayout(layout.width, layout.height, layout.channels, layout.channels_first, scale)


def to_rgb(sample: npt.NDArray[np.generic], layout: PictureLayout) -> Picture:
    """(height, width, 3) uint8 RGB of one sample; an alpha channel is dropped."""
    pixels = np.asarray(sample)
    if pixels.dtype != np.uint8:
        numbers = np.nan_to_num(pixels.astype(np.float32)) * np.float32(layout.scale)
        pixels = np.clip(np.rint(numbers), 0, 255).astype(np.uint8)
    if pixels.ndim == 2:
        pixels = pixels[:, :, np.newaxis]
    elif layout.channels_first:
        pixels = np.moveaxis(pixels, 0, 2)
    if pixels.shape[2] == 1:
        pixels = np.repeat(pixels, 3, axis=2)
    return np.ascontiguousarray(pixels[:, :, :3])
