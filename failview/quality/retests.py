"""How far people agree with themselves: their labels against those of their blind re-tests."""

from collections.abc import Mapping
from dataclasses import dataclass

from failview.model.guise import Guise, guise_of
from failview.quality.agreement import Agreement, Scale, pair
from failview.quality.annotators import categories_of, frames_of, outcomes_of
from failview.quality.frame_agreement import FrameAgreement, frame_agreement
from failview.quality.label_row import LabelRow
from failview.quality.labels import Labels


@dataclass(frozen=True)
class Retest:
    """One person, then and later.

    Attributes:
        annotator: Who.
        outcome: Agreement on the outcome.
        category: Agreement on the category.
        onset: How far the onsets are apart.
    """

    annotator: str
    outcome: Agreement
    category: Agreement
    onset: FrameAgreement


def retests(labels: Labels, scales: tuple[Scale, Scale], rates_hz: Mapping[str, float | None]) -> tuple[Retest, ...]:
    """Everybody who has finished a re-test; of several the later look at an episode counts.

    Args:
        labels: Of everybody.
        scales: Of outcome and category.
        rates_hz: Frames per second by episode id.
    """
    again: dict[str, dict[str, LabelRow]] = {}
    for row in sorted(labels.rows, key=lambda item: item.finished_at):
        known = guise_of(row.annotator)
        if known is not None and known[1] is Guise.RETEST and row.is_finished:
            again.setdefault(known[0], {})[row.episode_id] = row
    found = []
    for who, rows in sorted(again.items()):
        first = [row for row in labels.by_annotator.get(who, []) if row.episode_id in rows]
        later, names = list(rows.values()), (who, f"{who} (retest)")
        found.append(
            Retest(
                who,
                pair(dict(zip(names, (outcomes_of(first), outcomes_of(later)), strict=True)), scales[0], names),
                pair(dict(zip(names, (categories_of(first), categories_of(later)), strict=True)), scales[1], names),
                frame_agreement(
                    "failure_onset_frame",
                    names,
                    (frames_of(first, "failure_onset_frame"), frames_of(later, "failure_onset_frame")),
                    rates_hz,
                ),
            )
        )
    return tuple(found)
