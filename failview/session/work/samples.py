"""Samples that come out the same again, whoever draws them and in whatever order the episodes are listed."""

import hashlib
from collections.abc import Iterable


def seeded_sample(episode_ids: Iterable[str], count: int, seed: int, purpose: str) -> frozenset[str]:
    """That many episodes, drawn by the hash of their ids; a larger sample contains the smaller one.

    Args:
        episode_ids: To draw from.
        count: How many; all of them when there are fewer.
        seed: Another seed draws others.
        purpose: Samples for several purposes are independent of each other.
    """
    ranked = sorted(episode_ids, key=lambda key: hashlib.sha256(f"{seed}/{purpose}/{key}".encode()).digest())
    return frozenset(ranked[:count])
