"""The mark that keys move: chosen by key, nudged frame by frame, and the viewer follows."""

from collections.abc import Callable

from psygnal import Signal

from failview.session.desk.open_episode import OpenEpisode
from failview.session.label.labelling import Labelling
from failview.session.playing.mark_limits import mark_limits
from failview.session.playing.marks import MARK_FIELDS
from failview.session.playing.transport import Transport


class ChosenMark:
    """One mark of the open episode, or none.

    Args:
        labelling: Knows the open episode, and sets the mark.
        transport: The cursor, which goes to it.
        say: Takes one line for the person.

    Attributes:
        changed: Emits when another mark is chosen.
    """

    changed = Signal()

    def __init__(
        self,
        labelling: Labelling,
        transport: Transport,
        say: Callable[[str], None],
    ) -> None:
        self._labelling = labelling
        self._transport = transport
        self._say = say
        self._field: str | None = None
        self._chosen_in: OpenEpisode | None = None

    @property
    def field(self) -> str | None:
        """The field of the annotation that is chosen; None when none is, or when it holds no frame any more."""
        opened = self._labelling.opened
        if opened is None or opened is not self._chosen_in or self._field is None:
            return None
        return self._field if getattr(opened.annotation, self._field) is not None else None

    def choose(self, field: str | None) -> None:
        """Choose a mark, or none."""
        self._field, self._chosen_in = field, self._labelling.opened
        self.changed.emit()

    def choose_next(self) -> None:
        """Choose the next mark in time, at first the one at or after the cursor, and go there."""
        opened = self._labelling.opened
        if opened is None:
            return
        frames = {field: getattr(opened.annotation, field) for field in MARK_FIELDS}
        marks = sorted((name for name in MARK_FIELDS if frames[name] is not None), key=lambda name: frames[name])
        if not marks:
            self._say("There is no mark to choose: set one first.")
            return
        chosen = self.field
        if chosen is None:
            found = next((name for name in marks if frames[name] >= self._transport.frame), marks[0])
        else:
            found = marks[(marks.index(chosen) + 1) % len(marks)]
        self.choose(found)
        self._go_to(frames[found])

    def nudge(self, frames: int) -> None:
        """Move the chosen mark by frames; without one, the mark under the cursor."""
        opened = self._labelling.editable()
        if opened is None:
            return
        if self.field is None:
            here = [name for name in MARK_FIELDS if getattr(opened.annotation, name) == self._transport.frame]
            if not here:
                self._say("No mark is chosen: press M, or go to a mark.")
                return
            self.choose(here[0])
        field = self.field
        assert field is not None
        wanted = getattr(opened.annotation, field) + frames
        limits = mark_limits(opened.annotation, field, opened.episode.num_frames)
        frame = limits.clamp(wanted)
        if refusal := limits.refusal(field, wanted):
            self._say(refusal)
        if self._labelling.set_frame(field, frame):
            self._go_to(frame)

    def _go_to(self, frame: int) -> None:
        self._transport.pause()
        self._transport.seek(frame)
