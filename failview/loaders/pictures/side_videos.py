"""Videos that lie beside the file of an episode: which are its own, and cameras over them."""

from collections.abc import Mapping
from pathlib import Path

from failview.errors import DatasetError
from failview.loaders.content_sniffing import is_git_lfs_pointer
from failview.loaders.fingerprint import Fingerprint
from failview.loaders.natural_order import natural_key
from failview.loaders.pictures.video_frames import video_camera
from failview.loaders.pictures.video_index import VideoIndexes, read_video_header
from failview.model.camera import Camera

_SUFFIXES = (".mp4", ".mkv", ".mov", ".avi", ".webm")
_SEPARATORS = "_.-"


def videos_named_like(path: Path) -> dict[str, Path]:
    """Videos that belong to an episode's file, by camera name: run_1.csv has run_1.mp4 and run_1_front.mp4.

    A video whose name fits two files belongs to the one with the longer name.
    """
    siblings = [item for item in path.parent.iterdir() if item.is_file()]
    stems = {item.stem for item in siblings if item.suffix.lower() == path.suffix.lower()}
    found = {}
    for video in sorted(siblings, key=lambda item: natural_key(item.name)):
        if video.suffix.lower() not in _SUFFIXES or _owner(video.stem, stems) != path.stem:
            continue
        found[video.stem.removeprefix(path.stem).strip(_SEPARATORS) or "camera"] = video
    return found


def videos_of_folder(folder: Path) -> dict[str, Path]:
    """All videos of a folder that holds one episode alone, by their names."""
    videos = [item for item in folder.iterdir() if item.suffix.lower() in _SUFFIXES and item.is_file()]
    return {video.stem: video for video in sorted(videos, key=lambda item: natural_key(item.name))}


def _owner(stem: str, stems: set[str]) -> str:
    """The longest of the stems that a video's name begins with, up to a separator; "" for none."""
    fitting = [item for item in stems if stem == item or (stem.startswith(item) and stem[len(item)] in _SEPARATORS)]
    return max(fitting, key=len, default="")


def pictures_in(video: Path, indexes: VideoIndexes) -> int:
    """Number of pictures of a video, by its header where that tells it.

    Raises:
        DatasetError: It cannot be read.
    """
    return read_video_header(video).num_frames or indexes.of(video).num_frames


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
            count = pictures_in(video, indexes)
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
