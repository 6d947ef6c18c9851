"""Pictures stored encoded (JPEG, PNG, WebP, …): what bytes are one, and how they become RGB."""

import cv2
import numpy as np
import numpy.typing as npt

from failview.errors import DatasetError
from failview.model.camera import Picture

_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM", b"II*\x00", b"MM\x00*")


def is_encoded_picture(content: bytes) -> bool:
    """Whether bytes begin as a JPEG, PNG, WebP, BMP or TIFF file does."""
    return content.startswith(_BEGINNINGS) or (content[:4] == b"RIFF" and content[8:12] == b"WEBP")


def is_encoded_depth(content: bytes) -> bool:
    """Whether bytes are a PNG of one channel of 16 bits: its header has the bits behind width and height."""
    return content.startswith(b"\x89PNG") and content[24:26] == b"\x10\x00"


def decode_depth(encoded: bytes, where: str, frame: int) -> npt.NDArray[np.generic]:
    """(height, width) distances of an encoded picture, as stored.

    Raises:
        DatasetError: There is none, or it is damaged.
    """
    try:
        decoded = cv2.imdecode(np.frombuffer(encoded, dtype=np.uint8), cv2.IMREAD_UNCHANGED) if encoded else None
    except cv2.error:
        decoded = None
    if decoded is None or decoded.ndim != 2:
        raise DatasetError(f"picture {frame} cannot be decoded", where=where, hint="The file is damaged")
    return np.asarray(decoded)


def decode_picture(encoded: bytes, where: str, frame: int) -> Picture:
    """(height, width, 3) RGB of an encoded picture; zeros behind its end do not matter.

    Raises:
        DatasetError: There is none, or it is damaged.
    """
    try:
        decoded = cv2.imdecode(np.frombuffer(encoded, dtype=np.uint8), cv2.IMREAD_COLOR) if encoded else None
    except cv2.error:
        decoded = None
    if decoded is None:
        raise DatasetError(f"picture {frame} cannot be decoded", where=where, hint="The file is damaged")
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), dtype=np.uint8)
