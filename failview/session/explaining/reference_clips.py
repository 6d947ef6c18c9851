"""Reference clips of the causes: which stretch of which episode shows what a cause looks like."""

from collections.abc import Callable

from psygnal import Signal

from failview.model.annotation import Annotation
from failview.model.clock import Clock
from failview.model.taxonomy import Cause, ReferenceClip, Taxonomy
from failview.session.desk.open_episode import OpenEpisode
from failview.session.explaining.clip_player import ClipPlayer
from failview.session.explaining.clip_shelf import ClipShelf
from failview.session.label.causes import CAUSE_FIELDS, Causes

AROUND_ONSET_S = 1.0
"""A failure with an onset alone is shown from so long before it until so long after it."""

_TITLES = {"proximal_cause": "proximal", "distal_cause": "distal"}


class ReferenceClips:
    """Sets and plays the clip of the cause in hand: the proximal one, or the one whose field has the keyboard.

    Args:
        taxonomy: Vocabulary in use.
        causes: Knows the open episode and whether it may be changed.
        shelf: Keeps the clips.
        player: Plays them.
        say: Takes one line for the person.

    Attributes:
        changed: Emits when a cause got another clip, or when another field is in hand.
    """

    changed = Signal()

    def __init__(
        self, taxonomy: Taxonomy, causes: Causes, shelf: ClipShelf, player: ClipPlayer, say: Callable[[str], None]
    ) -> None:
        self._causes_of = {"proximal_cause": taxonomy.proximal_causes, "distal_cause": taxonomy.distal_causes}
        self._causes = causes
        self._shelf = shelf
        self._player = player
        self._say = say
        self._field = CAUSE_FIELDS[0]
        shelf.changed.connect(self.changed.emit)

    @property
    def field_in_hand(self) -> str:
        """The field whose cause the keys of the clips mean."""
        return self._field

    def take_in_hand(self, field: str) -> None:
        """The keys of the clips mean the cause in this field from now on."""
        if field != self._field:
            self._field = field
            self.changed.emit()

    def vocabulary(self, field: str) -> tuple[Cause, ...]:
        """The causes that a field can hold."""
        return self._causes_of[field]

    def cause(self, field: str, cause_id: str | None) -> Cause | None:
        """The cause of this id."""
        return next((item for item in self._causes_of[field] if item.id == cause_id), None)

    def clip_of(self, field: str, cause: Cause) -> ReferenceClip | None:
        """The clip that shows a cause, where there is one."""
        return self._shelf.clip_of(field, cause)

    def play(self, opened: OpenEpisode | None) -> None:
        """Show what the cause in hand looks like and come back; from within a clip, come back now."""
        if self._player.is_away:
            self._player.come_back()
            return
        cause = self._chosen(opened)
        if cause is None:
            return
        clip = self.clip_of(self._field, cause)
        if clip is None:
            self._say(f'Nothing shows yet what "{cause.name}" looks like.')
        else:
            self._player.play(clip, cause.name)

    def set_here(self) -> None:
        """The failure of the open episode is what the cause in hand looks like."""
        opened = self._causes.failed_episode()
        cause = self._chosen(opened)
        if opened is None or cause is None:
            return
        stretch = failure_stretch(opened.annotation, opened.episode.clock)
        if stretch is None:
            self._say("Set the onset first: the clip shows the failure from there.")
            return
        self._shelf.put(self._field, cause, ReferenceClip(opened.episode.episode_id, *stretch))
        self._say(f'This is what "{cause.name}" looks like from now on: frames {stretch[0]} to {stretch[1]}.')

    def _chosen(self, opened: OpenEpisode | None) -> Cause | None:
        """The cause in hand; says so when none is chosen."""
        if opened is None:
            return None
        chosen = self.cause(self._field, getattr(opened.annotation, self._field))
        if chosen is None:
            self._say(f"Choose a {_TITLES[self._field]} cause first.")
        return chosen


def failure_stretch(annotation: Annotation, clock: Clock) -> tuple[int, int] | None:
    """First and last frame of what shows a failure; None without an onset.

    From the onset until the recovery starts, else until the failure is obvious; with an onset alone, or where these
    are no stretch, a second before it until a second after it.
    """
    onset = annotation.failure_onset_frame
    if onset is None:
        return None
    ends = (annotation.recovery_start_frame, annotation.failure_obvious_frame)
    end = next((frame for frame in ends if frame is not None and frame > onset), None)
    if end is not None:
        return clock.clamp(onset), clock.clamp(end)
    around = max(1, round(AROUND_ONSET_S * clock.pace_hz))
    return clock.clamp(onset - around), clock.clamp(onset + around)
