"""Writes a video, the same bytes for the same pictures, at one place or not at all."""

import os
from collections.abc import Iterable
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import cast

import av

from failview.model.camera import Picture

_FINEST_RATE = 1000
"""Denominator of a frame rate; players stumble over more."""


class Codec(StrEnum):
    """How pictures are packed."""

    H264 = "h264"
    AV1 = "av1"


class Purpose(StrEnum):
    """What a video is for: to be watched, or for a training that picks frames at random."""

    WATCHING = "watching"
    TRAINING = "training"


_ENCODERS = {Codec.H264: "libx264", Codec.AV1: "libsvtav1"}

# One thread: with more, the same pictures now and then give other bytes. Episodes are spread over the cores instead.
_OPTIONS = {
    (Codec.H264, Purpose.WATCHING): {"preset": "veryfast", "crf": "21"},
    (Codec.H264, Purpose.TRAINING): {"preset": "veryfast", "crf": "18", "g": "2"},
    (Codec.AV1, Purpose.WATCHING): {"preset": "8", "crf": "30"},
    (Codec.AV1, Purpose.TRAINING): {"preset": "8", "crf": "30", "g": "2"},
}
_THREADS = {
    Codec.H264: {"x264-params": "threads=1:lookahead-threads=1"},
    Codec.AV1: {"svtav1-params": "lp=2"},
}


def write_video(  # noqa: PLR0913, PLR0917 - pictures, and how they become a video
    path: Path,
    pictures: Iterable[Picture],
    rate_hz: float,
    size: tuple[int, int],
    codec: Codec,
    purpose: Purpose = Purpose.WATCHING,
) -> int:
    """Write an MP4 of constant rate that plays in every browser; frame i is picture i.

    Args:
        path: The file, which is there when this is done.
        pictures: (height, width, 3) RGB, in order.
        rate_hz: Frames per second.
        size: (width, height), even numbers.
        codec: How it is packed.
        purpose: What it is for.

    Returns:
        Number of pictures written.
    """
    os.environ.setdefault("SVT_LOG", "1")  # it tells everything but errors on stderr otherwise
    rate = Fraction(rate_hz).limit_denominator(_FINEST_RATE)
    options = {**_OPTIONS[codec, purpose], **_THREADS[codec]}
    count = 0
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"}) as container:
        stream = cast("av.VideoStream", container.add_stream(_ENCODERS[codec], rate=rate, options=options))
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = 1 / rate
        for picture in pictures:
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = count, 1 / rate
            container.mux(stream.encode(frame))
            count += 1
        container.mux(stream.encode(None))
    return count
