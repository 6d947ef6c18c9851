"""Pictures drawn with a known object at a known place, and a camera that shows them."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from failview.model.camera import Camera, Picture
from tests.detectors.task_success.pick_and_place import FRAMES

WIDTH, HEIGHT = 320, 240
SIDE = 48


def table(seed: int = 3, level: int = 120) -> Picture:
    """A background with the texture of a real picture: blotches of several sizes, and a few edges."""
    rng = np.random.default_rng(seed)
    picture = np.full((HEIGHT, WIDTH, 3), level, dtype=np.float32)
    for cells, strength in ((6, 30), (20, 14), (80, 6)):
        blotches = rng.normal(0, strength, (cells * HEIGHT // WIDTH + 1, cells, 3)).astype(np.float32)
        picture += cv2.resize(blotches, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    for _ in range(6):
        first, second = rng.integers(0, WIDTH, 2), rng.integers(0, HEIGHT, 2)
        cv2.line(picture, (int(first[0]), int(second[0])), (int(first[1]), int(second[1])), (70, 80, 90), 2)
    return np.clip(picture, 0, 255).astype(np.uint8)


def cup(side: int = SIDE) -> Picture:
    """The object: a mug seen from above, with handle and stripes, on its patch of table."""
    big = np.full((200, 200, 3), 120, dtype=np.uint8)
    cv2.circle(big, (92, 100), 70, (200, 60, 40), -1)
    cv2.circle(big, (92, 100), 48, (60, 30, 25), -1)
    cv2.rectangle(big, (150, 84), (192, 116), (230, 200, 60), -1)
    cv2.line(big, (40, 60), (140, 140), (240, 240, 240), 10)
    return np.asarray(cv2.resize(big, (side, side), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def with_object(centre: tuple[int, int], *, scale: float = 1.0, turn_deg: float = 0.0, seed: int = 3) -> Picture:
    """The table with the object at a place, scaled and turned, and a little noise of the sensor."""
    picture, side = table(seed), round(SIDE * scale)
    thing = cup(side)
    turn = cv2.getRotationMatrix2D(((side - 1) / 2, (side - 1) / 2), turn_deg, 1.0)
    thing = np.asarray(cv2.warpAffine(thing, turn, (side, side), borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8)
    left, top = centre[0] - side // 2, centre[1] - side // 2
    picture[top : top + side, left : left + side] = thing
    noise = np.random.default_rng(seed + 1).normal(0, 4, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def write_picture(path: Path, picture: Picture) -> Path:
    assert cv2.imwrite(str(path), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    return path


class Shown:
    """Reads pictures of which the last differs; counts what is read."""

    def __init__(self, before: Picture, last: Picture) -> None:
        self._before, self._last = before, last
        self.frames: list[int] = []
        self.closed = 0

    def camera(self, name: str = "front") -> Camera:
        return Camera(name, WIDTH, HEIGHT, FRAMES, lambda: self)

    def read(self, frame: int) -> Picture:
        self.frames.append(frame)
        return self._last if frame == FRAMES - 1 else self._before

    def read_range(self, start: int, stop: int) -> Iterator[Picture]:
        for frame in range(start, stop):
            yield self.read(frame)

    def close(self) -> None:
        self.closed += 1
