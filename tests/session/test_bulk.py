"""Bulk acceptance: what is sure, a blind sample of it, and the error that the sample measures."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from failview.model.annotation import Outcome, Stage
from failview.model.detection import EpisodeFindings, FieldProposal, ProposedField
from failview.session.work.bulk import BulkResult
from failview.settings.work_rules import WorkRules
from tests.session.stage_desk import StageDesk

COUNT = 30
RULES = WorkRules(review_share=0.0, blind_share=0.1, audit_share=0.2, audit_least=4)
MakeDesk = Callable[..., StageDesk]


def findings(confidence: float = 0.95) -> dict[str, EpisodeFindings]:
    """Even episodes are proposed as sure successes, odd ones are doubtful."""
    return {
        f"demo_{at}": EpisodeFindings(
            f"demo_{at}",
            (),
            {ProposedField.OUTCOME: FieldProposal("success", confidence if at % 2 == 0 else 0.6, "so", "task_success")},
            {},
        )
        for at in range(COUNT)
    }


@pytest.fixture
def make_desk(tmp_path: Path) -> Iterator[MakeDesk]:
    desks: list[StageDesk] = []

    def make(known: dict[str, EpisodeFindings] | None = None) -> StageDesk:
        for desk in desks:
            desk.session.close()
        desks.append(StageDesk(tmp_path, Stage.TRIAGE, known or findings(), count=COUNT, rules=RULES))
        return desks[-1]

    yield make
    for desk in desks:
        desk.session.close()


def carry_out(desk: StageDesk, threshold: float = 0.9) -> BulkResult:
    results: list[BulkResult] = []
    desk.session.bulk.finished.connect(results.append)
    desk.session.bulk.carry_out(desk.session.bulk.plan(threshold))
    desk.run_until(lambda: bool(results))
    return results[0]


def test_only_sure_ones_that_nobody_touched_are_planned(make_desk: MakeDesk) -> None:
    desk = make_desk()
    plan = desk.session.bulk.plan(0.9)
    chosen = {*plan.accepted, *plan.audited}
    blind = {key for key, known in desk.session.board.known.items() if known.blind}
    assert len(blind) == 3
    assert chosen == {f"demo_{at}" for at in range(0, COUNT, 2)} - blind
    assert len(plan.audited) == 4
    assert plan.outcomes == {Outcome.SUCCESS: len(plan.accepted)}
    assert desk.session.bulk.plan(0.96).accepted == ()
    seen = desk.session.bulk.plan(0.9, without={plan.accepted[0]})
    assert plan.accepted[0] not in {*seen.accepted, *seen.audited}
    few = desk.session.bulk.plan(0.9, among=set(plan.accepted[:2]))
    assert {*few.accepted, *few.audited} == set(plan.accepted[:2])


def test_accepted_ones_are_done_and_the_sample_is_labelled_blind(make_desk: MakeDesk) -> None:
    desk = make_desk()
    plan = desk.session.bulk.plan(0.9)
    result = carry_out(desk)
    assert (result.accepted, result.audited, result.left_out) == (len(plan.accepted), 4, {})
    queue = desk.session.queue
    assert all(queue.is_done(key) for key in plan.accepted)
    assert not any(queue.is_done(key) for key in plan.audited)
    assert all(desk.session.is_hidden(key) for key in plan.audited)
    desk.close()
    stored = desk.stored(plan.accepted[0])
    assert stored["outcome"] == "success"
    assert stored["provenance"]["outcome"] == {"origin": "accepted", "detector": "task_success", "confidence": 0.95}
    assert stored["stages"]["triage"]["in_bulk"] is True
    assert stored["stages"]["triage"]["active_s"] == 0.0
    assert desk.stored(plan.audited[0])["audits"][0]["proposed"] == "success"
    assert desk.stored(plan.audited[0])["outcome"] is None


def test_the_blind_sample_measures_the_error(make_desk: MakeDesk) -> None:
    desk = make_desk()
    plan = desk.session.bulk.plan(0.9)
    carry_out(desk)
    said = dict(zip(plan.audited, ("failure", "success", "success", "success"), strict=True))
    for episode_id, outcome in said.items():
        desk.open(episode_id)
        desk.do(outcome)
    audit = desk.session.bulk.audit()
    assert (audit.checked, audit.wrong, audit.left) == (4, 1, 0)
    low, high = audit.interval
    # Wilson's interval of 1 in 4 at 95 %, as statsmodels gives it.
    assert (round(low, 4), round(high, 4)) == (0.0456, 0.6994)
    desk.close()
    assert desk.stored(plan.audited[0])["stages"]["triage"]["blind"] is True
    again = make_desk()
    assert again.session.bulk.audit() == audit
    assert not {*again.session.bulk.plan(0.9).audited} & set(plan.audited)


def test_before_the_first_check_there_is_no_figure(make_desk: MakeDesk) -> None:
    desk = make_desk()
    assert desk.session.bulk.audit().interval is None
    carry_out(desk)
    assert (desk.session.bulk.audit().left, desk.session.bulk.audit().interval) == (4, None)


def test_a_proposal_that_changed_since_is_left_out_with_the_reason(make_desk: MakeDesk) -> None:
    desk = make_desk()
    plan = desk.session.bulk.plan(0.9)
    changed = findings(0.5)
    desk.source.change(plan.accepted[0], changed[plan.accepted[0]])
    desk.source.change(plan.accepted[1], None)
    result = carry_out(desk)
    assert set(result.left_out) == set(plan.accepted[:2])
    assert all("failview detect" in reason for reason in result.left_out.values())
    assert not desk.session.queue.is_done(plan.accepted[0])


def test_what_was_accepted_before_a_stop_stays(make_desk: MakeDesk) -> None:
    desk = make_desk()
    plan = desk.session.bulk.plan(0.9)
    gate = desk.source.gate_known(plan.accepted[2])
    results: list[BulkResult] = []
    desk.session.bulk.finished.connect(results.append)
    desk.session.bulk.carry_out(plan)
    desk.run_until(lambda: desk.session.queue.is_done(plan.accepted[1]))
    desk.session.bulk.cancel()
    gate.set()
    desk.run_until(lambda: bool(results))
    assert results[0].cancelled
    assert results[0].accepted == 3
    assert not desk.session.queue.is_done(plan.accepted[3])


def test_a_skipped_episode_is_left_alone(make_desk: MakeDesk) -> None:
    desk = make_desk()
    skipped = desk.session.bulk.plan(0.9).accepted[0]
    desk.open(skipped)
    desk.session.put_off("camera frozen")
    plan = desk.session.bulk.plan(0.9)
    assert skipped not in {*plan.accepted, *plan.audited}


def test_the_first_answer_counts_not_what_is_said_once_the_proposal_is_seen(make_desk: MakeDesk) -> None:
    desk = make_desk()
    plan = desk.session.bulk.plan(0.9)
    carry_out(desk)
    desk.open(plan.audited[0])
    desk.do("failure")
    desk.open(plan.audited[0])
    desk.do("success")
    assert desk.session.board.of(plan.audited[0]).work.outcome is Outcome.SUCCESS
    assert (desk.session.bulk.audit().checked, desk.session.bulk.audit().wrong) == (1, 1)
