"""Dataclasses to JSON and back."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import pytest

from failview.model.signals import Values
from failview.proposals.plain_values import from_plain, to_plain


class Kind(StrEnum):
    NEAR = "near"
    FAR = "far"


@dataclass(frozen=True)
class Inner:
    frame: int | None
    kind: Kind


@dataclass(frozen=True, eq=False)
class Outer:
    name: str
    share: float
    flag: bool
    inner: Sequence[Inner]
    by_name: Mapping[str, Values]
    pair: tuple[float, int]
    kinds: frozenset[Kind] = frozenset()
    by_kind: Mapping[Kind, float] = field(default_factory=dict)
    flags: np.ndarray = field(default_factory=lambda: np.array([True, False]))


def test_everything_comes_back() -> None:
    outer = Outer(
        "a",
        math.nan,
        True,
        (Inner(3, Kind.NEAR), Inner(None, Kind.FAR)),
        {"x": np.array([[1.5, np.inf], [2.0, np.nan]])},
        (1.0, 2),
        frozenset({Kind.FAR}),
        {Kind.NEAR: 0.5},
    )
    back = from_plain(json.loads(json.dumps(to_plain(outer))), Outer)
    assert math.isnan(back.share)
    assert (back.name, back.flag, back.inner, back.pair) == ("a", True, outer.inner, (1.0, 2))
    assert np.array_equal(back.by_name["x"], outer.by_name["x"], equal_nan=True)
    assert (back.kinds, back.by_kind) == (outer.kinds, outer.by_kind)
    assert back.flags.dtype == np.bool_


def test_numbers_of_numpy_become_numbers() -> None:
    plain = to_plain({"a": np.float64(1.5), "b": np.int64(2), "c": np.bool_(True)})
    assert json.dumps(plain) == '{"a": 1.5, "b": 2, "c": true}'


@pytest.mark.parametrize(
    "change",
    [
        {"name": 3},
        {"flag": 1},
        {"inner": [{"frame": 1, "kind": "nearby"}]},
        {"inner": {"frame": 1}},
        {"pair": [1.0]},
        {"by_name": {"x": {"dtype": "|O", "shape": [1], "values": ["import os"]}}},
        {"by_name": {"x": {"dtype": "<f8", "shape": [3], "values": [1.0]}}},
        {"share": "much"},
    ],
)
def test_what_is_no_such_value_is_refused(change: dict[str, object]) -> None:
    outer = Outer("a", 1.0, True, (Inner(3, Kind.NEAR),), {}, (1.0, 2))
    with pytest.raises((ValueError, TypeError, KeyError)):
        from_plain({**to_plain(outer), **change}, Outer)


def test_what_cannot_be_kept_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot be kept"):
        to_plain({"a": object()})


def test_a_first_look_of_the_detectors_comes_back() -> None:
    from failview.detectors import catalogue
    from failview.settings.thresholds import DetectorSettings
    from tests.episodes.synthetic import make_episode

    settings = DetectorSettings()
    look = catalogue.first_look(make_episode(), settings)
    learnt = catalogue.learn([look, look], settings)
    plain = json.loads(json.dumps([to_plain(look.without_arrays()), to_plain(learnt)]))
    again = from_plain(plain[0], catalogue.FirstLook)
    learnt_again = from_plain(plain[1], catalogue.Learnt)
    first = catalogue.conclude(look.without_arrays(), learnt, settings)
    second = catalogue.conclude(again, learnt_again, settings)
    assert to_plain(first) == to_plain(second)
    assert first.proposal
