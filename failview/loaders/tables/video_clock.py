"""Videos beside a table: which are its own, and whose frames the frames of the episode are."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from failview.errors import DatasetError
from failview.loaders.pictures.side_videos import is_only_one, videos_named_like, videos_of_folder
from failview.loaders.pictures.video_index import VideoIndex, read_video_index
from failview.loaders.raw_dataset import Floats
from failview.loaders.tables.table_recognition import TABLE_SUFFIXES
from failview.loaders.tables.time_columns import TimeColumn

_SAME_RATE = (0.67, 1.5)
"""Between these ratios rows and pictures are of one recording loop, and lost pictures explain the difference."""


@dataclass(frozen=True, eq=False)
class VideoClock:
    """The pictures of a video as the frames of an episode whose rows run at another rate.

    Attributes:
        times_s: (frames,) time of each picture, s.
        origin: Where it comes from, in words.
        warning: What was assumed.
    """

    times_s: Floats
    origin: str
    warning: str

    @property
    def num_frames(self) -> int:
        """Number of pictures."""
        return int(self.times_s.size)


def own_videos(path: Path) -> dict[str, Path]:
    """Videos of a table by camera name: those named like it, or all beside the only table of a folder."""
    return videos_named_like(path) or (videos_of_folder(path.parent) if is_only_one(path, TABLE_SUFFIXES) else {})


def video_clock(videos: Mapping[str, Path], num_rows: int, time: TimeColumn | None) -> VideoClock | None:
    """The clock of the first video that can be read, when its pictures and the rows plainly differ in rate."""
    if time is None or time.times_s.size < 2:
        return None
    for video in videos.values():
        try:
            index = read_video_index(video)
        except DatasetError:
            continue
        if _SAME_RATE[0] < num_rows / index.num_frames < _SAME_RATE[1]:
            return None
        return _clock(video, index, num_rows, time)
    return None


def _clock(video: Path, index: VideoIndex, num_rows: int, time: TimeColumn) -> VideoClock:
    times_s = (index.pts - index.pts[0]) * index.tick_s
    rows_s = float(time.times_s[-1] - time.times_s[0])
    return VideoClock(
        times_s,
        f"the pictures of {video.name}",
        f"{video.name} has {index.num_frames} pictures in {float(times_s[-1]):.4g} s, the table {num_rows} rows in "
        f"{rows_s:.4g} s: the pictures are the frames, the rows keep their own rate; both are taken to begin together",
    )
