"""What one way of telling success says, and how it becomes a detection."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from failview.detectors.conditioning.working_clock import WorkingClock
from failview.model.detection import Detection

DETECTOR = "task_success"
REACHED = "task.reached"
NOT_REACHED = "task.not_reached"


class Way(IntEnum):
    """How success was told, most trusted first; the measure `way` of a detection."""

    GOAL_POSE = 1
    """Distance between object and goal."""
    FLAG = 2
    """The recorded success flag, or a reward of 0 and 1."""
    TEMPLATE = 3
    """The object's picture, found in the last frames."""
    ONNX = 4
    """The object, found in the last frames by the user's detector."""
    STORY = 5
    """What the gripper did."""


@dataclass(frozen=True)
class Verdict:
    """What one way says. Rows of the working clock.

    Attributes:
        way: How it was told.
        reached: Whether the object ended where it should.
        confidence: That this is right, 0 to 1.
        evidence: The reason in words and numbers.
        start_row: Where success, or failure, begins.
        obvious_row: Where nobody can doubt a failure any more; None when nothing tells.
        measures: Numbers behind it, by name with unit; an unknown one is left out.
    """

    way: Way
    reached: bool
    confidence: float
    evidence: str
    start_row: int
    obvious_row: int | None = None
    measures: Mapping[str, float] = field(default_factory=dict)

    def detection(self, clock: WorkingClock) -> Detection:
        """As a detection that lasts to the end of the episode."""
        start = clock.frame_from(self.start_row)
        obvious = None if self.obvious_row is None else max(start, clock.frame_from(self.obvious_row))
        return Detection(
            detector=DETECTOR,
            kind=REACHED if self.reached else NOT_REACHED,
            start_frame=start,
            end_frame=len(clock.frame_times_s) - 1,
            confidence=round(self.confidence, 4),
            evidence=self.evidence,
            obvious_frame=obvious,
            measures={"way": float(self.way), **self.measures},
        )


@dataclass(frozen=True)
class NoVerdict:
    """A way that cannot tell, with the reason."""

    reason: str
