"""What DROID keeps beside the trajectory file of an episode: its description and its videos."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from failview.loaders.pictures.side_videos import videos_named_like

_VIDEOS = Path("recordings") / "MP4"
_SERIALS = {"wrist": "wrist_cam_serial", "ext1": "ext1_cam_serial", "ext2": "ext2_cam_serial"}
_MAX_BYTES = 1_000_000


GRIPPER = "observation/robot_state/gripper_position"
GRIPPER_WARNING = f"{GRIPPER}: DROID writes 0 for open and 1 for closed; sign = -1 in the profile turns it round"


def description(path: Path) -> Mapping[str, Any]:
    """The JSON description beside a trajectory file; empty when there is none that can be read."""
    for file in sorted(path.parent.glob("metadata_*.json")):
        try:
            if file.stat().st_size > _MAX_BYTES:
                continue
            content = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(content, dict):
            return content
    return {}


def side_videos(path: Path, about: Mapping[str, Any]) -> dict[str, Path]:
    """Videos that belong to an episode file, by camera name: DROID's recordings, else those named like the file."""
    recordings = sorted((path.parent / _VIDEOS).glob("*.mp4"))
    plain = [video for video in recordings if not video.stem.endswith("-stereo")] or recordings
    if plain:
        names = {str(about.get(key)): name for name, key in _SERIALS.items()}
        return {names.get(video.stem.split("-")[0], video.stem): video for video in plain}
    return videos_named_like(path)
