"""A record moved to the next version: exactly what the mapping says, and nothing else."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given

from failview.model.annotation import (
    Annotation,
    AnnotationRecord,
    CausalLink,
    ChangedField,
    FurtherFailure,
    Origin,
    Outcome,
    Provenance,
    ReReview,
    Stage,
    StageRecord,
)
from failview.model.taxonomy import Taxonomy
from failview.sidecars.codec import BrokenSidecarError, decode, encode
from failview.sidecars.migration import migrate_record
from failview.sidecars.taxonomy_file import load_default_taxonomy
from failview.sidecars.taxonomy_mapping import Change, TaxonomyMapping, ids_of, load_mapping
from failview.sidecars.validation import validate_record
from failview.sidecars.work_done import work_of
from tests.sidecars.next_version import MAPPING, mapping_to_second_version

MakeRecord = Callable[..., AnnotationRecord]
AT = "2025-02-01T12:00:00+00:00"


@pytest.fixture(scope="session")
def mapping(tmp_path_factory: pytest.TempPathFactory) -> TaxonomyMapping:
    return mapping_to_second_version(tmp_path_factory.mktemp("v2"))


CASES = {
    "renamed": ("grasp", "missed_grasp", "grasp", "empty_grasp", False),
    "split": ("grasp", "slip_during_lift", "grasp", "early_slip", True),
    "removed": ("grasp", "unstable_grasp", "grasp", "other_grasp", True),
    "redefined": ("placement", "dropped_in_transport", "placement", "dropped_in_transport", True),
    "moved": ("placement", "tipped_after_release", "collision", "tipped_after_release", False),
    "merged": ("collision", "arm_environment", "collision", "robot_contact", False),
    "renamed category": ("perception", "invalid_depth", "sensing", "invalid_depth", False),
    "both renamed": ("perception", "other_perception", "sensing", "other_sensing", False),
    "category alone": ("perception", None, "sensing", None, False),
    "untouched": ("planning", "joint_limit", "planning", "joint_limit", False),
    "nothing": (None, None, None, None, False),
}


@pytest.mark.parametrize("case", CASES)
def test_categories_and_subcategories(make_record: MakeRecord, mapping: TaxonomyMapping, case: str) -> None:
    category, subcategory, new_category, new_subcategory, again = CASES[case]
    before = make_record(failure_category=category, failure_subcategory=subcategory)
    moved = migrate_record(before, mapping, AT)
    label = moved.record.annotation
    assert (label.failure_category, label.failure_subcategory) == (new_category, new_subcategory)
    assert (moved.record.taxonomy_id, moved.record.taxonomy_version) == ("failview-tabletop", "2.0.0")
    assert bool(moved.record.re_reviews) is bool(moved.to_decide) is again
    assert moved.unknown == ()
    assert validate_record(moved.record, mapping.target, num_frames=120, finished=False) == []


def test_the_request_to_look_again_says_what_and_why(make_record: MakeRecord, mapping: TaxonomyMapping) -> None:
    moved = migrate_record(make_record(proximal_cause="object_rolled"), mapping, AT)
    slip = "Slips are told apart by the height at which they begin."
    rolled = "It said nothing that the pictures do not show."
    changes = (
        ChangedField("failure_subcategory", "slip_during_lift", "early_slip", slip, ("early_slip", "late_slip")),
        ChangedField("proximal_cause", "object_rolled", None, rolled),
    )
    asked = ReReview(AT, "failview-tabletop 1.0.0", "failview-tabletop 2.0.0", changes)
    assert moved.record.re_reviews == (asked,)
    assert decode(encode(moved.record)) == moved.record


def test_what_a_newer_failview_adds_to_a_request_survives(make_record: MakeRecord, mapping: TaxonomyMapping) -> None:
    document = json.loads(encode(migrate_record(make_record(), mapping, AT).record))
    document["re_review"][0]["by"] = "the new version"
    document["re_review"][0]["changes"][0]["weight"] = [1, {"a": 2}]
    record = decode(json.dumps(document).encode())
    assert json.loads(encode(record)) == document
    assert (
        json.loads(encode(replace(record, annotation=replace(record.annotation, notes="changed"))))["re_review"]
        == (document["re_review"])
    )


@pytest.mark.parametrize("wrong", [3, [3], [{"changes": 1}], [{"changes": [{"candidates": "x"}]}], [{"from": 1}]])
def test_a_request_of_the_wrong_kind_is_a_broken_sidecar(make_record: MakeRecord, wrong: object) -> None:
    document = json.loads(encode(make_record())) | {"re_review": wrong}
    with pytest.raises(BrokenSidecarError):
        decode(json.dumps(document).encode())


def test_causes_chains_and_further_failures_move_too(make_record: MakeRecord, mapping: TaxonomyMapping) -> None:
    before = make_record(
        failure_category="planning",
        failure_subcategory="joint_limit",
        proximal_cause="released_high",
        distal_cause="occluded_target",
        causal_chain=(CausalLink("occluded_target", "the hand went too high", 3), CausalLink("released_high", "", 9)),
        further_failures=(FurtherFailure("perception", "invalid_depth", 5), FurtherFailure("grasp", "missed_grasp", 8)),
    )
    label = migrate_record(before, mapping, AT).record.annotation
    assert (label.proximal_cause, label.distal_cause) == ("opened_high", "cluttered_scene")
    assert label.causal_chain == (
        CausalLink("cluttered_scene", "the hand went too high", 3),
        CausalLink("opened_high", "", 9),
    )
    assert label.further_failures == (
        FurtherFailure("sensing", "invalid_depth", 5),
        FurtherFailure("grasp", "empty_grasp", 8),
    )


def test_provenance_stays_but_for_a_field_that_was_cleared(make_record: MakeRecord, mapping: TaxonomyMapping) -> None:
    accepted = Provenance(Origin.ACCEPTED, "grasp", 0.8)
    how = dict.fromkeys(("outcome", "failure_subcategory", "proximal_cause", "distal_cause"), accepted)
    moved = migrate_record(make_record(proximal_cause="object_rolled", provenance=how), mapping, AT)
    assert moved.record.annotation.provenance == dict.fromkeys(
        ("outcome", "failure_subcategory", "distal_cause"), accepted
    )


def test_an_id_that_nobody_knows_is_named(make_record: MakeRecord, mapping: TaxonomyMapping) -> None:
    before = make_record(failure_subcategory="slipped", distal_cause="ghost")
    assert migrate_record(before, mapping, AT).unknown == (
        "failure_subcategory: taxonomy.migration.toml says nothing of 'slipped', and it is not kept",
        "distal_cause: taxonomy.migration.toml says nothing of 'ghost', and it is not kept",
    )


def test_a_move_to_another_category_must_be_declared(make_record: MakeRecord, tmp_path: Path) -> None:
    silent = mapping_to_second_version(
        tmp_path, MAPPING.replace('[[subcategories]]\nid = "tipped_after_release"\nchange = "moved"\n', "")
    )
    before = make_record(failure_category="placement", failure_subcategory="tipped_after_release")
    (text,) = migrate_record(before, silent, AT).unknown
    assert "tipped_after_release belongs to collision now, not to placement" in text


def test_the_mapping_decides_whether_somebody_looks_again(make_record: MakeRecord, tmp_path: Path) -> None:
    text = MAPPING.replace('change = "split"', 'change = "split"\nre_review = false').replace(
        'to = "empty_grasp"', 'to = "empty_grasp"\nre_review = true\nreason = "The name misled some."'
    )
    mapping = mapping_to_second_version(tmp_path, text)
    assert migrate_record(make_record(), mapping, AT).record.re_reviews == ()
    asked = migrate_record(make_record(failure_subcategory="missed_grasp"), mapping, AT).record.re_reviews
    assert [change.reason for item in asked for change in item.changes] == ["The name misled some."]


def test_an_episode_is_to_be_reviewed_until_it_was(make_record: MakeRecord, mapping: TaxonomyMapping) -> None:
    reviewed = replace(make_record(), stages={Stage.REVIEW: StageRecord("2025-01-31T12:00:00+00:00", 3.0)})
    assert not work_of(reviewed).re_review_due
    moved = migrate_record(reviewed, mapping, AT).record
    assert moved.stages == reviewed.stages
    assert moved.due_re_reviews == moved.re_reviews != ()
    assert work_of(moved).re_review_due
    again = replace(moved, stages={Stage.REVIEW: StageRecord("2025-02-01T12:00:01+00:00", 9.0)})
    assert again.due_re_reviews == ()
    assert not work_of(again).re_review_due


OLD = load_default_taxonomy()
PAIRS = [(category.id, sub.id) for category in OLD.categories for sub in category.subcategories]
TEXT = st.text(max_size=10) | st.sampled_from([*ids_of(OLD, "proximal_causes"), *ids_of(OLD, "distal_causes")])


@st.composite
def records(draw: st.DrawFn) -> AnnotationRecord:
    """Any record of the first version whose ids are those of its taxonomy."""
    category, subcategory = draw(st.sampled_from([*PAIRS, (None, None), *((item.id, None) for item in OLD.categories)]))
    label = Annotation(
        outcome=draw(st.sampled_from([None, Outcome.FAILURE, Outcome.PARTIAL_SUCCESS])),
        failure_category=category,
        failure_subcategory=subcategory,
        failure_onset_frame=draw(st.none() | st.integers(0, 50)),
        proximal_cause=draw(st.sampled_from([None, *ids_of(OLD, "proximal_causes")])),
        distal_cause=draw(st.sampled_from([None, *ids_of(OLD, "distal_causes")])),
        causal_chain=tuple(draw(st.lists(st.builds(CausalLink, TEXT, TEXT, st.none() | st.integers(0, 50))))),
        further_failures=tuple(
            FurtherFailure(*pair, frame)
            for pair, frame in draw(st.lists(st.tuples(st.sampled_from(PAIRS), st.integers(0, 50)), max_size=3))
        ),
        notes=draw(st.text(max_size=20)),
        provenance=draw(st.dictionaries(st.sampled_from(["outcome", "notes"]), st.just(Provenance(Origin.MANUAL)))),
    )
    unknown = draw(st.dictionaries(st.sampled_from(["colour", "mood"]), st.integers()))
    return AnnotationRecord("demo_0", "anna", OLD.id, OLD.version, label, num_frames=120, unknown_fields=unknown)


def old_ids(record: AnnotationRecord) -> set[tuple[str, str | None]]:
    """(kind, id) of everything that a record names."""
    label = record.annotation
    pairs = [
        (label.failure_category, label.failure_subcategory),
        *((item.category, item.subcategory) for item in label.further_failures),
    ]
    named = {("categories", category) for category, _ in pairs} | {("subcategories", sub) for _, sub in pairs}
    named |= {("proximal_causes", label.proximal_cause), ("distal_causes", label.distal_cause)}
    texts = {text for link in label.causal_chain for text in (link.cause, link.effect)}
    return named | {(kind, text) for kind in ("proximal_causes", "distal_causes", "subcategories") for text in texts}


@given(records())
def test_any_record_becomes_one_of_the_new_version(mapping: TaxonomyMapping, record: AnnotationRecord) -> None:
    moved = migrate_record(record, mapping, AT)
    assert moved.unknown == ()
    assert validate_record(moved.record, mapping.target, num_frames=120, finished=False) == []
    assert decode(encode(moved.record)) == moved.record

    meaning_changed = {
        (kind, key)
        for kind, table in mapping.mapped.items()
        for key, item in table.items()
        if item.change in (Change.SPLIT, Change.REMOVED, Change.REDEFINED)
    }
    assert bool(moved.record.re_reviews) is bool(old_ids(record) & meaning_changed), "exactly those that it touches"
    mapped = {(kind, key) for kind, table in mapping.mapped.items() for key in table}
    if not old_ids(record) & mapped:
        assert moved.changes == ()
        assert replace(moved.record, taxonomy_version="1.0.0") == record
    untouched = ("outcome", "failure_onset_frame", "notes", "provenance")
    assert all(getattr(moved.record.annotation, name) == getattr(record.annotation, name) for name in untouched)
    assert moved.record.unknown_fields == record.unknown_fields


def test_there_and_back_again(taxonomy: Taxonomy, tmp_path: Path, mapping: TaxonomyMapping) -> None:
    """Renames lose nothing: the way back brings every label back."""
    back = tmp_path / "back.toml"
    back.write_text(
        'from = "failview-tabletop 2.0.0"\nto = "failview-tabletop 1.0.0"\n'
        '[[categories]]\nid = "sensing"\nchange = "renamed"\nto = "perception"\n'
        '[[subcategories]]\nid = "other_sensing"\nchange = "renamed"\nto = "other_perception"\n'
        '[[subcategories]]\nid = "empty_grasp"\nchange = "renamed"\nto = "missed_grasp"\n'
        '[[subcategories]]\nid = "tipped_after_release"\nchange = "moved"\n'
        '[[proximal_causes]]\nid = "opened_high"\nchange = "renamed"\nto = "released_high"\n',
        encoding="utf-8",
    )
    (tmp_path / "back.migration.toml").write_text(back.read_text(encoding="utf-8"), encoding="utf-8")
    home = load_mapping(back, taxonomy)
    lossless = {"other_perception", "missed_grasp", "tipped_after_release", "joint_limit", "object_knocked_over"}
    for category, subcategory in PAIRS:
        if subcategory not in lossless:
            continue
        label = Annotation(
            outcome=Outcome.FAILURE,
            failure_category=category,
            failure_subcategory=subcategory,
            proximal_cause="released_high",
        )
        record = AnnotationRecord("demo_0", "anna", OLD.id, OLD.version, label)
        there = migrate_record(record, mapping, AT).record
        assert there != record
        assert migrate_record(there, home, AT).record == record
