"""Labelled episodes in folds of about the same mixture, the same every time for the same labels and seed."""

from collections.abc import Sequence

import numpy as np

from failview.detectors.calibration.labels import Label

FOLDS = 5
SEED = 20


def folds_of(labels: Sequence[Label], seed: int = SEED) -> list[list[int]]:
    """Indices of the labels in each fold; every subcategory is dealt out over the folds."""
    rng = np.random.default_rng(seed)
    strata: dict[tuple[str, str], list[int]] = {}
    for index, label in enumerate(labels):
        strata.setdefault((label.subcategory or "", min(label.outcomes)), []).append(index)
    dealt: list[list[int]] = [[] for _ in range(FOLDS)]
    turn = 0
    for key in sorted(strata):
        for index in rng.permutation(strata[key]).tolist():
            dealt[turn % FOLDS].append(index)
            turn += 1
    return [sorted(fold) for fold in dealt]
