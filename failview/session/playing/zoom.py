"""Which part of the episode the timeline strip shows."""

from psygnal import Signal

from failview.session.playing.transport import Transport

LEAST_FRAMES = 16
"""Closer there is nothing more to see: a frame is then 20 pixels wide on the usual panel."""

MARGIN_SHARE = 0.1
"""The cursor stays so far from the ends of what is seen, so that what comes next is seen too."""


class Zoom:
    """A window on the frames that follows the cursor.

    Args:
        transport: The cursor.

    Attributes:
        changed: Emits when another part is seen.
        first: First frame seen; may lie between two.
        span: Number of frames seen.
        held: While a hand moves the cursor along the strip it scrolls only where the cursor would leave it.
    """

    changed = Signal()

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._clock = transport.clock
        self.first = 0.0
        self.span = float(max(1, self._clock.num_frames))
        self.held = False
        transport.frame_changed.connect(self._follow)

    @property
    def is_whole(self) -> bool:
        """Whether all frames are seen."""
        return self.span >= self._num_frames

    def step(self, steps: float, around: float | None = None) -> None:
        """Twice as close per step, or half as close for negative ones.

        Args:
            steps: How often; may be a part of a step.
            around: Where, in frames; that place stays on the strip where it is. The middle of the cursor's frame by
                default.
        """
        place = self._transport.frame + 0.5 if around is None else around
        share = (place - self.first) / self.span
        if not 0 <= share <= 1:
            share = 0.5
        least = min(LEAST_FRAMES, self._num_frames)
        span = max(float(least), min(self.span / 2.0**steps, float(self._num_frames)))
        first = place - share * span
        if around is None:
            first = min(max(first, self._transport.frame + 1 - span), self._transport.frame)
        self._show(first, span)

    def pan(self, frames: float) -> None:
        """Look further on, or back."""
        self._show(self.first + frames, self.span)

    @property
    def _num_frames(self) -> int:
        return max(1, self._clock.num_frames)

    def _follow(self, frame: int) -> None:
        if self._transport.clock is not self._clock:
            self._clock = self._transport.clock
            self._show(0.0, float(self._num_frames))
            return
        margin = 0.0 if self.held else MARGIN_SHARE * self.span
        earliest, latest = frame + 1 + margin - self.span, frame - margin
        self._show(min(max(self.first, earliest), latest), self.span)

    def _show(self, first: float, span: float) -> None:
        first = min(max(0.0, first), self._num_frames - span)
        if (first, span) != (self.first, self.span):
            self.first, self.span = first, span
            self.changed.emit()
