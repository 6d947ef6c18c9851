"""Which rows belong to which episode, by the ends that a replay buffer lists."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from failview.errors import DatasetError

_LISTED = 5


@dataclass(frozen=True)
class RowRange:
    """Rows of one episode.

    Attributes:
        number: Place of the episode in the list of ends, from 0.
        start: First row.
        stop: Row after the last.
    """

    number: int
    start: int
    stop: int

    @property
    def num_rows(self) -> int:
        """Number of rows."""
        return self.stop - self.start


def row_ranges(ends: npt.NDArray[np.generic], num_rows: int, where: Path) -> tuple[list[RowRange], list[str]]:
    """The rows of each episode, and what is wrong with the list of ends.

    Args:
        ends: Row after the last of each episode.
        num_rows: Rows of the longest array.
        where: The dataset, for messages.

    Raises:
        DatasetError: No list of row numbers, or no episode with rows.
    """
    if ends.ndim != 1 or ends.dtype.kind not in "iuf" or not np.array_equal(ends, np.floor(ends)):
        raise DatasetError("episode_ends is no list of row numbers", where=where, hint="Write the buffer again")
    if not ends.size:
        raise DatasetError("no episodes: episode_ends is empty", where=where, hint="Record some first")
    stops = [int(end) for end in ends]
    ranges = list(_ranges(stops))
    usable = [_clipped(item, num_rows) for item in _told_apart(ranges)]
    kept = [item for item in usable if item.num_rows > 0]
    if not kept:
        raise DatasetError(
            f"episode_ends names no rows that are there ({num_rows} rows)", where=where, hint="Write the buffer again"
        )
    return kept, list(_warnings(stops, ranges, num_rows))


def _ranges(stops: Sequence[int]) -> Iterator[RowRange]:
    start = 0
    for number, stop in enumerate(stops):
        yield RowRange(number, start, stop)
        start = stop


def _told_apart(ranges: Sequence[RowRange]) -> Iterator[RowRange]:
    """Episodes whose rows no step backwards of the list puts in doubt."""
    for item in ranges:
        after_a_step_back = item.number > 0 and ranges[item.number - 1].num_rows < 0
        if item.start >= 0 and item.num_rows > 0 and not after_a_step_back:
            yield item


def _clipped(item: RowRange, num_rows: int) -> RowRange:
    return RowRange(item.number, min(item.start, num_rows), min(item.stop, num_rows))


def _warnings(stops: Sequence[int], ranges: Sequence[RowRange], num_rows: int) -> Iterator[str]:
    for item in ranges:
        if item.num_rows < 0:
            yield (
                f"episode_ends goes back from {item.start} to {item.stop} at entry {item.number}: the episodes on "
                "both sides are left out, because their rows cannot be told apart"
            )
    empty = [item.number for item in ranges if item.num_rows == 0]
    if empty:
        shown = ", ".join(map(str, empty[:_LISTED])) + (" …" if len(empty) > _LISTED else "")
        yield f"episodes without rows are left out: {shown}"
    last = max(stops)
    if last > num_rows:
        cut = [item.number for item in ranges if item.stop > num_rows]
        yield f"episode_ends goes up to row {last}, but there are {num_rows} rows: cut off from episode {cut[0]} on"
    elif last < num_rows:
        yield f"{num_rows - last} rows after the last episode belong to none: left out"
