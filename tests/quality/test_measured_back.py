"""Annotators with known errors are measured back: kappa, onset error, drift and confusions come out as planted."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from failview.model.annotation import Outcome, Stage
from failview.proposals.short_proposals import ShortProposal
from failview.quality.annotators import DETECTORS
from failview.quality.findings import findings
from failview.quality.label_consistency import DatasetConsistency
from failview.quality.label_row import LabelRow, row_of
from failview.quality.labels import Labels
from failview.quality.report import QaInput, QaReport, qa_report
from tests.quality.planted_annotators import RATE_HZ, TAXONOMY, Habits, Truth, draw_truth, records_of

COUNT = 1000
GOOD = Habits()


def rows_of(name: str, truths: list[Truth], habits: Habits, seed: int) -> list[LabelRow]:
    return [row_of(record) for record in records_of(name, truths, habits, seed)]


def proposals_of(truths: list[Truth]) -> dict[str, ShortProposal]:
    """Detectors that are always right."""
    return {
        truth.episode_id: ShortProposal(truth.outcome, 0.9, truth.subcategory, 0.9, truth.onset) for truth in truths
    }


@cache
def truths(count: int = COUNT, failure_rate: float = 0.3) -> list[Truth]:
    return draw_truth(count, failure_rate)


def measured(
    people: Mapping[str, Habits], *, count: int = COUNT, failure_rate: float = 0.3, judged: bool = True
) -> QaReport:
    known = truths(count, failure_rate)
    rows = [row for seed, (name, habits) in enumerate(people.items()) for row in rows_of(name, known, habits, seed + 1)]
    ids = [truth.episode_id for truth in known]
    return qa_report(
        QaInput(
            "demos.hdf5",
            count,
            Labels(tuple(rows), {}),
            TAXONOMY,
            proposals_of(known) if judged else {},
            dict.fromkeys(ids, RATE_HZ),
            dict.fromkeys(ids, ""),
            {},
            DatasetConsistency(),
        )
    )


def kinds(report: QaReport) -> list[str]:
    return [item.kind for item in findings(report)]


def test_kappa_of_outcomes_is_the_planted_one() -> None:
    """Independent flips p and q leave two raters alike in (1-p)(1-q) + pq of the episodes."""
    p, q, rate = 0.05, 0.1, 0.3
    report = measured({"anna": Habits(flips=p), "ben": Habits(flips=q)}, failure_rate=rate)
    agreed = (1 - p) * (1 - q) + p * q
    ones = [rate * (1 - flip) + (1 - rate) * flip for flip in (p, q)]
    chance = ones[0] * ones[1] + (1 - ones[0]) * (1 - ones[1])
    pair = next(item for item in report.agreements if item.raters == ("anna", "ben") and item.field == "outcome")
    assert pair.percentage.value == pytest.approx(agreed, abs=0.02)
    expected = (agreed - chance) / (1 - chance)
    assert pair.kappa.value == pytest.approx(expected, abs=0.04)
    assert pair.kappa.low is not None
    assert pair.kappa.high is not None
    assert pair.kappa.low < expected < pair.kappa.high
    assert "low_agreement" in kinds(report)


def test_people_who_are_right_agree_and_nothing_is_to_mend() -> None:
    report = measured({"anna": GOOD, "ben": GOOD})
    assert all(item.kappa.value == pytest.approx(1.0) for item in report.agreements)
    assert findings(report) == ()


def test_the_odd_one_out_has_the_lowest_kappa_with_others() -> None:
    report = measured({"anna": GOOD, "ben": Habits(flips=0.3), "carla": GOOD, "dora": Habits(flips=0.05)}, count=400)
    means = {item.annotator: report.kappa_with_others(item.annotator) for item in report.annotators}
    assert min(means, key=lambda name: means[name] or 0.0) == "ben"
    pairs = [item.kappa.value for item in report.agreements if item.raters in {("anna", "ben"), ("ben", "carla")}]
    assert means["ben"] == pytest.approx(sum(pairs[:2]) / 2, abs=0.1)
    assert "ben" in findings(report)[0].words, "the worst first"
    assert measured({"anna": GOOD}, count=100).kappa_with_others("anna") is None


def test_onset_error_is_the_planted_one() -> None:
    """Two normal errors of sigma each: the mean absolute difference is 2 sigma / sqrt(pi)."""
    report = measured({"anna": Habits(onset_frames=4.0), "ben": Habits(onset_frames=4.0, late_frames=0)})
    onset = report.frames[0]
    assert onset.field == "failure_onset_frame"
    assert onset.mean_frames.value == pytest.approx(2 * 4.0 / np.sqrt(np.pi), rel=0.1)
    assert onset.mean_s.value == pytest.approx(onset.mean_frames.value / RATE_HZ)
    against = report.annotators[0].onset
    assert against.mean_frames.value == pytest.approx(4.0 * np.sqrt(2 / np.pi), rel=0.1)
    assert against.raters == ("anna", DETECTORS)


def test_a_constant_lateness_is_told_with_its_sign() -> None:
    report = measured({"anna": GOOD, "ben": Habits(late_frames=7)})
    assert (report.frames[0].median_frames, report.frames[0].close.value) == (7.0, 0.0)
    assert "onsets_apart" in kinds(report)


def test_the_planted_confusion_is_the_first() -> None:
    report = measured({"anna": GOOD, "ben": Habits(takes={"slip_during_lift": ("dropped_in_transport", 0.4)})})
    first = report.confusions[0]
    slips = sum(truth.subcategory == "slip_during_lift" for truth in truths())
    assert (first.one, first.other) == ("dropped_in_transport", "slip_during_lift")
    assert first.people == pytest.approx(0.4 * slips, rel=0.25)
    assert first.people == first.detectors
    assert len(report.confusions) == 1
    assert set(first.episodes) <= {truth.episode_id for truth in truths() if truth.subcategory == "slip_during_lift"}


def test_drift_is_found_where_it_was_planted_and_nowhere_else() -> None:
    report = measured({"anna": GOOD, "ben": Habits(flips=0.02, tired_after=500, tired_flips=0.3)}, count=1000)
    ben = report.annotators[1]
    drift = next(item for item in ben.drifts if item.against == DETECTORS)
    assert [(block.first, block.last) for block in drift.blocks[:4]] == [(1, 50), (51, 100), (101, 200), (201, 300)]
    assert [block.unusual for block in drift.blocks] == [False] * 6 + [True] * 5
    assert not report.annotators[0].drifts[0].unusual
    told = [item for item in findings(report) if item.kind == "drift" and item.annotator == "ben"]
    assert len(told) == 2
    assert "(5 stretches like it)" in told[0].words


def test_somebody_who_is_always_so_does_not_drift() -> None:
    report = measured({"anna": Habits(flips=0.15)}, count=1000)
    assert not report.annotators[0].drifts[0].unusual


@pytest.mark.parametrize(("flips", "flagged"), [(0.15, False), (0.35, True)])
def test_who_differs_from_the_proposals_in_more_than_a_quarter_is_flagged(flips: float, flagged: bool) -> None:
    report = measured({"anna": Habits(flips=flips)}, count=600)
    assert report.annotators[0].disagreement.value == pytest.approx(flips, abs=0.05)
    assert report.annotators[0].disagrees_much is flagged
    assert ("disagrees_with_detectors" in kinds(report)) is flagged


def test_overrides_are_counted_by_field() -> None:
    report = measured({"anna": Habits(accepts=0.7)})
    rates = {item.field: item.rate for item in report.annotators[0].overrides}
    assert list(rates) == ["outcome", "failure_category", "failure_subcategory", "failure_onset_frame"]
    assert all(rate == pytest.approx(0.3, abs=0.05) for rate in rates.values())


def test_pace_is_the_planted_one() -> None:
    report = measured({"anna": Habits(seconds=45.0)})
    done, median_s = report.annotators[0].stages[Stage.DETAIL]
    assert median_s == pytest.approx(45.0, rel=0.1)
    assert done == sum(truth.outcome is Outcome.FAILURE for truth in truths())
    assert report.annotators[0].stages[Stage.REVIEW] == (0, None)


@pytest.mark.parametrize(("rate", "flagged"), [(0.02, True), (0.15, False), (0.45, False), (0.8, True)])
def test_failure_rates_that_nobody_expects_are_flagged(rate: float, flagged: bool) -> None:
    report = measured({"anna": GOOD}, count=400, failure_rate=rate)
    assert report.distribution.overall.share == pytest.approx(rate, abs=0.05)
    assert ("failure_rate" in kinds(report)) is flagged


def test_causes_are_ranked_by_number_and_severity() -> None:
    report = measured({"anna": GOOD})
    assert [item.impact for item in report.clusters] == sorted((item.impact for item in report.clusters), reverse=True)
    assert {(item.subcategory, item.cause) for item in report.clusters} >= {("missed_target", "released_high")}
    assert sum(item.count for item in report.clusters) == report.distribution.overall.failures
    assert all(item.preventable_share == pytest.approx(0.6, abs=0.15) for item in report.clusters)


def test_what_a_review_changed_does_not_make_annotators_agree() -> None:
    known = truths(100)
    right = rows_of("ben", known, GOOD, 2)
    reviewed = [replace(row, own={"outcome": "partial_success"}) for row in rows_of("anna", known, GOOD, 1)]
    report = qa_report(QaInput("x", 100, Labels((*reviewed, *right), {}), TAXONOMY, {}, {}, {}, {}))
    pair = next(item for item in report.agreements if item.raters == ("anna", "ben"))
    assert pair.percentage.value == 0.0
    assert report.distribution.outcomes[Outcome.PARTIAL_SUCCESS] == 0, "what holds is what the review decided"


def test_agreement_with_oneself_is_the_planted_one() -> None:
    """Independent flips p, then and later, leave (1-p)^2 + p^2 of the episodes alike."""
    report = measured({"anna": Habits(flips=0.1), "anna (retest)": Habits(flips=0.1), "ben": GOOD})
    (again,) = report.retests
    assert (again.annotator, again.outcome.n) == ("anna", COUNT)
    assert again.outcome.percentage.value == pytest.approx(0.9**2 + 0.1**2, abs=0.03)
    assert [item.annotator for item in report.annotators] == ["anna", "ben"]
    assert all("retest" not in " ".join(item.raters) for item in report.agreements)
    assert [item.kind for item in findings(report) if "retest" in item.words] == ["low_agreement"]


# ------------------------------------------------------------------------------------------------- a sentence instead


def test_without_any_label() -> None:
    report = measured({})
    assert report.why_no_agreement == "nobody has finished a label yet"
    assert (report.annotators, report.clusters, report.distribution.overall.share) == ((), (), None)
    assert findings(report) == ()


def test_one_annotator() -> None:
    report = measured({"anna": GOOD}, count=50)
    assert report.why_no_agreement == "only anna has labelled: nobody to agree with but the detectors"
    assert report.agreements == ()
    assert report.annotators[0].drifts[0].words == "50 labels: drift shows from 60 on"


def test_missing_detectors() -> None:
    one = measured({"anna": GOOD, "ben": GOOD}, count=100, judged=False).annotators[0]
    assert one.outcome.kappa.text == "anna and detectors share no episode"
    assert one.disagreement.text == "no label of an episode with a proposal"
    assert one.drifts[0].words == "no label can be compared with detectors"
    assert not one.disagrees_much


def test_only_successes() -> None:
    report = measured({"anna": GOOD, "ben": GOOD}, count=100, failure_rate=0.0)
    outcome = next(item for item in report.agreements if item.field == "outcome")
    assert "everybody said success" in outcome.kappa.text
    category = next(item for item in report.agreements if item.field == "failure_category")
    assert category.kappa.text == "no episode has been rated by two"
    assert "nan" not in str([item.kappa.text for item in report.agreements])


def test_two_versions_of_the_taxonomy_are_not_compared() -> None:
    known = truths(100)
    new = [row_of(record) for record in records_of("ben", known, GOOD, 2)]
    newer = [replace(row, taxonomy="failview-tabletop 2.0.0") for row in new]
    labels = Labels((*rows_of("anna", known, GOOD, 1), *rows_of("carla", known, GOOD, 3), *newer), {})
    report = qa_report(QaInput("x", 100, labels, TAXONOMY, {}, {}, {}, {}))
    assert dict(report.taxonomies) == {"failview-tabletop 1.0.0": 200, "failview-tabletop 2.0.0": 100}
    assert "taxonomies_mixed" in kinds(report)
    between = [item for item in report.agreements if item.field == "failure_category" and "ben" in item.raters]
    assert [item.n for item in between if item.coefficient.startswith("Cohen")] == [0, 0]
