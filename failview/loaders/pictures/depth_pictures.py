"""Pictures of distances, shown as brightness."""

import numpy as np
import numpy.typing as npt

from failview.model.camera import Picture

Depth = npt.NDArray[np.generic]

_MIN_SIDE = 32


def depth_size(name: str, sample_shape: tuple[int, ...], dtype: np.dtype[np.generic]) -> tuple[int, int] | None:
    """(width, height) of samples that are distances; None when they are not.

    One channel of 16 bits is hardly anything else; floats could be a matrix of any kind, so their name must say it.
    """
    sides = [size for size in sample_shape if size > 1]
    if len(sides) != 2 or min(sides) < _MIN_SIDE:
        return None
    is_named = dtype.kind == "f" and "depth" in name.lower()
    return (sides[1], sides[0]) if is_named or dtype == np.uint16 else None


def depth_limit(values: Depth) -> float:
    """The distance shown as white: that of the farthest hundredth of a picture."""
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known) & (known > 0)]
    return float(np.percentile(known, 99)) if known.size else 1.0


def depth_picture(values: Depth, limit: float) -> Picture:
    """Distances as brightness: near is dark, `limit` and beyond is white, nothing measured is black.

    Args:
        values: Distances in any unit; axes of length 1 beside height and width do not count.
        limit: The distance shown as white, in the same unit.
    """
    known = np.nan_to_num(np.asarray(values, dtype=np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    rows = known if known.ndim == 2 else known.reshape([size for size in known.shape if size > 1])
    # what is measured is never quite black, however near
    grey = np.where(rows > 0, np.clip(rows * (255.0 / limit), 1, 255), 0).astype(np.uint8)
    return np.repeat(grey[:, :, np.newaxis], 3, axis=2)


def depth_note(limit: float, unit: str = "") -> str:
    """How a camera of distances is to be read."""
    white = f"{limit:.4g} {unit}".strip()
    return f"camera; depth shown as brightness, white is {white} and more, black is not measured"
