"""The episode on the desk: its data, its draft, and the work that goes into it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from failview.model.annotation import Annotation, Outcome, RecoveryOutcome, Stage, StageRecord
from failview.model.episode import Episode
from failview.model.taxonomy import Taxonomy
from failview.session.desk.draft import Draft
from failview.sidecars.validation import Problem, validate_record


@dataclass(frozen=True, eq=False)
class OpenEpisode:
    """An episode with its draft.

    Attributes:
        episode: The data.
        draft: The annotation under work.
        taxonomy: Vocabulary in use.
        stage: Stage of the work.
        sidecar_warnings: What a person must know about its sidecar.
        read_only_reason: Why its label cannot be changed; empty when it can.
    """

    episode: Episode
    draft: Draft
    taxonomy: Taxonomy
    stage: Stage
    sidecar_warnings: tuple[str, ...] = ()
    read_only_reason: str = ""

    @property
    def annotation(self) -> Annotation:
        """The label as it stands."""
        return self.draft.annotation

    @property
    def stage_record(self) -> StageRecord:
        """The work of this stage so far."""
        return self.draft.record.stages.get(self.stage, StageRecord())

    @property
    def finished(self) -> bool:
        """Whether the stage of this episode is done."""
        return bool(self.stage_record.finished_at)

    def contradictions(self) -> list[Problem]:
        """What cannot be true even of a draft."""
        return self._check(self.annotation, self.stage, finished=False)

    def problems(self) -> list[Problem]:
        """What keeps the stage from being finished."""
        return self._check(_without_recovery_unless_said(self.annotation), self.stage, finished=True)

    def finish(self, *, blind: bool = False) -> None:
        """Close the stage: a failure without recovery marks had no recovery.

        Args:
            blind: Whether the label was made without seeing a proposal.
        """
        if self.stage is not Stage.TRIAGE and _without_recovery_unless_said(self.annotation) != self.annotation:
            self.draft.clear_recovery()
        self._answer_audit()
        finished_at = datetime.now(UTC).isoformat(timespec="seconds")
        before = self.stage_record
        self._set_stage(replace(before, finished_at=finished_at, put_off="", blind=blind, in_bulk=False))

    def put_off(self, reason: str) -> None:
        """The stage is skipped for now."""
        self._set_stage(replace(self.stage_record, put_off=reason))

    def _answer_audit(self) -> None:
        """The first answer of a blind check is the one that counts."""
        *before, last = (*self.draft.record.audits,) or (None,)
        if last is not None and not last.answer and self.annotation.outcome is not None:
            answered = replace(last, answer=self.annotation.outcome.value)
            self.draft.replace_record(replace(self.draft.record, audits=(*before, answered)))

    def begin(self) -> None:
        """The stage is under way, and to be finished, for the first time or again."""
        self._set_stage(replace(self.stage_record, finished_at=None))

    def reopen_incomplete(self) -> None:
        """Stages for which the label, as it stands, is not complete are to be finished again."""
        stages = {
            stage: replace(done, finished_at=None)
            if done.finished_at and self._check(self.annotation, stage, finished=True)
            else done
            for stage, done in self.draft.record.stages.items()
        }
        self.draft.replace_record(replace(self.draft.record, stages=stages))

    def add_active_s(self, active_s: float) -> None:
        """Count work, in s."""
        before = self.stage_record
        self._set_stage(replace(before, active_s=round(before.active_s + active_s, 1)))

    def stamp(self) -> None:
        """Note that the record changed now."""
        saved_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self.draft.replace_record(replace(self.draft.record, saved_at=saved_at))

    def _set_stage(self, stage_record: StageRecord) -> None:
        stages = {**self.draft.record.stages, self.stage: stage_record}
        self.draft.replace_record(replace(self.draft.record, stages=stages))

    def _check(self, annotation: Annotation, stage: Stage, *, finished: bool) -> list[Problem]:
        record = replace(self.draft.record, annotation=annotation)
        frames = self.episode.num_frames
        return validate_record(record, self.taxonomy, num_frames=frames, finished=finished, stage=stage)


def _without_recovery_unless_said(annotation: Annotation) -> Annotation:
    failed = annotation.outcome in (Outcome.FAILURE, Outcome.PARTIAL_SUCCESS)
    if failed and annotation.recovery_attempted is None:
        return replace(annotation, recovery_attempted=False, recovery_outcome=RecoveryOutcome.NO_ATTEMPT)
    return annotation
