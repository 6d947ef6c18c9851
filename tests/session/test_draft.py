"""The draft: every change can be undone, and a success forgets nothing for good."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from failview.model.annotation import (
    Annotation,
    AnnotationRecord,
    Origin,
    Outcome,
    Provenance,
    RecoveryOutcome,
)
from failview.model.taxonomy import Taxonomy
from failview.session.desk.draft import FAILURE_FIELDS, Draft
from failview.sidecars.taxonomy_file import load_default_taxonomy


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return load_default_taxonomy()


def make_draft(taxonomy: Taxonomy, annotation: Annotation | None = None) -> Draft:
    record = AnnotationRecord("demo_1", "ann", taxonomy.id, taxonomy.version, annotation or Annotation())
    return Draft(record, taxonomy)


CHANGES = st.one_of(
    st.tuples(st.just("outcome"), st.sampled_from(Outcome)),
    st.tuples(st.just("category"), st.sampled_from(["grasp", "placement", "collision"])),
    st.tuples(st.just("onset"), st.integers(0, 300)),
    st.tuples(st.just("recovery"), st.integers(0, 300)),
    st.tuples(st.just("text"), st.text(max_size=12)),
    st.tuples(st.just("confidence"), st.floats(0, 1)),
)


def apply_change(draft: Draft, change: tuple[str, object]) -> None:
    kind, value = change
    {
        "outcome": draft.set_outcome,
        "category": draft.set_category,
        "onset": lambda frame: draft.set_fields({"failure_onset_frame": frame}),
        "recovery": draft.set_recovery_start,
        "text": lambda text: draft.set_text("root_cause", text),
        "confidence": lambda number: draft.set_fields({"annotator_confidence": number}),
    }[kind](value)


@given(changes=st.lists(CHANGES, max_size=20))
def test_undo_goes_back_to_the_beginning_and_redo_to_the_end(changes: list[tuple[str, object]]) -> None:
    draft = make_draft(load_default_taxonomy())
    for change in changes:
        apply_change(draft, change)
    end = draft.annotation
    while draft.undo():
        pass
    assert draft.annotation == Annotation()
    while draft.redo():
        pass
    assert draft.annotation == end


def test_an_unchanged_value_is_no_step(taxonomy: Taxonomy) -> None:
    draft = make_draft(taxonomy)
    draft.set_outcome(Outcome.FAILURE)
    draft.set_outcome(Outcome.FAILURE)
    draft.undo()
    assert not draft.can_undo


def test_a_success_clears_what_only_a_failure_has_and_brings_it_back(taxonomy: Taxonomy) -> None:
    draft = make_draft(taxonomy)
    draft.set_category("grasp")
    draft.set_fields({"failure_subcategory": "missed_grasp", "failure_onset_frame": 7, "notes": "kept"})
    before = draft.annotation
    draft.set_outcome(Outcome.SUCCESS)
    blank = Annotation()
    assert all(getattr(draft.annotation, name) == getattr(blank, name) for name in FAILURE_FIELDS)
    assert draft.annotation.notes == "kept"
    assert set(draft.annotation.provenance) == {"outcome", "notes"}
    draft.set_outcome(Outcome.FAILURE)
    assert draft.annotation.failure_subcategory == "missed_grasp"
    assert draft.annotation.failure_onset_frame == 7
    draft.undo()
    draft.undo()
    assert draft.annotation == before


def test_another_category_clears_the_subcategory_that_does_not_belong(taxonomy: Taxonomy) -> None:
    draft = make_draft(taxonomy)
    draft.set_category("grasp")
    draft.set_fields({"failure_subcategory": "missed_grasp"})
    draft.set_category("placement")
    assert draft.annotation.failure_subcategory is None
    draft.undo()
    assert draft.annotation.failure_subcategory == "missed_grasp"


def test_a_category_without_an_outcome_means_failure(taxonomy: Taxonomy) -> None:
    draft = make_draft(taxonomy)
    draft.set_category("grasp")
    assert draft.annotation.outcome is Outcome.FAILURE


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [(Outcome.FAILURE, RecoveryOutcome.FAILED_RECOVERY), (Outcome.PARTIAL_SUCCESS, RecoveryOutcome.RECOVERED)],
)
def test_a_recovery_mark_says_that_there_was_one(
    taxonomy: Taxonomy, outcome: Outcome, expected: RecoveryOutcome
) -> None:
    draft = make_draft(taxonomy)
    draft.set_outcome(outcome)
    draft.set_recovery_start(12)
    assert (draft.annotation.recovery_attempted, draft.annotation.recovery_outcome) == (True, expected)


def test_the_outcome_of_a_recovery_follows_the_outcome_of_the_episode(taxonomy: Taxonomy) -> None:
    draft = make_draft(taxonomy)
    draft.set_outcome(Outcome.FAILURE)
    draft.set_recovery_start(12)
    draft.set_outcome(Outcome.PARTIAL_SUCCESS)
    assert draft.annotation.recovery_outcome is RecoveryOutcome.RECOVERED


def test_typing_is_undone_word_by_word(taxonomy: Taxonomy) -> None:
    draft = make_draft(taxonomy)
    typed = "the cup slipped"
    for length in range(1, len(typed) + 1):
        draft.set_text("root_cause", typed[:length])
    seen = [draft.annotation.root_cause]
    while draft.undo():
        seen.append(draft.annotation.root_cause)
    assert seen == ["the cup slipped", "the cup ", "the ", ""]


def test_a_change_between_two_words_is_a_step_of_its_own(taxonomy: Taxonomy) -> None:
    draft = make_draft(taxonomy)
    draft.set_text("root_cause", "a")
    draft.set_outcome(Outcome.FAILURE)
    draft.set_text("root_cause", "ab")
    draft.undo()
    assert (draft.annotation.root_cause, draft.annotation.outcome) == ("a", Outcome.FAILURE)


def test_a_hand_that_overrides_a_detector_leaves_it_named(taxonomy: Taxonomy) -> None:
    proposed = Provenance(Origin.PROPOSED, "grasp", 0.86)
    draft = make_draft(taxonomy)
    draft.set_fields({"failure_onset_frame": 88}, {"failure_onset_frame": proposed})
    draft.set_fields({"failure_onset_frame": 90})
    assert draft.annotation.provenance["failure_onset_frame"] == Provenance(Origin.CHANGED, "grasp", 0.86)


def test_a_hand_that_chooses_what_was_proposed_accepts_it(taxonomy: Taxonomy) -> None:
    draft = make_draft(taxonomy)
    draft.set_fields({"failure_onset_frame": 88}, {"failure_onset_frame": Provenance(Origin.PROPOSED, "grasp", 0.86)})
    draft.set_fields({"failure_onset_frame": 88})
    assert draft.annotation.provenance["failure_onset_frame"] == Provenance(Origin.ACCEPTED, "grasp", 0.86)
    draft.undo()
    assert draft.annotation.provenance["failure_onset_frame"].origin is Origin.PROPOSED


def test_a_cleared_field_has_no_provenance(taxonomy: Taxonomy) -> None:
    draft = make_draft(taxonomy)
    draft.set_fields({"failure_onset_frame": 0})
    assert "failure_onset_frame" in draft.annotation.provenance
    draft.set_fields({"failure_onset_frame": None})
    assert "failure_onset_frame" not in draft.annotation.provenance


def test_unknown_fields_are_refused(taxonomy: Taxonomy) -> None:
    draft = make_draft(taxonomy)
    with pytest.raises(ValueError, match="no such field: outcom"):
        draft.set_fields({"outcom": Outcome.FAILURE})
    with pytest.raises(ValueError, match="not a text field"):
        draft.set_text("outcome", "x")
