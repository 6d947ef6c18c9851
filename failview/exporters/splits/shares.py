"""Divides episodes by shares: seeded, stratified, the same every time."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from failview.errors import ExportError
from failview.model.annotation import Outcome
from failview.proposals.labelled_dataset import LabelledDataset

PARTS = ("train", "valid", "test")


@dataclass(frozen=True)
class LabelledItem:
    """What the division goes by.

    Attributes:
        episode_id: The episode.
        task: What the robot was asked to do; may be empty.
        outcome: How it ended.
        subcategory: What failed; None for a success.
    """

    episode_id: str
    task: str
    outcome: Outcome
    subcategory: str | None


class Shares(NamedTuple):
    """Shares of training, validation and test, in percent."""

    train: int = 80
    valid: int = 10
    test: int = 10


def shares_of(text: str) -> Shares:
    """Shares as a person writes them ("80,10,10").

    Raises:
        ExportError: They are not three whole percents that add up to 100.
    """
    percents = [int(part) for part in text.split(",") if part.strip().isdigit()]
    if len(percents) != len(PARTS) or text.count(",") != 2 or min(percents) < 1 or sum(percents) != 100:
        raise ExportError(f"{text} are not three whole percents that add up to 100", hint="Say 80,10,10")
    return Shares(*percents)


def labelled_items(labelled: LabelledDataset) -> list[LabelledItem]:
    """The episodes with a finished label, in natural order."""
    items = []
    for entry in labelled.labelled_entries:
        label = labelled.records[entry.episode_id].annotation
        assert label.outcome is not None
        items.append(LabelledItem(entry.episode_id, entry.task, label.outcome, label.failure_subcategory))
    return items


def divide(items: Sequence[LabelledItem], shares: Shares, seed: int) -> dict[str, list[LabelledItem]]:
    """Train, valid and test with the same share of every outcome and, within it, of every task.

    Of each outcome every part gets its share, rounded; the tasks of an outcome are spread evenly over the parts.

    Args:
        items: What is divided.
        shares: How large the parts are.
        seed: Another seed gives another division.

    Raises:
        ExportError: A part would hold none of an outcome that there is, or one outcome is all there is.
    """
    failed = [item for item in items if item.outcome is not Outcome.SUCCESS]
    good = [item for item in items if item.outcome is Outcome.SUCCESS]
    if not failed or not good:
        raise ExportError(f"all {len(items)} labelled episodes are {'failures' if failed else 'successes'}")
    parts: dict[str, list[LabelledItem]] = {name: [] for name in PARTS}
    for what, group in (("successes", good), ("failures", failed)):
        sizes = part_sizes(len(group), shares)
        if min(sizes) < 1:
            smallest = min(shares)
            raise ExportError(f"{len(group)} {what} are too few for a part of {smallest} %", hint=_enough(smallest))
        ordered = spread_evenly(group, seed)
        for name, size in zip(("test", "valid", "train"), sizes[::-1], strict=True):
            taken = every_so_often(len(ordered), size)
            parts[name] += [ordered[index] for index in taken]
            ordered = [item for index, item in enumerate(ordered) if index not in set(taken)]
    return parts


def part_sizes(count: int, shares: Shares) -> tuple[int, int, int]:
    """Sizes of train, valid and test; valid and test are rounded half up."""
    test, valid = (int(Fraction(count * share, 100) + Fraction(1, 2)) for share in (shares.test, shares.valid))
    return count - valid - test, valid, test


def spread_evenly(items: Sequence[LabelledItem], seed: int) -> list[LabelledItem]:
    """Shuffled within each kind; kinds (outcome, then task, then subcategory) one after the other."""
    shuffled = shuffle(items, seed)
    return sorted(shuffled, key=lambda item: (item.outcome.value, item.task, item.subcategory or ""))


def shuffle(items: Iterable[LabelledItem], seed: int) -> list[LabelledItem]:
    """In an order that the seed and the episodes' ids decide alone, not where they stand in the list."""
    return sorted(items, key=lambda item: hashlib.sha256(f"{seed}|{item.episode_id}".encode()).digest())


def every_so_often(count: int, wanted: int) -> list[int]:
    """So many indices, evenly over a list."""
    return [(2 * index + 1) * count // (2 * wanted) for index in range(wanted)]


def choose(items: Sequence[LabelledItem], wanted: int, seed: int) -> list[LabelledItem]:
    """So many of the items, of every kind its share."""
    ordered = spread_evenly(items, seed)
    return [ordered[index] for index in every_so_often(len(ordered), wanted)] if wanted else []


def _enough(share: int) -> str:
    return f"At least {-(-50 // share)} of each are needed, or other shares (--shares)"
