"""Reads datasets of every format into episodes."""

from failview.loaders.opening import open_dataset

__all__ = ["open_dataset"]
