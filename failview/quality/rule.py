"""What one rule of consistency is, and what it can answer."""

from collections.abc import Callable
from dataclasses import dataclass

from failview.model.annotation import Annotation
from failview.quality.signal_evidence import SignalEvidence


@dataclass(frozen=True)
class Said:
    """The signal contradicts the label.

    Attributes:
        words: The reason in numbers, with {} for each frame to look at.
        frames: Those frames, in the order of the words.
    """

    words: str
    frames: tuple[int, ...] = ()


@dataclass(frozen=True)
class CannotTell:
    """The signal that the rule needs is not there.

    Attributes:
        reason: What is missing.
    """

    reason: str


Answer = Said | CannotTell | None
"""None when label and signal agree."""


@dataclass(frozen=True)
class Rule:
    """One way in which a label and a signal can contradict each other.

    Attributes:
        id: Name in reports.
        field: Field of the annotation that is doubtful then.
        values: Values of the field that it is about; empty for any value.
        signal: What is looked at, for people.
        thresholds: Names of the thresholds that decide (settings/thresholds.py).
        check: Asks the signal. Called only for a label whose field has one of the values.
    """

    id: str
    field: str
    values: frozenset[str]
    signal: str
    thresholds: tuple[str, ...]
    check: Callable[[Annotation, SignalEvidence], Answer]

    def applies(self, label: Annotation) -> bool:
        """Whether the label says what the rule is about."""
        value = getattr(label, self.field)
        return value is not None and (not self.values or str(value) in self.values)
