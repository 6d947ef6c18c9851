"""Statistics that LeRobot's policies normalise with."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from failview.model.camera import Camera, Picture

QUANTILES = {"q01": 0.01, "q10": 0.1, "q50": 0.5, "q90": 0.9, "q99": 0.99}
_MOST_PICTURES = 20
"""Of one episode; LeRobot samples as well."""
_SIDE = 150
"""Pixels that a picture is thinned to, as in LeRobot."""


def statistics(values: npt.NDArray[Any], num_samples: int) -> dict[str, list[Any]]:
    """min, max, mean, std, count and quantiles of every column.

    Args:
        values: (samples, columns).
        num_samples: What counts as the number of samples.
    """
    finite = np.where(np.isfinite(values), values, np.nan).astype(np.float64)
    found = {
        "min": np.nanmin(finite, axis=0),
        "max": np.nanmax(finite, axis=0),
        "mean": np.nanmean(finite, axis=0),
        "std": np.nanstd(finite, axis=0),
        **{name: np.nanquantile(finite, share, axis=0) for name, share in QUANTILES.items()},
    }
    return {**{name: item.tolist() for name, item in found.items()}, "count": [num_samples]}


def picture_sample(camera: Camera) -> npt.NDArray[np.uint8]:
    """(pixels, 3) RGB of some pictures of an episode, thinned."""
    frames = np.unique(np.linspace(0, camera.num_frames - 1, min(_MOST_PICTURES, camera.num_frames)).astype(int))
    reader = camera.open_reader()
    try:
        return np.concatenate([_thinned(reader.read(frame)) for frame in frames.tolist()])
    finally:
        reader.close()


def picture_statistics(pixels: npt.NDArray[np.uint8], num_frames: int) -> dict[str, list[Any]]:
    """Statistics of pictures, 0 to 1, each a column of three as LeRobot shapes them."""
    found = statistics(pixels / 255.0, num_frames)
    return {name: item if name == "count" else [[[value]] for value in item] for name, item in found.items()}


def episode_columns(stats: Mapping[str, Mapping[str, list[Any]]]) -> Iterator[tuple[str, list[Any]]]:
    """Statistics as further columns of the list of episodes."""
    for feature, found in stats.items():
        for name, value in found.items():
            yield f"stats/{feature}/{name}", value


def _thinned(picture: Picture) -> npt.NDArray[np.uint8]:
    step = max(1, min(picture.shape[:2]) // _SIDE)
    return np.ascontiguousarray(picture[::step, ::step]).reshape(-1, 3)
