"""What is known about every episode of the dataset: the work on it, and what is proposed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from failview.loaders.dataset import EpisodeEntry
from failview.model.annotation import AnnotationRecord, Stage
from failview.model.guise import is_plain
from failview.proposals.short_proposals import ShortProposal
from failview.session.work.queue import Queue
from failview.session.work.queue_filter import QueueFilter
from failview.session.work.samples import seeded_sample
from failview.session.work.stage_rules import KnownEpisode, is_done, is_due, most_informative, order_key
from failview.settings.work_rules import WorkRules
from failview.sidecars.work_done import WorkDone, work_of


class WorkBoard:
    """Knows every episode, and makes the queue of a stage.

    Args:
        entries: The dataset's list, at least one.
        annotator: Whose queue it is.
        works: The work of every annotator.
        proposals: What is proposed, by episode id.
        rules: How the work is shared out.
    """

    def __init__(
        self,
        entries: Sequence[EpisodeEntry],
        annotator: str,
        works: Iterable[WorkDone],
        proposals: Mapping[str, ShortProposal],
        rules: WorkRules,
    ) -> None:
        self.rules = rules
        self._entries = tuple(entries)
        self._informative: frozenset[str] | None = None
        ids = [entry.episode_id for entry in entries]
        drawn = seeded_sample(ids, round(rules.review_share * len(ids)), rules.seed, "review")
        blind = seeded_sample(ids, int(rules.blind_share * len(ids)), rules.seed, "blind")
        self._known = {
            key: KnownEpisode(index, proposal=proposals.get(key), drawn=key in drawn, blind=key in blind)
            for index, key in enumerate(ids)
        }
        for work in works:
            known = self._known.get(work.episode_id)
            if known is None:
                continue
            if work.annotator == annotator:
                self._known[work.episode_id] = replace(known, work=work)
            elif is_plain(work.annotator):
                self._known[work.episode_id] = replace(known, others=(*known.others, work))

    def of(self, episode_id: str) -> KnownEpisode:
        """What is known about an episode.

        Raises:
            KeyError: There is none of that id.
        """
        return self._known[episode_id]

    @property
    def known(self) -> Mapping[str, KnownEpisode]:
        """Every episode by id, in the order of the dataset."""
        return self._known

    @property
    def entries(self) -> Sequence[EpisodeEntry]:
        """Every episode, in the order of the dataset."""
        return self._entries

    @property
    def informative(self) -> frozenset[str]:
        """The failures that are marked for a full causal chain."""
        if self._informative is None:
            self._informative = most_informative(self._known, self.rules.chain_share)
        return self._informative

    def wants_causal_chain(self, stage: Stage, episode_id: str) -> bool:
        """Whether an episode is marked as informative, in a stage and at a time when that gives nothing away."""
        if stage is not Stage.DETAIL or self.is_hidden(stage, episode_id):
            return False
        return episode_id in self.informative

    def first_stage(self) -> Stage:
        """The first stage in which something is left to do; triage when everything is done."""
        known = self._known.values()
        left = (stage for stage in Stage if any(is_due(stage, item) and not is_done(stage, item) for item in known))
        return next(left, Stage.TRIAGE)

    def stage_of(self, episode_id: str) -> Stage:
        """The first stage that has something left to do with an episode; detail when none has."""
        known = self._known[episode_id]
        left = (stage for stage in Stage if is_due(stage, known) and not is_done(stage, known))
        return next(left, Stage.DETAIL)

    def note_work(self, record: AnnotationRecord) -> None:
        """This annotator's label of an episode is another one now."""
        before, work = self._known[record.episode_id], work_of(record)
        self._known[record.episode_id] = replace(before, work=work)
        if before.work is None or _kind(before.work) != _kind(work):
            self._informative = None

    def note_proposal(self, episode_id: str, proposal: ShortProposal | None) -> None:
        """An episode was judged."""
        before = self._known[episode_id]
        self._known[episode_id] = replace(before, proposal=proposal)
        if before.proposal != proposal:
            self._informative = None

    def seen(self, stage: Stage, episode_id: str) -> KnownEpisode:
        """What may be seen of an episode in a stage: without a proposal while that is hidden."""
        known = self._known[episode_id]
        return replace(known, proposal=None) if known.proposal and self.is_hidden(stage, episode_id) else known

    def is_done(self, stage: Stage, episode_id: str) -> bool:
        """Whether a stage is done with an episode."""
        return is_done(stage, self._known[episode_id])

    def is_hidden(self, stage: Stage, episode_id: str) -> bool:
        """Whether the proposal of an episode must not be seen: in the blind subset, and while a blind check is due.

        The review shows it beside a label that somebody finished.
        """
        known = self._known[episode_id]
        if stage is Stage.REVIEW and known.is_finished:
            return False
        return known.blind or self.audit_is_due(episode_id)

    def audit_is_due(self, episode_id: str) -> bool:
        """Whether an episode was drawn for a blind check and is not triaged yet."""
        work = self._known[episode_id].work
        return work is not None and work.audit is not None and not is_done(Stage.TRIAGE, self._known[episode_id])

    def queue(self, stage: Stage, wanted: QueueFilter | None = None) -> Queue:
        """The queue of a stage, narrowed to what is wanted."""
        wanted = QueueFilter() if wanted is None else wanted
        seen = {entry.episode_id: self.seen(stage, entry.episode_id) for entry in self._entries}
        informative = {key for key in self.informative if not self.is_hidden(stage, key)}
        taken = [
            entry
            for entry in self._entries
            if wanted.takes(
                stage,
                entry,
                seen[entry.episode_id],
                informative=entry.episode_id in informative,
            )
        ]
        taken.sort(key=lambda entry: order_key(stage, seen[entry.episode_id], self.rules))
        done = {key for key, known in self._known.items() if is_done(stage, known)}
        return Queue(taken, done, self._entries)


def _kind(work: WorkDone) -> tuple[object, ...]:
    """What of a label decides which failures are the most informative ones."""
    return work.outcome, work.subcategory
