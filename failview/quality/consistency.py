"""The one table of rules between labels and signals, for the report and for the warning while somebody labels.

A rule whose signal is missing says nothing: it is told as not checked, with the reason.
"""

from dataclasses import dataclass

from failview.model.annotation import Annotation
from failview.quality.grasp_rules import GRASP_RULES
from failview.quality.motion_rules import MOTION_RULES
from failview.quality.object_rules import OBJECT_RULES
from failview.quality.rule import CannotTell, Rule, Said
from failview.quality.signal_evidence import SignalEvidence

RULES: tuple[Rule, ...] = (*OBJECT_RULES, *GRASP_RULES, *MOTION_RULES)


@dataclass(frozen=True)
class Contradiction:
    """A signal that says other than the label.

    Attributes:
        rule: Id of the rule.
        field: Field of the annotation that is doubtful.
        words: The reason in numbers, with {} for each frame to look at.
        frames: Those frames.
    """

    rule: str
    field: str
    words: str
    frames: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """The reason with its frames."""
        return self.words.format(*self.frames)


@dataclass(frozen=True)
class Unchecked:
    """A rule that concerns the label, but whose signal is missing.

    Attributes:
        rule: Id of the rule.
        reason: What is missing.
    """

    rule: str
    reason: str


@dataclass(frozen=True)
class Consistency:
    """What all rules say about one label."""

    contradictions: tuple[Contradiction, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    agreed: int = 0


def check_label(label: Annotation, evidence: SignalEvidence) -> Consistency:
    """Ask every rule that concerns a label."""
    contradictions: list[Contradiction] = []
    unchecked: list[Unchecked] = []
    agreed = 0
    for rule in RULES:
        if not rule.applies(label):
            continue
        answer = rule.check(label, evidence)
        if isinstance(answer, Said):
            contradictions.append(Contradiction(rule.id, rule.field, answer.words, answer.frames))
        elif isinstance(answer, CannotTell):
            unchecked.append(Unchecked(rule.id, answer.reason))
        else:
            agreed += 1
    return Consistency(tuple(contradictions), tuple(unchecked), agreed)
