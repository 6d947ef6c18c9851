"""How fast the stage goes, and how long the rest of it will take."""

import heapq
import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from failview.model.annotation import Stage
from failview.session.work.queue import Place
from failview.session.work.work_progress import PACE_EPISODES, PACE_KNOWN_FROM
from failview.sidecars.work_done import WorkDone


@dataclass(frozen=True)
class WorkSpeed:
    """How fast a stage goes.

    Attributes:
        median_s: Median of the active seconds of the last PACE_EPISODES episodes; None while too few are timed.
        left_s: Seconds of work left in the queue; None as long.
    """

    median_s: float | None
    left_s: float | None


def work_speed(works: Iterable[WorkDone], stage: Stage, place: Place) -> WorkSpeed:
    """The speed of the last episodes of a stage. What was accepted in bulk or not timed does not count.

    Args:
        works: One annotator's work, one per episode.
        stage: The stage.
        place: Where the queue stands.
    """
    records = [record for work in works if (record := work.stages.get(stage)) is not None]
    timed = [item for item in records if item.finished_at and item.active_s > 0 and not item.in_bulk]
    if len(timed) < PACE_KNOWN_FROM:
        return WorkSpeed(None, None)
    last = heapq.nlargest(PACE_EPISODES, timed, key=lambda item: item.finished_at or "")
    median_s = statistics.median(item.active_s for item in last)
    return WorkSpeed(median_s, median_s * (place.total - place.done))


def speed_words(median_s: float) -> str:
    """Seconds per episode as people say it."""
    return f"{median_s:.0f} s each" if median_s < 100 else f"{median_s / 60:.0f} min each"


def left_words(left_s: float) -> str:
    """A time left, as exact as anybody can know it."""
    minutes = left_s / 60
    if minutes < 1:
        return "< 1 min left"
    if minutes < 60:
        return f"≈ {minutes:.0f} min left"
    return f"≈ {minutes / 60:.1f} h left"
