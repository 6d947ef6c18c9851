"""Which episodes of a stage the queue shows: what one searches for."""

from dataclasses import dataclass
from enum import StrEnum

from failview.loaders.dataset import EpisodeEntry
from failview.model.annotation import Outcome, Stage
from failview.model.taxonomy import OTHER_PREFIX
from failview.session.stage_rules import FAILED, KnownEpisode, ReviewReason, is_done, is_due, review_reasons

_DISAGREE = {ReviewReason.DETECTORS, ReviewReason.ANNOTATORS}


class Show(StrEnum):
    """What to show; the words are those of the screen."""

    DUE = "due in this stage"
    LEFT = "left to do"
    DONE = "done"
    SKIPPED = "skipped"
    FAILURES = "failures"
    OTHER = "labelled other"
    INFORMATIVE = "most informative"
    CONTRADICTED = "contradicted"
    ALL = "all episodes"


@dataclass(frozen=True)
class QueueFilter:
    """What the queue is narrowed to.

    Attributes:
        show: Which episodes.
        text: Words that must all occur in the id, the task, the outcome or the subcategory, whatever their case.
    """

    show: Show = Show.DUE
    text: str = ""

    @property
    def narrows(self) -> bool:
        """Whether it leaves anything out that is due."""
        return self != QueueFilter()

    def takes(self, stage: Stage, entry: EpisodeEntry, known: KnownEpisode, *, informative: bool) -> bool:
        """Whether an episode is shown."""
        shown = informative if self.show is Show.INFORMATIVE else _shows(self.show, stage, known)
        return shown and _holds(self.text, entry, known)


def _shows(show: Show, stage: Stage, known: KnownEpisode) -> bool:
    outcome = _outcome(known)
    return {
        Show.ALL: True,
        Show.DUE: is_due(stage, known),
        Show.LEFT: is_due(stage, known) and not is_done(stage, known),
        Show.DONE: is_done(stage, known),
        Show.SKIPPED: bool(known.stage(stage).put_off),
        Show.FAILURES: outcome in FAILED,
        Show.OTHER: known.work is not None and (known.work.subcategory or "").startswith(OTHER_PREFIX),
        Show.CONTRADICTED: bool(_DISAGREE & set(review_reasons(known))),
    }[show]


def _outcome(known: KnownEpisode) -> Outcome | None:
    """As labelled, else as proposed where that may be seen."""
    if known.work is not None and known.work.outcome is not None:
        return known.work.outcome
    return None if known.proposal is None or known.blind else known.proposal.outcome


def _holds(text: str, entry: EpisodeEntry, known: KnownEpisode) -> bool:
    outcome = _outcome(known)
    subcategory = None if known.work is None else known.work.subcategory
    said = f"{entry.episode_id} {entry.task} {outcome or ''} {subcategory or ''}".replace("_", " ").lower()
    return all(word in said for word in text.replace("_", " ").lower().split())
