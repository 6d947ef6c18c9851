"""When it is time to rest: told once at 60 and once at 90 minutes of active work in a sitting."""

from failview.session.playing.sitting_clock import SittingClock

NOTES = (
    (60, "An hour of work. A few minutes away from the screen keep the eye sharp."),
    (90, "90 minutes of work. Labels get less sure from here: finish this one, then rest."),
)
"""After so many minutes, what to say."""


class RestReminder:
    """Knows what was said already.

    Args:
        sitting: Counts active work.
    """

    def __init__(self, sitting: SittingClock) -> None:
        self._sitting = sitting
        self._told_min = 0

    def due(self) -> str:
        """What is to be said now, each time once; empty for nothing. After a long silence only the last of it."""
        minutes = self._sitting.total_s / 60
        due = [(at_min, words) for at_min, words in NOTES if self._told_min < at_min <= minutes]
        if not due:
            return ""
        self._told_min, words = due[-1]
        return words
