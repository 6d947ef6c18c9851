"""Training sets of one size with an exact share of failures, so that nothing but the share differs between them."""

from collections.abc import Sequence
from math import lcm

from failview.errors import ExportError
from failview.exporters.splits.shares import LabelledItem, choose
from failview.model.annotation import Outcome


def mix(train: Sequence[LabelledItem], percent: int, percents: Sequence[int], seed: int) -> list[LabelledItem]:
    """Episodes of which exactly so many percent are failures; partial successes are neither and stay out.

    Args:
        train: What may be taken.
        percent: Share of failures.
        percents: Shares of all mixes that shall have the same size; the size is the largest at which all can be made.
        seed: Another seed takes others.

    Raises:
        ExportError: There are too few for exact shares of the same size.
    """
    good = [item for item in train if item.outcome is Outcome.SUCCESS]
    failed = [item for item in train if item.outcome is Outcome.FAILURE]
    step = _smallest_size(percents)
    most = min(len(failed) * 100 // max(percents), len(good) * 100 // (100 - min(percents)))
    size = most // step * step
    if not size:
        words = ", ".join(map(str, percents))
        raise ExportError(
            f"the training set has {len(failed)} failures and {len(good)} successes; mixes of {words} % of one size "
            f"need {step * max(percents) // 100} and {step * (100 - min(percents)) // 100}"
        )
    wanted = size * percent // 100
    return [*choose(failed, wanted, seed), *choose(good, size - wanted, seed)]


def _smallest_size(percents: Sequence[int]) -> int:
    """The smallest number of episodes of which every share is a whole number."""
    sizes = [next(size for size in range(1, 101) if size * percent % 100 == 0) for percent in percents]
    return lcm(*sizes)
