"""Splits A, B and C and the mixes: which episodes go where, how many of which kind, and why one cannot be made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from failview.errors import ExportError
from failview.exporters.splits.failure_detection import failure_detection
from failview.exporters.splits.mixes import mix
from failview.exporters.splits.shares import LabelledItem, Shares, divide
from failview.model.annotation import Outcome

MIX_PERCENTS = (10, 15, 30)

Parts = Mapping[str, Sequence[LabelledItem]]


@dataclass(frozen=True)
class SplitRequest:
    """What is asked for.

    Attributes:
        wanted: Names among SPLITS; empty for all that can be made.
        seed: Another seed gives other splits; the same one always the same.
        shares: Of training, validation and test.
        hold_out: Subcategories that the test of split C alone holds; empty for a choice by the seed.
    """

    wanted: Sequence[str] = ()
    seed: int = 0
    shares: Shares = field(default_factory=Shares)
    hold_out: Sequence[str] = ()


@dataclass(frozen=True)
class SplitPlan:
    """What was made.

    Attributes:
        seed: Of the request.
        parts: Episodes by name ("a_train", "mix_10").
        held_out: Subcategories that only the test of split C holds.
        refused: Why a split cannot be made, by its name.
    """

    seed: int
    parts: Parts
    held_out: Sequence[str] = ()
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def episodes(self) -> dict[str, list[str]]:
        """Ids of the episodes by the name of the part, in natural order."""
        return {name: [item.episode_id for item in items] for name, items in self.parts.items()}

    def as_json(self) -> dict[str, Any]:
        """Everything, with exact counts."""
        return {
            "seed": self.seed,
            "splits": {name: {"episodes": self.episodes[name], **counts(items)} for name, items in self.parts.items()},
            "held_out": list(self.held_out),
            "refused": dict(self.refused),
        }


def counts(items: Sequence[LabelledItem]) -> dict[str, int | float]:
    """How many episodes of which outcome; the share of those that are no success."""
    by_outcome = {outcome.value: sum(item.outcome is outcome for item in items) for outcome in Outcome}
    failed = len(items) - by_outcome[Outcome.SUCCESS]
    return {"count": len(items), **by_outcome, "failure_share": round(failed / len(items), 4) if items else 0.0}


def plan_splits(items: Sequence[LabelledItem], request: SplitRequest) -> SplitPlan:
    """Make the splits.

    A, standard: every outcome and every task has its share in training, validation and test. B, robustness: split A
    with nothing but successes in training and validation; the test is the same. C, failure detection: as many failures
    as successes everywhere, and some subcategories in the test alone. mix_P: from A's training set, of the same size
    for every P, with exactly P % failures.

    Args:
        items: The labelled episodes, in the order in which they shall be listed.
        request: What is asked for.

    Raises:
        ExportError: A split asked for by name cannot be made, or none can; the message says why.
    """
    unknown = [name for name in request.wanted if name not in SPLITS]
    if unknown:
        raise ExportError(f"there is no split {unknown[0]}", hint=f"There are {', '.join(SPLITS)}")
    made: dict[str, Sequence[LabelledItem]] = {}
    refused: dict[str, str] = {}
    held_out: Sequence[str] = ()
    order = {item.episode_id: number for number, item in enumerate(items)}
    for name in request.wanted or SPLITS:
        try:
            parts = SPLITS[name](items, request)
        except ExportError as error:
            if request.wanted:
                raise ExportError(f"split {name} cannot be made: {error.what}", hint=error.hint) from error
            refused[name] = str(error)
            continue
        made |= {part: sorted(some, key=lambda item: order[item.episode_id]) for part, some in parts.items()}
        if name == "c":
            held_out = sorted({item.subcategory for item in parts["c_test"] if item.subcategory})
    if not made:
        raise ExportError(f"no split can be made: {next(iter(refused.values()))}")
    return SplitPlan(request.seed, made, held_out, refused)


def _standard(items: Sequence[LabelledItem], request: SplitRequest) -> Parts:
    return {f"a_{name}": part for name, part in divide(items, request.shares, request.seed).items()}


def _robustness(items: Sequence[LabelledItem], request: SplitRequest) -> Parts:
    parts = divide(items, request.shares, request.seed)
    good = {name: [item for item in parts[name] if item.outcome is Outcome.SUCCESS] for name in ("train", "valid")}
    return {"b_train": good["train"], "b_valid": good["valid"], "b_test": parts["test"]}


def _failure_detection(items: Sequence[LabelledItem], request: SplitRequest) -> Parts:
    parts = failure_detection(items, request.shares, request.seed, request.hold_out)
    return {f"c_{name}": part for name, part in parts.items()}


def _mix(percent: int) -> Callable[[Sequence[LabelledItem], SplitRequest], Parts]:
    def make(items: Sequence[LabelledItem], request: SplitRequest) -> Parts:
        train = divide(items, request.shares, request.seed)["train"]
        return {f"mix_{percent}": mix(train, percent, MIX_PERCENTS, request.seed)}

    return make


SPLITS: Mapping[str, Callable[[Sequence[LabelledItem], SplitRequest], Parts]] = {
    "a": _standard,
    "b": _robustness,
    "c": _failure_detection,
    **{f"mix_{percent}": _mix(percent) for percent in MIX_PERCENTS},
}
"""What can be asked for, by name."""
