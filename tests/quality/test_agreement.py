"""Agreement, checked against statsmodels, scikit-learn and tables computed by hand; and the cases without a number."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import aggregate_raters
from statsmodels.stats.inter_rater import fleiss_kappa as fleiss_of_statsmodels

from failview.quality.agreement import Scale, pair, pairs, together
from failview.quality.coefficients import fleiss_kappa, gwet_ac1, observed
from failview.quality.frame_agreement import frame_agreement

OUTCOMES = Scale("outcome", ("success", "partial_success", "failure"), 0.85)
LETTERS = Scale("letters", tuple("abcd"))


def rated(**columns: str) -> dict[str, dict[str, str]]:
    """Raters and what they said, a letter per episode; "." where they did not rate it."""
    return {
        name: {str(number): letter for number, letter in enumerate(letters) if letter != "."}
        for name, letters in columns.items()
    }


columns = st.lists(st.tuples(*(st.sampled_from("abcd"),) * 3), min_size=6, max_size=80)


@settings(max_examples=30)
@given(rows=columns)
def test_cohen_is_that_of_scikit_learn(rows) -> None:
    anna, ben, _ = zip(*rows, strict=True)
    assume(len(set(anna + ben)) > 1)
    found = pair(rated(anna="".join(anna), ben="".join(ben)), LETTERS, ("anna", "ben"))
    assert found.kappa.value == pytest.approx(cohen_kappa_score(anna, ben), abs=1e-9)
    assert found.percentage.value == pytest.approx(np.mean([a == b for a, b in zip(anna, ben, strict=True)]))
    assert found.n == len(rows)


@settings(max_examples=30)
@given(rows=columns)
def test_fleiss_is_that_of_statsmodels(rows) -> None:
    assume(len({letter for row in rows for letter in row}) > 1)
    names = ("anna", "ben", "carl")
    found = together(rated(**dict(zip(names, map("".join, zip(*rows, strict=True)), strict=True))), LETTERS)
    table, _ = aggregate_raters(np.array([[ord(letter) for letter in row] for row in rows]))
    assert found.kappa.value == pytest.approx(fleiss_of_statsmodels(table, method="fleiss"), abs=1e-9)


def test_fleiss_of_his_own_table() -> None:
    """J. L. Fleiss 1971 as worked out in many textbooks: 10 subjects, 14 raters, 5 classes; kappa 0.210."""
    first_five = [[0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1]]
    others = [[7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]]
    counts = np.array([*first_five, *others], dtype=np.float64)
    ones = np.ones((1, 10))
    assert fleiss_kappa(counts, ones)[0] == pytest.approx(0.210, abs=5e-4)
    assert observed(counts, ones)[0] == pytest.approx(0.378, abs=5e-4)


def test_ac1_of_a_table_by_hand() -> None:
    """Two raters, 125 items: 118 both yes, 5 yes/no, 2 no/yes, 0 both no.

    Agreement 118/125 = 0.944; share of yes (123 + 120) / 250 = 0.972; chance 2 * 0.972 * 0.028 = 0.054432;
    AC1 = (0.944 - 0.054432) / (1 - 0.054432) = 0.94078. Cohen's kappa of the same table is below zero.
    """
    counts, weights = np.array([[2.0, 0.0], [1.0, 1.0], [0.0, 2.0]]), np.array([[118.0, 7.0, 0.0]])
    assert gwet_ac1(counts, weights)[0] == pytest.approx(0.94078, abs=1e-5)
    found = pair(rated(anna="a" * 123 + "bb", ben="a" * 118 + "b" * 5 + "aa"), Scale("x", ("a", "b")), ("anna", "ben"))
    assert found.ac1.value == pytest.approx(0.94078, abs=1e-5)
    assert found.kappa.value == pytest.approx(-0.0234, abs=1e-4)


def test_ac1_with_unequal_numbers_of_raters_by_hand() -> None:
    """Items aab, aa, ab of two classes.

    Agreement (1/3 + 1 + 0) / 3 = 0.4444; share of a (2/3 + 1 + 1/2) / 3 = 0.7222; chance 2 * 0.7222 * 0.2778 = 0.4012;
    AC1 = 0.0722.
    """
    found = together(rated(anna="aaa", ben="aab", carl="b.."), Scale("x", ("a", "b")))
    assert found.percentage.value == pytest.approx(4 / 9)
    assert found.ac1.value == pytest.approx((4 / 9 - 0.40123) / (1 - 0.40123), abs=1e-4)
    assert "2 episodes with 2 raters" in found.notes[-1]


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    """95 % of the intervals of 60 episodes hold the kappa of the population (bootstrap: 90 % at least)."""
    rng = np.random.default_rng(3)
    truth = 0.6  # both say the same class of two by halves, and ben differs in a fifth: 1 - 2 * 0.2
    hits = 0
    for _ in range(100):
        anna = rng.integers(0, 2, 60)
        ben = np.where(rng.random(60) < 0.2, 1 - anna, anna)
        found = pair(rated(anna=_letters(anna), ben=_letters(ben)), Scale("x", ("a", "b")), ("anna", "ben")).kappa
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= truth <= found.high
    assert hits >= 88


def _letters(values: np.ndarray) -> str:
    return "".join("ab"[value] for value in values)


def test_the_same_labels_give_the_same_interval() -> None:
    given_ = rated(anna="aabbaabb", ben="aabbabab")
    assert pair(given_, LETTERS, ("anna", "ben")) == pair(given_, LETTERS, ("anna", "ben"))


def test_one_class_gives_a_sentence_and_ac1() -> None:
    found = pair(
        {name: dict.fromkeys(map(str, range(40)), "success") for name in ("anna", "ben")}, OUTCOMES, ("anna", "ben")
    )
    assert found.kappa.value is None
    assert found.kappa.text == "everybody said success throughout: kappa needs two classes, see the percentage and AC1"
    assert (found.percentage.value, found.ac1.value) == (1.0, 1.0)
    assert not found.is_short


def test_no_shared_episode_gives_a_sentence() -> None:
    ratings = rated(anna="aab...", ben="...abb")
    (found,) = pairs(ratings, LETTERS)
    assert (found.n, found.kappa.text) == (0, "anna and ben share no episode")
    assert together(ratings, LETTERS).kappa.text == "no episode has been rated by two"


def test_all_disagree() -> None:
    found = pair(rated(anna="aabbab", ben="bbaaba"), LETTERS, ("anna", "ben"))
    assert found.percentage.value == 0.0
    assert found.kappa.value == pytest.approx(-1.0)
    assert found.notes == ("anna and ben agree on no episode",)


def test_below_the_target_is_short() -> None:
    said = ["success", "failure"] * 4 + ["partial_success", "success"]
    other = [*said[:-2], "failure", "failure"]
    ratings = {name: {str(number): value for number, value in enumerate(values)}
               for name, values in (("anna", said), ("ben", other))}  # fmt: skip
    assert pair(ratings, OUTCOMES, ("anna", "ben")).is_short
    assert not pair({"anna": ratings["anna"], "ben": ratings["anna"]}, OUTCOMES, ("anna", "ben")).is_short


def test_a_class_of_another_taxonomy_counts_as_one() -> None:
    found = pair(rated(anna="aabz", ben="aabz"), Scale("x", ("a", "b")), ("anna", "ben"))
    assert found.kappa.value == 1.0


def test_frames_apart() -> None:
    anna, ben = {"1": 10, "2": 20, "3": 30, "4": 5}, {"1": 14, "2": 20, "3": 42, "5": 1}
    found = frame_agreement("failure_onset_frame", ("anna", "ben"), (anna, ben), {"1": 20.0, "2": 20.0, "3": None})
    assert (found.n, found.mean_frames.value, found.median_frames) == (3, pytest.approx(16 / 3), 4.0)
    assert found.mean_s.value == pytest.approx(0.1)
    assert found.close.value == pytest.approx(2 / 3)
    assert found.is_short
    none = frame_agreement("failure_onset_frame", ("anna", "ben"), ({"1": 1}, {"2": 1}), {})
    assert none.mean_frames.text == "anna and ben marked it in no episode together"
    untimed = frame_agreement("failure_onset_frame", ("anna", "ben"), ({"1": 1}, {"1": 1}), {"1": None})
    assert untimed.mean_s.text == "the frames have no times"
