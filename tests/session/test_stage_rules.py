"""Which episodes a stage is for, when it is done with one, and in which order it takes them."""

from dataclasses import replace

import pytest

from failview.loaders.dataset import EpisodeEntry
from failview.model.annotation import Outcome, Stage, StageRecord
from failview.model.review import Audit
from failview.proposals.short_proposals import ShortProposal
from failview.session.work.queue_filter import QueueFilter, Show
from failview.session.work.samples import seeded_sample
from failview.session.work.stage_rules import (
    KnownEpisode,
    ReviewReason,
    is_done,
    is_due,
    most_informative,
    review_reasons,
)
from failview.session.work.work_board import WorkBoard
from failview.settings.work_rules import WorkRules
from failview.sidecars.work_done import WorkDone

AT = "2026-01-05T10:00:00+00:00"
NO_SAMPLES = WorkRules(review_share=0.0, blind_share=0.0)


def work(
    episode_id: str = "e0",
    outcome: Outcome | None = Outcome.SUCCESS,
    *finished: Stage,
    subcategory: str | None = None,
    who: str = "anna",
    onset: int | None = None,
) -> WorkDone:
    stages = {stage: StageRecord(AT, 2.0) for stage in finished}
    return WorkDone(episode_id, who, AT, outcome, subcategory, stages, re_review_due=False, onset_frame=onset)


def entries(count: int) -> list[EpisodeEntry]:
    return [EpisodeEntry(f"e{number}", 40, 20.0, "lift the cube") for number in range(count)]


def board(count: int, *works: WorkDone, rules: WorkRules = NO_SAMPLES, **proposals: ShortProposal) -> WorkBoard:
    return WorkBoard(entries(count), "anna", works, proposals, rules)


def order(made: WorkBoard, stage: Stage, wanted: QueueFilter | None = None) -> list[str]:
    return [entry.episode_id for entry in made.queue(stage, wanted).entries]


def proposed(confidence: float, outcome: Outcome = Outcome.SUCCESS, kind: str | None = None) -> ShortProposal:
    return ShortProposal(outcome, confidence, kind, confidence if kind else 0.0)


def test_triage_takes_all_and_the_ambiguous_first() -> None:
    made = board(5, e0=proposed(0.97), e1=proposed(0.8), e2=proposed(0.45), e4=proposed(0.56))
    # e4 is nearest to the middle of 0.4 to 0.7, e2 within; e3 has no proposal, so it is least sure of the rest.
    assert order(made, Stage.TRIAGE) == ["e4", "e2", "e3", "e1", "e0"]


def test_detail_takes_failures_and_then_what_nobody_triaged() -> None:
    failed = work("e2", Outcome.FAILURE, Stage.TRIAGE)
    near = work("e3", Outcome.PARTIAL_SUCCESS, Stage.TRIAGE)
    good = work("e0", Outcome.SUCCESS, Stage.TRIAGE)
    assert order(board(4, failed, near, good), Stage.DETAIL) == ["e2", "e3", "e1"]


def test_what_was_labelled_in_detail_needs_no_triage() -> None:
    known = KnownEpisode(0, work("e0", Outcome.FAILURE, Stage.DETAIL))
    assert is_done(Stage.TRIAGE, known)
    assert not is_done(Stage.REVIEW, known)


def test_a_skipped_episode_comes_last() -> None:
    skipped = replace(work("e0", None), stages={Stage.TRIAGE: StageRecord(None, 1.0, "picture missing")})
    assert order(board(3, skipped), Stage.TRIAGE) == ["e1", "e2", "e0"]
    assert order(board(3, skipped), Stage.TRIAGE, QueueFilter(Show.SKIPPED)) == ["e0"]


SLIP = work("e0", Outcome.FAILURE, Stage.DETAIL, subcategory="slip_during_lift", onset=40)


@pytest.mark.parametrize(
    ("proposal", "contradicts"),
    [
        (ShortProposal(Outcome.FAILURE, 0.9, "slip_during_lift", 0.8, 43), False),
        (ShortProposal(Outcome.FAILURE, 0.9, "slip_during_lift", 0.8, 60), True),
        (ShortProposal(Outcome.FAILURE, 0.9, "missed_grasp", 0.8, 40), True),
        (ShortProposal(Outcome.SUCCESS, 0.9), True),
        (ShortProposal(Outcome.FAILURE, 0.9), False),
    ],
)
def test_review_takes_what_the_detectors_contradict(proposal: ShortProposal, contradicts: bool) -> None:
    known = KnownEpisode(0, SLIP, proposal=proposal)
    assert review_reasons(known) == ([ReviewReason.DETECTORS] if contradicts else [])
    assert is_due(Stage.REVIEW, known) is contradicts


def test_review_takes_what_annotators_disagree_about() -> None:
    other = replace(SLIP, annotator="ben", onset_frame=52)
    assert review_reasons(KnownEpisode(0, SLIP, (other,))) == [ReviewReason.ANNOTATORS]
    assert review_reasons(KnownEpisode(0, SLIP, (replace(other, onset_frame=43),))) == []


def test_a_reviewer_without_labels_gets_those_of_the_others() -> None:
    rules = replace(NO_SAMPLES, review_share=1.0)
    made = WorkBoard(entries(2), "carl", [SLIP], {}, rules)
    assert order(made, Stage.REVIEW) == ["e0"]


def test_nothing_is_reviewed_before_it_is_labelled() -> None:
    triaged_only = work("e0", Outcome.FAILURE, Stage.TRIAGE)
    assert review_reasons(KnownEpisode(0, triaged_only, drawn=True)) == []
    assert review_reasons(KnownEpisode(0, SLIP, drawn=True)) == [ReviewReason.SAMPLE]


def test_a_request_to_look_again_opens_the_review_again() -> None:
    reviewed = work("e0", Outcome.FAILURE, Stage.DETAIL, Stage.REVIEW)
    assert is_done(Stage.REVIEW, KnownEpisode(0, reviewed))
    again = KnownEpisode(0, replace(reviewed, re_review_due=True))
    assert not is_done(Stage.REVIEW, again)
    assert review_reasons(again)[0] is ReviewReason.ASKED


def test_a_fifth_is_drawn_whatever_the_order_of_the_list() -> None:
    ids = [f"demo_{number}" for number in range(200)]
    drawn = seeded_sample(ids, 40, 0, "review")
    assert len(drawn) == 40
    assert drawn == seeded_sample(reversed(ids), 40, 0, "review")
    assert drawn != seeded_sample(ids, 40, 1, "review") != seeded_sample(ids, 40, 1, "blind")
    assert seeded_sample(ids, 10, 0, "review") < drawn


def test_the_blind_subset_is_hidden_until_the_review_of_a_label() -> None:
    made = board(20, rules=WorkRules(blind_share=0.1))
    hidden = [key for key in made.known if made.is_hidden(Stage.TRIAGE, key)]
    assert len(hidden) == 2
    assert hidden == [key for key in made.known if made.is_hidden(Stage.DETAIL, key)]
    assert hidden == [key for key in made.known if made.is_hidden(Stage.REVIEW, key)]
    labelled = replace(work(hidden[0], Outcome.SUCCESS), stages={Stage.TRIAGE: StageRecord(AT, 2.0)})
    assert not board(20, labelled, rules=WorkRules(blind_share=0.1)).is_hidden(Stage.REVIEW, hidden[0])


def test_a_blind_check_is_hidden_until_it_is_triaged() -> None:
    drawn = replace(work("e0", None), audit=Audit(AT, 0.9, "success", 0.97))
    assert board(1, drawn).is_hidden(Stage.TRIAGE, "e0")
    done = replace(drawn, outcome=Outcome.SUCCESS, stages={Stage.TRIAGE: StageRecord(AT, 2.0)})
    assert not board(1, done).is_hidden(Stage.TRIAGE, "e0")


def test_the_first_stage_is_the_first_with_something_left() -> None:
    assert board(2).first_stage() is Stage.TRIAGE
    failed = work("e0", Outcome.FAILURE, Stage.TRIAGE)
    assert board(2, failed, work("e1", Outcome.SUCCESS, Stage.TRIAGE)).first_stage() is Stage.DETAIL
    done = work("e0", Outcome.FAILURE, Stage.TRIAGE, Stage.DETAIL)
    assert board(1, done, rules=replace(NO_SAMPLES, review_share=1.0)).first_stage() is Stage.REVIEW
    assert board(1, done).first_stage() is Stage.TRIAGE


def test_the_rarest_and_most_doubtful_failures_teach_most() -> None:
    known = {
        f"e{at}": KnownEpisode(at, proposal=proposed(0.95, Outcome.FAILURE, "missed_grasp")) for at in range(18)
    } | {"e18": KnownEpisode(18, proposal=proposed(0.95, Outcome.FAILURE, "tipped_after_release"))}
    known["e19"] = KnownEpisode(19, proposal=proposed(0.3, Outcome.FAILURE, "missed_grasp"))
    known["e20"] = KnownEpisode(20, proposal=proposed(0.5))
    assert most_informative(known, 0.1) == {"e18", "e19"}
    assert most_informative({"e20": known["e20"]}, 0.1) == frozenset()


def test_words_narrow_the_queue() -> None:
    slip = work("e1", Outcome.FAILURE, Stage.TRIAGE, subcategory="slip_during_lift")
    other = work("e2", Outcome.FAILURE, Stage.TRIAGE, subcategory="other_grasp")
    made = board(12, slip, other)
    assert order(made, Stage.TRIAGE, QueueFilter(text="SLIP failure")) == ["e1"]
    assert order(made, Stage.TRIAGE, QueueFilter(text="e1")) == ["e1", "e10", "e11"]
    assert order(made, Stage.TRIAGE, QueueFilter(Show.OTHER)) == ["e2"]
    assert order(made, Stage.DETAIL, QueueFilter(Show.FAILURES)) == ["e1", "e2"]
    assert order(made, Stage.TRIAGE, QueueFilter(text="nothing of the kind")) == []


def test_a_hidden_proposal_is_not_found_by_its_words() -> None:
    made = board(20, rules=WorkRules(blind_share=0.1), **{f"e{at}": proposed(0.9, Outcome.FAILURE) for at in range(20)})
    found = order(made, Stage.TRIAGE, QueueFilter(Show.FAILURES))
    assert len(found) == 18
    assert not any(made.is_hidden(Stage.TRIAGE, key) for key in found)
