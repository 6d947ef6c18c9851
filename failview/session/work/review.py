"""The open episode in review: who says what, where they differ, and what the reviewer decides."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from psygnal import Signal

from failview.model.annotation import Annotation, AnnotationRecord, Origin, Outcome, Provenance
from failview.model.detection import EpisodeFindings, ProposedField
from failview.model.review import Adjudication, Decision, Side, SideValue
from failview.quality.frame_agreement import CLOSE_FRAMES
from failview.session.desk.draft import FAILURE_FIELDS
from failview.session.desk.open_episode import OpenEpisode
from failview.session.label.acceptance import as_said
from failview.sidecars.validation import Problem

COMPARED = ("outcome", "failure_category", "failure_subcategory", "failure_onset_frame")
"""Fields that sides are compared by."""

DETECTORS = "detectors"

WHY = "review_why"
"""Name of the reviewer's reason among the fields of the form."""


class Review:
    """Knows the sides of the open episode. Does nothing while none is under review.

    Args:
        findings: Tells what the detectors say about the open episode; None while they do not.
        reviewer: Who decides.
        save: Saves the open episode.
        say: Takes one line for the person.

    Attributes:
        changed: Emits when another side speaks, or the reason changed.
    """

    changed = Signal()

    def __init__(
        self,
        findings: Callable[[], EpisodeFindings | None],
        reviewer: str,
        save: Callable[[], None],
        say: Callable[[str], None],
    ) -> None:
        self._findings = findings
        self._reviewer = reviewer
        self._save = save
        self._say = say
        self._open: OpenEpisode | None = None
        self._under_review = Side("", {})
        self._others: tuple[AnnotationRecord, ...] = ()
        self._why = ""

    def open(self, opened: OpenEpisode | None, others: Sequence[AnnotationRecord] = ()) -> None:
        """Review this episode from now on; what was begun before goes on."""
        self._open = opened
        self._others = tuple(others)
        self._why = ""
        if opened is not None:
            pending = pending_of(opened.draft.record)
            theirs = bool(others) and opened.annotation == others[0].annotation
            name = others[0].annotator if theirs else self._reviewer
            self._under_review = pending.sides[0] if pending and pending.sides else side_of(name, opened.annotation)
            self._why = pending.why if pending else ""
        self.changed.emit()

    @property
    def is_on(self) -> bool:
        """Whether an episode is under review."""
        return self._open is not None

    @property
    def why(self) -> str:
        """The reviewer's reason, as far as it is written."""
        return self._why

    @property
    def sides(self) -> tuple[Side, ...]:
        """What everybody says: the label under review first, then the detectors, then other annotators."""
        if self._open is None:
            return ()
        found = [self._under_review]
        findings = self._findings()
        if findings is not None and ProposedField.OUTCOME in findings.proposal:
            found.append(proposed_side(findings))
        found += [
            side_of(record.annotator, record.annotation)
            for record in self._others
            if record.annotator != self._under_review.name
        ]
        return tuple(found)

    @property
    def differences(self) -> tuple[str, ...]:
        """The compared fields about which the sides do not agree."""
        sides = self.sides
        return tuple(name for name in COMPARED if any(differ(name, sides[0], side) for side in sides[1:]))

    @property
    def upholds(self) -> bool:
        """Whether the label, as it stands, still is the one under review."""
        return self._open is None or self._says_the_same(self._under_review)

    def set_why(self, text: str) -> None:
        """Write the reason; it is kept while the review is under way."""
        if self._open is None or self._open.read_only_reason or text == self._why:
            return
        self._why = text
        self.note_change()
        self._save()
        self.changed.emit()

    def note_change(self) -> None:
        """The label or the reason changed: it is to be decided, and what was on the table before is kept."""
        if self._open is not None:
            pending = Adjudication("", self._reviewer, Decision.CHANGED, self._why, (self._under_review,))
            self._put(pending)
            self._open.begin()

    def take_other_side(self) -> None:
        """Say what the first other side says: its fields take the place of those of the label, in one undoable step."""
        if self._open is None:
            self._say("Sides are compared in the review (F8).")
            return
        if self._open.read_only_reason:
            self._say(self._open.read_only_reason)
            return
        now = side_of("", self._open.annotation)
        other = next((side for side in self.sides[1:] if any(differ(name, now, side) for name in COMPARED)), None)
        if other is None:
            self._say("No other side says anything else.")
            return
        said, how = self._all_of(other)
        outcome = said.get("outcome")
        if outcome is Outcome.SUCCESS:
            self._open.draft.set_outcome(Outcome.SUCCESS, how.get("outcome"))
        else:
            self._open.draft.set_fields(said, how)

    def problems(self) -> list[Problem]:
        """What keeps the review from being finished."""
        if self._open is None or not self.differences or self._why.strip():
            return []
        return [Problem(WHY, "the sides differ: say in a few words why you decide so")]

    def decide(self) -> None:
        """Keep the decision with who and why; the label as it stands is the reviewer's."""
        if self._open is None:
            return
        sides = self.sides
        if self._says_the_same(sides[0]):
            decision = Decision.UPHELD
        elif any(self._says_the_same(side) for side in sides[1:]):
            decision = Decision.OVERRULED
        else:
            decision = Decision.CHANGED
        decided_at = datetime.now(UTC).isoformat(timespec="seconds")
        self._put(Adjudication(decided_at, self._reviewer, decision, self._why.strip(), sides))

    def _says_the_same(self, side: Side) -> bool:
        """Whether the label, as it stands, does not contradict a side."""
        assert self._open is not None
        now = side_of("", self._open.annotation)
        return not any(differ(name, now, side) for name in COMPARED)

    def _all_of(self, other: Side) -> tuple[dict[str, object], dict[str, Provenance]]:
        """Everything that a side says, and how it came to be: all that is proposed, or the label of another."""
        findings = self._findings()
        if other.name == DETECTORS and findings is not None:
            proposal = findings.proposal
            said = {field.value: as_said(field, item.value) for field, item in proposal.items()}
            how = {
                field.value: Provenance(Origin.ACCEPTED, item.detector, item.confidence)
                for field, item in proposal.items()
            }
            return said, how
        label = next(record.annotation for record in self._others if record.annotator == other.name)
        return {name: getattr(label, name) for name in ("outcome", *FAILURE_FIELDS)}, dict(label.provenance)

    def _put(self, adjudication: Adjudication) -> None:
        """Take the place of the decision that is under way."""
        assert self._open is not None
        record = self._open.draft.record
        kept = record.adjudications[:-1] if pending_of(record) else record.adjudications
        self._open.draft.replace_record(replace(record, adjudications=(*kept, adjudication)))


def pending_of(record: AnnotationRecord) -> Adjudication | None:
    """The decision that is under way; None when there is none."""
    last = record.adjudications[-1] if record.adjudications else None
    return last if last is not None and not last.decided_at else None


def side_of(name: str, annotation: Annotation) -> Side:
    """What a label says."""
    outcome = None if annotation.outcome is None else annotation.outcome.value
    said: dict[str, SideValue] = {key: getattr(annotation, key) for key in COMPARED}
    return Side(name, {**said, "outcome": outcome})


def proposed_side(findings: EpisodeFindings) -> Side:
    """What the detectors say, as far as they say it."""
    by_name = {field.value: item.value for field, item in findings.proposal.items()}
    return Side(DETECTORS, {name: by_name[name] for name in COMPARED if name in by_name})


def differ(name: str, one: Side, other: Side) -> bool:
    """Whether two sides speak about a field and do not agree; onsets may lie a few frames apart."""
    if name not in one.values or name not in other.values:
        return False
    mine, theirs = one.values[name], other.values[name]
    if name == "failure_onset_frame":
        if not isinstance(mine, int) or not isinstance(theirs, int):
            return False
        return abs(mine - theirs) > CLOSE_FRAMES
    return mine != theirs
