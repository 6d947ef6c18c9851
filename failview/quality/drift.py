"""Whether an annotator changes over the order of work: gets used to something, or tired."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from failview.quality.label_row import LabelRow

BLOCKS = (0, 50, 100)
"""The first fifty, the next fifty, then by hundreds."""

_STEP = 100
_LEAST = 60
"""Labels from which a second block says anything."""

_LEAST_IN_BLOCK = 10
_CHANGE = 0.1
_CHANCE = 0.01
"""A share that differs by a tenth at least, and more than chance brings about once in a hundred blocks."""


@dataclass(frozen=True)
class Block:
    """A stretch of the order of work.

    Attributes:
        first: Number of its first label, from 1.
        last: Number of its last one.
        apart: Labels that differ from what they are compared with.
        compared: Labels that can be compared.
        unusual: Whether its share differs from that of the first block by more than chance.
    """

    first: int
    last: int
    apart: int
    compared: int
    unusual: bool = False

    @property
    def share(self) -> float | None:
        """Share of labels that differ; None where none can be compared."""
        return self.apart / self.compared if self.compared else None


@dataclass(frozen=True)
class Drift:
    """The order of work in blocks, against one measure.

    Attributes:
        against: What the labels are compared with ("detectors", "other annotators").
        blocks: In order.
        words: Why there are none.
    """

    against: str
    blocks: tuple[Block, ...] = ()
    words: str = ""

    @property
    def unusual(self) -> tuple[Block, ...]:
        """Blocks that differ from the first."""
        return tuple(block for block in self.blocks if block.unusual)


def drift(against: str, rows: Sequence[LabelRow], is_apart: Mapping[str, bool]) -> Drift:
    """The labels of one annotator in the order in which they were finished.

    Args:
        against: What they are compared with.
        rows: Finished labels.
        is_apart: Episode id to whether the label differs, for those that can be compared.
    """
    ordered = [row.episode_id for row in sorted(rows, key=lambda row: (row.finished_at, row.episode_id))]
    if len(ordered) < _LEAST:
        return Drift(against, words=f"{len(ordered)} labels: drift shows from {_LEAST} on")
    if not any(key in is_apart for key in ordered):
        return Drift(against, words=f"no label can be compared with {against}")
    edges = [edge for edge in BLOCKS if edge < len(ordered)]
    edges += [*range(edges[-1] + _STEP, len(ordered), _STEP)] if edges[-1] == BLOCKS[-1] else []
    edges.append(len(ordered))
    blocks: list[Block] = []
    for begin, end in pairwise(edges):
        compared = [is_apart[key] for key in ordered[begin:end] if key in is_apart]
        block = Block(begin + 1, end, sum(compared), len(compared))
        blocks.append(Block(*_numbers(block), unusual=bool(blocks) and _differs(blocks[0], block)))
    return Drift(against, tuple(blocks))


def _numbers(block: Block) -> tuple[int, int, int, int]:
    return block.first, block.last, block.apart, block.compared


def _differs(one: Block, other: Block) -> bool:
    if min(one.compared, other.compared) < _LEAST_IN_BLOCK:
        return False
    assert one.share is not None
    assert other.share is not None
    if abs(one.share - other.share) < _CHANGE:
        return False
    return chance_of(one.apart, one.compared, other.apart, other.compared) < _CHANCE


def chance_of(apart: int, compared: int, apart_later: int, compared_later: int) -> float:
    """How often chance alone makes two shares differ so much or more: Fisher's exact test, two-sided.

    (scipy.stats has it too, but takes more than a second to be imported.)
    """
    total_apart = apart + apart_later

    def ways(first: int) -> int:
        return math.comb(compared, first) * math.comb(compared_later, total_apart - first)

    seen = ways(apart)
    possible = range(max(0, total_apart - compared_later), min(total_apart, compared) + 1)
    rare = sum(count for first in possible if (count := ways(first)) <= seen)
    return rare / math.comb(compared + compared_later, total_apart)
