"""Which presentation times the frames of a video have: the index that makes frame numbers exact."""

import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from failview.errors import DatasetError
from failview.loaders.remote.remote_path import RemotePath

_RATE_TOLERANCE = 0.02


@dataclass(frozen=True, eq=False)
class VideoIndex:
    """The frames of one video in presentation order.

    Attributes:
        pts: (frames,) presentation time of each frame, in ticks.
        packet_bytes: (frames,) size of each encoded frame.
        key_pts: (keyframes,) presentation time of each keyframe, ascending.
        key_dts: (keyframes,) decoding time of each keyframe, where a seek lands on it.
        tick_s: Seconds per tick.
        width: Pixels.
        height: Pixels.
    """

    pts: npt.NDArray[np.int64]
    packet_bytes: npt.NDArray[np.int64]
    key_pts: npt.NDArray[np.int64]
    key_dts: npt.NDArray[np.int64]
    tick_s: float
    width: int
    height: int

    @property
    def num_frames(self) -> int:
        """Number of frames."""
        return int(self.pts.size)

    def rate_hz(self, start: int, stop: int) -> float | None:
        """Mean rate of some frames by their times, in Hz; None for fewer than two."""
        if stop - start < 2:
            return None
        span_s = float(self.pts[stop - 1] - self.pts[start]) * self.tick_s
        return (stop - start - 1) / span_s if span_s > 0 else None

    def frame_nearest(self, time_s: float) -> int:
        """The frame whose time, counted from the first one, is nearest to time_s."""
        ticks = self.pts[0] + time_s / self.tick_s
        right = int(np.searchsorted(self.pts, ticks))
        near = [frame for frame in (right - 1, right) if 0 <= frame < self.num_frames]
        return min(near, key=lambda frame: abs(float(self.pts[frame]) - ticks))

    def content_hash(self, start: int, stop: int) -> str:
        """Hash over the sizes of some frames: changes with their content, not with that of the others."""
        return hashlib.sha256(self.packet_bytes[start:stop].tobytes()).hexdigest()


class VideoIndexes:
    """Indexes of the videos of a dataset, each read once. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._indexes: dict[Path, VideoIndex] = {}

    def of(self, path: Path) -> VideoIndex:
        """The index of a video.

        Raises:
            DatasetError: It cannot be read, or holds no picture.
        """
        with self._lock:
            if path not in self._indexes:
                self._indexes[path] = read_video_index(path)
            return self._indexes[path]


def open_video(path: Path) -> av.container.InputContainer:
    """Open a video file.

    Raises:
        DatasetError: Not a video that the decoder knows.
    """
    try:
        container = av.open(path.open("rb") if isinstance(path, RemotePath) else str(path), metadata_errors="ignore")
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise unreadable(path, error) from error
    if not container.streams.video or container.streams.video[0].codec_context is None:
        container.close()
        raise DatasetError(
            "there is no video in this file that can be decoded", where=path, hint="Copy or download it again"
        )
    context = container.streams.video[0].codec_context
    if context.name == "libdav1d":
        # By default it fills a frame queue before the first picture comes out: measured 7 ms per jump instead of 3.
        context.options = {"max_frame_delay": "1"}
    return container


def unreadable(path: Path, error: Exception) -> DatasetError:
    """The error for a video that FFmpeg refuses."""
    reason = getattr(error, "strerror", None) or str(error)
    return DatasetError(f"this video cannot be read ({reason})", where=path, hint="Copy or download it again")


@dataclass(frozen=True)
class VideoHeader:
    """What the header of a video says: size in pixels, number of frames (0: not said), rate in Hz (None: not said)."""

    num_frames: int
    width: int
    height: int
    rate_hz: float | None = None


def read_video_header(path: Path) -> VideoHeader:
    """The header of a video; no packet is read.

    Raises:
        DatasetError: It cannot be read.
    """
    with open_video(path) as container:
        stream = container.streams.video[0]
        rate_hz = float(stream.average_rate) if stream.average_rate else None
        return VideoHeader(int(stream.frames), stream.codec_context.width, stream.codec_context.height, rate_hz)


def rate_warning(name: str, pictures_hz: float | None, frames_hz: float | None, said_by: str) -> str:
    """A line where a video contradicts the rate of its frames, for frames go by their number; "" where it does not.

    Args:
        name: The video.
        pictures_hz: Its own rate, where it tells one.
        frames_hz: Rate of the frames, where it is known.
        said_by: What tells the rate of the frames.
    """
    if not pictures_hz or not frames_hz or abs(pictures_hz / frames_hz - 1) <= _RATE_TOLERANCE:
        return ""
    return f"{name} runs at {pictures_hz:.4g} Hz, {said_by} at {frames_hz:.4g} Hz: picture i is shown at frame i"


def read_video_index(path: Path) -> VideoIndex:
    """Read the packets of a video, without decoding any.

    Raises:
        DatasetError: It cannot be read, or holds no picture.
    """
    times: list[tuple[int, int, int, bool]] = []
    with open_video(path) as container:
        stream = container.streams.video[0]
        try:
            for packet in container.demux(stream):
                stamp = packet.dts if packet.pts is None else packet.pts
                if stamp is not None and packet.size and not packet.is_discard:
                    decoding = stamp if packet.dts is None else packet.dts
                    times.append((stamp, decoding, packet.size, packet.is_keyframe))
        except av.error.FFmpegError as error:
            if not times:
                raise unreadable(path, error) from error
        tick_s = float(stream.time_base) if stream.time_base else 1.0
        width, height = stream.codec_context.width, stream.codec_context.height
    if not times:
        raise DatasetError("this video holds no pictures", where=path, hint="Copy or download it again")
    ordered = sorted({stamp: (stamp, decoding, size, key) for stamp, decoding, size, key in times}.values())
    table = np.array(ordered, dtype=np.int64)
    keys = table[table[:, 3] == 1]
    keys = keys if keys.size else table[:1]
    return VideoIndex(table[:, 0], table[:, 2], keys[:, 0], keys[:, 1], tick_s, width, height)
