"""Hash over an episode's content, equal on every machine and at every path."""

import hashlib
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

_SAMPLE_BYTES = 65536


class Fingerprint:
    """Collects content; order of the calls matters, paths never do."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add_array(self, name: str, values: npt.NDArray[np.generic]) -> None:
        """A named array with its type and shape."""
        self.add_text(f"{name}|{values.dtype.str}|{values.shape}")
        self._hash.update(np.ascontiguousarray(values).tobytes())

    def add_text(self, text: str) -> None:
        """Words."""
        self._hash.update(text.encode("utf-8", "surrogateescape") + b"\n")

    def add_bytes(self, name: str, content: bytes) -> None:
        """A named piece of content."""
        self.add_text(f"{name}|{len(content)}")
        self._hash.update(content)

    def add_file(self, name: str, path: Path) -> None:
        """A large file by its size, its beginning and its end."""
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_SAMPLE_BYTES)
            file.seek(max(0, size - _SAMPLE_BYTES), os.SEEK_SET)
            tail = file.read(_SAMPLE_BYTES)
        self.add_text(f"{name}|{size}")
        self._hash.update(head + tail)

    def text(self) -> str:
        """The hash as sidecars record it."""
        return f"sha256:{self._hash.hexdigest()}"
