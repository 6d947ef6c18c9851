"""Practice: what was right and what was not, told as soon as an episode is finished."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from psygnal import Signal

from failview.model.annotation import Annotation, Outcome
from failview.model.taxonomy import Subcategory, Taxonomy
from failview.quality.frame_agreement import CLOSE_FRAMES


@dataclass(frozen=True)
class FieldFeedback:
    """One field of a finished label.

    Attributes:
        field: Its name.
        is_right: Whether it is what the gold label says.
        words: Both sides where they differ, and what tells them apart.
    """

    field: str
    is_right: bool
    words: str


@dataclass(frozen=True)
class Feedback:
    """A finished label against the gold label, field by field."""

    episode_id: str
    fields: tuple[FieldFeedback, ...]

    @property
    def is_right(self) -> bool:
        """Whether everything is right."""
        return all(item.is_right for item in self.fields)


class Practice:
    """Knows the answers of the episodes that are practised on.

    Args:
        answers: The gold label by episode id; empty when nobody practises.
        taxonomy: Vocabulary in use.

    Attributes:
        told: Emits after every finished episode with an answer.
        last: About the episode finished last; None before.
        results: Whether all was right, by episode id.
    """

    told = Signal()

    def __init__(self, answers: Mapping[str, Annotation], taxonomy: Taxonomy) -> None:
        self._answers = answers
        self._taxonomy = taxonomy
        self.last: Feedback | None = None
        self.results: dict[str, bool] = {}

    def judge(self, episode_id: str, label: Annotation) -> None:
        """An episode was finished."""
        answer = self._answers.get(episode_id)
        if answer is None:
            return
        self.last = Feedback(episode_id, tuple(self._fields(label, answer)))
        self.results[episode_id] = self.last.is_right
        self.told.emit()

    def _fields(self, label: Annotation, answer: Annotation) -> Iterator[FieldFeedback]:
        said, right = label.outcome, answer.outcome
        yield FieldFeedback("outcome", said is right, _both(said, right))
        if Outcome.SUCCESS in {said, right}:
            return
        if answer.failure_subcategory is not None:
            yield self._subcategory(label.failure_subcategory, answer.failure_subcategory)
        if answer.failure_onset_frame is not None:
            yield _onset(label.failure_onset_frame, answer.failure_onset_frame)
        if answer.proximal_cause is not None and label.proximal_cause is not None:
            same = label.proximal_cause == answer.proximal_cause
            yield FieldFeedback("proximal_cause", same, _both(label.proximal_cause, answer.proximal_cause))

    def _subcategory(self, said: str | None, right: str) -> FieldFeedback:
        if said == right:
            return FieldFeedback("failure_subcategory", is_right=True, words=_shown(right))
        meant, taken = self._meaning(right), self._meaning(said)
        rules = [f"{item.name}: {item.definition}" for item in (taken, meant) if item is not None]
        return FieldFeedback("failure_subcategory", is_right=False, words=" ".join([f"{_both(said, right)}.", *rules]))

    def _meaning(self, subcategory_id: str | None) -> Subcategory | None:
        category = None if subcategory_id is None else self._taxonomy.category_of(subcategory_id)
        return None if category is None or subcategory_id is None else category.subcategory(subcategory_id)


def _onset(said: int | None, right: int) -> FieldFeedback:
    if said is None:
        return FieldFeedback("failure_onset_frame", is_right=False, words=f"not set; the gold label says {right}")
    away = said - right
    if abs(away) <= CLOSE_FRAMES:
        return FieldFeedback("failure_onset_frame", is_right=True, words=f"{said}, gold {right}")
    way = "late" if away > 0 else "early"
    return FieldFeedback(
        "failure_onset_frame", is_right=False, words=f"{said} is {abs(away)} frames too {way}: gold {right}"
    )


def _both(said: object, right: object) -> str:
    return _shown(right) if said == right else f"you said {_shown(said)}, gold says {_shown(right)}"


def _shown(value: object) -> str:
    return "nothing" if value is None else str(value).replace("_", " ")
