"""Logs camera pictures: the wanted frame first, then onwards from there, then the rest. Never shows a wrong picture."""

from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt
import rerun as rr

from failview.model.camera import Camera, Picture, PictureReader
from failview.model.clock import Clock
from failview.viewer.entity_paths import MUTED, RED, Rgb, camera_path
from failview.viewer.time_columns import frame_columns

JPEG_QUALITY = 85
MAX_WIDTH = 640
"""Wider pictures are shrunk: the panel's marks need the moment, not the pixels, and memory is bounded."""

BATCH_FRAMES = 8
_MEDIA_TYPE = "image/jpeg"


def shown_size(width: int, height: int) -> tuple[int, int]:
    """Width and height on the screen's side of a picture."""
    return (width, height) if width <= MAX_WIDTH else (MAX_WIDTH, max(1, round(height * MAX_WIDTH / width)))


def encode(picture: Picture) -> bytes:
    """JPEG of an RGB picture, at most MAX_WIDTH wide."""
    height, width = picture.shape[:2]
    if width > MAX_WIDTH:
        size = shown_size(width, height)
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    ok, jpeg = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    assert ok, "a picture of uint8 can always be encoded"
    return bytes(jpeg)


def placeholder(camera: Camera, words: str, color: Rgb) -> bytes:
    """A dark picture with words, as large as the camera's, for a frame whose own picture is not to be seen."""
    width = max(1, min(camera.width, MAX_WIDTH))
    picture = np.full((max(1, round(camera.height * width / max(1, camera.width))), width, 3), 24, np.uint8)
    place = (width // 20, picture.shape[0] // 2)
    cv2.putText(picture, words, place, cv2.FONT_HERSHEY_SIMPLEX, width / 500, color, 1, cv2.LINE_AA)
    return encode(picture)


class PictureLog:
    """Sends the pictures of one camera in batches. Belongs to the loading thread.

    Rerun shows the latest picture at or before the cursor. Where a frame has no picture of its own, or not yet, that
    would be a wrong picture. So a placeholder stands at the start of each gap (the real picture replaces it
    later), at the first frame after the camera's end, and at each frame that cannot be read.

    Attributes:
        sent: (frames of the camera,) which of them have been sent, as a picture or as damaged.
        num_bytes: Bytes sent so far.
    """

    def __init__(self, stream: rr.RecordingStream, camera: Camera, clock: Clock) -> None:
        self._stream = stream
        self._camera = camera
        self._clock = clock
        self._path = camera_path(camera.name)
        self._loading = placeholder(camera, "loading ...", MUTED)
        self._num_damaged = 0
        self._first_damage = ""
        self._reader: PictureReader | None = None
        self.sent: npt.NDArray[np.bool_] = np.zeros(min(camera.num_frames, clock.num_frames), dtype=bool)
        self.num_bytes = 0

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to send."""
        return bool(self.sent.all())

    @property
    def problem(self) -> str:
        """What could not be shown, and why; empty while all is well."""
        if not self._num_damaged:
            return ""
        total, lost = len(self.sent), self._num_damaged
        share = f"none of {total} pictures can" if lost == total else f"{lost} of {total} pictures cannot"
        return f"{self._camera.name}: {share} be shown ({self._first_damage})"

    def send_first(self, frame: int) -> None:
        """Send the one picture that is wanted now, with placeholders around it."""
        end = len(self.sent)
        if end < self._clock.num_frames:
            self._send([end], [placeholder(self._camera, "no picture", MUTED)])
        if self.is_done:
            return
        first = min(frame, end - 1)
        if first > 0:
            self._send([0], [self._loading])
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
        frames, blobs = list(range(start, stop)), self._read(start, stop)
        self.sent[start:stop] = True
        if stop < len(self.sent) and not self.sent[stop]:
            frames.append(stop)
            blobs.append(self._loading)
        self._send(frames, blobs)

    def _read(self, start: int, stop: int) -> list[bytes]:
        """JPEGs of a range; after a failure each frame by itself, to lose no more than what is damaged."""
        try:
            blobs = [encode(picture) for picture in self._open().read_range(start, stop)]
        except Exception:  # noqa: BLE001 — read again below, where each frame gets its reason
            blobs = []
        return blobs if len(blobs) == stop - start else [self._read_one(frame) for frame in range(start, stop)]

    def _read_one(self, frame: int) -> bytes:
        try:
            return encode(self._open().read(frame))
        except Exception as error:  # noqa: BLE001 — a reader may fail in ways of its own; the other frames go on
            self._num_damaged += 1
            self._first_damage = self._first_damage or str(error) or type(error).__name__
            return self._damaged

    @cached_property
    def _damaged(self) -> bytes:
        return placeholder(self._camera, "damaged picture", RED)

    def _open(self) -> PictureReader:
        if self._reader is None:
            self._reader = self._camera.open_reader()
        return self._reader

    def _send(self, frames: list[int], blobs: list[bytes]) -> None:
        columns = frame_columns(self._clock, np.asarray(frames, dtype=np.int64))
        images = rr.EncodedImage.columns(blob=blobs, media_type=[_MEDIA_TYPE] * len(blobs))
        self._stream.send_columns(self._path, columns, images)
        self.num_bytes += sum(map(len, blobs))
