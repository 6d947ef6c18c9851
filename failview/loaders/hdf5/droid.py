"""What DROID keeps beside the trajectory file of an episode: its description and its videos."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from failview.errors import DatasetError
from failview.loaders.content_sniffing import is_git_lfs_pointer
from failview.loaders.fingerprint import Fingerprint
from failview.loaders.pictures.video_frames import video_camera
from failview.loaders.pictures.video_index import VideoIndexes, read_video_header
from failview.model.camera import Camera

_VIDEOS = Path("recordings") / "MP4"
_SERIALS = {"wrist": "wrist_cam_serial", "ext1": "ext1_cam_serial", "ext2": "ext2_cam_serial"}
_MAX_BYTES = 1_000_000


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
    found = {}
    for video in sorted(path.parent.glob("*.mp4")):
        rest = video.stem.removeprefix(path.stem)
        if rest != video.stem and (not rest or rest[0] in "_.-"):
            found[rest.strip("_.-") or "camera"] = video
    return found


def side_cameras(
    videos: Mapping[str, Path], num_frames: int, warnings: list[str], fingerprint: Fingerprint
) -> list[Camera]:
    """Cameras over videos beside the file; frame i of a video is frame i of the episode."""
    cameras, indexes = [], VideoIndexes()
    for name, video in videos.items():
        if is_git_lfs_pointer(video):
            warnings.append(f"{video.name} is a Git LFS pointer (run git lfs pull): camera {name} is not shown")
            continue
        try:
            header = read_video_header(video)
            count = header.num_frames or indexes.of(video).num_frames
        except DatasetError as error:
            warnings.append(f"{video.name}: {error.what}: camera {name} is not shown")
            continue
        fingerprint.add_file(name, video)
        if count != num_frames:
            warnings.append(
                f"{video.name} has {count} pictures for {num_frames} frames: they are matched by number, from the first"
            )
        size = (header.width, header.height)
        cameras.append(video_camera(name, video, indexes, size=size, offset=0, num_frames=min(count, num_frames)))
    return cameras
