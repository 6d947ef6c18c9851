"""What is proposed for an episode, from detections whose meaning is known, and from planted stories to the end."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from failview.detectors.grasping.grasp_story import GraspEnd
from failview.detectors.suggestion.facts import EpisodeFacts, GraspFacts, facts_of
from failview.detectors.suggestion.suggestion import suggest
from failview.detectors.task_success.verdict import Way
from failview.model.annotation import Attribution, Outcome, RecoveryOutcome
from failview.model.detection import Detection, Proposal, ProposedField
from failview.model.roles import Role
from failview.sidecars.taxonomy_file import load_default_taxonomy
from tests.detectors.gripper_story import Recording, Story, case, findings, recorded
from tests.detectors.pick_stories import (
    WITHOUT_POSES,
    drop,
    miss,
    opened_early,
    slid_and_gripped_again,
    slip,
    success,
    turned,
)

FRAMES = 200
HELD = GraspFacts(30, 40, 120, GraspEnd.RELEASED, reopened=122, lifted=55, commanded=True)
LOST = GraspFacts(30, 40, 70, GraspEnd.LOST, reopened=80, lifted=55, commanded=False)
AGAIN = GraspFacts(90, 100, 150, GraspEnd.RELEASED, reopened=152, lifted=110, commanded=True)
EMPTY_AGAIN = GraspFacts(90, None, 105, GraspEnd.EMPTY, reopened=110, lifted=None, commanded=None)
PARKED = GraspFacts(170, None, 185, GraspEnd.EMPTY, reopened=None, lifted=None, commanded=None)
FACTS = EpisodeFacts(
    num_frames=FRAMES,
    rate_hz=20.0,
    grasps=(HELD,),
    story_known=True,
    object_known=True,
    command_known=True,
    force_known=True,
    usual_error_m=0.003,
)


def event(kind: str, start: int = 60, confidence: float = 0.9, end: int | None = None, **measures: float) -> Detection:
    last = start + 5 if end is None else end
    return Detection(kind.partition(".")[0], kind, start, last, confidence, f"{kind} seen", start + 3, measures)


REACHED, NOT_REACHED = event("task.reached", 150, 0.95), event("task.not_reached", 150, 0.95)


def facts(*grasps: GraspFacts, **changes) -> EpisodeFacts:
    return replace(FACTS, grasps=grasps, **changes)


def value(proposal: Proposal, name: ProposedField) -> object:
    return proposal[name].value if name in proposal else "not proposed"


def told(proposal: Proposal) -> tuple[object, object, object]:
    return (
        value(proposal, ProposedField.OUTCOME),
        value(proposal, ProposedField.CATEGORY),
        value(proposal, ProposedField.SUBCATEGORY),
    )


# ---------------------------------------------------------------------------------------------- outcome and category


def test_reached_without_a_failure_is_a_success():
    proposal = suggest([REACHED], FACTS)
    assert told(proposal) == (Outcome.SUCCESS, None, None)
    assert ProposedField.ONSET not in proposal
    assert proposal[ProposedField.OUTCOME].confidence == pytest.approx(0.95)


def test_a_doubtful_failure_makes_a_success_less_sure():
    sure, doubtful = suggest([REACHED], FACTS), suggest([REACHED, event("grasp.missed", confidence=0.4)], FACTS)
    assert told(doubtful) == (Outcome.SUCCESS, None, None)
    assert doubtful[ProposedField.OUTCOME].confidence < sure[ProposedField.OUTCOME].confidence


@pytest.mark.parametrize(
    ("item", "category", "subcategory"),
    [
        (event("grasp.missed"), "grasp", "missed_grasp"),
        (event("grasp.slip"), "grasp", "slip_during_lift"),
        (event("grasp.unstable"), "grasp", "unstable_grasp"),
        (event("grasp.drop"), "placement", "dropped_in_transport"),
        (event("workspace.tipped"), "placement", "tipped_after_release"),
        (event("workspace.knocked_over"), "collision", "object_knocked_over"),
        (event("collision.contact", at_hand=1.0), "collision", "gripper_obstacle"),
        (event("collision.contact", at_hand=0.1), "collision", "arm_environment"),
        (event("collision.contact", yielded=0.9), "collision", "object_knocked_over"),
        (event("workspace.stalled"), "planning", "infeasible_approach"),
        (event("workspace.joint_limit"), "planning", "joint_limit"),
        (event("tracking.error"), "planning", "other_planning"),
    ],
)
@pytest.mark.parametrize(("end", "outcome"), [(REACHED, Outcome.PARTIAL_SUCCESS), (NOT_REACHED, Outcome.FAILURE)])
def test_what_each_detection_means(item, category, subcategory, end, outcome):
    proposal = suggest(sorted([item, end], key=lambda found: found.start_frame), FACTS)
    assert told(proposal) == (outcome, category, subcategory)
    assert value(proposal, ProposedField.ONSET) == 60
    assert value(proposal, ProposedField.OBVIOUS) == 63
    found = load_default_taxonomy()
    ids = {category.id: [sub.id for sub in category.subcategories] for category in found.categories}
    assert subcategory in ids[category]


def test_the_first_thing_that_went_wrong_is_the_one_to_label():
    items = [event("grasp.unstable", 50), event("grasp.drop", 90), NOT_REACHED]
    assert told(suggest(items, FACTS))[2] == "unstable_grasp"


def test_an_unlikely_first_thing_gives_way_to_a_likely_one():
    items = [event("grasp.unstable", 50, 0.3), event("grasp.drop", 90), NOT_REACHED]
    assert told(suggest(items, FACTS))[2] == "dropped_in_transport"


@pytest.mark.parametrize(("contact", "named"), [(55, "gripper_obstacle"), (68, "gripper_obstacle"),
                                                (75, "infeasible_approach")])  # fmt: skip
def test_a_stall_gives_way_to_the_contact_that_holds_it_up(contact, named):
    items = sorted([event("workspace.stalled", 60, end=90), event("collision.contact", contact), NOT_REACHED],
                   key=lambda item: item.start_frame)  # fmt: skip
    assert told(suggest(items, FACTS))[2] == named


def test_a_stall_with_a_joint_at_its_limit_is_the_joint_limit():
    items = [event("workspace.stalled", 60, end=90), event("workspace.joint_limit", 64, end=88), NOT_REACHED]
    proposal = suggest(items, FACTS)
    assert told(proposal)[2] == "joint_limit"
    assert value(proposal, ProposedField.ONSET) == 60


def test_set_down_away_from_the_goal():
    assert told(suggest([NOT_REACHED], facts(HELD)))[1:] == ("placement", "missed_target")
    assert told(suggest([NOT_REACHED], facts(replace(HELD, ended=GraspEnd.HELD))))[2] == "other_grasp"
    assert told(suggest([NOT_REACHED], facts()))[2] == "other_planning"


def test_the_gripper_alone_tells_little_about_the_target():
    weak = event("task.not_reached", 150, 0.6, way=float(Way.STORY))
    proposal = suggest([weak], facts(HELD))
    assert proposal[ProposedField.SUBCATEGORY].confidence < 0.5


def test_nothing_known_nothing_proposed():
    assert suggest([], facts(story_known=False)) == {}
    assert suggest([], replace(FACTS, num_frames=0)) == {}


def test_jerks_and_oscillation_are_no_failure():
    items = [event("motion.jerk"), event("motion.stop"), event("grasp.oscillation"), REACHED]
    assert told(suggest(items, FACTS)) == (Outcome.SUCCESS, None, None)


_KINDS = st.sampled_from([
    "grasp.missed", "grasp.slip", "grasp.drop", "grasp.unstable", "grasp.oscillation", "workspace.tipped",
    "workspace.knocked_over", "workspace.stalled", "workspace.joint_limit", "collision.contact", "tracking.error",
    "motion.jerk", "task.reached", "task.not_reached",
])  # fmt: skip
_EVENTS = st.builds(event, _KINDS, st.integers(0, FRAMES - 1), st.floats(0.0, 1.0), st.just(FRAMES - 1))
_GRASPS = st.lists(st.sampled_from([HELD, LOST, AGAIN, EMPTY_AGAIN, PARKED]), max_size=3)


@given(st.lists(_EVENTS, max_size=6), _GRASPS)
def test_every_proposal_is_a_valid_annotation(items, grasps):
    proposal = suggest(sorted(items, key=lambda item: item.start_frame), facts(*grasps))
    outcome, category, subcategory = told(proposal)
    assert (outcome == Outcome.SUCCESS) == (category is None) == (subcategory is None)
    for name, proposed in proposal.items():
        assert 0.0 <= proposed.confidence <= 1.0, name
    if ProposedField.ONSET in proposal:
        assert 0 <= value(proposal, ProposedField.ONSET) <= value(proposal, ProposedField.OBVIOUS) < FRAMES
    if ProposedField.RECOVERY_START in proposal:
        assert value(proposal, ProposedField.ONSET) <= value(proposal, ProposedField.RECOVERY_START)
        assert value(proposal, ProposedField.RECOVERY_START) <= value(proposal, ProposedField.RECOVERY_END) < FRAMES
    attempted = value(proposal, ProposedField.RECOVERY_ATTEMPTED)
    if attempted != "not proposed":
        assert attempted == (value(proposal, ProposedField.RECOVERY_OUTCOME) != RecoveryOutcome.NO_ATTEMPT)


# ------------------------------------------------------------------------------------------------------- recovery


def recovery(proposal: Proposal) -> tuple[object, object, object]:
    return (
        value(proposal, ProposedField.RECOVERY_OUTCOME),
        value(proposal, ProposedField.RECOVERY_START),
        value(proposal, ProposedField.RECOVERY_END),
    )


def test_gripped_again_and_done():
    proposal = suggest([event("grasp.slip", 65), REACHED], facts(LOST, AGAIN))
    assert recovery(proposal) == (RecoveryOutcome.RECOVERED, 80, 110)


def test_gripped_again_and_not_done():
    proposal = suggest([event("grasp.slip", 65), NOT_REACHED], facts(LOST, AGAIN))
    assert recovery(proposal) == (RecoveryOutcome.FAILED_RECOVERY, 80, 150)


def test_closed_on_nothing_after_a_loss_is_a_failed_attempt():
    proposal = suggest([event("grasp.slip", 65), NOT_REACHED], facts(LOST, EMPTY_AGAIN))
    assert recovery(proposal) == (RecoveryOutcome.FAILED_RECOVERY, 80, 105)


def test_no_attempt():
    proposal = suggest([event("grasp.slip", 65), NOT_REACHED], facts(LOST))
    assert recovery(proposal)[0] == RecoveryOutcome.NO_ATTEMPT


@pytest.mark.parametrize(
    ("item", "end"),
    [
        (event("grasp.unstable", 60), REACHED),
        (event("grasp.unstable", 60), NOT_REACHED),
        (event("task.not_reached", 118, 0.95), None),
    ],
)
def test_a_gripper_parked_closed_is_no_attempt_to_recover(item, end):
    proposal = suggest([item] if end is None else [item, end], facts(HELD, PARKED))
    assert recovery(proposal)[0] == RecoveryOutcome.NO_ATTEMPT


# ----------------------------------------------------------------------------------------------------- attribution


def whose(proposal: Proposal) -> object:
    return value(proposal, ProposedField.ATTRIBUTION)


def test_a_miss_where_the_hand_was_told_to_be_is_the_operators():
    assert whose(suggest([event("grasp.missed"), NOT_REACHED], FACTS)) == Attribution.OPERATOR_ERROR


def test_a_miss_of_a_hand_that_was_elsewhere_is_the_robots():
    items = [event("tracking.error", 55, 0.6, end=62), event("grasp.missed"), NOT_REACHED]
    quiet = [replace(items[0], confidence=0.3), *items[1:]]
    assert whose(suggest(items[1:], replace(FACTS, usual_error_m=0.05))) == "not proposed"
    assert whose(suggest(quiet, FACTS)) == Attribution.ROBOT_FAILURE


def test_a_hand_that_lagged_long_before_is_not_to_blame():
    items = [event("tracking.error", 2, 0.3, end=8), event("grasp.missed", 120), NOT_REACHED]
    assert whose(suggest(items, FACTS)) == Attribution.OPERATOR_ERROR


@pytest.mark.parametrize(
    ("commanded", "expected"),
    [(True, Attribution.OPERATOR_ERROR), (False, Attribution.ROBOT_FAILURE), (None, "not proposed")],
)
def test_a_drop_is_the_operators_when_the_opening_was_commanded(commanded, expected):
    grasp = replace(LOST, commanded=commanded)
    assert whose(suggest([event("grasp.drop", 68), NOT_REACHED], facts(grasp))) == expected


def test_a_command_that_is_merely_the_next_position_tells_nothing():
    episode = recorded(miss())
    hand = episode.signals[Role.EE_POSITION].values
    episode.signals[Role.EE_COMMAND].values[:] = np.vstack([hand[1:], hand[-1:]])
    assert not facts_of(case(episode)).command_known
    assert ProposedField.ATTRIBUTION not in findings(episode).proposal


# ---------------------------------------------------------------------------------------------------- to the end


@pytest.mark.parametrize("without", [frozenset(), WITHOUT_POSES], ids=["poses", "no poses"])
@pytest.mark.parametrize(
    ("story", "outcome", "subcategory", "mark"),
    [
        (success, "success", None, None),
        (miss, "failure", "missed_grasp", None),
        (slip, "failure", "slip_during_lift", "slide"),
        (drop, "failure", "dropped_in_transport", "slide"),
        (slid_and_gripped_again, "partial_success", "slip_during_lift", "slide"),
    ],
)
def test_planted_stories(story, outcome, subcategory, mark, without):
    made, how = story(), Recording(without=without)
    proposal = findings(recorded(made, how)).proposal
    assert value(proposal, ProposedField.OUTCOME) == outcome
    assert value(proposal, ProposedField.SUBCATEGORY) == subcategory
    if mark:
        assert abs(value(proposal, ProposedField.ONSET) - how.frame(made, made.marks[mark][0])) <= 2


def test_an_early_opening_needs_the_pose_to_be_told():
    proposal = findings(recorded(opened_early())).proposal
    assert told(proposal) == ("failure", "placement", "dropped_in_transport")
    assert whose(proposal) == Attribution.OPERATOR_ERROR


def test_a_turn_in_the_hand_that_is_placed_all_the_same():
    assert told(findings(recorded(turned())).proposal)[2] == "unstable_grasp"


def test_the_recovery_of_a_slip():
    made, how = slid_and_gripped_again(), Recording()
    proposal = findings(recorded(made, how)).proposal
    outcome, start, end = recovery(proposal)
    assert outcome == RecoveryOutcome.RECOVERED
    assert abs(start - how.frame(made, made.marks["release"][0])) <= 2
    # 3 cm of a lift of 15 cm in 0.8 s
    assert abs(end - how.frame(made, made.marks["lift"][1] + 0.16)) <= 2


def test_a_recovery_that_fails_twice():
    made = slip().release().carry((0.0, 0.0, -0.15), 0.6).close(0.0005).wait(0.3).release().close(0.0005).wait(0.5)
    how = Recording()
    outcome, start, end = recovery(findings(recorded(made, how)).proposal)
    assert outcome == RecoveryOutcome.FAILED_RECOVERY
    assert abs(start - how.frame(made, made.marks["release"][0])) <= 2
    assert abs(end - how.frame(made, made.marks["stop"][-1])) <= 2


def test_the_facts_are_frames_of_the_episode():
    made, how = slid_and_gripped_again(), Recording(rate_hz=25.0, force_hz=500.0)
    known = facts_of(case(recorded(made, how)))
    assert [grasp.ended for grasp in known.grasps] == [GraspEnd.LOST, GraspEnd.RELEASED]
    first, second = known.grasps
    assert abs(first.close - how.frame(made, made.marks["close"][0])) <= 2
    assert abs(first.hold - how.frame(made, made.marks["touch"][0])) <= 2
    assert abs(first.end - how.frame(made, made.marks["lost"][0])) <= 2
    assert abs(second.end - how.frame(made, made.marks["release"][1])) <= 2
    assert known.usual_error_m < 0.001


def test_an_arm_without_a_gripper_has_no_grasps():
    how = Recording(without=frozenset({Role.GRIPPER_APERTURE, Role.GRIPPER_FORCE}))
    known = facts_of(case(recorded(Story().wait(1.0).carry((0.0, 0.2, 0.0)), how)))
    assert known.grasps == ()
    assert not known.story_known
    assert not known.ever_held


# -------------------------------------------------------------------------------------------- a flag instead of a pose


def test_a_flag_that_is_never_true_misses_the_target_where_the_object_was_let_go():
    proposal = suggest([event("task.not_reached", FRAMES - 1, 0.75, end=FRAMES - 1, way=2.0)], facts(HELD))
    assert told(proposal) == (Outcome.FAILURE, "placement", "missed_target")
    assert value(proposal, ProposedField.ONSET) == HELD.end
    assert value(proposal, ProposedField.OBVIOUS) == HELD.reopened


def test_a_flag_that_was_true_after_the_release_and_no_more_means_that_the_object_tipped():
    proposal = suggest([event("task.not_reached", 140, 0.75, end=FRAMES - 1, way=2.0)], facts(HELD))
    assert told(proposal) == (Outcome.FAILURE, "placement", "tipped_after_release")
    assert value(proposal, ProposedField.ONSET) == 140
