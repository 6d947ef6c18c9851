"""Pictures of a video by exact frame number, in any order."""

from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from failview.errors import DatasetError
from failview.loaders.pictures.video_index import VideoIndex, VideoIndexes, open_video
from failview.model.camera import Camera, Picture

_KEPT_BYTES = 24 * 1024 * 1024
_KEPT_PICTURES = 16
_STEP_FORWARD = 8
"""Frames ahead that are decoded through rather than sought, when a keyframe lies between."""


class VideoFrameReader:
    """Decodes one stretch of a video. Frame 0 of the reader is frame `offset` of the file.

    A frame is found by its presentation time in the index: seek to the keyframe at or before it, then decode until
    exactly that time comes. The last pictures are kept, so that stepping back does not decode a stretch each time.
    """

    def __init__(self, path: Path, indexes: VideoIndexes, offset: int, num_frames: int) -> None:
        self._path = path
        self._indexes = indexes
        self._offset = offset
        self._num_frames = num_frames
        self._container: av.container.InputContainer | None = None
        self._frames: Iterator[av.VideoFrame] | None = None
        self._next = -1
        self._kept: OrderedDict[int, Picture] = OrderedDict()

    def read(self, frame: int) -> Picture:
        """(height, width, 3) RGB picture of exactly this frame."""
        if not 0 <= frame < self._num_frames:
            raise IndexError(f"frame {frame} of {self._num_frames}")
        wanted = frame + self._offset
        kept = self._kept.get(wanted)
        if kept is not None:
            return kept
        index = self._indexes.of(self._path)
        if wanted >= index.num_frames:
            raise DatasetError(
                f"picture {frame} is missing: the video ends before it", where=self._path, hint="Copy it again"
            )
        try:
            return self._decode(wanted, index)
        except (av.error.FFmpegError, OSError) as error:
            self._rewind()
            raise DatasetError(f"picture {frame} cannot be decoded ({error})", where=self._path) from error

    def read_range(self, start: int, stop: int) -> Iterator[Picture]:
        """RGB pictures of frames start to stop - 1, in order; decodes straight through."""
        for frame in range(start, stop):
            yield self.read(frame)

    def close(self) -> None:
        """Release the decoder and the file."""
        self._rewind()
        self._kept.clear()
        if self._container is not None:
            self._container.close()
        self._container = None

    def _decode(self, wanted: int, index: VideoIndex) -> Picture:
        if not self._is_ahead(wanted, index):
            self._seek(wanted, index)
        assert self._frames is not None
        target = int(index.pts[wanted])
        keep_from = target if self._next == wanted else int(index.pts[max(0, wanted - _kept_pictures(index))])
        for decoded in self._frames:
            if decoded.pts is None or decoded.pts < keep_from:
                continue
            position = int(np.searchsorted(index.pts, decoded.pts))
            picture = self._keep(position, decoded, index)
            self._next = position + 1
            if decoded.pts >= target:
                if decoded.pts == target and not decoded.is_corrupt:
                    return picture
                break
        self._rewind()
        raise DatasetError(
            f"picture {wanted - self._offset} is missing or damaged",
            where=self._path,
            hint="The file is damaged; copy it again",
        )

    def _is_ahead(self, wanted: int, index: VideoIndex) -> bool:
        """Whether decoding on reaches the frame sooner than a seek."""
        if self._frames is None or not 0 <= self._next <= wanted:
            return False
        if wanted - self._next <= _STEP_FORWARD:
            return True
        here, there = index.pts[self._next], index.pts[wanted]
        return not bool(np.any((index.key_pts > here) & (index.key_pts <= there)))

    def _seek(self, wanted: int, index: VideoIndex) -> None:
        """Place the decoder at or before a frame; goes further back when the container overshoots."""
        if self._container is None:
            self._container = open_video(self._path)
        stream = self._container.streams.video[0]
        target = int(index.pts[wanted])
        before = int(np.searchsorted(index.key_pts, target, side="right")) - 1
        back = 0
        while True:
            key = max(0, before - back)
            self._container.seek(int(index.key_dts[key]), backward=True, any_frame=False, stream=stream)
            frames = self._container.decode(stream)
            first = next(frames, None)
            if first is not None and first.pts is not None and first.pts <= target:
                break
            if key == 0:
                raise DatasetError("the video cannot be sought", where=self._path, hint="The file is damaged")
            back = back * 2 + 1
        self._frames = _followed_by(first, frames)
        self._next = int(np.searchsorted(index.pts, first.pts))

    def _keep(self, position: int, decoded: av.VideoFrame, index: VideoIndex) -> Picture:
        picture: Picture = np.asarray(decoded.to_ndarray(format="rgb24"), dtype=np.uint8)
        picture.setflags(write=False)
        self._kept[position] = picture
        self._kept.move_to_end(position)
        while len(self._kept) > _kept_pictures(index) + 1:
            self._kept.popitem(last=False)
        return picture

    def _rewind(self) -> None:
        self._frames = None
        self._next = -1


def _followed_by(first: av.VideoFrame, rest: Iterator[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    yield first
    yield from rest


def _kept_pictures(index: VideoIndex) -> int:
    return max(2, min(_KEPT_PICTURES, _KEPT_BYTES // max(1, index.width * index.height * 3)))


def video_camera(  # noqa: PLR0913 - where the frames lie needs all of it
    name: str, path: Path, indexes: VideoIndexes, *, size: tuple[int, int], offset: int, num_frames: int
) -> Camera:
    """A camera over a stretch of a video; size is (width, height) in pixels."""
    return Camera(name, *size, num_frames, lambda: VideoFrameReader(path, indexes, offset, num_frames))
