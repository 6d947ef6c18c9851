"""Extremes over a sliding window."""

import numpy as np
import pytest

from failview.detectors.conditioning.windows import sliding_max

_VALUES = np.random.default_rng(7).normal(size=(40, 3))


@pytest.mark.parametrize(("before", "after"), [(0, 0), (1, 1), (3, 0), (0, 4), (5, 2), (30, 30), (60, 0)])
def test_the_largest_of_every_window_is_found(before: int, after: int) -> None:
    rows = range(len(_VALUES))
    largest = [_VALUES[max(0, row - before) : row + after + 1].max(axis=0) for row in rows]
    np.testing.assert_array_equal(sliding_max(_VALUES, before=before, after=after), largest)
    of_one = sliding_max(_VALUES[:, 1], before=before, after=after)
    np.testing.assert_array_equal(of_one, np.array(largest)[:, 1])
