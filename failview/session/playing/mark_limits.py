"""Where a mark may stand: the failure begins before it is obvious, and a recovery ends after it has begun."""

from dataclasses import dataclass, field

from failview.model.annotation import Annotation

MARK_TITLES = {
    "failure_onset_frame": "onset",
    "failure_obvious_frame": "obvious frame",
    "recovery_start_frame": "start of the recovery",
    "recovery_end_frame": "end of the recovery",
}

_NEVER_AFTER = (
    ("failure_onset_frame", "failure_obvious_frame"),
    ("failure_onset_frame", "recovery_start_frame"),
    ("failure_onset_frame", "recovery_end_frame"),
    ("recovery_start_frame", "recovery_end_frame"),
)
"""The first may not be after the second."""


@dataclass(frozen=True)
class MarkLimits:
    """First and last frame where a mark may stand.

    Attributes:
        first: No frame before it.
        last: No frame after it.
        why_first: The mark that forbids earlier frames; empty at the beginning of the episode.
        why_last: The mark that forbids later frames; empty at the end of the episode.
    """

    first: int
    last: int
    why_first: str = field(default="", compare=False)
    why_last: str = field(default="", compare=False)

    def clamp(self, frame: int) -> int:
        """The allowed frame nearest to a number; the first one where marks contradict each other."""
        return max(self.first, min(frame, self.last))

    def refusal(self, mark: str, frame: int) -> str:
        """Why a mark may not stand at a frame, in one line; empty when it may, or when the episode ends there."""
        if frame < self.first and self.why_first:
            return f"The {MARK_TITLES[mark]} cannot be before the {MARK_TITLES[self.why_first]} ({self.first})."
        if frame > self.last and self.why_last:
            return f"The {MARK_TITLES[mark]} cannot be after the {MARK_TITLES[self.why_last]} ({self.last})."
        return ""


def mark_limits(annotation: Annotation, mark: str, num_frames: int) -> MarkLimits:
    """Where a mark may stand beside the others."""
    first, last, why_first, why_last = 0, num_frames - 1, "", ""
    for earlier, later in _NEVER_AFTER:
        other = getattr(annotation, earlier if mark == later else later)
        if other is None:
            continue
        if mark == later and other > first:
            first, why_first = other, earlier
        if mark == earlier and other < last:
            last, why_last = other, later
    return MarkLimits(first, last, why_first, why_last)
