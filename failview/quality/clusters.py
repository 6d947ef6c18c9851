"""Clusters of causes: what fails, by which immediate event, how often, how badly, and whether it need have."""

from collections.abc import Sequence
from dataclasses import dataclass

from failview.model.annotation import Severity
from failview.quality.label_row import LabelRow
from failview.quality.labels import failed

_WEIGHTS = {Severity.LOW: 1, Severity.MEDIUM: 2, Severity.HIGH: 3}
_UNSAID = 2
"""A failure whose severity nobody said counts as one of the middle."""

_EXAMPLES = 5


@dataclass(frozen=True)
class Cluster:
    """Failures of one subcategory with one proximal cause.

    Attributes:
        subcategory: Subcategory id; empty where none is said.
        cause: Id of the proximal cause; empty where none is said.
        count: Failures.
        impact: Their number, each weighted by its severity: low 1, medium (or not said) 2, high 3.
        preventable: Failures that could have been prevented.
        judged: Failures of which that is said, either way.
        episodes: Ids of some of them.
    """

    subcategory: str
    cause: str
    count: int
    impact: int
    preventable: int
    judged: int
    episodes: tuple[str, ...]

    @property
    def preventable_share(self) -> float | None:
        """Share that could have been prevented; None where nobody said."""
        return self.preventable / self.judged if self.judged else None


def clusters(rows: Sequence[LabelRow]) -> tuple[Cluster, ...]:
    """Clusters of the labels that hold, by impact."""
    groups: dict[tuple[str, str], list[LabelRow]] = {}
    for row in rows:
        if failed(row):
            label = row.annotation
            groups.setdefault((label.failure_subcategory or "", label.proximal_cause or ""), []).append(row)
    found = [_cluster(*names, members) for names, members in groups.items()]
    return tuple(sorted(found, key=lambda item: (-item.impact, -item.count, item.subcategory, item.cause)))


def _cluster(subcategory: str, cause: str, rows: Sequence[LabelRow]) -> Cluster:
    said = [row.annotation.preventable for row in rows if row.annotation.preventable is not None]
    return Cluster(
        subcategory,
        cause,
        len(rows),
        sum(_UNSAID if row.annotation.severity is None else _WEIGHTS[row.annotation.severity] for row in rows),
        sum(said),
        len(said),
        tuple(row.episode_id for row in rows[:_EXAMPLES]),
    )
