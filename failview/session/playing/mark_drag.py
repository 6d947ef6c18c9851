"""A mark in somebody's hand: panel and viewer follow it frame by frame, the label changes when it is put down."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from psygnal import Signal

from failview.model.annotation import Annotation
from failview.session.desk.open_episode import OpenEpisode
from failview.session.desk.viewer_port import ViewerPort
from failview.session.label.labelling import Labelling
from failview.session.playing.chosen_mark import ChosenMark
from failview.session.playing.mark_limits import mark_limits
from failview.session.playing.transport import Transport


class MarkDrag:
    """From taking a mark up to putting it down, which is one change, or giving up, which is none.

    Args:
        labelling: Sets the mark at the end.
        transport: The cursor, which goes along.
        viewer: Shows the mark where it is held.
        chosen: The mark that was dragged is chosen afterwards.
        say: Takes one line for the person.

    Attributes:
        changed: Emits when a mark is taken, moved, put down or given up.
    """

    changed = Signal()

    def __init__(
        self,
        labelling: Labelling,
        transport: Transport,
        viewer: ViewerPort,
        chosen: ChosenMark,
        say: Callable[[str], None],
    ) -> None:
        self._labelling = labelling
        self._transport = transport
        self._viewer = viewer
        self._chosen = chosen
        self._say = say
        self._opened: OpenEpisode | None = None
        self._candidates: tuple[str, ...] = ()
        self._field: str | None = None
        self._frame = 0
        self._cursor_before = 0
        self._refused = ""

    @property
    def under_way(self) -> bool:
        """Whether a mark is held."""
        return bool(self._candidates)

    @property
    def field(self) -> str | None:
        """The mark that is moved; None before it is known which of several on one frame."""
        return self._field

    def shown(self, annotation: Annotation) -> Annotation:
        """The label as it would be if the mark were put down now."""
        return annotation if self._field is None else replace(annotation, **{self._field: self._frame})  # type: ignore[arg-type]

    def take(self, fields: Sequence[str]) -> bool:
        """Take up a mark: one of these, which stand on one frame; the direction will tell which. False: not allowed."""
        self._opened = self._labelling.editable()
        if self._opened is None or not fields:
            return False
        self._transport.pause()
        self._cursor_before = self._transport.frame
        self._candidates, self._field, self._refused = tuple(fields), None, ""
        self._frame = getattr(self._opened.annotation, fields[0])
        self._transport.seek(self._frame)
        self._chosen.choose(fields[0])
        self.changed.emit()
        return True

    def move(self, frame: int) -> None:
        """Hold the mark over a frame; where it may not stand it stays behind, and the reason is said once."""
        opened = self._opened
        if opened is None or not self._candidates:
            return
        if self._field is None:
            if frame == self._frame:
                return
            self._field = self._candidates[0 if frame < self._frame else -1]
            self._chosen.choose(self._field)
        limits = mark_limits(opened.annotation, self._field, opened.episode.num_frames)
        refusal = limits.refusal(self._field, frame)
        if refusal and refusal != self._refused:
            self._say(refusal)
        self._refused = refusal
        allowed = limits.clamp(frame)
        if allowed == self._frame:
            return
        self._frame = allowed
        self._viewer.mark(self.shown(opened.annotation))
        self._transport.seek(allowed)
        self.changed.emit()

    def put_down(self) -> None:
        """The mark stays where it is."""
        opened, field, frame = self._opened, self._field, self._frame
        self._let_go()
        if opened is not None and field is not None and frame != getattr(opened.annotation, field):
            self._labelling.set_frame(field, frame)
        self.changed.emit()

    def give_up(self) -> None:
        """The mark goes back to where it was, and so does the cursor."""
        opened, moved = self._opened, self._field is not None
        self._let_go()
        if opened is not None and moved:
            self._viewer.mark(opened.annotation)
        if opened is not None:
            self._transport.seek(self._cursor_before)
        self.changed.emit()

    def forget(self) -> None:
        """The episode is left: there is nothing to put down any more."""
        if self.under_way:
            self._let_go()
            self.changed.emit()

    def _let_go(self) -> None:
        self._opened, self._candidates, self._field = None, (), None
