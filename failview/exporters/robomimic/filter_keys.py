"""Filter keys: lists of demos under `/mask` that robomimic trains on by name."""

from collections.abc import Mapping, Sequence

from failview.model.annotation import Annotation, Outcome, RecoveryOutcome

_OF_OUTCOMES = {
    Outcome.SUCCESS: "success_only",
    Outcome.FAILURE: "failure_only",
    Outcome.PARTIAL_SUCCESS: "partial_success_only",
}


def filter_keys(labels: Mapping[str, Annotation | None], splits: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Filter keys with their demos, in the order of the demos; keys without any are left out.

    Args:
        labels: Finished label by demo; None for a demo without one.
        splits: Demos by the name of a split or a mix.
    """
    keys: dict[str, list[str]] = {"all": list(labels), "labelled": []}
    keys |= {name: [] for name in _OF_OUTCOMES.values()}
    keys |= {"with_recovery": [], "recovered": []}
    categories: dict[str, list[str]] = {}
    for demo, label in labels.items():
        if label is None or label.outcome is None:
            continue
        for name in ("labelled", _OF_OUTCOMES[label.outcome], *_of_recovery(label)):
            keys[name].append(demo)
        for kind, value in (("category", label.failure_category), ("subcategory", label.failure_subcategory)):
            if value is not None:
                categories.setdefault(f"{kind}_{value}", []).append(demo)
    keys |= dict(sorted(categories.items()))
    keys |= {f"split_{name}": [demo for demo in labels if demo in set(demos)] for name, demos in splits.items()}
    return {name: demos for name, demos in keys.items() if demos}


def _of_recovery(label: Annotation) -> list[str]:
    if label.recovery_attempted is not True:
        return []
    return ["with_recovery", "recovered"] if label.recovery_outcome is RecoveryOutcome.RECOVERED else ["with_recovery"]
