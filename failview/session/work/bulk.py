"""Sure proposals accepted together, with a blind sample of them labelled by hand: so it is known how many are wrong."""

import math
import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from statistics import NormalDist

from psygnal import Signal

from failview.errors import FailviewError
from failview.model.annotation import AnnotationRecord, Origin, Outcome, Provenance, Stage, StageRecord
from failview.model.detection import EpisodeFindings, ProposedField
from failview.model.review import Audit
from failview.session.desk.draft import Draft
from failview.session.desk.episode_loader import ReadEpisode
from failview.session.desk.open_episode import OpenEpisode
from failview.session.desk.owner_thread import Post
from failview.session.desk.reading import EpisodeReader
from failview.session.desk.workplace import Workplace
from failview.session.work.samples import seeded_sample
from failview.session.work.stage_rules import KnownEpisode, is_done
from failview.session.work.work_board import WorkBoard
from failview.sidecars.work_done import WorkDone

_SURE = 0.95
"""Level of the interval of the measured error."""


@dataclass(frozen=True)
class BulkPlan:
    """What would be accepted.

    Attributes:
        threshold: Confidence from which proposals count, 0 to 1.
        accepted: Ids of the episodes that would be accepted unseen.
        audited: Ids of those that would be labelled by hand, blind, instead.
        outcomes: The accepted ones by proposed outcome.
    """

    threshold: float
    accepted: tuple[str, ...]
    audited: tuple[str, ...]
    outcomes: Mapping[Outcome, int]


@dataclass(frozen=True)
class AuditResult:
    """How the blind checks came out so far.

    Attributes:
        checked: Episodes that were labelled blind.
        wrong: Of these, labelled otherwise than proposed.
        left: Episodes that are still to be labelled.
        interval: 95 % interval of the share that is wrong (Wilson); None before the first check.
    """

    checked: int
    wrong: int
    left: int
    interval: tuple[float, float] | None


@dataclass
class BulkResult:
    """What became of a plan.

    Attributes:
        accepted: Episodes whose proposal was accepted.
        audited: Episodes that are to be labelled blind.
        left_out: Reason by id of the episodes that could not be accepted.
        cancelled: Whether somebody stopped it; what was accepted stays.
    """

    accepted: int = 0
    audited: int = 0
    left_out: dict[str, str] = field(default_factory=dict)
    cancelled: bool = False


class Bulk:
    """Plans and carries out; lives on the session's thread, reads on one of its own.

    Args:
        workplace: What is worked on.
        board: Knows every episode.
        reader: Reads them.
        keep: Saves a record; False when its episode is open, so that it is not.
        post: Brings results to the session's thread.

    Attributes:
        progressed: Emits (done, of how many).
        finished: Emits the BulkResult.
    """

    progressed = Signal(int, int)
    finished = Signal(object)

    def __init__(
        self,
        workplace: Workplace,
        board: WorkBoard,
        reader: EpisodeReader,
        keep: Callable[[AnnotationRecord], bool],
        post: Post,
    ) -> None:
        self._workplace = workplace
        self._board = board
        self._reader = reader
        self._keep = keep
        self._post = post
        self._worker: threading.Thread | None = None
        self._stop = threading.Event()
        self._result = BulkResult()

    @property
    def is_running(self) -> bool:
        """Whether a plan is being carried out."""
        return self._worker is not None

    def plan(self, threshold: float, without: Collection[str] = (), among: Collection[str] | None = None) -> BulkPlan:
        """What would be accepted from a confidence on: what is not triaged, not blind, and not skipped.

        Args:
            threshold: The confidence, 0 to 1.
            without: Episodes that were looked at already: their proposal was seen, so a blind check would not be blind.
            among: Only these; None for the whole dataset.
        """
        board = self._board
        wanted = set(board.known if among is None else among) - set(without)
        sure = [key for key, known in board.known.items() if key in wanted and _is_sure(known, threshold)]
        rules = board.rules
        count = min(max(rules.audit_least, round(rules.audit_share * len(sure))), len(sure) // 2)
        drawn = seeded_sample(sure, count, rules.seed, "audit")
        accepted = tuple(key for key in sure if key not in drawn)
        outcomes = Counter(proposal.outcome for key in accepted if (proposal := board.of(key).proposal))
        return BulkPlan(threshold, accepted, tuple(key for key in sure if key in drawn), dict(outcomes))

    def audit(self) -> AuditResult:
        """How the blind checks came out so far."""
        drawn = [known for known in self._board.known.values() if known.work and known.work.audit]
        done = [known.work for known in drawn if known.work and is_done(Stage.TRIAGE, known)]
        wrong = sum(work.audit is not None and _blind_answer(work) != work.audit.proposed for work in done)
        interval = _wilson(wrong, len(done)) if done else None
        return AuditResult(len(done), wrong, len(drawn) - len(done), interval)

    def carry_out(self, plan: BulkPlan) -> None:
        """Accept in the background; `finished` tells when it is done."""
        source = self._workplace.findings
        if self._worker is not None or source is None:
            return
        self._stop.clear()
        self._result = BulkResult()
        asked_at = datetime.now(UTC).isoformat(timespec="seconds")
        ids = (*plan.audited, *plan.accepted)

        def work() -> None:
            for done, episode_id in enumerate(ids, start=1):
                if self._stop.is_set():
                    break
                found = self._read(episode_id, source.known)
                audited = episode_id in set(plan.audited)
                self._post(partial(self._apply, episode_id, found, plan.threshold, asked_at if audited else ""))
                self._post(partial(self.progressed.emit, done, len(ids)))
            self._post(self._end)

        self._worker = threading.Thread(target=work, name="failview-bulk", daemon=True)
        self._worker.start()

    def cancel(self) -> None:
        """Stop after the episode under work; what was accepted stays."""
        self._stop.set()

    def close(self) -> None:
        """Stop and wait for the thread."""
        self._stop.set()
        if self._worker is not None:
            self._worker.join()

    def _read(
        self, episode_id: str, known: Callable[..., EpisodeFindings | None]
    ) -> tuple[ReadEpisode, EpisodeFindings] | str:
        """The episode with its findings as it is now, or the reason why not; on the thread of the bulk."""
        try:
            read = self._reader.read(episode_id)
        except FailviewError as error:
            return str(error)
        findings = known(read.episode)
        return "not judged as it is now: run failview detect" if findings is None else (read, findings)

    def _apply(
        self, episode_id: str, found: tuple[ReadEpisode, EpisodeFindings] | str, threshold: float, asked_at: str
    ) -> None:
        reason = found if isinstance(found, str) else _objection(*found, self._board.of(episode_id), threshold)
        if isinstance(found, str) or reason:
            self._result.left_out[episode_id] = reason
            return
        read, findings = found
        item = findings.proposal[ProposedField.OUTCOME]
        draft = Draft(read.stored.record, self._workplace.taxonomy)
        opened = OpenEpisode(read.episode, draft, self._workplace.taxonomy, Stage.TRIAGE)
        if asked_at:
            audit = Audit(asked_at, threshold, str(item.value), item.confidence)
            draft.replace_record(replace(draft.record, audits=(*draft.record.audits, audit)))
        else:
            draft.set_outcome(Outcome(str(item.value)), Provenance(Origin.ACCEPTED, item.detector, item.confidence))
            opened.finish()
            done = replace(draft.record.stages.get(Stage.TRIAGE, StageRecord()), in_bulk=True)
            draft.replace_record(replace(draft.record, stages={**draft.record.stages, Stage.TRIAGE: done}))
        opened.stamp()
        if not self._keep(draft.record):
            self._result.left_out[episode_id] = "it is open"
        elif asked_at:
            self._result.audited += 1
        else:
            self._result.accepted += 1

    def _end(self) -> None:
        if self._worker is not None:
            self._worker.join()
            self._worker = None
        self._result.cancelled = self._stop.is_set()
        self.finished.emit(self._result)


def _is_sure(known: KnownEpisode, threshold: float) -> bool:
    if known.proposal is None or known.proposal.confidence < threshold or known.blind:
        return False
    if known.stage(Stage.TRIAGE).put_off:
        return False
    untouched = known.work is None or (known.work.outcome is None and known.work.audit is None)
    return untouched and not is_done(Stage.TRIAGE, known)


def _objection(read: ReadEpisode, findings: EpisodeFindings, known: KnownEpisode, threshold: float) -> str:
    """Why an episode cannot be accepted after all; empty when it can."""
    item = findings.proposal.get(ProposedField.OUTCOME)
    if read.stored.read_only_reason:
        return read.stored.read_only_reason
    planned = None if known.proposal is None else known.proposal.outcome.value
    if item is None or item.value != planned or item.confidence < threshold:
        return "its proposal is another one by now: run failview detect"
    record = read.stored.record
    if record.saved_at != (known.work.saved_at if known.work else ""):
        return "it was changed while it was read"
    return "" if record.annotation.outcome is None else "it has a label by now"


def _blind_answer(work: WorkDone) -> str | None:
    """What was said before the proposal could be seen."""
    return (work.audit.answer if work.audit else "") or work.outcome


def _wilson(wrong: int, checked: int) -> tuple[float, float]:
    """Interval of a share (Wilson 1927), level _SURE."""
    z = NormalDist().inv_cdf((1 + _SURE) / 2)
    share, spread = wrong / checked, z * z / checked
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / checked + spread / (4 * checked)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)
