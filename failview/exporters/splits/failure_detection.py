"""Split C: balanced sets to learn from whether an episode failed, tested on kinds of failure that were never seen."""

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

from failview.errors import ExportError
from failview.exporters.splits.shares import LabelledItem, Shares, choose, part_sizes
from failview.model.annotation import Outcome


def failure_detection(
    items: Sequence[LabelledItem], shares: Shares, seed: int, hold_out: Sequence[str] = ()
) -> dict[str, list[LabelledItem]]:
    """Train, valid and test with as many failures as successes each; partial successes are neither and stay out.

    Args:
        items: What is divided.
        shares: The held-out subcategories are at least the test's share of the failures.
        seed: Another seed holds out and takes others.
        hold_out: Subcategories to hold out; empty for a choice by the seed.

    Raises:
        ExportError: One class is missing, there are too few, or too few subcategories.
    """
    good = [item for item in items if item.outcome is Outcome.SUCCESS]
    failed = [item for item in items if item.outcome is Outcome.FAILURE and item.subcategory]
    if not good or not failed:
        raise ExportError(f"{len(good)} successes and {len(failed)} failures with a subcategory: both are needed")
    out = _held_out(failed, shares, seed, hold_out)
    unseen = [item for item in failed if item.subcategory in out]
    seen = [item for item in failed if item.subcategory not in out]
    sizes = _balanced_sizes(len(good), len(seen), len(unseen), shares)
    if min(sizes) < 1:
        what = f"{len(good)} successes, {len(seen)} failures to learn from and {len(unseen)} held out are too few"
        raise ExportError(what, hint="Each part needs one of either")
    train, valid, test = sizes
    learnt = choose(seen, train + valid, seed)
    good = choose(good, sum(sizes), seed)
    valid_failed, valid_good = choose(learnt, valid, seed + 1), choose(good, valid, seed + 1)
    rest = _without(good, valid_good)
    test_good = choose(rest, test, seed + 2)
    return {
        "train": _without(learnt, valid_failed) + _without(rest, test_good),
        "valid": valid_failed + valid_good,
        "test": choose(unseen, test, seed) + test_good,
    }


def _held_out(failed: Sequence[LabelledItem], shares: Shares, seed: int, hold_out: Sequence[str]) -> set[str]:
    """Subcategories for the test alone: by the seed, until they are its share, and never all of them.

    Raises:
        ExportError: There are too few kinds, or one that was named is not there.
    """
    per_kind = Counter(item.subcategory or "" for item in failed)
    strangers = [name for name in hold_out if name not in per_kind]
    if strangers:
        raise ExportError(f"no failure is labelled {strangers[0]}", hint=f"There are {', '.join(sorted(per_kind))}")
    if len(per_kind) < 2:
        raise ExportError(f"all {len(failed)} failures are {next(iter(per_kind))}: none can be held out for the test")
    if hold_out:
        if len(set(hold_out)) == len(per_kind):
            raise ExportError("every subcategory is held out: none is left to learn from")
        return set(hold_out)
    order = sorted(per_kind, key=lambda name: sha256(f"{seed}|{name}".encode()).digest())
    chosen: set[str] = set()
    for name in order[:-1]:
        chosen.add(name)
        if sum(per_kind[item] for item in chosen) * 100 >= shares.test * len(failed):
            break
    return chosen


def _balanced_sizes(good: int, seen: int, unseen: int, shares: Shares) -> tuple[int, int, int]:
    """Failures of train, valid and test; as many successes go with them, and there may not be enough for all."""
    test = min(unseen, unseen * good // (seen + unseen))
    test = max(test, min(1, unseen))
    to_learn = min(seen, good - test)
    valid = max(1, part_sizes(to_learn, shares)[1])
    return to_learn - valid, valid, test


def _without(items: Sequence[LabelledItem], taken: Sequence[LabelledItem]) -> list[LabelledItem]:
    names = {item.episode_id for item in taken}
    return [item for item in items if item.episode_id not in names]
