"""Counts, onset errors and reliability, against numbers worked out by hand."""

import pytest

from failview.detectors.calibration.folds import FOLDS, folds_of
from failview.detectors.calibration.labels import Label, detection_right, meanings_of, to_be_found
from failview.detectors.calibration.scores import Counts, bins_of, kind_pairs, score
from failview.model.detection import Detection, EpisodeFindings, FieldProposal, ProposedField
from failview.sidecars.taxonomy_file import load_default_taxonomy

MEANINGS = meanings_of(load_default_taxonomy())
FAILED, DONE = frozenset({"failure"}), frozenset({"success"})


def label(name: str, subcategory: str | None = None, onset: int | None = None, **more: object) -> Label:
    outcomes = DONE if subcategory is None else FAILED
    return Label(name, outcomes, frozenset({subcategory}), subcategory, onset, **more)  # type: ignore[arg-type]


def detection(kind: str, confidence: float = 0.9) -> Detection:
    return Detection(kind.partition(".")[0], kind, 10, 20, confidence, "planted")


def findings(name: str, subcategory: str | None, onset: int | None, *kinds: str) -> EpisodeFindings:
    outcome = "success" if subcategory is None else "failure"
    proposal = {
        ProposedField.OUTCOME: FieldProposal(outcome, 0.8, "", "grasp"),
        ProposedField.SUBCATEGORY: FieldProposal(subcategory, 0.8, "", "grasp"),
    }
    if onset is not None:
        proposal[ProposedField.ONSET] = FieldProposal(onset, 0.6, "", "grasp")
    return EpisodeFindings(name, tuple(detection(kind) for kind in kinds), proposal, {})


JUDGED = [
    (findings("a", "slip_during_lift", 12, "grasp.slip"), label("a", "slip_during_lift", 10)),
    (findings("b", "slip_during_lift", 40, "grasp.slip"), label("b", "slip_during_lift", 30)),
    (findings("c", "slip_during_lift", 9, "grasp.slip"), label("c")),
    (findings("d", None, None), label("d", "missed_grasp", 5)),
    (findings("e", None, None, "task.reached"), label("e")),
]


def test_shares_and_onset() -> None:
    scores = score(JUDGED, MEANINGS)
    assert scores.outcome_right == pytest.approx(3 / 5)
    assert scores.subcategory_right == pytest.approx(3 / 5)
    assert scores.onset_mean == pytest.approx(6.0)
    assert scores.onset_within == pytest.approx(0.5)


def test_counts_by_kind_and_subcategory() -> None:
    scores = score(JUDGED, MEANINGS)
    assert scores.kinds["grasp.slip"] == Counts(right=2, wrong=1)
    assert scores.kinds["grasp.missed"] == Counts(missed=1)
    assert scores.kinds["task.reached"] == Counts(right=1, missed=1)
    assert scores.subcategories["slip_during_lift"] == Counts(right=2, wrong=1)
    assert scores.subcategories["missed_grasp"] == Counts(missed=1)
    assert scores.subcategories["none"] == Counts(right=1, wrong=1, missed=1)


def test_precision_recall_f1() -> None:
    counts = Counts(right=6, wrong=2, missed=4)
    assert (counts.precision, counts.recall) == (0.75, 0.6)
    assert counts.f1 == pytest.approx(2 / 3)
    assert Counts().f1 is None


def test_reliability_bins() -> None:
    bins = bins_of([(0.91, True), (0.97, False), (0.15, False), (1.0, True)])
    assert [(round(item.confidence, 2), round(item.right, 2), item.count) for item in bins] == [
        (0.15, 0.0, 1),
        (0.96, 0.67, 3),
    ]


def test_what_is_acceptable_is_right() -> None:
    either = Label("x", FAILED, frozenset({"infeasible_approach", "joint_limit"}), "joint_limit")
    assert detection_right(detection("workspace.stalled"), either, MEANINGS)
    assert not detection_right(detection("grasp.slip"), either, MEANINGS)


def test_further_failures_are_no_false_alarms() -> None:
    both = label("x", "missed_grasp", 5, further=frozenset({"slip_during_lift"}))
    assert detection_right(detection("grasp.slip"), both, MEANINGS)


def test_a_kind_that_no_taxonomy_knows_is_not_judged() -> None:
    assert detection_right(detection("grasp.invented"), label("x"), MEANINGS) is None
    assert kind_pairs([(findings("x", None, None, "grasp.invented"), label("x"))], MEANINGS) == {}


@pytest.mark.parametrize(
    ("kind", "subcategory", "wanted"),
    [
        ("grasp.slip", "slip_during_lift", True),
        ("grasp.slip", "dropped_in_transport", False),
        ("grasp.slip", "other_grasp", False),
        ("task.not_reached", "missed_grasp", True),
        ("task.reached", "missed_grasp", False),
    ],
)
def test_what_a_kind_is_to_find(kind: str, subcategory: str, wanted: bool) -> None:
    assert to_be_found(kind, label("x", subcategory), MEANINGS) is wanted


def test_folds_deal_out_every_subcategory_and_stay_the_same() -> None:
    labels = [label(f"e{k}", ("missed_grasp", "slip_during_lift", None)[k % 3]) for k in range(30)]
    folds = folds_of(labels)
    assert sorted(index for fold in folds for index in fold) == list(range(30))
    for fold in folds:
        assert {labels[index].subcategory for index in fold} == {"missed_grasp", "slip_during_lift", None}
    assert len(folds) == FOLDS
    assert folds == folds_of(labels)
