"""Which episodes of a stage the queue shows: what one searches for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from failview.loaders.dataset import EpisodeEntry
from failview.model.annotation import Outcome, Stage
from failview.model.taxonomy import OTHER_PREFIX
from failview.session.work.stage_rules import FAILED, KnownEpisode, ReviewReason, is_done, is_due, review_reasons

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
        """Whether an episode is shown.

        Args:
            stage: The stage.
            entry: The episode.
            known: What may be seen of it.
            informative: Whether it is marked so, where that may be seen.
        """
        shown = informative if self.show is Show.INFORMATIVE else _SHOWS[self.show](stage, known)
        return shown and (not self.text or holds(self.text, words_of(entry, known)))


def is_contradicted(known: KnownEpisode) -> bool:
    """Whether the detectors or another annotator say something else than the label."""
    return not _DISAGREE.isdisjoint(review_reasons(known))


def said_or_proposed(known: KnownEpisode) -> tuple[Outcome | None, str | None]:
    """Outcome and subcategory as labelled; as proposed while nothing is said."""
    if known.work is not None and known.work.outcome is not None:
        return known.work.outcome, known.work.subcategory
    return (None, None) if known.proposal is None else (known.proposal.outcome, known.proposal.subcategory)


_SHOWS: Mapping[Show, Callable[[Stage, KnownEpisode], bool]] = {
    Show.ALL: lambda _stage, _known: True,
    Show.DUE: is_due,
    Show.LEFT: lambda stage, known: is_due(stage, known) and not is_done(stage, known),
    Show.DONE: is_done,
    Show.SKIPPED: lambda stage, known: bool(known.stage(stage).put_off),
    Show.FAILURES: lambda _stage, known: said_or_proposed(known)[0] in FAILED,
    Show.OTHER: lambda _stage, known: (
        known.work is not None and (known.work.subcategory or "").startswith(OTHER_PREFIX)
    ),
    Show.CONTRADICTED: lambda _stage, known: is_contradicted(known),
}


def words_of(entry: EpisodeEntry, known: KnownEpisode) -> str:
    """What is searched in, of what may be seen of an episode."""
    outcome, subcategory = said_or_proposed(known)
    return _plain(f"{entry.episode_id} {entry.task} {outcome or ''} {subcategory or ''}")


def holds(text: str, words: str) -> bool:
    """Whether all words of a text occur in the words of an episode."""
    return all(word in words for word in _plain(text).split())


def _plain(text: str) -> str:
    return text.replace("_", " ").lower()
