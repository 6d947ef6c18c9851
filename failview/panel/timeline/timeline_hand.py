"""The mouse on the strip: it takes marks where they stand, and the cursor everywhere else."""

from failview.model.annotation import Annotation, Outcome
from failview.panel.timeline.timeline_scale import Scale
from failview.session.playing.marks import MARK_FIELDS
from failview.session.session import Session

REACH_PX = 6.0
"""How near to a mark the pointer must be to take it."""


def marks_at(annotation: Annotation, scale: Scale, x: float) -> tuple[str, ...]:
    """The marks within reach of a pixel: those on the nearest frame, in the order of the form."""
    frames = {field: getattr(annotation, field) for field in MARK_FIELDS}
    seen = {field: frame for field, frame in frames.items() if frame is not None and scale.sees(frame)}
    if not seen:
        return ()
    nearest = min(seen.values(), key=lambda frame: abs(scale.middle_of(frame) - x))
    if abs(scale.middle_of(nearest) - x) > max(REACH_PX, scale.px_per_frame / 2):
        return ()
    return tuple(field for field, frame in seen.items() if frame == nearest)


class TimelineHand:
    """What the left button does: drags a mark, or the cursor.

    Attributes:
        hovered: Marks that a press would take.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._drag = session.timeline.drag
        self._offset_px = 0.0
        self._moves_cursor = False
        self.hovered: tuple[str, ...] = ()

    @property
    def holds_mark(self) -> bool:
        """Whether a mark is in hand."""
        return self._drag.under_way

    def hover(self, scale: Scale, x: float, *, on_label: bool) -> bool:
        """The pointer is here; True when what a press would take has changed."""
        opened = self._session.open_episode
        found: tuple[str, ...] = ()
        if on_label and opened is not None and not opened.read_only_reason:
            found = marks_at(opened.annotation, scale, x) if opened.annotation.outcome is not Outcome.SUCCESS else ()
        changed = found != self.hovered
        self.hovered = found
        return changed

    def press(self, scale: Scale, x: float, *, on_label: bool) -> None:
        """Take what is here."""
        opened = self._session.open_episode
        if opened is None:
            return
        self.hover(scale, x, on_label=on_label)
        self._session.timeline.zoom.held = True
        if self.hovered:
            self._offset_px = x - scale.middle_of(getattr(opened.annotation, self.hovered[0]))
            self._drag.take(self.hovered)
            return
        self._moves_cursor = True
        self._seek(scale.frame_at(x))

    def move(self, scale: Scale, x: float) -> None:
        """Carry what was taken."""
        if self.holds_mark:
            self._drag.move(scale.frame_at(x - self._offset_px))
        elif self._moves_cursor:
            self._seek(scale.frame_at(x))

    def release(self) -> None:
        """Put it down."""
        if self.holds_mark:
            self._drag.put_down()
        self._let_go()

    def cancel(self) -> None:
        """Put a mark back where it was; the cursor stays."""
        if self.holds_mark:
            self._drag.give_up()
        self._let_go()

    def _let_go(self) -> None:
        self._moves_cursor = False
        self._session.timeline.zoom.held = False

    def _seek(self, frame: int) -> None:
        self._session.transport.pause()
        self._session.transport.seek(frame)
