"""The metadata.yaml of a ROS 2 bag: evidence about its files, never more than that."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

_SIZE_LIMIT = 16 * 1024 * 1024


@dataclass(frozen=True)
class BagMetadata:
    """What metadata.yaml says.

    Attributes:
        files: Names of the storage files, in order.
        topics: (name, type, number of messages) per topic; None when it does not say.
        compression: "file", "message" or "".
        distribution: ROS distribution that recorded the bag; "" when it does not say.
        problem: Why it cannot be used; empty when it can.
    """

    files: tuple[str, ...] = ()
    topics: tuple[tuple[str, str, int], ...] | None = None
    compression: str = ""
    distribution: str = ""
    problem: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """Messages per topic; empty when it does not say."""
        counts: dict[str, int] = {}
        for name, _, count in self.topics or ():
            counts[name] = counts.get(name, 0) + count
        return counts


def read_metadata(path: Path) -> BagMetadata:
    """Read metadata.yaml; whatever is wrong with it is told in `problem`."""
    try:
        if path.stat().st_size > _SIZE_LIMIT:
            return BagMetadata(problem="too large to be a description")
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        return _metadata(content["rosbag2_bagfile_information"])
    except (YAMLError, OSError, UnicodeDecodeError, RecursionError) as error:
        return BagMetadata(problem=f"cannot be read ({type(error).__name__})")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return BagMetadata(problem=f"not as ROS 2 writes it ({type(error).__name__}: {error})")


def _metadata(content: Mapping[str, Any]) -> BagMetadata:
    listed = [
        (item["topic_metadata"], item["message_count"]) for item in content.get("topics_with_message_count") or ()
    ]
    mode = str(content.get("compression_mode") or "").lower()
    return BagMetadata(
        files=tuple(PurePosixPath(str(name)).name for name in content.get("relative_file_paths") or ()),
        topics=tuple((str(topic["name"]), str(topic["type"]), int(count)) for topic, count in listed),
        compression="" if mode == "none" else mode,
        distribution=str(content.get("ros_distro") or ""),
    )
