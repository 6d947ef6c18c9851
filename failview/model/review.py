"""Labels looked at again: blind checks of what is accepted unseen, and what a reviewer decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

SideValue = str | int | None


@dataclass(frozen=True)
class Audit:
    """A blind check: what would have been accepted in bulk is labelled by hand instead, without being shown.

    Attributes:
        asked_at: ISO 8601 time in UTC of the bulk acceptance that it belongs to.
        threshold: Confidence from which proposals were accepted, 0 to 1.
        proposed: The outcome that was proposed.
        confidence: Its confidence, 0 to 1.
        answer: The outcome that was said blind; empty before. What is said later, the proposal seen, does not count.
    """

    asked_at: str
    threshold: float
    proposed: str
    confidence: float
    answer: str = ""


class Decision(StrEnum):
    """What became of a label in the review."""

    UPHELD = "upheld"
    OVERRULED = "overruled"
    CHANGED = "changed"


@dataclass(frozen=True)
class Side:
    """What one side says about an episode.

    Attributes:
        name: Who: an annotator, or "detectors".
        values: Fields of the annotation that both sides speak about, by name.
    """

    name: str
    values: Mapping[str, SideValue]


@dataclass(frozen=True)
class Adjudication:
    """A reviewer's decision between sides.

    Attributes:
        decided_at: ISO 8601 time in UTC.
        reviewer: Who decided.
        decision: The label was upheld, overruled in favour of another side, or changed to something else.
        why: The reason in the reviewer's words; may be empty where no side disagreed.
        sides: What was on the table, the label under review first.
    """

    decided_at: str
    reviewer: str
    decision: Decision
    why: str
    sides: tuple[Side, ...]
