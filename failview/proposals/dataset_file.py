"""The file of a dataset: what the detectors learnt from all of its episodes."""

import contextlib
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from failview.sidecars.atomic_file import read_file, replace_computed

NAME = "detections.json"

_VERSION = 1


@dataclass(frozen=True)
class LearntFile:
    """What was learnt, and of what.

    Attributes:
        inputs: Hash over the episodes that it was learnt from, and over how they were looked at.
        learnt: Plain values.
    """

    inputs: str
    learnt: Any

    @property
    def hash(self) -> str:
        """Hash over what was learnt."""
        return plain_hash(self.learnt)


def plain_hash(plain: Any) -> str:
    """Hash over plain values."""
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:32]


def read_learnt(*paths: Path) -> LearntFile | None:
    """What was learnt, from the first of the places that has it; None when there is none that can be used."""
    for path in paths:
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
            found = read_file(path)
            plain = None if found is None else json.loads(found[0])
            if plain is not None and plain["version"] == _VERSION:
                return LearntFile(str(plain["inputs"]), plain["learnt"])
    return None


def write_learnt(path: Path, learnt: LearntFile) -> None:
    """Keep what was learnt.

    Raises:
        OSError: It cannot be written.
    """
    content = {"version": _VERSION, "inputs": learnt.inputs, "learnt": learnt.learnt}
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_computed(path, json.dumps(content).encode())
