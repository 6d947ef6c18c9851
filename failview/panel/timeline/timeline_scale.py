"""Where frames lie on the strip, in pixels."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """A part of the episode on a part of the strip.

    Attributes:
        left_px: Where the first frame seen begins.
        width_px: Room of all frames seen.
        first: First frame seen; may lie between two.
        span: Number of frames seen.
        num_frames: Length of the episode.
    """

    left_px: float
    width_px: float
    first: float
    span: float
    num_frames: int

    @property
    def px_per_frame(self) -> float:
        """Width of a frame."""
        return self.width_px / self.span

    @property
    def is_whole(self) -> bool:
        """Whether all frames are seen."""
        return self.span >= self.num_frames

    def x_of(self, frame: float) -> float:
        """Pixel at which a frame begins; beyond the ends of the strip for frames that are not seen."""
        return self.left_px + (frame - self.first) * self.px_per_frame

    def middle_of(self, frame: int) -> float:
        """Pixel of the middle of a frame."""
        return self.x_of(frame + 0.5)

    def position_at(self, x: float) -> float:
        """The place of a pixel in frames."""
        return self.first + (x - self.left_px) / self.px_per_frame

    def frame_at(self, x: float) -> int:
        """The frame below a pixel, within the episode."""
        return max(0, min(int(self.position_at(x) // 1), self.num_frames - 1))

    def sees(self, frame: int) -> bool:
        """Whether the middle of a frame is on the strip."""
        return self.first <= frame + 0.5 <= self.first + self.span
