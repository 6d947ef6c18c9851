"""What the expert says about one episode."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from failview.model.review import Adjudication, Audit

SIDECAR_SCHEMA_VERSION = "1.0.0"
"""Version of the sidecar's schema that this failview writes."""


class Outcome(StrEnum):
    """How the episode ended."""

    SUCCESS = "success"
    PARTIAL_SUCCESS = "partial_success"
    FAILURE = "failure"


class RecoveryOutcome(StrEnum):
    """What came of the attempt to recover."""

    RECOVERED = "recovered"
    FAILED_RECOVERY = "failed_recovery"
    NO_ATTEMPT = "no_attempt"


class Severity(StrEnum):
    """How bad the failure was."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Attribution(StrEnum):
    """Who caused the failure."""

    OPERATOR_ERROR = "operator_error"
    ROBOT_FAILURE = "robot_failure"
    AMBIGUOUS = "ambiguous"


class Origin(StrEnum):
    """How the value of a field came to be."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    CHANGED = "changed"
    MANUAL = "manual"


class Stage(StrEnum):
    """The stages of the work."""

    TRIAGE = "triage"
    DETAIL = "detail"
    REVIEW = "review"


@dataclass(frozen=True)
class Provenance:
    """How one field got its value.

    Attributes:
        origin: Proposed by a detector, accepted, changed from a proposal, or entered by hand.
        detector: Detector behind the proposal, where there was one.
        confidence: The detector's confidence, 0 to 1.
    """

    origin: Origin
    detector: str | None = None
    confidence: float | None = None


MANUAL = Provenance(Origin.MANUAL)


@dataclass(frozen=True)
class CausalLink:
    """One step of a causal chain: the cause led to the effect, seen at a frame where one is set."""

    cause: str
    effect: str
    frame: int | None = None


@dataclass(frozen=True)
class FurtherFailure:
    """Another failure in the same episode."""

    category: str
    subcategory: str
    onset_frame: int


@dataclass(frozen=True)
class Annotation:
    """The label of one episode. Frames are 0-based indices on the episode's clock; None means not said yet.

    Attributes:
        outcome: How the episode ended.
        failure_category: Category id of the taxonomy; None for a success.
        failure_subcategory: Subcategory id that belongs to the category.
        failure_onset_frame: First frame where the failure begins.
        failure_obvious_frame: First frame where it is visually unambiguous.
        recovery_attempted: Whether anybody tried to recover.
        recovery_start_frame: First frame of the recovery.
        recovery_end_frame: Last frame of the recovery, inclusive.
        recovery_outcome: What came of it.
        root_cause: Free text; 10 to 50 words for a failure.
        annotator_confidence: 0 to 1.
        severity: How bad it was.
        attribution: Operator or robot.
        proximal_cause: Cause id: the immediate physical event.
        distal_cause: Cause id: the upstream decision or condition.
        preventable: Whether it could have been prevented.
        causal_chain: Ordered causes and effects.
        further_failures: Other failures of the same episode.
        notes: Free text.
        provenance: How each field got its value, by field name.
    """

    outcome: Outcome | None = None
    failure_category: str | None = None
    failure_subcategory: str | None = None
    failure_onset_frame: int | None = None
    failure_obvious_frame: int | None = None
    recovery_attempted: bool | None = None
    recovery_start_frame: int | None = None
    recovery_end_frame: int | None = None
    recovery_outcome: RecoveryOutcome | None = None
    root_cause: str = ""
    annotator_confidence: float | None = None
    severity: Severity | None = None
    attribution: Attribution | None = None
    proximal_cause: str | None = None
    distal_cause: str | None = None
    preventable: bool | None = None
    causal_chain: tuple[CausalLink, ...] = ()
    further_failures: tuple[FurtherFailure, ...] = ()
    notes: str = ""
    provenance: Mapping[str, Provenance] = field(default_factory=dict)


@dataclass(frozen=True)
class StageRecord:
    """Work done on an episode in one stage.

    Attributes:
        finished_at: ISO 8601 time in UTC at which the stage was finished; None while it is open.
        active_s: Seconds of active work, idle time not counted.
        put_off: Why the episode was skipped; empty when it was not, or not any more.
        blind: Whether the label was made without seeing a proposal.
        in_bulk: Whether the proposal was accepted together with others, the episode unseen.
    """

    finished_at: str | None = None
    active_s: float = 0.0
    put_off: str = ""
    blind: bool = False
    in_bulk: bool = False


@dataclass(frozen=True)
class ChangedField:
    """What a new version of the taxonomy did to one field of a label.

    Attributes:
        field: Name of the field; of a list, with the position ("further_failures[0].subcategory").
        before: The id that stood there.
        after: The id that stands there now; None when it was cleared.
        reason: What changed in the taxonomy, for people.
        candidates: Ids to choose among when one became several.
    """

    field: str
    before: str | None
    after: str | None
    reason: str
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReReview:
    """A request to look at a label again because the taxonomy changed under it.

    Attributes:
        asked_at: ISO 8601 time in UTC.
        taxonomy_from: Taxonomy and version of the label before ("failview-tabletop 1.0.0").
        taxonomy_to: Taxonomy and version since.
        changes: The fields that a person should decide about.
    """

    asked_at: str
    taxonomy_from: str
    taxonomy_to: str
    changes: tuple[ChangedField, ...]


@dataclass(frozen=True)
class AnnotationRecord:
    """An annotation with everything a sidecar keeps about it.

    Attributes:
        episode_id: The episode.
        annotator: Who annotates.
        taxonomy_id: Taxonomy that the ids belong to.
        taxonomy_version: Its version.
        annotation: The label itself.
        stages: Work per stage.
        source_path: The dataset as the annotator named it.
        source_format: Its format.
        source_fingerprint: Hash over the episode's content when it was annotated.
        num_frames: Frames of the episode when it was annotated.
        saved_at: ISO 8601 time in UTC of the last change; empty before the first.
        re_reviews: Requests to look again, oldest first; they stay as history when the review is done.
        audits: Blind checks of bulk acceptance that the episode was drawn for, oldest first.
        adjudications: What reviewers decided, oldest first.
        schema_version: Version of the sidecar's schema the record was read from; kept when it is newer than ours.
        unknown_fields: Fields of a newer version, kept as they are, by name.
    """

    episode_id: str
    annotator: str
    taxonomy_id: str
    taxonomy_version: str
    annotation: Annotation = field(default_factory=Annotation)
    stages: Mapping[Stage, StageRecord] = field(default_factory=dict)
    source_path: str = ""
    source_format: str = ""
    source_fingerprint: str = ""
    num_frames: int = 0
    saved_at: str = ""
    re_reviews: tuple[ReReview, ...] = ()
    audits: tuple[Audit, ...] = ()
    adjudications: tuple[Adjudication, ...] = ()
    schema_version: str = SIDECAR_SCHEMA_VERSION
    unknown_fields: Mapping[str, object] = field(default_factory=dict)

    @property
    def due_re_reviews(self) -> tuple[ReReview, ...]:
        """Requests to look again that came after the review was finished last; times sort as text."""
        review = self.stages.get(Stage.REVIEW)
        reviewed_at = (review.finished_at if review else None) or ""
        return tuple(item for item in self.re_reviews if item.asked_at >= reviewed_at)
