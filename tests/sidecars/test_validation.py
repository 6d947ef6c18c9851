"""Every rule both ways: what is right passes, what is wrong is named with its field and a reason in words."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from failview.model.annotation import (
    Annotation,
    AnnotationRecord,
    CausalLink,
    FurtherFailure,
    Outcome,
    RecoveryOutcome,
    Stage,
    StageRecord,
)
from failview.model.taxonomy import Taxonomy
from failview.sidecars.codec import LABEL_FIELDS, record_to_json
from failview.sidecars.validation import count_words, validate_record, validate_sidecar

MakeRecord = Callable[..., AnnotationRecord]

NUM_FRAMES = 120

RECOVERY = {
    "recovery_attempted": True,
    "recovery_start_frame": 80,
    "recovery_end_frame": 90,
    "recovery_outcome": RecoveryOutcome.RECOVERED,
}
CLEAN_SUCCESS = {
    name: getattr(Annotation(), name) for name in LABEL_FIELDS if name not in ("annotator_confidence", "notes")
} | {"outcome": Outcome.SUCCESS}


@pytest.fixture
def check(taxonomy: Taxonomy, make_record: MakeRecord) -> Callable[..., list[str]]:
    def run(finished: bool = False, stage: Stage = Stage.DETAIL, **label: Any) -> list[str]:
        record = make_record(**label)
        found = validate_record(record, taxonomy, num_frames=NUM_FRAMES, finished=finished, stage=stage)
        from_json = validate_record(
            record_to_json(record), taxonomy, num_frames=NUM_FRAMES, finished=finished, stage=stage
        )
        assert found == from_json, "a record and its JSON are judged alike"
        return [str(problem) for problem in found]

    return run


Check = Callable[..., list[str]]

RIGHT: dict[str, dict[str, Any]] = {
    "failure": {},
    "recovered": RECOVERY,
    "recovery in the last frame": RECOVERY | {"recovery_start_frame": 60, "recovery_end_frame": 119},
    "obvious at the onset": {"failure_obvious_frame": 60},
    "onset in frame 0": {"failure_onset_frame": 0},
    "obvious in the last frame": {"failure_obvious_frame": 119},
    "no recovery, said so": {"recovery_outcome": RecoveryOutcome.NO_ATTEMPT},
    "success": CLEAN_SUCCESS,
    "success without confidence": CLEAN_SUCCESS | {"annotator_confidence": None},
    "partial success": {"outcome": Outcome.PARTIAL_SUCCESS},
    "partial success without root cause and obvious frame": {
        "outcome": Outcome.PARTIAL_SUCCESS,
        "root_cause": "",
        "failure_obvious_frame": None,
    },
    "other": {"failure_subcategory": "other_grasp"},
    "causes": {"proximal_cause": "off_centre_contact", "distal_cause": "steep_approach"},
    "ten words": {"root_cause": "word " * 10},
    "fifty words": {"root_cause": "word " * 50},
    "chain": {"causal_chain": (CausalLink("slip", "drop", 119), CausalLink("drop", "spill"))},
    "further": {"further_failures": (FurtherFailure("placement", "missed_target", 119),)},
    "confidence 0": {"annotator_confidence": 0.0},
    "confidence 1": {"annotator_confidence": 1.0},
}


@pytest.mark.parametrize("case", RIGHT)
def test_what_is_right_passes_as_draft_and_finished(check: Check, case: str) -> None:
    """DATA 8: an episode may hold several failures."""
    assert check(**RIGHT[case]) == []
    assert check(finished=True, **RIGHT[case]) == []


CONTRADICTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "category of a success": (
        CLEAN_SUCCESS | {"failure_category": "grasp"},
        "failure_category: a success has no category",
    ),
    "subcategory of a success": (
        CLEAN_SUCCESS | {"failure_category": "grasp", "failure_subcategory": "missed_grasp"},
        "failure_subcategory: a success has no subcategory",
    ),
    "onset of a success": (
        CLEAN_SUCCESS | {"failure_onset_frame": 1},
        "failure_onset_frame: a success has no onset frame",
    ),
    "obvious frame of a success": (
        CLEAN_SUCCESS | {"failure_obvious_frame": 1},
        "failure_obvious_frame: a success has no obvious frame",
    ),
    "further failure of a success": (
        CLEAN_SUCCESS | {"further_failures": (FurtherFailure("grasp", "missed_grasp", 3),)},
        "further_failures: a success has no failures",
    ),
    "foreign subcategory": (
        {"failure_category": "placement"},
        "failure_subcategory: slip_during_lift belongs to grasp, not to placement",
    ),
    "subcategory alone": ({"failure_category": None}, "failure_category: choose the category of slip_during_lift"),
    "unknown category": ({"failure_category": "grap"}, "failure_category: grap is unknown; did you mean grasp?"),
    "unknown subcategory": (
        {"failure_subcategory": "slip_in_lift"},
        "failure_subcategory: slip_in_lift is unknown; did you mean slip_during_lift?",
    ),
    "unknown proximal cause": ({"proximal_cause": "ghost"}, "proximal_cause: ghost is not in the taxonomy"),
    "unknown distal cause": ({"distal_cause": "full_moon"}, "distal_cause: full_moon is not in the taxonomy"),
    "distal cause as proximal": (
        {"proximal_cause": "steep_approach"},
        "proximal_cause: steep_approach is not in the taxonomy",
    ),
    "obvious before onset": (
        {"failure_obvious_frame": 59},
        "failure_obvious_frame: frame 59 is before the onset at 60",
    ),
    "negative onset": ({"failure_onset_frame": -1}, "failure_onset_frame: must be 0 or more"),
    "onset past the end": (
        {"failure_onset_frame": 120, "failure_obvious_frame": None},
        "failure_onset_frame: frame 120 is past the last one, 119",
    ),
    "obvious past the end": (
        {"failure_obvious_frame": 120},
        "failure_obvious_frame: frame 120 is past the last one, 119",
    ),
    "recovery before onset": (
        RECOVERY | {"recovery_start_frame": 59},
        "recovery_start_frame: frame 59 is before the onset at 60",
    ),
    "recovery end before onset": (
        RECOVERY | {"recovery_start_frame": None, "recovery_end_frame": 59},
        "recovery_end_frame: frame 59 is before the onset at 60",
    ),
    "recovery backwards": (
        RECOVERY | {"recovery_end_frame": 79},
        "recovery_end_frame: frame 79 is before its start at 80",
    ),
    "recovery start past the end": (
        RECOVERY | {"recovery_start_frame": 120, "recovery_end_frame": None},
        "recovery_start_frame: frame 120 is past the last one, 119",
    ),
    "recovery end past the end": (
        RECOVERY | {"recovery_end_frame": 120},
        "recovery_end_frame: frame 120 is past the last one, 119",
    ),
    "frames without recovery": (
        RECOVERY | {"recovery_attempted": False, "recovery_outcome": None},
        "recovery_attempted: says no, but recovery frames are set",
    ),
    "outcome without recovery": (
        {"recovery_outcome": RecoveryOutcome.RECOVERED},
        "recovery_outcome: says recovered, but no recovery was attempted",
    ),
    "recovery without attempt": (
        RECOVERY | {"recovery_outcome": RecoveryOutcome.NO_ATTEMPT},
        "recovery_outcome: says no attempt, but a recovery was attempted",
    ),
    "confidence above 1": ({"annotator_confidence": 1.01}, "annotator_confidence: must be 1 or less"),
    "confidence below 0": ({"annotator_confidence": -0.1}, "annotator_confidence: must be 0 or more"),
    "confidence nan": ({"annotator_confidence": float("nan")}, "annotator_confidence: must be between 0 and 1"),
    "chain past the end": (
        {"causal_chain": (CausalLink("a", "b", 3), CausalLink("b", "c", 120))},
        "causal_chain: link 2: frame 120 is past the last one, 119",
    ),
    "negative chain frame": (
        {"causal_chain": (CausalLink("a", "b", -3),)},
        "causal_chain: link 1, frame: must be 0 or more",
    ),
    "further past the end": (
        {"further_failures": (FurtherFailure("grasp", "missed_grasp", 120),)},
        "further_failures: failure 1: frame 120 is past the last one, 119",
    ),
    "further of another category": (
        {"further_failures": (FurtherFailure("grasp", "missed_target", 3),)},
        "further_failures: failure 1, subcategory: missed_target belongs to placement, not to grasp",
    ),
    "further unknown": (
        {"further_failures": (FurtherFailure("grasping", "missed_grasp", 3),)},
        "further_failures: failure 1, category: grasping is unknown; did you mean grasp?",
    ),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_a_contradiction_is_named_even_in_a_draft(check: Check, case: str) -> None:
    label, expected = CONTRADICTIONS[case]
    assert expected in check(**label)
    assert expected in check(finished=True, **label)


INCOMPLETE: dict[str, tuple[dict[str, Any], str]] = {
    "outcome": ({"outcome": None}, "outcome: choose how the episode ended"),
    "category": (
        {"failure_category": None, "failure_subcategory": None},
        "failure_category: choose a category",
    ),
    "subcategory": ({"failure_subcategory": None}, "failure_subcategory: choose a subcategory"),
    "onset": ({"failure_onset_frame": None}, "failure_onset_frame: set the first frame of the failure"),
    "obvious": (
        {"failure_obvious_frame": None},
        "failure_obvious_frame: set the first frame where it is unmistakable",
    ),
    "confidence": ({"annotator_confidence": None}, "annotator_confidence: say how sure you are"),
    "root cause": ({"root_cause": " "}, "root_cause: has 0 words; 10 to 50 are needed"),
    "one word": ({"root_cause": "slip"}, "root_cause: has 1 word; 10 to 50 are needed"),
    "nine words": ({"root_cause": "word " * 9}, "root_cause: has 9 words; 10 to 50 are needed"),
    "51 words": ({"root_cause": "word " * 51}, "root_cause: has 51 words; 10 to 50 are needed"),
    "recovery": ({"recovery_attempted": None}, "recovery_attempted: say whether a recovery was attempted"),
    "recovery start": (
        RECOVERY | {"recovery_start_frame": None},
        "recovery_start_frame: set the first frame of the recovery",
    ),
    "recovery end": (RECOVERY | {"recovery_end_frame": None}, "recovery_end_frame: set the last frame of the recovery"),
    "recovery outcome": (RECOVERY | {"recovery_outcome": None}, "recovery_outcome: say what came of the recovery"),
    "chain": ({"causal_chain": (CausalLink("slip", " "),)}, "causal_chain: link 1: needs a cause and an effect"),
    "partial without onset": (
        {"outcome": Outcome.PARTIAL_SUCCESS, "failure_onset_frame": None},
        "failure_onset_frame: set the first frame of the failure",
    ),
    "partial with 51 words": (
        {"outcome": Outcome.PARTIAL_SUCCESS, "root_cause": "word " * 51},
        "root_cause: has 51 words; 10 to 50 are needed",
    ),
}


@pytest.mark.parametrize("case", INCOMPLETE)
def test_a_draft_may_be_incomplete_a_finished_stage_may_not(check: Check, case: str) -> None:
    label, expected = INCOMPLETE[case]
    assert check(**label) == []
    assert check(finished=True, **label) == [expected]


def test_triage_needs_the_outcome_alone(check: Check) -> None:
    bare = {name: getattr(Annotation(), name) for name in LABEL_FIELDS}
    failed = bare | {"outcome": Outcome.FAILURE}
    assert check(finished=True, stage=Stage.TRIAGE, **bare) == ["outcome: choose how the episode ended"]
    assert check(finished=True, stage=Stage.TRIAGE, **failed) == []
    assert len(check(finished=True, stage=Stage.REVIEW, **failed)) == 6


def test_frames_are_not_judged_when_the_length_is_unknown(taxonomy: Taxonomy, make_record: MakeRecord) -> None:
    record = make_record(failure_onset_frame=500, failure_obvious_frame=600)
    assert validate_record(record, taxonomy, num_frames=None, finished=True) == []


WRONG_JSON: dict[str, Any] = {
    "outcome": "maybe",
    "failure_category": 3,
    "failure_subcategory": ["slip_during_lift"],
    "failure_onset_frame": "60",
    "failure_obvious_frame": 60.5,
    "recovery_attempted": "yes",
    "recovery_start_frame": "late",
    "recovery_end_frame": {},
    "recovery_outcome": "perhaps",
    "root_cause": None,
    "annotator_confidence": "high",
    "severity": "extreme",
    "attribution": "gremlins",
    "proximal_cause": 1,
    "distal_cause": True,
    "preventable": "yes",
    "causal_chain": [{"cause": "a"}],
    "further_failures": [{"category": "grasp", "subcategory": "missed_grasp"}],
    "notes": 5,
    "schema_version": "one",
    "taxonomy": {"id": "another", "version": "1.0.0"},
    "episode_id": "",
    "annotator": None,
    "stages": {"detail": {"active_s": -1}},
    "source": {"num_frames": "120"},
    "provenance": {"outcome": {"origin": "guessed"}},
    "saved_at": 12,
}


@pytest.mark.parametrize("name", WRONG_JSON)
def test_the_schema_covers_every_field(taxonomy: Taxonomy, make_record: MakeRecord, name: str) -> None:
    document = record_to_json(make_record())
    assert set(WRONG_JSON) == set(document)
    assert validate_record(document, taxonomy, num_frames=NUM_FRAMES, finished=True) == []
    problems = validate_record(document | {name: WRONG_JSON[name]}, taxonomy, num_frames=NUM_FRAMES, finished=False)
    assert {problem.field for problem in problems} == {name}
    for problem in problems:
        assert len(problem.message) <= 80
        assert not any(word in problem.message for word in ("is not of type", "is not valid under", "$ref"))


def test_every_missing_field_is_named(taxonomy: Taxonomy) -> None:
    problems = [str(problem) for problem in validate_record({}, taxonomy, num_frames=None, finished=False)]
    names = ["schema_version", "taxonomy", "episode_id", "annotator", "outcome"]
    assert problems == [f"{name}: is missing" for name in names]


def test_unknown_fields_are_no_problem(taxonomy: Taxonomy, make_record: MakeRecord) -> None:
    document = record_to_json(make_record()) | {"mood": "good"}
    document["source"]["camera"] = "front"
    assert validate_record(document, taxonomy, num_frames=NUM_FRAMES, finished=True) == []


def test_another_taxonomy_version_another_length_and_a_newer_schema_are_named(
    taxonomy: Taxonomy, make_record: MakeRecord
) -> None:
    record = replace(make_record(), taxonomy_version="0.9.0", num_frames=118, schema_version="3.0.0")
    assert [str(item) for item in validate_record(record, taxonomy, num_frames=NUM_FRAMES, finished=True)] == [
        "schema_version: 3.0.0 is newer than this failview; update it",
        "taxonomy: made with version 0.9.0, not 1.0.0",
        "source: made for 118 frames; the episode has 120",
    ]


def test_a_stored_record_is_held_to_the_stages_it_calls_finished(taxonomy: Taxonomy, make_record: MakeRecord) -> None:
    draft = make_record(root_cause="")
    done = replace(draft, stages={Stage.DETAIL: StageRecord("2025-01-01T00:00:00+00:00", 5.0)})
    opened = replace(draft, stages={Stage.DETAIL: StageRecord(None, 5.0)})
    assert validate_sidecar(draft, taxonomy, num_frames=NUM_FRAMES) == []
    assert validate_sidecar(opened, taxonomy, num_frames=NUM_FRAMES) == []
    for stored in (done, record_to_json(done)):
        problems = [str(problem) for problem in validate_sidecar(stored, taxonomy, num_frames=NUM_FRAMES)]
        assert problems == ["root_cause: has 0 words; 10 to 50 are needed"]


@pytest.mark.parametrize(
    ("text", "words"),
    [("", 0), (" \n ", 0), ("one", 1), ("off-centre grip", 2), ("a - b — c", 3), ("4.3 N at\tframe\n88.", 5), ("…", 0)],
)
def test_words_are_counted_as_people_count(text: str, words: int) -> None:
    assert count_words(text) == words
