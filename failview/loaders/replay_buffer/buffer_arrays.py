"""What each array of a replay buffer holds: pictures, encoded pictures, numbers, words, or nothing for failview."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from failview.errors import DatasetError
from failview.loaders.pictures.picture_arrays import PictureLayout, picture_layout
from failview.loaders.replay_buffer.row_blocks import ArrayRows
from failview.loaders.replay_buffer.zarr_arrays import ArraySpec
from failview.loaders.replay_buffer.zarr_pictures import scaled_layout

_MAX_COLUMNS = 512
_PICTURE_SUFFIXES = ("_image", "_rgb", "_img", "_color")


class Content(Enum):
    """What one row is."""

    NUMBERS = "numbers"
    WORDS = "words"
    PICTURE = "picture"
    ENCODED = "encoded picture"
    UNREAD = "unread"


@dataclass(frozen=True, eq=False)
class BufferArray:
    """One array of a replay buffer.

    Attributes:
        name: Name of the stream: its path without "data/".
        rows: Its rows.
        content: What one row is.
        note: Why it is not read, or what it is.
        layout: How its pictures are stored.
        unit: Declared unit.
        labels: Declared column names.
    """

    name: str
    rows: ArrayRows
    content: Content
    note: str = ""
    layout: PictureLayout | None = None
    unit: str | None = None
    labels: tuple[str, ...] = ()

    @property
    def camera_name(self) -> str:
        """Short name of the camera: camera0_rgb -> camera0."""
        name = self.name.rsplit("/", 1)[-1]
        for suffix in _PICTURE_SUFFIXES:
            name = name.removesuffix(suffix)
        return name or self.name


def make_array(spec: ArraySpec, rows: ArrayRows, num_rows: int) -> BufferArray:
    """Decide what an array holds; looks at three pictures where they are floats.

    Args:
        spec: Its description.
        rows: Its rows.
        num_rows: Rows of the buffer.
    """
    name = spec.path.removeprefix("data/")
    note = _why_unread(rows, num_rows)
    if note:
        return BufferArray(name, rows, Content.UNREAD, note)
    if rows.dtype.kind in "OTUS":
        return _words_or_encoded(name, rows)
    layout = picture_layout(rows.row_shape, rows.dtype)
    if layout is not None:
        try:
            return BufferArray(name, rows, Content.PICTURE, "camera", scaled_layout(layout, rows))
        except DatasetError as error:
            return BufferArray(name, rows, Content.UNREAD, error.what)
    return BufferArray(
        name, rows, Content.NUMBERS, unit=_unit(spec.attributes), labels=_labels(spec.attributes, rows.row_shape)
    )


def _words_or_encoded(name: str, rows: ArrayRows) -> BufferArray:
    """An array of rows of their own length, by its first one; OpenCV is imported only for bytes."""
    try:
        first = rows.content(0)
        if not isinstance(first, bytes):
            return BufferArray(name, rows, Content.WORDS)
        pictures = importlib.import_module("failview.loaders.pictures.encoded_pictures")
        if not pictures.is_encoded_picture(first):
            return BufferArray(name, rows, Content.UNREAD, "neither numbers nor words")
        height, width = pictures.decode_picture(first, rows.path, 0).shape[:2]
    except DatasetError as error:
        return BufferArray(name, rows, Content.UNREAD, error.what)
    return BufferArray(name, rows, Content.ENCODED, "camera", PictureLayout(width, height, 3))


def _why_unread(rows: ArrayRows, num_rows: int) -> str:
    if rows.num_rows < num_rows // 2:
        return f"{rows.num_rows} rows: not one per frame"
    if 0 in rows.row_shape:
        return "empty"
    if rows.dtype.kind in "OTUS":
        return "" if rows.row_shape in {(), (1,)} else "not numbers"
    if rows.dtype.kind not in "fiub":
        return "not numbers"
    is_picture = picture_layout(rows.row_shape, rows.dtype) is not None
    return "too large for a signal" if not is_picture and int(np.prod(rows.row_shape)) > _MAX_COLUMNS else ""


def _unit(attributes: Mapping[str, Any]) -> str | None:
    unit = attributes.get("unit", attributes.get("units"))
    return unit if isinstance(unit, str) and unit else None


def _labels(attributes: Mapping[str, Any], row_shape: tuple[int, ...]) -> tuple[str, ...]:
    """Column names that the recorder noted, when there is one for each column."""
    for key in ("names", "labels", "columns"):
        names = attributes.get(key)
        if isinstance(names, list) and len(names) == int(np.prod(row_shape)) > 1:
            return tuple(str(name) for name in names)
    return ()
