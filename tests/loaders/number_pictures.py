"""Pictures that carry their own number as large blocks, so that it survives compression."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

_BITS = 16
_BLOCK = 16
WIDTH, HEIGHT = 64, 96
"""Four blocks of bits per row, four rows; below them a plain band that tells cameras apart."""


def numbered_picture(number: int, tint: int = 128) -> npt.NDArray[np.uint8]:
    """(HEIGHT, WIDTH, 3) picture whose blocks spell a number."""
    picture = np.full((HEIGHT, WIDTH, 3), tint, dtype=np.uint8)
    for bit in range(_BITS):
        row, column = divmod(bit, 4)
        block = picture[row * _BLOCK : (row + 1) * _BLOCK, column * _BLOCK : (column + 1) * _BLOCK]
        block[:] = 235 if number >> bit & 1 else 20
    return picture


def number_in(picture: npt.NDArray[np.uint8]) -> int:
    """The number that the blocks of a picture spell."""
    number = 0
    for bit in range(_BITS):
        row, column = divmod(bit, 4)
        centre = picture[row * _BLOCK + 4 : row * _BLOCK + 12, column * _BLOCK + 4 : column * _BLOCK + 12]
        number |= int(float(centre.mean()) > 128) << bit
    return number


def write_video(
    path: Path,
    numbers: list[int],
    *,
    codec: str = "libx264",
    rate_hz: int | Fraction = 30,
    options: dict[str, str] | None = None,
) -> None:
    """Encode numbered pictures with PyAV, one per frame."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream(codec, rate=rate_hz, options=options or {})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in numbers:
            for packet in stream.encode(av.VideoFrame.from_ndarray(numbered_picture(number), format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
