"""The annotation under work: every change goes through here, and every change can be undone."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from psygnal import Signal

from failview.model.annotation import (
    MANUAL,
    Annotation,
    AnnotationRecord,
    Origin,
    Outcome,
    Provenance,
    RecoveryOutcome,
)
from failview.model.taxonomy import Taxonomy

FAILURE_FIELDS = (
    "failure_category",
    "failure_subcategory",
    "failure_onset_frame",
    "failure_obvious_frame",
    "recovery_attempted",
    "recovery_start_frame",
    "recovery_end_frame",
    "recovery_outcome",
    "root_cause",
    "severity",
    "attribution",
    "proximal_cause",
    "distal_cause",
    "preventable",
    "causal_chain",
    "further_failures",
)
"""Fields that say nothing about a success."""

TEXT_FIELDS = ("root_cause", "notes")

DERIVED = Provenance(Origin.PROPOSED, "outcome")
"""What came of a recovery follows from the outcome of the episode until somebody says otherwise."""

_BLANK = Annotation()
_FIELD_NAMES = frozenset(item.name for item in fields(Annotation)) - {"provenance"}


@dataclass(frozen=True)
class _Step:
    """One undoable state: the annotation, and which text is being typed (None after any other change)."""

    annotation: Annotation
    typing: str | None = None


class Draft:
    """The annotation of the open episode with unlimited undo and redo.

    Args:
        record: The record as loaded from its sidecar, or a fresh one.
        taxonomy: Vocabulary in use.

    Attributes:
        changed: Emits the new Annotation after every change, undo and redo included.
    """

    changed = Signal(Annotation)

    def __init__(self, record: AnnotationRecord, taxonomy: Taxonomy) -> None:
        self._record = record
        self._taxonomy = taxonomy
        self._past: list[_Step] = []
        self._future: list[_Step] = []
        self._now = _Step(record.annotation)
        self._set_aside: Annotation | None = None

    @property
    def annotation(self) -> Annotation:
        """The label as it stands."""
        return self._now.annotation

    @property
    def record(self) -> AnnotationRecord:
        """The record with the label as it stands."""
        return replace(self._record, annotation=self._now.annotation)

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether there is a change to bring back."""
        return bool(self._future)

    def replace_record(self, record: AnnotationRecord) -> None:
        """Take over bookkeeping (stages, times) that is not part of the label and cannot be undone."""
        self._record = record

    def undo(self) -> bool:
        """Take back the last change; False when there is none."""
        return self._travel(self._past, self._future)

    def redo(self) -> bool:
        """Bring back the change that was undone last; False when there is none."""
        return self._travel(self._future, self._past)

    def set_outcome(self, outcome: Outcome, provenance: Provenance | None = None) -> None:
        """Say how the episode ended; by hand unless told otherwise.

        A success clears what only a failure can have; turning back to a failure brings it back.
        """
        if outcome is self.annotation.outcome:
            return
        before = self.annotation
        values: dict[str, object] = {"outcome": outcome}
        how: dict[str, Provenance] = {}
        if outcome is Outcome.SUCCESS:
            self._set_aside = before
            values |= {name: getattr(_BLANK, name) for name in FAILURE_FIELDS}
        else:
            if self._set_aside is not None and before.outcome is Outcome.SUCCESS:
                before = self._set_aside
                values |= {name: getattr(before, name) for name in FAILURE_FIELDS}
                how |= before.provenance
            if before.provenance.get("recovery_outcome") == DERIVED:
                values["recovery_outcome"] = _outcome_of_recovery(outcome)
                how["recovery_outcome"] = DERIVED
        how["outcome"] = provenance or MANUAL
        self._apply(values, how, merge=False, typing=None)

    def set_category(self, category_id: str) -> None:
        """Choose a category; a subcategory of another one is cleared. Without an outcome it is a failure."""
        values: dict[str, object] = {"failure_category": category_id}
        if self.annotation.outcome is None:
            values["outcome"] = Outcome.FAILURE
        chosen = self.annotation.failure_subcategory
        category = self._taxonomy.category(category_id)
        if chosen is not None and (category is None or category.subcategory(chosen) is None):
            values["failure_subcategory"] = None
        self.set_fields(values)

    def set_recovery_start(self, frame: int) -> None:
        """The recovery starts here: so there was one."""
        self._set_recovery({"recovery_start_frame": frame})

    def set_recovery_end(self, frame: int) -> None:
        """The recovery ends here (inclusive): so there was one."""
        self._set_recovery({"recovery_end_frame": frame})

    def set_frame(self, name: str, frame: int | None) -> None:
        """Set a frame field; None clears it. A recovery that loses both frames is not said any more."""
        if name not in ("recovery_start_frame", "recovery_end_frame"):
            self.set_fields({name: frame})
        elif frame is not None:
            self._set_recovery({name: frame})
        else:
            other = "recovery_end_frame" if name == "recovery_start_frame" else "recovery_start_frame"
            unsaid = {"recovery_attempted": None, "recovery_outcome": None}
            self.set_fields({name: None, **(unsaid if getattr(self.annotation, other) is None else {})})

    def clear_recovery(self) -> None:
        """There was no recovery."""
        self.set_fields(
            {
                "recovery_attempted": False,
                "recovery_start_frame": None,
                "recovery_end_frame": None,
                "recovery_outcome": RecoveryOutcome.NO_ATTEMPT,
            }
        )

    def set_text(self, name: str, text: str) -> None:
        """Type into a text field. Undo takes back a word at a time.

        Raises:
            ValueError: Not a text field.
        """
        if name not in TEXT_FIELDS:
            raise ValueError(f"{name} is not a text field")
        before: str = getattr(self.annotation, name)
        if text == before:
            return
        same_word = self._now.typing == name and not _starts_a_word(before, text)
        self._apply({name: text}, {name: MANUAL}, merge=same_word, typing=name)

    def set_fields(
        self,
        values: Mapping[str, object],
        provenance: Mapping[str, Provenance] | None = None,
        *,
        typing: str | None = None,
    ) -> None:
        """Change fields in one undoable step; unchanged values keep their provenance.

        Args:
            values: New values by field name of Annotation.
            provenance: How they came to be, by field name; by hand where nothing is told.
            typing: What is being typed; successive changes under the same name are one step.

        Raises:
            ValueError: Unknown field name.
        """
        unknown = set(values) - _FIELD_NAMES
        if unknown:
            raise ValueError(f"no such field: {', '.join(sorted(unknown))}")
        goes_on = typing is not None and self._now.typing == typing
        self._apply(values, {**dict.fromkeys(values, MANUAL), **(provenance or {})}, merge=goes_on, typing=typing)

    def _set_recovery(self, values: dict[str, object]) -> None:
        values["recovery_attempted"] = True
        how = dict.fromkeys(values, MANUAL)
        if not self.annotation.recovery_attempted:
            values["recovery_outcome"] = _outcome_of_recovery(self.annotation.outcome)
            how["recovery_outcome"] = DERIVED
        self._apply(values, how, merge=False, typing=None)

    def _apply(
        self, values: Mapping[str, object], how: Mapping[str, Provenance], *, merge: bool, typing: str | None
    ) -> None:
        before = self.annotation.provenance
        changed = {name: value for name, value in values.items() if getattr(self.annotation, name) != value}
        confirmed = [name for name in values if name not in changed and _is_confirmed(before.get(name), how.get(name))]
        if not changed and not confirmed:
            return
        provenance = {**before, **{name: _succeed(before.get(name), how.get(name, MANUAL)) for name in changed}}
        provenance |= {name: replace(before[name], origin=Origin.ACCEPTED) for name in confirmed}
        kept = {name: origin for name, origin in provenance.items() if changed.get(name, "kept") not in (None, "", ())}
        annotation = replace(self.annotation, **changed, provenance=kept)  # type: ignore[arg-type]
        if not merge:
            self._past.append(self._now)
        self._future.clear()
        self._now = _Step(annotation, typing)
        self.changed.emit(annotation)

    def _travel(self, source: list[_Step], target: list[_Step]) -> bool:
        if not source:
            return False
        target.append(self._now)
        self._now = replace(source.pop(), typing=None)
        self.changed.emit(self.annotation)
        return True


def _is_confirmed(before: Provenance | None, how: Provenance | None) -> bool:
    """Whether a hand chose what was proposed already."""
    return before is not None and before.origin is Origin.PROPOSED and how == MANUAL


def _succeed(before: Provenance | None, how: Provenance) -> Provenance:
    """Provenance of a field that got a new value: a hand that overrides a detector leaves the detector named."""
    if how.origin is Origin.MANUAL and before is not None and before.detector is not None:
        return replace(before, origin=Origin.CHANGED)
    return how


def _outcome_of_recovery(outcome: Outcome | None) -> RecoveryOutcome:
    """What a recovery came to, as far as the outcome of the episode tells; the annotator can say otherwise."""
    return RecoveryOutcome.FAILED_RECOVERY if outcome is Outcome.FAILURE else RecoveryOutcome.RECOVERED


def _starts_a_word(before: str, after: str) -> bool:
    """Whether typing went on after a space: the next word is an undo step of its own."""
    return after.startswith(before) and before[-1:].isspace() and not after[-1:].isspace()
