"""Playing what lies between two marks again and again."""

from collections.abc import Callable
from typing import NamedTuple

from psygnal import Signal

from failview.model.annotation import Annotation
from failview.model.clock import NS_PER_S, Clock
from failview.session.desk.judging import Judging
from failview.session.desk.open_episode import OpenEpisode
from failview.session.label.labelling import Labelling
from failview.session.playing.landmarks import event_near
from failview.session.playing.marks import MARK_FIELDS, marked_frames
from failview.session.playing.playback import FrameRange
from failview.session.playing.playback_clock import frame_reached, position_of
from failview.session.playing.transport import Transport

AROUND_S = 1.0
"""Played before and after a single mark or an event."""


class _End(NamedTuple):
    """An end of the loop: the mark that it follows, or none."""

    frame: int
    field: str | None = None

    def in_label(self, annotation: Annotation) -> int:
        frame = None if self.field is None else getattr(annotation, self.field)
        return self.frame if frame is None else int(frame)


class Loop:
    """Loops between the marks before and after the cursor; outside of them from the first to the last.

    With one mark only it loops around it, without any around the detectors' event near the cursor. It follows its
    marks when they are moved.

    Args:
        transport: What plays.
        labelling: Knows the open episode.
        judging: Knows the events.
        say: Takes one line for the person.

    Attributes:
        changed: Emits when the loop begins, moves or ends.
    """

    changed = Signal()

    def __init__(
        self,
        transport: Transport,
        labelling: Labelling,
        judging: Judging,
        say: Callable[[str], None],
    ) -> None:
        self._transport = transport
        self._labelling = labelling
        self._judging = judging
        self._say = say
        self._ends: tuple[_End, _End] | None = None

    @property
    def range(self) -> FrameRange | None:
        """The frames that are played again and again; None without a loop."""
        return self._transport.loop

    def toggle(self, now_s: float) -> None:
        """Begin to loop, playing at once; or end the loop, and what plays plays on."""
        opened = self._labelling.opened
        if opened is None:
            return
        if self.range is not None:
            self._set(None)
            return
        ends = self._ends_around(opened)
        if ends is None:
            self._say("Nothing to loop between: set a mark first.")
            return
        self._set(ends)
        self._transport.play(now_s)

    def follow_marks(self) -> None:
        """The label changed: go where the marks are now."""
        opened = self._labelling.opened
        if opened is None or self.range is None or self._ends is None:
            return
        first, last = (end.in_label(opened.annotation) for end in self._ends)
        if (first, last) != self.range:
            self._transport.loop = FrameRange(*sorted((first, last)))
            self.changed.emit()

    def _set(self, ends: tuple[_End, _End] | None) -> None:
        self._ends = ends
        self._transport.loop = None if ends is None else FrameRange(ends[0].frame, ends[1].frame)
        self.changed.emit()

    def _ends_around(self, opened: OpenEpisode) -> tuple[_End, _End] | None:
        here = self._transport.frame
        fields = {getattr(opened.annotation, field): field for field in MARK_FIELDS}
        marks = [_End(frame, fields.get(frame)) for frame in marked_frames(opened.annotation)]
        if len(marks) > 1:
            return _marks_around(marks, here)
        clock = opened.episode.clock
        if marks:
            return _around(clock, marks[0].frame, marks[0].frame)
        findings = self._judging.of(opened.episode).findings
        event = None if findings is None else event_near(findings, here)
        return None if event is None else _around(clock, event.start_frame, event.end_frame)


def _marks_around(marks: list[_End], here: int) -> tuple[_End, _End]:
    """The marks before and after a frame; the first and the last where it lies outside. A mark is before itself."""
    first, last = marks[0], marks[-1]
    if not first.frame <= here <= last.frame:
        return first, last
    place = min(max(place for place, mark in enumerate(marks) if mark.frame <= here), len(marks) - 2)
    return marks[place], marks[place + 1]


def _around(clock: Clock, first: int, last: int) -> tuple[_End, _End]:
    around_ns = round(AROUND_S * NS_PER_S)
    before = frame_reached(clock, position_of(clock, first) - around_ns, forwards=True)
    after = frame_reached(clock, position_of(clock, last) + around_ns, forwards=True)
    return _End(before), _End(after)
