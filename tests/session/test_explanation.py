"""Causes, causal chain and further failures: said, taken back, and never said of a success."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from failview.model.annotation import Attribution, CausalLink, FurtherFailure, Origin, Outcome, Provenance, Severity
from failview.session.explaining.explanation import Explanation
from tests.fakes.fake_findings import FakeFindings, slip_findings
from tests.session.test_session import Desk

NO_CAUSES = "A success has no causes. Press F or P first."


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    desk.open("demo_1")
    desk.session.labelling.set_outcome(Outcome.FAILURE)
    yield desk
    desk.session.close()


@pytest.fixture
def explanation(desk: Desk) -> Explanation:
    return desk.session.explanation


def origin_of(desk: Desk, field: str) -> Provenance:
    return desk.label.provenance[field]


def test_a_cause_is_said_on_disk_and_taken_back(desk: Desk, explanation: Explanation) -> None:
    explanation.causes.choose("proximal_cause", "off_centre_contact")
    explanation.causes.choose("distal_cause", "steep_approach")
    desk.wait_until_saved()
    stored = desk.stored("demo_1")
    assert (stored["proximal_cause"], stored["distal_cause"]) == ("off_centre_contact", "steep_approach")
    assert origin_of(desk, "proximal_cause").origin is Origin.MANUAL
    explanation.causes.choose("proximal_cause", None)
    assert "proximal_cause" not in desk.label.provenance
    desk.session.labelling.undo()
    assert desk.label.proximal_cause == "off_centre_contact"


def test_keys_go_round_and_each_stroke_is_a_step(desk: Desk, explanation: Explanation) -> None:
    go_round = explanation.causes.go_round
    seen = []
    for _ in range(4):
        go_round("severity")
        seen.append(desk.label.severity)
    assert seen == [Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.LOW]
    desk.session.labelling.undo()
    assert desk.label.severity is Severity.HIGH
    go_round("preventable")
    go_round("preventable")
    assert desk.label.preventable is False
    go_round("attribution")
    assert desk.label.attribution is Attribution.ROBOT_FAILURE


def test_a_success_has_none_of_it_and_says_so(desk: Desk, explanation: Explanation) -> None:
    desk.session.labelling.set_outcome(Outcome.SUCCESS)
    before = desk.label
    explanation.causes.choose("proximal_cause", "off_centre_contact")
    explanation.causes.go_round("attribution")
    explanation.chain.type_text(0, "cause", "x")
    explanation.further.add_here("missed_grasp")
    explanation.clips.set_here()
    assert desk.label == before
    assert desk.notices == [NO_CAUSES] * 5


def test_a_partial_success_has_causes(desk: Desk, explanation: Explanation) -> None:
    desk.session.labelling.set_outcome(Outcome.PARTIAL_SUCCESS)
    explanation.causes.go_round("severity")
    assert desk.label.severity is Severity.LOW


def test_nothing_is_said_of_what_may_only_be_read(tmp_path: Path) -> None:
    desk = Desk(tmp_path, read_only=True)
    desk.open("demo_1")
    desk.session.explanation.causes.go_round("severity")
    assert desk.label.severity is None
    assert desk.notices == ["read-only: a test"]
    desk.session.close()


def test_the_first_stroke_takes_what_is_proposed_and_the_detector_stays_named(tmp_path: Path) -> None:
    found = slip_findings("demo_1")
    desk = Desk(tmp_path, findings=FakeFindings({"demo_1": found}))
    desk.open("demo_1")
    desk.run_until(lambda: desk.session.judging.of(desk.session.open_episode.episode).findings is found)
    desk.session.labelling.set_outcome(Outcome.FAILURE)
    causes = desk.session.explanation.causes
    causes.go_round("attribution")
    assert desk.label.attribution is Attribution.ROBOT_FAILURE
    assert origin_of(desk, "attribution") == Provenance(Origin.ACCEPTED, "grasp", 0.65)
    causes.choose("attribution", Attribution.AMBIGUOUS)
    assert origin_of(desk, "attribution") == Provenance(Origin.CHANGED, "grasp", 0.65)
    causes.go_round("attribution")
    assert origin_of(desk, "attribution") == Provenance(Origin.ACCEPTED, "grasp", 0.65)
    desk.session.close()


def test_a_chain_is_typed_link_by_link(desk: Desk, explanation: Explanation) -> None:
    chain = explanation.chain
    chain.type_text(0, "cause", "steep approach")
    chain.type_text(0, "effect", "off-centre contact")
    chain.type_text(1, "effect", "mug turned")
    desk.session.transport.seek(17)
    chain.set_frame_here(1)
    first, second = (
        CausalLink("steep approach", "off-centre contact"),
        CausalLink("off-centre contact", "mug turned", 17),
    )
    assert desk.label.causal_chain == (first, second)
    assert origin_of(desk, "causal_chain").origin is Origin.MANUAL
    assert chain.move(1, -1) == 0
    assert desk.label.causal_chain == (second, first)
    assert chain.move(0, -1) == 0
    chain.set_frame_here(0)
    assert desk.label.causal_chain[0].frame is None
    chain.delete(0)
    assert desk.label.causal_chain == (first,)
    chain.delete(0)
    assert "causal_chain" not in desk.label.provenance
    for _ in range(4):
        desk.session.labelling.undo()
    assert desk.label.causal_chain == (first, second)


def test_typing_in_a_chain_is_undone_word_by_word(desk: Desk, explanation: Explanation) -> None:
    for end in range(1, len("two words") + 1):
        explanation.chain.type_text(0, "cause", "two words"[:end])
    explanation.chain.type_text(0, "effect", "e")
    undo = desk.session.labelling.undo
    undo()
    assert desk.label.causal_chain == (CausalLink("two words", ""),)
    undo()
    assert desk.label.causal_chain == (CausalLink("two ", ""),)
    undo()
    assert desk.label.causal_chain == ()


def test_the_same_part_of_another_link_is_another_step(desk: Desk, explanation: Explanation) -> None:
    explanation.chain.type_text(0, "cause", "a")
    explanation.chain.type_text(1, "cause", "b")
    desk.session.labelling.undo()
    assert desk.label.causal_chain == (CausalLink("a", ""),)


def test_there_is_nothing_to_do_with_a_link_that_is_not_there(desk: Desk, explanation: Explanation) -> None:
    explanation.chain.type_text(0, "cause", "")
    explanation.chain.set_frame_here(0)
    assert explanation.chain.move(0, 1) == 0
    explanation.chain.delete(0)
    assert desk.label.causal_chain == ()
    assert desk.notices == ["There is no link here yet: write its cause or its effect first."] * 3
    with pytest.raises(ValueError, match="not a part"):
        explanation.chain.type_text(0, "frame", "1")


def test_further_failures_stand_in_the_order_of_their_onsets(desk: Desk, explanation: Explanation) -> None:
    for frame, subcategory in ((30, "missed_target"), (12, "slip_during_lift"), (12, "slip_during_lift")):
        desk.session.transport.seek(frame)
        explanation.further.add_here(subcategory)
    slip = FurtherFailure("grasp", "slip_during_lift", 12)
    missed = FurtherFailure("placement", "missed_target", 30)
    assert desk.label.further_failures == (slip, missed)
    assert desk.notices == ["That failure at frame 12 is in the list already."]
    explanation.further.delete(0)
    assert desk.label.further_failures == (missed,)
    desk.session.labelling.undo()
    assert desk.label.further_failures == (slip, missed)
    desk.wait_until_saved()
    assert desk.stored("demo_1")["further_failures"][0]["onset_frame"] == 12
    with pytest.raises(ValueError, match="no such subcategory"):
        explanation.further.add_here("nonsense")
