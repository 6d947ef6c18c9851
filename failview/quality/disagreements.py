"""Episodes about which annotators disagree, one line each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from failview.quality.annotators import differ, said_of
from failview.quality.frame_agreement import CLOSE_FRAMES
from failview.quality.label_row import LabelRow


@dataclass(frozen=True)
class Disagreement:
    """One episode that annotators see differently.

    Attributes:
        episode_id: The episode.
        about: Field that they differ in, the first that matters.
        said: What each says, by annotator.
        frame: Where to look: the earliest onset, 0 without.
    """

    episode_id: str
    about: str
    said: Mapping[str, str]
    frame: int


def disagreements(rows: Mapping[str, Sequence[LabelRow]]) -> tuple[Disagreement, ...]:
    """Outcomes first, then subcategories, then onsets that lie further apart than is aimed at."""
    by_episode: dict[str, list[LabelRow]] = {}
    for labels in rows.values():
        for row in labels:
            by_episode.setdefault(row.episode_id, []).append(row)
    found = [item for key, labels in by_episode.items() if (item := _disagreement(key, labels)) is not None]
    order = ("outcome", "failure_subcategory", "failure_onset_frame")
    return tuple(sorted(found, key=lambda item: (order.index(item.about), item.episode_id)))


def _disagreement(episode_id: str, labels: Sequence[LabelRow]) -> Disagreement | None:
    about = _about(labels)
    if len(labels) < 2 or not about:
        return None
    onsets = [onset for row in labels if isinstance(onset := row.said("failure_onset_frame"), int)]
    said = {row.annotator: _words(row, about) for row in labels}
    return Disagreement(episode_id, about, said, min(onsets, default=0))


def _about(labels: Sequence[LabelRow]) -> str:
    outcomes = {row.said("outcome") for row in labels}
    if len(outcomes) > 1:
        return "outcome"
    first, *others = (said_of(row) for row in labels)
    if any(differ(first, other) for other in others):
        return "failure_subcategory"
    onsets = [onset for row in labels if isinstance(onset := row.said("failure_onset_frame"), int)]
    apart = max(onsets, default=0) - min(onsets, default=0)
    return "failure_onset_frame" if apart > CLOSE_FRAMES else ""


def _words(row: LabelRow, about: str) -> str:
    value = row.said(about)
    return "nothing" if value is None else str(value).replace("_", " ")
