"""Logs camera pictures: the wanted frame first, then onwards from there, then the rest. Never shows a wrong picture."""

import cv2
import numpy as np
import numpy.typing as npt
import rerun as rr

from failview.errors import DatasetError
from failview.model.camera import Camera, Picture, PictureReader
from failview.model.clock import Clock
from failview.viewer.entity_paths import camera_path
from failview.viewer.time_columns import frame_columns

JPEG_QUALITY = 85
MAX_WIDTH = 640
"""Wider pictures are shrunk: the panel's marks need the moment, not the pixels, and memory is bounded."""

BATCH_FRAMES = 8
_MEDIA_TYPE = "image/jpeg"


def encode(picture: Picture) -> bytes:
    """JPEG of an RGB picture, at most MAX_WIDTH wide."""
    height, width = picture.shape[:2]
    if width > MAX_WIDTH:
        size = (MAX_WIDTH, max(1, round(height * MAX_WIDTH / width)))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    ok, jpeg = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    assert ok, "a picture of uint8 can always be encoded"
    return bytes(jpeg)


def placeholder(camera: Camera) -> bytes:
    """What stands for a picture that is not there yet."""
    width = min(camera.width, MAX_WIDTH)
    picture = np.full((max(1, round(camera.height * width / camera.width)), width, 3), 24, np.uint8)
    place = (width // 20, picture.shape[0] // 2)
    cv2.putText(picture, "loading ...", place, cv2.FONT_HERSHEY_SIMPLEX, width / 500, (120, 130, 138), 1, cv2.LINE_AA)
    return encode(picture)


class PictureLog:
    """Sends the pictures of one camera in batches. Belongs to the loading thread.

    Rerun shows the latest picture at or before the cursor. While frames are missing that would be a wrong picture, so a
    placeholder stands at the start of each gap; the real picture replaces it later at the same time.

    Attributes:
        sent: (frames,) which pictures have been sent.
        num_bytes: Bytes sent so far.
        problem: Why the camera was given up; empty while all is well.
    """

    def __init__(self, stream: rr.RecordingStream, camera: Camera, clock: Clock) -> None:
        self._stream = stream
        self._camera = camera
        self._clock = clock
        self._path = camera_path(camera.name)
        self._placeholder = placeholder(camera)
        self._reader: PictureReader | None = None
        self.sent: npt.NDArray[np.bool_] = np.zeros(min(camera.num_frames, clock.num_frames), dtype=bool)
        self.num_bytes = 0
        self.problem = ""

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to send."""
        return bool(self.problem) or bool(self.sent.all())

    def send_first(self, frame: int) -> None:
        """Send the one picture that is wanted now, with placeholders around it."""
        if self.is_done:
            return
        first = min(frame, len(self.sent) - 1)
        if first > 0:
            self._send([0], [self._placeholder])
        self._send_batch(first, first + 1)

    def send_next(self, frame: int) -> None:
        """Send the next batch at or after a frame, or from the start when all of those are there."""
        if self.is_done:
            return
        missing = np.flatnonzero(~self.sent)
        ahead = missing[missing >= frame]
        start = int(ahead[0] if ahead.size else missing[0])
        taken = np.flatnonzero(self.sent[start : start + BATCH_FRAMES])
        stop = start + int(taken[0]) if taken.size else min(start + BATCH_FRAMES, len(self.sent))
        self._send_batch(start, stop)

    def close(self) -> None:
        """Release the reader. Safe to repeat."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _send_batch(self, start: int, stop: int) -> None:
        try:
            if self._reader is None:
                self._reader = self._camera.open_reader()
            blobs = [encode(picture) for picture in self._reader.read_range(start, stop)]
        except DatasetError as error:
            self.problem = str(error)
            return
        if len(blobs) != stop - start:
            self.problem = f"camera {self._camera.name} has no picture for frame {start + len(blobs)}"
            return
        frames = list(range(start, stop))
        self.sent[start:stop] = True
        if stop < len(self.sent) and not self.sent[stop]:
            frames.append(stop)
            blobs.append(self._placeholder)
        self._send(frames, blobs)

    def _send(self, frames: list[int], blobs: list[bytes]) -> None:
        columns = frame_columns(self._clock, np.asarray(frames, dtype=np.int64))
        images = rr.EncodedImage.columns(blob=blobs, media_type=[_MEDIA_TYPE] * len(blobs))
        self._stream.send_columns(self._path, columns, images)
        self.num_bytes += sum(map(len, blobs))
