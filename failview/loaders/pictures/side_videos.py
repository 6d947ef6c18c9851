"""Videos that lie beside the file of an episode: which are its own, and cameras over them."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from failview.errors import DatasetError
from failview.loaders.content_sniffing import is_git_lfs_pointer
from failview.loaders.fingerprint import Fingerprint
from failview.loaders.natural_order import natural_key
from failview.loaders.pictures.video_frames import video_camera
from failview.loaders.pictures.video_index import VideoIndexes, rate_warning, read_video_header
from failview.model.camera import Camera

_SUFFIXES = (".mp4", ".mkv", ".mov", ".avi", ".webm")
_SEPARATORS = "_.-"


def videos_named_like(path: Path) -> dict[str, Path]:
    """Videos that belong to an episode's file, by camera name: run_1.csv has run_1.mp4 and run_1_front.mp4.

    A video whose name fits two files belongs to the one with the longer name.
    """
    folder = path.parent
    return dict(_videos_by_owner(folder, path.suffix.lower(), _stamp(folder)).get(path.stem, {}))


def videos_of_folder(folder: Path) -> dict[str, Path]:
    """All videos of a folder that holds one episode alone, by their names."""
    return {video.stem: video for video in _files(folder, _SUFFIXES, _stamp(folder))}


def is_only_one(path: Path, suffixes: tuple[str, ...]) -> bool:
    """Whether no other file of its folder has one of the suffixes."""
    return len(_files(path.parent, suffixes, _stamp(path.parent))) == 1


def _stamp(folder: Path) -> tuple[int, int]:
    """Changes when files come or go."""
    status = folder.stat()
    return (status.st_mtime_ns, status.st_ino)


@lru_cache(maxsize=16)
def _files(folder: Path, suffixes: tuple[str, ...], _stamp: tuple[int, int]) -> tuple[Path, ...]:
    """Files of a folder with one of the suffixes, in natural order; read once for ten thousand episodes."""
    found = [item for item in folder.iterdir() if item.suffix.lower() in suffixes and item.is_file()]
    return tuple(sorted(found, key=lambda item: natural_key(item.name)))


@lru_cache(maxsize=16)
def _videos_by_owner(folder: Path, suffix: str, stamp: tuple[int, int]) -> dict[str, dict[str, Path]]:
    """Videos by camera name, by the stem of the file that they belong to."""
    stems = {item.stem for item in _files(folder, (suffix,), stamp)}
    found: dict[str, dict[str, Path]] = {}
    for video in _files(folder, _SUFFIXES, stamp):
        owner = _owner(video.stem, stems)
        if owner:
            found.setdefault(owner, {})[video.stem.removeprefix(owner).strip(_SEPARATORS) or "camera"] = video
    return found


def _owner(stem: str, stems: set[str]) -> str:
    """The longest of the stems that a video's name begins with, up to a separator; "" for none."""
    ends = [len(stem), *(place for place in range(len(stem) - 1, 0, -1) if stem[place] in _SEPARATORS)]
    return next((stem[:end] for end in ends if stem[:end] in stems), "")


def pictures_in(video: Path, indexes: VideoIndexes) -> int:
    """Number of pictures of a video, by its header where that tells it.

    Raises:
        DatasetError: It cannot be read.
    """
    return read_video_header(video).num_frames or indexes.of(video).num_frames


def side_cameras(
    videos: Mapping[str, Path],
    num_frames: int,
    warnings: list[str],
    fingerprint: Fingerprint,
    frames_hz: float | None = None,
) -> list[Camera]:
    """Cameras over videos beside the file; frame i of a video is frame i of the episode.

    Args:
        videos: By camera name.
        num_frames: Frames of the episode.
        warnings: Gets a line for whatever cannot be shown, or is doubtful.
        fingerprint: Gets the videos.
        frames_hz: Rate of the frames, where a video's own one should be compared with it.
    """
    cameras, indexes = [], VideoIndexes()
    for name, video in videos.items():
        if is_git_lfs_pointer(video):
            warnings.append(f"camera {name} is not shown: {video.name} is a Git LFS pointer (run git lfs pull)")
            continue
        try:
            header = read_video_header(video)
            count = pictures_in(video, indexes)
        except DatasetError as error:
            warnings.append(f"camera {name} is not shown: {video.name}: {error.what}")
            continue
        fingerprint.add_file(name, video)
        if count != num_frames:
            warnings.append(
                f"{video.name} has {count} pictures for {num_frames} frames: they are matched by number, from the first"
            )
        if told := rate_warning(video.name, header.rate_hz, frames_hz, "the rows run"):
            warnings.append(told)
        size = (header.width, header.height)
        cameras.append(video_camera(name, video, indexes, size=size, offset=0, num_frames=min(count, num_frames)))
    return cameras
