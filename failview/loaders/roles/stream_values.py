"""Turns raw arrays into columns, codes and seconds."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from failview.loaders.raw_dataset import Floats

TIME_NAMES = ("timestamps", "timestamp", "times", "time", "stamps", "stamp", "t")
"""Names under which recorders store time."""

_SCALES_BY_SIZE = ((1e17, 1e-9), (1e14, 1e-6), (1e11, 1e-3))
"""Since 1970 today is 1.7e9 s, 1.7e12 ms, 1.7e15 us, 1.7e18 ns: the size of a stamp tells its unit."""


def as_columns(values: npt.NDArray[np.generic]) -> Floats:
    """(samples, columns) float64 of an array of any sample shape."""
    with np.errstate(invalid="ignore"):  # damaged float32 may be signalling NaN
        return np.asarray(values, dtype=np.float64).reshape(values.shape[0], -1)


def text_codes(words: Sequence[str]) -> tuple[Floats, tuple[str, ...]]:
    """((samples, 1) codes, distinct words in order of first appearance)."""
    distinct = tuple(dict.fromkeys(words))
    index = {word: float(code) for code, word in enumerate(distinct)}
    return np.array([[index[word]] for word in words], dtype=np.float64).reshape(-1, 1), distinct


def seconds(stamps: npt.NDArray[np.generic]) -> Floats:
    """Stamps in s. Those since 1970 in ms, us or ns are told by their size; integer steps above 1e5 are ns."""
    values = np.asarray(stamps, dtype=np.float64)
    if stamps.dtype.kind not in "iuf" or not stamps.size:
        return values
    largest = float(np.nanmax(values, initial=0.0))
    scale = next((factor for limit, factor in _SCALES_BY_SIZE if largest >= limit), None)
    if scale is None and stamps.dtype.kind == "f":
        return values
    if scale is None:
        step = float(np.median(np.abs(np.diff(stamps.astype(np.int64))))) if stamps.size > 1 else 1.0
        scale = 1e-9 if step > 1e5 else 1e-3 if step >= 5 else 1.0
    return values * scale
