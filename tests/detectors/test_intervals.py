"""Stretches of rows, and confidences from margins: against plain definitions."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from failview.detectors.calibrated import through
from failview.detectors.confidence import from_margin, from_ratio
from failview.detectors.intervals import back_to, intervals

FLAGS = st.lists(st.booleans(), max_size=40).map(lambda flags: np.array(flags, dtype=np.bool_))


@given(FLAGS)
def test_every_stretch_and_nothing_else(flags):
    rebuilt = np.zeros_like(flags)
    found = intervals(flags)
    for begin, end in found:
        assert begin <= end
        rebuilt[begin : end + 1] = True
    assert rebuilt.tolist() == flags.tolist()
    assert all(after[0] - before[1] > 1 for before, after in itertools.pairwise(found))


@given(FLAGS, st.integers(0, 5), st.integers(1, 5))
def test_gaps_and_shortest(flags, gap, shortest):
    found = intervals(flags, gap=gap, shortest=shortest)
    assert all(end - begin + 1 >= shortest for begin, end in found)
    assert all(flags[begin] and flags[end] for begin, end in found)
    assert all(after[0] - before[1] > gap + 1 for before, after in itertools.pairwise(found))
    if shortest == 1:
        covered = {row for begin, end in found for row in range(begin, end + 1)}
        assert set(np.flatnonzero(flags).tolist()) <= covered


@given(FLAGS, st.integers(0, 39))
def test_back_to_the_first_row_of_what_leads_up(flags, row):
    row = min(row, len(flags))
    first = back_to(flags, row)
    assert 0 <= first <= row
    assert flags[first:row].all()
    assert first == 0 or not flags[first - 1]


def test_a_margin_of_one_spread():
    assert from_margin(1.0, 1.0, 0.2, most=1.0) == pytest.approx(0.5)
    assert from_margin(1.2, 1.0, 0.2, most=1.0) == pytest.approx(0.731, abs=0.001)
    assert from_ratio(2.0, 1.0, sharpness=3.0) == pytest.approx(0.97 / (1 + math.exp(-3 * math.log(2))))


@given(st.floats(allow_nan=True), st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_a_confidence_is_one_whatever_was_measured(value, limit, spread):
    assert 0.0 <= from_margin(value, limit, spread) <= 0.97
    assert 0.0 <= from_ratio(value, limit) <= 0.97


def test_nothing_measured_is_no_confidence():
    assert from_margin(math.nan, 1.0, 0.1) == 0.0
    assert from_ratio(math.nan, 1.0) == 0.0


@given(st.floats(0.0, 1.0), st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
def test_a_calibrated_confidence_is_one(confidence, slope, offset):
    assert 0.0 <= through(confidence, slope, offset) <= 1.0
