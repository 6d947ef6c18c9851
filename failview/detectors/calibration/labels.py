"""What is true of labelled episodes, and which detections and proposals are right by it.

A label names the first failure, and the further ones where somebody wrote them down. A detection of an event that no
label names counts as wrong, also when it happened: labels that leave failures out make detectors look worse.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from failview.model.annotation import Outcome
from failview.model.detection import Detection, FieldProposal, ProposedField
from failview.model.taxonomy import OTHER_PREFIX, Taxonomy

ONSET_TOLERANCE = 5
"""Frames. Two people who look at the same failure agree within this (the target of the agreement)."""

_REACHED, _NOT_REACHED = "task.reached", "task.not_reached"


@dataclass(frozen=True)
class Label:
    """What is true of one episode.

    Attributes:
        episode_id: The episode.
        outcomes: Outcomes that count as right; at least one.
        subcategories: Subcategories that count as right; None stands for no failure; at least one.
        subcategory: The one that was chosen.
        onset_frame: First frame of the failure; None when there is none, or nobody says.
        further: Subcategories of other failures in the episode.
        taken_over: The label is a proposal that somebody accepted as it was.
    """

    episode_id: str
    outcomes: frozenset[str]
    subcategories: frozenset[str | None]
    subcategory: str | None
    onset_frame: int | None = None
    further: frozenset[str] = frozenset()
    taken_over: bool = False

    @property
    def failed(self) -> bool:
        """Whether the task was not done."""
        return self.outcomes == {Outcome.FAILURE.value}

    @property
    def is_clean(self) -> bool:
        """Whether the task was done, and nothing failed on the way."""
        return self.subcategory is None and not self.failed


@dataclass(frozen=True)
class Meanings:
    """What the kinds of detections mean, as a taxonomy says it.

    Attributes:
        bears_on: Subcategories that a kind bears on.
        finds: Subcategories that a kind is the first witness of; missing one of them is a miss.
        categories: Category by subcategory.
    """

    bears_on: Mapping[str, frozenset[str]] = field(default_factory=dict)
    finds: Mapping[str, frozenset[str]] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)


def meanings_of(taxonomy: Taxonomy) -> Meanings:
    """The meanings in a taxonomy; "other" failures are found by no kind of their own."""
    bears_on: dict[str, set[str]] = {}
    finds: dict[str, set[str]] = {}
    categories = {}
    for category in taxonomy.categories:
        for item in category.subcategories:
            categories[item.id] = category.id
            for kind in item.detector_kinds:
                bears_on.setdefault(kind, set()).add(item.id)
            if item.detector_kinds and not item.id.startswith(OTHER_PREFIX):
                finds.setdefault(item.detector_kinds[0], set()).add(item.id)
    return Meanings(_frozen(bears_on), _frozen(finds), categories)


def _frozen(sets: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
    return {key: frozenset(values) for key, values in sets.items()}


def detection_right(detection: Detection, label: Label, meanings: Meanings) -> bool | None:
    """Whether a detection is right; None when the taxonomy does not know its kind."""
    if detection.kind == _REACHED:
        return not label.failed
    if detection.kind == _NOT_REACHED:
        return Outcome.FAILURE.value in label.outcomes
    named = meanings.bears_on.get(detection.kind)
    if named is None:
        return None
    return bool(named & ((label.subcategories - {None}) | label.further))


def to_be_found(kind: str, label: Label, meanings: Meanings) -> bool:
    """Whether a kind should be detected in an episode."""
    if kind == _REACHED:
        return Outcome.FAILURE.value not in label.outcomes
    if kind == _NOT_REACHED:
        return label.failed
    return label.subcategory in meanings.finds.get(kind, frozenset())


def field_right(name: ProposedField, proposal: FieldProposal, label: Label, meanings: Meanings) -> bool | None:
    """Whether a proposed field is right; None where the label does not tell."""
    if name is ProposedField.OUTCOME:
        return proposal.value in label.outcomes
    if name is ProposedField.SUBCATEGORY:
        return proposal.value in label.subcategories
    if name is ProposedField.CATEGORY:
        return proposal.value in {
            None if item is None else meanings.categories.get(item) for item in label.subcategories
        }
    if name is ProposedField.ONSET:
        error = onset_error(proposal, label)
        return None if error is None else error <= ONSET_TOLERANCE
    return None


def onset_error(proposal: FieldProposal, label: Label) -> int | None:
    """Frames between the proposed onset and the true one; None where there is none."""
    if label.subcategory is None or label.onset_frame is None or not isinstance(proposal.value, int):
        return None
    return abs(proposal.value - label.onset_frame)
