"""What a detector found."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Detection:
    """An event in the signals of one episode.

    Attributes:
        detector: Name of the detector ("grasp").
        kind: What it found ("slip").
        start_frame: First frame of the event.
        end_frame: Last frame of the event, inclusive.
        confidence: 0 to 1.
        evidence: The reason in words and numbers.
    """

    detector: str
    kind: str
    start_frame: int
    end_frame: int
    confidence: float
    evidence: str
