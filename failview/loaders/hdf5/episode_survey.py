"""Whether an HDF5 tree is the recording of one episode, and of how many frames; by names, shapes and types alone."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import h5py

from failview.loaders.hdf5.encoded_datasets import may_hold_encoded_pictures
from failview.loaders.pictures.picture_arrays import picture_layout
from failview.loaders.roles.role_names import name_words

_RECORDING_WORDS = frozenset(
    {"action", "joint", "gripper", "ee", "state", "pose", "wrench", "force", "torque", "image", "images", "camera"}
    | {"cam", "rgb", "depth", "obs", "timestamp", "timestamps", "time", "reward", "rewards", "aperture", "phase"}
)
_MODEL_ATTRIBUTES = frozenset({"keras_version", "layer_names", "model_config", "weight_names", "model_weights"})
_MODEL_WORDS = frozenset({"kernel", "bias", "weight", "weights", "gamma", "beta", "moving", "running"})
_MIN_SHARE = 0.4
_NOT_PER_FRAME = frozenset({"compress_len", "compress_len_depth"})
"""Lengths of ALOHA's padded pictures, one row per camera."""


@dataclass(frozen=True)
class Survey:
    """What the shapes say.

    Attributes:
        num_frames: Frames; 0 when this is no recording.
        why_not: Why it is no recording, in words; empty when it is one.
    """

    num_frames: int
    why_not: str = ""


def survey(top: h5py.Group, datasets: Mapping[str, h5py.Dataset]) -> Survey:
    """Decide about a tree.

    Args:
        top: The root of the file.
        datasets: All its datasets, by path.
    """
    if set(top.attrs) & _MODEL_ATTRIBUTES or top.id.links.exists(b"model_weights"):
        return Survey(0, "holds the weights of a model, no recording")
    lengths = {name: int(item.shape[0]) for name, item in datasets.items() if _is_per_frame(name, item)}
    if not lengths:
        return Survey(0, "holds no array of numbers")
    pictures = [lengths[name] for name in lengths if _is_picture(datasets[name])]
    num_frames = _most_common(pictures) if pictures else _voted(lengths)
    sharing = [name for name, length in lengths.items() if abs(length - num_frames) <= 1]
    telling = [name for name in sharing if name_words(name) & _RECORDING_WORDS]
    if num_frames < 2:
        return Survey(0, "holds arrays of one row only")
    if not telling and any(name_words(name) & _MODEL_WORDS for name in sharing):
        return Survey(0, "holds the weights of a model, no recording")
    alike = sum(length == num_frames for length in lengths.values())
    if not telling and not pictures and alike < max(2, _MIN_SHARE * len(lengths)):
        return Survey(0, "holds arrays that have no common number of frames")
    return Survey(num_frames)


def _is_per_frame(name: str, item: h5py.Dataset) -> bool:
    if not item.ndim or 0 in item.shape or name.rsplit("/", 1)[-1] in _NOT_PER_FRAME:
        return False
    is_text = h5py.check_string_dtype(item.dtype) is not None
    return item.dtype.kind in "fiub" or (is_text and item.ndim == 1) or may_hold_encoded_pictures(item)


def _is_picture(item: h5py.Dataset) -> bool:
    if picture_layout(tuple(item.shape[1:]), item.dtype) is not None:
        return True
    # Words are short; nothing shorter than this is an encoded picture of a useful size.
    return may_hold_encoded_pictures(item) and (item.ndim == 2 or item.dtype.itemsize > 512 or item.dtype.kind == "O")


def _voted(lengths: Mapping[str, int]) -> int:
    """The length of most arrays; actions, which may be one shorter or longer, decide only when nothing else does."""
    observed = [length for name, length in lengths.items() if "action" not in name_words(name)]
    return _most_common(observed or list(lengths.values()))


def _most_common(lengths: list[int]) -> int:
    counted = Counter(lengths)
    return max(counted, key=lambda length: (counted[length], length))
