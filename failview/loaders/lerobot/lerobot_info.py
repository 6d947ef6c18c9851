"""meta/info.json of a LeRobot dataset, v2 and v3."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from failview.errors import DatasetError
from failview.loaders.content_sniffing import require_readable_file

BOOKKEEPING = frozenset({"timestamp", "frame_index", "episode_index", "index", "task_index"})
"""Columns that LeRobot adds to every row; none of them is a signal."""

FAILURE_ONSET, FAILURE_PHASE = "annotation.is_failure_onset", "annotation.failure_phase"
"""Columns that failview's export adds to every row: labels, no signals."""


@dataclass(frozen=True)
class Feature:
    """One declared stream.

    Attributes:
        key: Column or video key.
        dtype: "video", "image", "string" or a numpy type name.
        shape: Shape of one sample.
        labels: Column names; empty when none are given or they do not match the shape.
        unit: Declared unit, where an exporter wrote one.
    """

    key: str
    dtype: str
    shape: tuple[int, ...]
    labels: tuple[str, ...]
    unit: str | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels by the shape, for (height, width, channels) and (channels, height, width)."""
        if len(self.shape) != 3:
            return 0, 0
        first, second, third = self.shape
        return (third, second) if first in {1, 3, 4} and third not in {1, 3, 4} else (second, first)


@dataclass(frozen=True)
class LeRobotInfo:
    """The description of a dataset.

    Attributes:
        version: Major version of the format, 2 or 3.
        rate_hz: Declared frames per second, where there is a usable one.
        features: By key.
        chunk_size: Episodes per folder (v2).
        data_path: Template of the data files.
        video_path: Template of the video files.
        robot_type: As declared; may be empty.
    """

    version: int
    rate_hz: float | None
    features: Mapping[str, Feature]
    chunk_size: int
    data_path: str
    video_path: str
    robot_type: str


def read_info(root: Path) -> LeRobotInfo:
    """Read meta/info.json.

    Raises:
        DatasetError: Missing, not JSON, or a version that is not read.
    """
    path = root / "meta" / "info.json"
    require_readable_file(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DatasetError("this is not valid JSON", where=path, hint="Restore it from the dataset's source") from error
    content = content if isinstance(content, dict) else {}
    version = _major_version(content, root)
    if version not in {2, 3}:
        shown = content.get("codebase_version", "unknown")
        raise DatasetError(
            f"LeRobot version {shown} is not read",
            where=path,
            hint="Convert it to v2.1 or v3.0 with LeRobot's own script",
        )
    rate = content.get("fps")
    features = content.get("features")
    chunk_size = content.get("chunks_size")
    return LeRobotInfo(
        version,
        float(rate) if isinstance(rate, int | float) and rate > 0 else None,
        {key: _feature(key, entry) for key, entry in features.items() if isinstance(entry, dict)}
        if isinstance(features, dict)
        else {},
        chunk_size if isinstance(chunk_size, int) and chunk_size > 0 else 1000,
        str(content.get("data_path") or ""),
        str(content.get("video_path") or ""),
        str(content.get("robot_type") or ""),
    )


def _major_version(content: Mapping[str, Any], root: Path) -> int:
    """By the declaration, or by the episode list that is there when nothing is declared."""
    declared = str(content.get("codebase_version", "")).lstrip("v").split(".")[0]
    if declared.isdigit():
        return int(declared)
    return 3 if (root / "meta" / "episodes").is_dir() else 2


def _feature(key: str, entry: Mapping[str, Any]) -> Feature:
    shape = entry.get("shape")
    sizes = tuple(int(size) for size in shape if isinstance(size, int)) if isinstance(shape, list) else ()
    unit = entry.get("unit", entry.get("units"))
    return Feature(
        key,
        str(entry.get("dtype", "")),
        sizes,
        _flat_names(entry.get("names")),
        unit if isinstance(unit, str) else None,
    )


def _flat_names(names: object) -> tuple[str, ...]:
    """Column names out of a list, a nested list, or a mapping of lists or of positions."""
    if isinstance(names, str):
        return (names,)
    if isinstance(names, list):
        return tuple(name for item in names for name in _flat_names(item))
    if isinstance(names, dict):
        if names and all(isinstance(value, int) for value in names.values()):
            return tuple(sorted(names, key=lambda name: int(names[name])))
        return tuple(name for item in names.values() for name in _flat_names(item))
    return ()
