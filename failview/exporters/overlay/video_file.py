"""Writes a video, the same bytes for the same pictures, at one place or not at all."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class _Encoder:
    name: str
    options: dict[str, str]


# The number of threads decides over the bytes that come out, so it does not follow the machine.
_ENCODERS = {
    Codec.H264: _Encoder(
        "libx264", {"preset": "veryfast", "crf": "21", "x264-params": "threads=2:lookahead-threads=1"}
    ),
    Codec.AV1: _Encoder("libsvtav1", {"preset": "8", "crf": "30", "svtav1-params": "lp=2"}),
}


def write_video(path: Path, pictures: Iterable[Picture], rate_hz: float, size: tuple[int, int], codec: Codec) -> int:
    """Write an MP4 of constant rate that plays in every browser; frame i is picture i.

    Args:
        path: The file, which is there when this is done.
        pictures: (height, width, 3) RGB, in order.
        rate_hz: Frames per second.
        size: (width, height), even numbers.
        codec: How it is packed.

    Returns:
        Number of pictures written.
    """
    os.environ.setdefault("SVT_LOG", "1")  # it tells everything but errors on stderr otherwise
    rate = Fraction(rate_hz).limit_denominator(_FINEST_RATE)
    encoder = _ENCODERS[codec]
    count = 0
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"}) as container:
        stream = cast("av.VideoStream", container.add_stream(encoder.name, rate=rate, options=encoder.options))
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
