"""Which episodes are labelled once more: a blind re-test of one's own, practice and exam on a gold set."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from failview.model.annotation import Annotation
from failview.model.guise import Guise, guise_of, in_guise
from failview.quality.label_row import LabelRow
from failview.quality.labels import Labels
from failview.session.work.samples import seeded_sample

RETEST_EPISODES, PRACTICE_EPISODES, EXAM_EPISODES = 20, 30, 20
RETEST_AFTER_DAYS = 7.0
"""After a week few remember single episodes."""


@dataclass(frozen=True)
class Errand:
    """Labelling for another purpose than the labels of the dataset: blind, a few episodes, under a name of its own.

    Attributes:
        annotator: The name that the labels are kept under.
        guise: Why.
        episode_ids: Which episodes.
        answers: The gold label by episode id, where it is told at once.
    """

    annotator: str
    guise: Guise
    episode_ids: tuple[str, ...]
    answers: Mapping[str, Annotation] = field(default_factory=dict)


def errand(labels: Labels, who: str, guise: Guise, pool: Collection[str], count: int) -> Errand:
    """The attempt to go on with, or a new one when the last is finished; the same episodes whenever it is asked.

    Args:
        labels: Of everybody.
        who: The annotator.
        guise: Why.
        pool: Episodes that may be drawn.
        count: How many are wanted.
    """
    rows: dict[int, dict[str, LabelRow]] = {}
    for row in labels.rows:
        known = guise_of(row.annotator)
        if known is not None and known[:2] == (who, guise):
            rows.setdefault(known[2], {})[row.episode_id] = row
    number = max(rows, default=1)
    if number in rows and _is_over(rows[number], count, pool):
        number += 1
    begun = rows.get(number, {})
    used = {key for attempt in rows.values() for key in attempt}
    drawn = seeded_sample(set(pool) - used, max(0, count - len(begun)), number, f"{guise} of {who}")
    return Errand(in_guise(who, guise, number), guise, tuple(sorted({*begun, *drawn})))


def last_attempt(labels: Labels, who: str, guise: Guise) -> str:
    """The name that the labels of somebody's last attempt are kept under; of the first one before there is any."""
    known = [guise_of(row.annotator) for row in labels.rows]
    numbers = [item[2] for item in known if item is not None and item[:2] == (who, guise)]
    return in_guise(who, guise, max(numbers, default=1))


def own_episodes(labels: Labels, who: str, after_days: float, now: datetime | None = None) -> frozenset[str]:
    """Episodes that somebody finished so many days ago, or longer."""
    latest = ((now or datetime.now(UTC)) - timedelta(days=after_days)).isoformat(timespec="seconds")
    rows = labels.by_annotator.get(who, [])
    return frozenset(row.episode_id for row in rows if row.is_finished and row.finished_at <= latest)


def gold_labels(labels: Labels, gold: str) -> dict[str, Annotation]:
    """The finished labels of the annotator whose word counts, by episode id."""
    return {row.episode_id: row.annotation for row in labels.by_annotator.get(gold, []) if row.is_finished}


def unseen(labels: Labels, who: str, guise: Guise, among: Collection[str]) -> frozenset[str]:
    """Episodes that somebody has labelled neither plainly nor in another guise."""
    seen = set()
    for row in labels.rows:
        known = guise_of(row.annotator)
        if row.annotator == who or (known is not None and known[0] == who and known[1] is not guise):
            seen.add(row.episode_id)
    return frozenset(among) - seen


def _is_over(rows: Mapping[str, LabelRow], count: int, pool: Collection[str]) -> bool:
    """Whether an attempt is finished: all of it, or all that there was."""
    done = sum(row.is_finished for row in rows.values())
    return done >= count or (done == len(rows) and not set(pool) - set(rows))
