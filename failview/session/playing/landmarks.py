"""The frames worth a look: events of the detectors, frames that are proposed, and marks."""

from collections.abc import Callable

from failview.model.detection import Detection, EpisodeFindings, ProposedField
from failview.session.desk.judging import Judging
from failview.session.desk.open_episode import OpenEpisode
from failview.session.playing.marks import marked_frames
from failview.session.playing.transport import Transport

PROPOSED_FRAMES = (
    ProposedField.ONSET,
    ProposedField.OBVIOUS,
    ProposedField.RECOVERY_START,
    ProposedField.RECOVERY_END,
)
"""Proposed fields that hold a frame, in the order of the form."""


class Landmarks:
    """Moves the cursor from one such frame to the next. Does nothing while no episode is open.

    Args:
        transport: The cursor.
        opened: Tells the open episode.
        judging: Knows its events.
        say: Takes one line for the person.
    """

    def __init__(
        self,
        transport: Transport,
        opened: Callable[[], OpenEpisode | None],
        judging: Judging,
        say: Callable[[str], None],
    ) -> None:
        self._transport = transport
        self._opened = opened
        self._judging = judging
        self._say = say

    @property
    def frames(self) -> list[int]:
        """All of them in rising order, each once."""
        opened = self._opened()
        if opened is None:
            return []
        frames = {*marked_frames(opened.annotation)}
        if findings := self._judging.of(opened.episode).findings:
            frames |= {event.start_frame for event in findings.detections} | {*proposed_frames(findings)}
        return sorted({opened.episode.clock.clamp(frame) for frame in frames})

    def jump(self, direction: int) -> None:
        """Go to the next (1) or previous (-1) one."""
        if self._opened() is None:
            return
        here, frames = self._transport.frame, self.frames
        beyond = [frame for frame in frames if (frame - here) * direction > 0]
        if not beyond:
            self._say("No event and no mark there.")
            return
        self._transport.pause()
        self._transport.seek(beyond[0] if direction > 0 else beyond[-1])


def proposed_frames(findings: EpisodeFindings) -> list[int]:
    """The frames that are proposed, in the order of the form."""
    values = [findings.proposal[field].value for field in PROPOSED_FRAMES if field in findings.proposal]
    return [value for value in values if isinstance(value, int) and not isinstance(value, bool)]


def event_near(findings: EpisodeFindings, frame: int) -> Detection | None:
    """The event to read about at a frame: the latest to begin of those under way, else the next, else the last one."""
    events = sorted(findings.detections, key=lambda event: event.start_frame)
    under_way = [event for event in events if event.start_frame <= frame <= event.end_frame]
    coming = [event for event in events if event.start_frame > frame]
    if under_way:
        return max(under_way, key=lambda event: (event.start_frame, event.confidence))
    return coming[0] if coming else (events[-1] if events else None)
