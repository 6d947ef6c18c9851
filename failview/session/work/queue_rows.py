"""What a list of episodes says about each of them: what is known, and nothing that must not be seen."""

from dataclasses import dataclass

from failview.loaders.dataset import EpisodeEntry
from failview.model.annotation import Outcome, Stage
from failview.model.taxonomy import Taxonomy
from failview.session.work.queue_filter import is_contradicted, said_or_proposed
from failview.session.work.stage_rules import is_done
from failview.session.work.work_board import WorkBoard

OUTCOMES = {
    Outcome.SUCCESS: ("Success", "green"),
    Outcome.PARTIAL_SUCCESS: ("Partial", "amber"),
    Outcome.FAILURE: ("Failure", "red"),
}
"""Words and hue of an outcome."""


@dataclass(frozen=True)
class RowMark:
    """A word about an episode that is out of the ordinary.

    Attributes:
        words: One or two.
        hue: Their colour.
        why: What it means here, longer.
    """

    words: str
    hue: str
    why: str = ""


@dataclass(frozen=True)
class QueueRow:
    """One episode in the list.

    Attributes:
        number: 1-based place in the list.
        episode_id: The episode.
        task: Its task.
        said: How it ended and what failed, empty while that is not known.
        hue: Colour of the outcome.
        proposed: Whether this is only proposed.
        done: Whether the stage is done with it.
        marks: What is out of the ordinary.
    """

    number: int
    episode_id: str
    task: str
    said: str
    hue: str
    proposed: bool
    done: bool
    marks: tuple[RowMark, ...]

    @property
    def words(self) -> str:
        """All of it, for a screen reader."""
        said = f"{'proposed: ' if self.proposed else ''}{self.said}" if self.said else ""
        marks = [mark.why or mark.words for mark in self.marks]
        return ", ".join(
            filter(None, (str(self.number), self.episode_id, self.task, said, "done" if self.done else "", *marks))
        )


def row_of(board: WorkBoard, stage: Stage, taxonomy: Taxonomy, number: int, entry: EpisodeEntry) -> QueueRow:
    """What may be said about an episode in a stage."""
    known = board.seen(stage, entry.episode_id)
    outcome, subcategory = said_or_proposed(known)
    words, hue = ("", "muted") if outcome is None else OUTCOMES[outcome]
    if subcategory:
        words = f"{words} · {_name(taxonomy, subcategory)}"
    done = is_done(stage, known)
    put_off = "" if done else known.stage(stage).put_off
    found = (
        (RowMark("skipped", "amber", f"skipped: {put_off}"), bool(put_off)),
        (RowMark("look again", "amber", "asked to look again"), known.work is not None and known.work.re_review_due),
        (RowMark("contradicted", "amber"), is_contradicted(known)),
        (RowMark("chain", "accent", "full causal chain wanted"), board.wants_causal_chain(stage, entry.episode_id)),
        (RowMark("blind", "muted", "labelled without a proposal"), board.is_hidden(stage, entry.episode_id)),
    )
    return QueueRow(
        number,
        entry.episode_id,
        entry.task,
        words,
        hue,
        proposed=outcome is not None and (known.work is None or known.work.outcome is None),
        done=done,
        marks=tuple(mark for mark, holds in found if holds),
    )


def _name(taxonomy: Taxonomy, subcategory_id: str) -> str:
    """A subcategory as people call it; its id where the vocabulary in use does not have it."""
    found = (category.subcategory(subcategory_id) for category in taxonomy.categories)
    return next((item.name for item in found if item is not None), subcategory_id.replace("_", " "))
