"""Medians and quantiles against numpy's, to the last digit."""

import math

import numpy as np
import pytest

from failview.detectors.conditioning.medians import column_medians, median, quantile

_RNG = np.random.default_rng(11)


@pytest.mark.parametrize("count", [1, 2, 3, 10, 151])
def test_medians_equal_those_of_numpy(count: int) -> None:
    values = _RNG.normal(size=(count, 7))
    assert median(values[:, 0]) == np.median(values[:, 0])
    np.testing.assert_array_equal(column_medians(values), np.median(values, axis=0))


@pytest.mark.parametrize("count", [1, 2, 3, 10, 151])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.25, 0.5, 0.9, 0.95, 1.0])
def test_quantiles_equal_those_of_numpy(count: int, share: float) -> None:
    values = _RNG.normal(size=count)
    assert quantile(values, share) == np.quantile(values, share)


def test_nothing_has_no_median() -> None:
    assert math.isnan(median(np.zeros(0)))
    assert math.isnan(quantile(np.zeros(0), 0.5))
    assert np.isnan(column_medians(np.zeros((0, 3)))).tolist() == [True, True, True]
