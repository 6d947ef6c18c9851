"""Re-test, practice and exam draw few episodes, the same again until they are done, and none that was seen."""

from datetime import UTC, datetime

import pytest

from failview.model.annotation import Annotation, AnnotationRecord, Outcome, Stage, StageRecord
from failview.model.guise import Guise, guise_of, in_guise
from failview.quality.label_row import row_of
from failview.quality.labels import Labels
from failview.session.work.errands import errand, gold_labels, last_attempt, own_episodes, unseen
from failview.session.work.practice import Practice
from failview.sidecars.taxonomy_file import load_default_taxonomy

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SUCCESS = Annotation(Outcome.SUCCESS)
SLIP = Annotation(Outcome.FAILURE, "grasp", "slip_during_lift", 50, proximal_cause="grip_force_too_low")


def record(number: int, annotator: str, *, day: int = 1, done: bool = True, label: Annotation = SUCCESS):
    at = f"2026-02-{day:02d}T00:00:00+00:00"
    stages = {Stage.DETAIL: StageRecord(at if done else None, 3.0)}
    return AnnotationRecord(f"demo_{number}", annotator, "t", "1", label, stages, num_frames=99, saved_at=at)


def labels(*records: AnnotationRecord) -> Labels:
    return Labels(tuple(row_of(item) for item in records), {})


@pytest.mark.parametrize("name", ["anna", "anna (the tall one)", "retest", "(exam)", "anna(exam)"])
def test_plain_names_are_no_guises(name: str) -> None:
    assert guise_of(name) is None


@pytest.mark.parametrize("guise", list(Guise))
@pytest.mark.parametrize("number", [1, 2, 17])
def test_a_guise_tells_who_why_and_how_often(guise: Guise, number: int) -> None:
    assert guise_of(in_guise("anna b.", guise, number)) == ("anna b.", guise, number)


def test_what_is_done_in_a_guise_is_no_label() -> None:
    found = labels(record(0, "anna"), record(1, "anna (retest)"), record(0, "anna (exam)", label=SLIP, day=9))
    assert list(found.by_annotator) == ["anna"]
    assert {key: row.annotator for key, row in found.final.items()} == {"demo_0": "anna"}


def test_a_retest_takes_finished_episodes_of_ones_own_after_a_time() -> None:
    found = labels(record(0, "anna", day=1), record(1, "anna", day=25), record(2, "ben"), record(3, "anna", done=False))
    assert own_episodes(found, "anna", 7.0, NOW) == {"demo_0"}
    assert own_episodes(found, "anna", 0.0, NOW) == {"demo_0", "demo_1"}


def test_the_same_episodes_are_drawn_until_all_are_done() -> None:
    mine = [record(number, "anna") for number in range(50)]
    pool = {item.episode_id for item in mine}
    first = errand(labels(*mine), "anna", Guise.RETEST, pool, 8)
    assert (first.annotator, len(first.episode_ids)) == ("anna (retest)", 8)
    assert errand(labels(*mine), "anna", Guise.RETEST, pool, 8) == first
    numbers = [int(key.removeprefix("demo_")) for key in first.episode_ids]
    begun = [record(number, "anna (retest)") for number in numbers[:3]]
    assert errand(labels(*mine, *begun), "anna", Guise.RETEST, pool, 8) == first
    half_done = [*begun[:2], record(numbers[2], "anna (retest)", done=False)]
    assert errand(labels(*mine, *half_done), "anna", Guise.RETEST, pool, 8) == first
    over = [record(number, "anna (retest)") for number in numbers]
    second = errand(labels(*mine, *over), "anna", Guise.RETEST, pool, 8)
    assert second.annotator == "anna (retest 2)"
    assert not set(second.episode_ids) & set(first.episode_ids)
    assert last_attempt(labels(*mine, *over), "anna", Guise.RETEST) == "anna (retest)"


def test_another_person_is_given_others() -> None:
    pool = {f"demo_{number}" for number in range(200)}
    draws = {errand(labels(), who, Guise.EXAM, pool, 20).episode_ids for who in ("anna", "ben", "carla")}
    assert len(draws) == 3


def test_when_all_are_used_up_nothing_is_drawn() -> None:
    pool = {"demo_0", "demo_1"}
    over = labels(record(0, "anna (practice)"), record(1, "anna (practice)"))
    assert errand(over, "anna", Guise.PRACTICE, pool, 30).episode_ids == ()


def test_an_exam_takes_what_was_never_seen() -> None:
    found = labels(
        *(record(number, "gold") for number in range(6)),
        record(0, "anna"),
        record(1, "anna (practice)"),
        record(2, "anna (exam)"),
        record(3, "ben"),
    )
    answers = gold_labels(found, "gold")
    assert unseen(found, "anna", Guise.EXAM, answers) == {"demo_2", "demo_3", "demo_4", "demo_5"}
    assert gold_labels(found, "nobody") == {}


# ---------------------------------------------------------------------------------------------------------- practice


def told(said: Annotation, answer: Annotation) -> dict[str, tuple[bool, str]]:
    practice = Practice({"demo_0": answer}, load_default_taxonomy())
    practice.judge("demo_0", said)
    assert practice.last is not None
    assert practice.results == {"demo_0": practice.last.is_right}
    return {item.field: (item.is_right, item.words) for item in practice.last.fields}


def test_what_is_right_is_told() -> None:
    found = told(SLIP, SLIP)
    assert all(right for right, _ in found.values())
    assert list(found) == ["outcome", "failure_subcategory", "failure_onset_frame", "proximal_cause"]


def test_a_confusion_is_named_with_both_definitions() -> None:
    said = Annotation(Outcome.FAILURE, "placement", "dropped_in_transport", 62)
    found = told(said, SLIP)
    right, words = found["failure_subcategory"]
    assert not right
    assert words.startswith("you said dropped in transport, gold says slip during lift.")
    assert "Dropped in transport: The object leaves" in words
    assert "Slip during lift: The object is gripped" in words
    assert found["failure_onset_frame"] == (False, "62 is 12 frames too late: gold 50")


@pytest.mark.parametrize(
    ("onset", "right", "words"),
    [
        (55, True, "55, gold 50"),
        (44, False, "44 is 6 frames too early: gold 50"),
        (None, False, "not set; the gold label says 50"),
    ],
)
def test_an_onset_within_five_frames_is_right(onset: int | None, right: bool, words: str) -> None:
    said = Annotation(Outcome.FAILURE, "grasp", "slip_during_lift", onset)
    assert told(said, SLIP)["failure_onset_frame"] == (right, words)


def test_a_wrong_outcome_is_all_that_is_told() -> None:
    assert told(SUCCESS, SLIP) == {"outcome": (False, "you said success, gold says failure")}


def test_without_an_answer_nothing_is_told() -> None:
    practice = Practice({}, load_default_taxonomy())
    practice.judge("demo_0", SLIP)
    assert practice.last is None
