"""Video that came as one encoded picture per message: keyframes, and decoding by number."""

import re
from collections.abc import Iterator
from typing import Any

import av
import numpy as np

from failview.errors import DatasetError
from failview.model.camera import Picture

_CODECS = {"h264": "h264", "h265": "hevc", "hevc": "hevc", "vp9": "libvpx-vp9", "av1": "libdav1d"}
_START_CODE = re.compile(rb"\x00\x00\x01(.)", re.DOTALL)
_H264_KEYS = frozenset({5, 7})
"""Types of H.264 units that begin a sequence: a picture that needs no other, and the parameters (H.264, table 7-1)."""
_HEVC_KEYS = frozenset({16, 17, 18, 19, 20, 21, 32, 33})
"""The same for H.265: pictures for random access, and the parameters (H.265, table 7-1)."""


def is_keyframe(head: bytes) -> bool:
    """Whether the beginning of a message holds a unit that a decoder can begin with.

    The codec is not known here: a unit of one counts only where its bits cannot be an ordinary unit of the other.
    """
    for match in _START_CODE.finditer(head):
        byte = match.group(1)[0]
        if byte & 0x80:
            continue
        if byte & 0x1F in _H264_KEYS and byte >> 5 & 3:
            return True
        if byte >> 1 & 0x3F in _HEVC_KEYS and not byte & 1:
            return True
    return False


class VideoDecoder:
    """Decodes messages one after the other; every picture keeps the number of its message."""

    def __init__(self, message_format: str, where: str) -> None:
        codec = _CODECS.get(message_format.lower().split(";")[0].strip().removeprefix("lib").split("_")[0])
        if codec is None:
            raise DatasetError(f"video encoded as {message_format!r:.40} is not read", where=where)
        try:
            self._context: Any = av.CodecContext.create(codec, "r")
        except (av.error.FFmpegError, ValueError) as error:
            raise DatasetError(f"this build of PyAV cannot decode {codec}", where=where) from error
        self._context.thread_count = 1
        self._where = where

    def decode(self, data: bytes | None, number: int) -> Iterator[tuple[int, Picture]]:
        """Pictures that come out when a message goes in, or at the end (None), with the numbers of their messages.

        Raises:
            DatasetError: The decoder refuses the data.
        """
        try:
            packet = None if data is None else av.Packet(data)
            if packet is not None:
                packet.pts = packet.dts = number
            for frame in self._context.decode(packet):
                if frame.pts is not None and not frame.is_corrupt:
                    yield int(frame.pts), np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)
        except av.error.FFmpegError as error:
            raise DatasetError(f"picture {number} cannot be decoded ({error})", where=self._where) from error
