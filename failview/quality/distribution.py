"""How outcomes and failures are spread over the dataset, and what is strange about it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from failview.model.annotation import Outcome
from failview.model.taxonomy import OTHER_PREFIX
from failview.quality.label_row import LabelRow
from failview.quality.labels import failed

FEWEST_FAILURES, MOST_FAILURES = 0.05, 0.6
"""A failure rate outside of these is worth a second look at the labels, or at the data."""

EXPECTED = "10 to 20 % on a practised task, 30 to 50 % on a hard one"
MOST_OF_ONE_CATEGORY = 0.5
LEAST_LABELS = 20
"""Below this many labels a rate is told, but nothing is made of it."""

_LEAST_FAILURES = 10
THIRDS = ("first third", "middle third", "last third")


@dataclass(frozen=True)
class Rate:
    """How often something failed.

    Attributes:
        name: What.
        labels: Episodes with a finished label.
        failures: Of these, failures; partial successes are none.
    """

    name: str
    labels: int
    failures: int

    @property
    def share(self) -> float | None:
        """Failure rate; None without labels."""
        return self.failures / self.labels if self.labels else None

    @property
    def flag(self) -> str:
        """What is strange about it, as a clause; empty when nothing is."""
        if self.share is None or self.labels < LEAST_LABELS:
            return ""
        if self.share < FEWEST_FAILURES:
            return f"below {FEWEST_FAILURES:.0%}: expected {EXPECTED}"
        if self.share > MOST_FAILURES:
            return f"above {MOST_FAILURES:.0%}: expected {EXPECTED}"
        return ""


@dataclass(frozen=True)
class Distribution:
    """The spread of the labels that hold.

    Attributes:
        overall: All of them.
        outcomes: Labels by outcome.
        tasks: By task, most labels first.
        objects: By object, most labels first; empty where nothing names one.
        categories: Failures and partial successes by category.
        subcategories: The same by subcategory.
        dominant: The category with more than half of all failures; empty without.
        onsets: Where in its episode each failure begins, 0 to 1.
        others: Failures labelled `other_`, for the review of the taxonomy.
    """

    overall: Rate
    outcomes: Mapping[Outcome, int]
    tasks: tuple[Rate, ...]
    objects: tuple[Rate, ...]
    categories: Mapping[str, int]
    subcategories: Mapping[str, int]
    dominant: str
    onsets: tuple[float, ...]
    others: tuple[LabelRow, ...]

    @property
    def onset_thirds(self) -> tuple[int, int, int]:
        """Onsets in each third of the episode."""
        thirds = [min(2, int(3 * position)) for position in self.onsets]
        return thirds.count(0), thirds.count(1), thirds.count(2)

    @property
    def other_share(self) -> float | None:
        """Share of `other_` among the failures; None without any."""
        total = sum(self.subcategories.values())
        return len(self.others) / total if total else None


def distribution(
    rows: Sequence[LabelRow], task_of: Callable[[str], str], object_of: Callable[[str], str]
) -> Distribution:
    """The spread of labels.

    Args:
        rows: The labels that hold, one per episode.
        task_of: Task by episode id; empty where the data does not say.
        object_of: Object by episode id; empty where nothing names one.
    """
    failures = [row for row in rows if failed(row)]
    categories = _counted(row.annotation.failure_category for row in failures)
    total = sum(categories.values())
    most = next(iter(categories), "")
    dominant = most if total >= _LEAST_FAILURES and categories[most] > MOST_OF_ONE_CATEGORY * total else ""
    return Distribution(
        _rate("all", rows),
        {outcome: sum(row.annotation.outcome is outcome for row in rows) for outcome in Outcome},
        _rates(rows, task_of),
        _rates(rows, object_of),
        categories,
        _counted(row.annotation.failure_subcategory for row in failures),
        dominant,
        tuple(_onsets(failures)),
        tuple(row for row in failures if (row.annotation.failure_subcategory or "").startswith(OTHER_PREFIX)),
    )


def _counted(names: Iterable[str | None]) -> dict[str, int]:
    return dict(Counter(name for name in names if name is not None).most_common())


def _rates(rows: Sequence[LabelRow], name_of: Callable[[str], str]) -> tuple[Rate, ...]:
    groups: dict[str, list[LabelRow]] = {}
    for row in rows:
        groups.setdefault(name_of(row.episode_id), []).append(row)
    if set(groups) == {""}:
        return ()
    found = [_rate(name or "not named", members) for name, members in groups.items()]
    return tuple(sorted(found, key=lambda rate: (-rate.labels, rate.name)))


def _rate(name: str, rows: Sequence[LabelRow]) -> Rate:
    return Rate(name, len(rows), sum(row.annotation.outcome is Outcome.FAILURE for row in rows))


def _onsets(rows: Sequence[LabelRow]) -> Iterator[float]:
    for row in rows:
        onset = row.annotation.failure_onset_frame
        if onset is not None and row.num_frames > 0:
            yield onset / row.num_frames
