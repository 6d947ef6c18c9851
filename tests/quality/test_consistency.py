"""Each rule speaks where a signal was planted against the label, is silent where it agrees, and says what it lacks."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from failview.detectors import catalogue
from failview.detectors.detection_kinds import DETECTION_KINDS
from failview.model.annotation import Annotation, Attribution, Outcome
from failview.model.detection import Detection, EpisodeFindings
from failview.model.episode import Episode
from failview.model.roles import Role
from failview.quality.consistency import RULES, check_label
from failview.settings.thresholds import THRESHOLDS, DetectorSettings
from tests.detectors.arm_motions import Motion, record, span, strokes, write_urdf
from tests.detectors.gripper_story import Recording, Story, findings, recorded
from tests.detectors.pick_stories import (
    WITHOUT_APERTURE,
    WITHOUT_FORCE,
    drop,
    held,
    miss,
    opened_early,
    slid_and_gripped_again,
    slip,
    success,
    turned,
)
from tests.detectors.task_success.pick_and_place import Pick, with_flag, without_poses
from tests.detectors.task_success.pick_and_place import episode as pick
from tests.detectors.workspace.test_workspace import ARM, moving_joints, pushed_over, stalled, tipped, with_joints
from tests.episodes.synthetic import make_camera, make_episode
from tests.quality.label_checks import TAXONOMY, checked, evidence_of, failure, proposed_label, said, with_goal

SUCCESS = Annotation(Outcome.SUCCESS)
NO_GRIPPER = WITHOUT_APERTURE | WITHOUT_FORCE


def frame_of(story: Story, mark: str, how: Recording | None = None) -> int:
    return (how or Recording()).frame(story, story.marks[mark][0])


# ----------------------------------------------------------------------------------------------------------- outcome


def test_a_success_whose_object_ended_away_from_the_goal() -> None:
    found = said(SUCCESS, pick(Pick(aside_m=0.08)))["success_away_from_goal"]
    assert (found.field, found.frames) == ("outcome", (139,))
    assert found.text == "the object ended 8.0 cm from the goal at 139 (limit 5.0 cm)"


@pytest.mark.parametrize("aside_m", [0.0, 0.04])
def test_a_success_at_the_goal_or_nearly(aside_m: float) -> None:
    assert not said(SUCCESS, pick(Pick(aside_m=aside_m)))


def test_a_success_against_the_recorded_flag() -> None:
    episode = with_flag(without_poses(pick()), np.zeros(140))
    sure = Detection("task_success", "task.not_reached", 0, 139, 0.9, "flag", measures={"way": 2.0})
    found = EpisodeFindings("pick", (sure,), {}, {})
    assert said(SUCCESS, episode, found=found)["success_away_from_goal"].frames == (139,)
    doubtful = replace(found, detections=(replace(sure, confidence=0.5),))
    assert not said(SUCCESS, episode, found=doubtful)


def test_the_profile_moves_a_threshold() -> None:
    episode = pick(Pick(aside_m=0.08))
    assert not said(SUCCESS, episode, settings=DetectorSettings({"label.goal_distance_m": 0.1}))
    assert not said(SUCCESS, episode, settings=DetectorSettings({"success.goal_distance_m": 0.1}))


def test_a_failure_whose_object_stands_at_the_goal() -> None:
    found = said(Annotation(Outcome.FAILURE), pick())["failure_at_goal"]
    assert 110 <= found.frames[0] <= 125
    assert found.text.endswith("success, or partial?")
    assert not said(Annotation(Outcome.FAILURE), pick(Pick(releases=False)))
    assert not said(Annotation(Outcome.PARTIAL_SUCCESS), pick())


def test_a_partial_success_in_which_nothing_was_done() -> None:
    partial = Annotation(Outcome.PARTIAL_SUCCESS)
    assert "partial_success_without_progress" in said(partial, pick(Pick(holds=False)))
    assert not said(partial, pick(Pick(lost=75)))


# ------------------------------------------------------------------------------------------------------------- grasp


@pytest.mark.parametrize("subcategory", ["slip_during_lift", "dropped_in_transport"])
def test_a_loss_without_any_grip_force(subcategory: str) -> None:
    story = miss()
    found = said(failure(subcategory), recorded(story))["loss_without_grip_force"]
    assert found.field == "failure_subcategory"
    assert "a grip presses 0.5 N" in found.text
    assert "loss_without_grip_force" not in said(failure(subcategory), recorded(slip()))


def test_a_loss_of_what_is_held_to_the_end() -> None:
    story = held().wait(1.0)
    episode = recorded(story)
    lift = frame_of(story, "lift")
    for onset in (None, lift + 3):
        first, last = said(failure("slip_during_lift", onset), episode)["loss_but_still_held"].frames
        assert abs(first - frame_of(story, "touch")) <= 2
        assert last == episode.num_frames - 1


@pytest.mark.parametrize("onset_from", [None, "slide"])
def test_a_loss_that_was_gripped_again(onset_from: str | None) -> None:
    story = slip().release().carry((0.0, 0.0, -0.15), 0.6).reach(0.1).close(0.04, 8.0).wait(0.2).lift().wait(0.5)
    onset = None if onset_from is None else frame_of(story, onset_from)
    assert "loss_but_still_held" not in said(failure("slip_during_lift", onset), recorded(story))


def test_a_missed_grasp_that_held_something() -> None:
    story = success()
    episode = recorded(story)
    onset = frame_of(story, "touch")
    found = said(failure("missed_grasp", onset), episode)["missed_grasp_but_held"]
    assert abs(found.frames[0] - onset) <= 2
    assert "missed_grasp_but_held" in said(failure("missed_grasp"), episode)
    assert not said(failure("missed_grasp", frame_of(miss(), "stop")), recorded(miss()))


def test_a_miss_before_a_hold_is_a_miss() -> None:
    story = miss().release(told=False).carry((0.0, 0.0, -0.15), 0.6).close(0.04, 8.0).wait(0.2).lift().wait(0.5)
    onset = frame_of(story, "stop")
    assert "missed_grasp_but_held" not in said(failure("missed_grasp", onset), recorded(story))


def test_a_slip_is_told_from_a_drop_by_the_way_it_was_carried() -> None:
    dropped, slipped = drop(), slip()
    onset = frame_of(dropped, "slide")
    found = said(failure("slip_during_lift", onset), recorded(dropped))["slip_or_drop"]
    assert found.text.endswith("dropped in transport?")
    assert abs(found.frames[0] - frame_of(dropped, "lost")) <= 2
    assert not said(failure("dropped_in_transport", onset), recorded(dropped))
    onset = frame_of(slipped, "slide")
    assert said(failure("dropped_in_transport", onset), recorded(slipped))["slip_or_drop"].text.endswith("lift?")
    assert not said(failure("slip_during_lift", onset), recorded(slipped))


def test_an_unstable_grasp_in_which_nothing_turned() -> None:
    found = said(failure("unstable_grasp"), recorded(turned(6.0)))["unstable_but_never_turned"]
    assert "never turned more than 6°" in found.text
    assert not said(failure("unstable_grasp"), recorded(turned(25.0)))
    assert (
        "nothing was ever held" in said(failure("unstable_grasp"), recorded(miss()))["unstable_but_never_turned"].text
    )


# --------------------------------------------------------------------------------------------- placement, perception


def test_a_missed_target_that_was_hit() -> None:
    found = said(failure("missed_target"), pick(Pick(aside_m=0.01)))["missed_target_but_at_goal"]
    assert found.text == "the object ended 1.0 cm from the goal at 139 (limit 3.0 cm)"
    assert not said(failure("missed_target"), pick(Pick(aside_m=0.05)))


@pytest.mark.parametrize("subcategory", ["tipped_after_release", "object_knocked_over"])
def test_a_topple_of_an_object_that_stood(subcategory: str) -> None:
    found = said(failure(subcategory), recorded(pushed_over(30.0)))["topple_but_never_leaned"]
    assert found.text.startswith("the object of the task never leaned more than 30°")
    assert "topple_but_never_leaned" not in said(failure(subcategory), recorded(tipped()))


def test_another_object_may_be_knocked_over_where_a_contact_is_felt() -> None:
    episode = recorded(pushed_over(30.0))
    contact = Detection("collision", "collision.contact", 20, 24, 0.8, "hit")
    found = replace(findings(episode), detections=(contact,))
    assert not said(failure("object_knocked_over", 22), episode, found=found)
    assert "topple_but_never_leaned" in said(failure("tipped_after_release", 22), episode, found=found)


def test_an_object_that_was_not_detected_although_the_hand_went_there() -> None:
    story = success()
    found = said(failure("object_not_detected"), recorded(story))["not_detected_but_reached"]
    assert found.frames[0] >= frame_of(story, "close") - 20
    away = Story().wait(0.5).carry((0.3, 0.3, 0.0)).wait(0.5)
    waits = Story().wait(3.0).reach().close(0.04, 8.0).lift()
    for agrees in (away, waits):
        assert not said(failure("object_not_detected"), recorded(agrees))


def test_a_wrong_object_while_the_right_one_was_carried() -> None:
    found = said(failure("wrong_object_identity"), recorded(success()))
    assert "carried" in found["wrong_object_but_carried_the_right_one"].text
    left_there = recorded(success())
    left_there.signals[Role.OBJECT_POSITION].values[:] = left_there.signals[Role.OBJECT_POSITION].values[0]
    assert not said(failure("wrong_object_identity"), left_there)


def test_invalid_depth_that_was_fine() -> None:
    episode = replace(recorded(success()), cameras={"depth": replace(make_camera("depth", 100), is_depth=True)})
    base = findings(replace(episode, cameras={}))
    holes = Detection("workspace", "workspace.depth_invalid", 10, 20, 0.8, "holes")
    label = failure("invalid_depth")
    assert "invalid_depth_but_fine" in said(label, episode, found=base)
    assert not said(label, episode, found=replace(base, detections=(holes, *base.detections)))
    assert "no depth camera is recorded" in {item.reason for item in checked(label, recorded(success())).unchecked}


# ------------------------------------------------------------------------------------------------ contact and motion


@pytest.fixture(scope="module")
def struck(tmp_path_factory: pytest.TempPathFactory) -> Episode:
    """A blow of 27 N at the hand from 3.2 to 3.7 s, at 20 Hz."""
    motion = Motion(write_urdf(tmp_path_factory.mktemp("arm") / "arm.urdf"), strokes())
    motion.hand_force += span(motion, 3.2, 3.7)[:, None] * np.array((-20.0, 10.0, 15.0))
    return record(motion).episode


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Episode:
    return record(Motion(write_urdf(tmp_path_factory.mktemp("arm") / "arm.urdf"), strokes())).episode


def test_a_collision_without_contact_near_the_onset(struck: Episode, calm: Episode) -> None:
    found = said(failure("gripper_obstacle"), calm)["collision_without_contact"]
    assert found.text.startswith("no contact in the whole episode: torque residual at most")
    elsewhere = said(failure("gripper_obstacle", 20), struck)["collision_without_contact"]
    assert "the nearest contact begins at 6" in elsewhere.text
    assert abs(elsewhere.frames[-1] - 64) <= 2
    assert not said(failure("gripper_obstacle", 66), struck)


def test_a_contact_at_the_hand_that_is_called_one_of_the_arm(struck: Episode) -> None:
    found = said(failure("arm_environment", 66), struck)["hand_or_arm"]
    assert abs(found.frames[0] - 64) <= 2


def test_a_path_through_an_obstacle_that_ended_in_a_hard_contact(struck: Episode, calm: Episode) -> None:
    contact = Detection("collision", "collision.contact", 64, 74, 0.9, "hit", measures={"peak_nm": 12.0})
    found = replace(findings(struck), detections=(contact,))
    label = failure("trajectory_through_obstacle", 66)
    assert "12 Nm at 64" in said(label, struck, found=found)["through_obstacle_but_hard_contact"].text
    assert "through_obstacle_but_hard_contact" not in said(label, calm)


def test_an_infeasible_approach_of_a_hand_that_went_where_it_was_told() -> None:
    story = stalled()
    onset = frame_of(story, "ahead")
    assert not said(failure("infeasible_approach", onset), recorded(story))
    found = said(failure("infeasible_approach", 20), recorded(success()))["infeasible_but_followed"]
    assert "mm from its command" in found.text


def test_a_joint_limit_that_no_joint_came_near() -> None:
    story, how = stalled(), Recording()
    joints = moving_joints(story, how, story.marks["ahead"][0], 1.5)
    label = failure("joint_limit")
    assert "joint_limit_but_none_near" not in said(label, with_joints(recorded(story, how), joints, ARM))
    found = said(label, with_joints(recorded(story, how), 0.5 * joints, ARM))["joint_limit_but_none_near"]
    assert found.text.startswith("no joint came nearer to its limit than 57°")


def test_an_operator_error_of_a_hand_that_lagged() -> None:
    story = stalled()
    onset = frame_of(story, "ahead") + 4
    label = failure("infeasible_approach", onset, attribution=Attribution.OPERATOR_ERROR)
    found = said(label, recorded(story))["operator_error_but_robot_late"]
    assert (found.field, found.words) == ("attribution", "the tracking error reached 81 mm at {}: robot failure?")
    early = replace(label, failure_onset_frame=5)
    assert "operator_error_but_robot_late" not in said(early, recorded(story))
    assert not said(replace(label, attribution=Attribution.ROBOT_FAILURE), recorded(story))


def test_a_robot_failure_of_a_hand_that_followed() -> None:
    story = miss()
    label = failure("missed_grasp", frame_of(story, "stop"), attribution=Attribution.ROBOT_FAILURE)
    assert said(label, recorded(story))["robot_failure_but_followed"].text.endswith("operator error?")
    assert not said(replace(label, attribution=Attribution.OPERATOR_ERROR), recorded(story))


def test_an_onset_far_from_every_event() -> None:
    story = slip()
    episode = recorded(story)
    slide = frame_of(story, "slide")
    found = said(failure("slip_during_lift", slide - 36), episode)["onset_far_from_events"]
    assert found.field == "failure_onset_frame"
    assert abs(found.frames[0] - slide) <= 2
    assert "onset_far_from_events" not in said(failure("slip_during_lift", slide - 20), episode)


# --------------------------------------------------------------------------------------------------------- the table


def test_the_end_of_the_task_does_not_tell_since_when_it_failed() -> None:
    episode = pick(Pick(aside_m=0.08))
    end = Detection("task_success", "task.not_reached", 130, 139, 0.98, "away", measures={"way": 1.0})
    found = replace(findings(episode), detections=(end,))
    assert "onset_far_from_events" not in said(failure("missed_target", 60), episode, found=found)


def test_every_subcategory_with_a_signal_has_a_rule() -> None:
    ids = {item.id for category in TAXONOMY.categories for item in category.subcategories}
    covered = set().union(*(rule.values for rule in RULES if rule.field == "failure_subcategory"))
    assert covered == {name for name in ids if not name.startswith("other_")}
    assert {rule.field for rule in RULES} >= {"outcome", "failure_onset_frame", "attribution"}


def test_rules_are_told_apart_and_name_thresholds_that_exist() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    names = {threshold.name for threshold in THRESHOLDS}
    for rule in RULES:
        assert set(rule.thresholds) <= names, rule.id
        assert rule.signal
    used = {name for rule in RULES for name in rule.thresholds}
    assert {name for name in names if name.startswith("label.")} <= used


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_without_its_signal_a_rule_says_what_is_missing(rule) -> None:
    nothing = EpisodeFindings("x", (), {}, dict.fromkeys(("grasp", "collision", "tracking"), "not recorded here"))
    bare = make_episode(50, (), roles=frozenset())
    for value in rule.values or {"failure_onset_frame"}:
        label = _label(rule.field, value)
        found = check_label(label, evidence_of(bare, found=nothing, readable=False))
        assert not [item for item in found.contradictions if item.rule == rule.id]
        assert all(item.reason for item in found.unchecked if item.rule == rule.id)
        if rule.id != "robot_failure_but_followed":
            assert rule.id in {item.rule for item in found.unchecked}


def _label(field: str, value: str) -> Annotation:
    if field == "failure_subcategory":
        return failure(value, 20)
    if field == "failure_onset_frame":
        return failure("missed_grasp", 20)
    return replace(Annotation(Outcome.FAILURE), **{field: Outcome(value) if field == "outcome" else Attribution(value)})


STORIES = {
    "success": success,
    "miss": miss,
    "slip": slip,
    "drop": drop,
    "opened early": opened_early,
    "turned": turned,
    "gripped again": slid_and_gripped_again,
    "held": lambda: held().wait(0.5),
    "pushed over": pushed_over,
    "tipped": tipped,
    "stalled": stalled,
}


@pytest.mark.parametrize("how", [Recording(), Recording(rate_hz=10.0, uneven=0.5), Recording(force_hz=100.0)])
@pytest.mark.parametrize("told", STORIES.values(), ids=STORIES)
def test_what_the_detectors_propose_contradicts_no_signal(told, how: Recording) -> None:
    episode = with_goal(recorded(told(), how), (0.4, 0.2, 0.02))
    found = findings(episode)
    assert not said(proposed_label(found), episode, found=found)


IDS = [item.id for category in TAXONOMY.categories for item in category.subcategories]
TOLD = {name: recorded(told()) for name, told in STORIES.items()}
FOUND = {name: findings(episode) for name, episode in TOLD.items()}


@given(
    story=st.sampled_from(sorted(STORIES)),
    outcome=st.sampled_from([None, *Outcome]),
    subcategory=st.sampled_from([None, "of_another_taxonomy", *IDS]),
    share=st.none() | st.floats(0, 1),
    attribution=st.sampled_from([None, *Attribution]),
    kept=st.sets(
        st.sampled_from(["grasp.state", "grasp.tared_force_n", "tracking.error_m", "workspace.object_lean_deg"])
    ),
)
def test_any_label_of_any_story_gets_an_answer(*, story, outcome, subcategory, share, attribution, kept) -> None:
    """Whatever somebody says, and whatever signals are left: words with frames of the episode, or a reason."""
    episode, found = TOLD[story], FOUND[story]
    onset = None if share is None else round(share * (episode.num_frames - 1))
    label = Annotation(outcome, None, subcategory, onset, attribution=attribution)
    some = replace(found, arrays={name: values for name, values in found.arrays.items() if name in kept})
    for item in (found, some):
        said(label, episode, found=item)
        assert all(answer.reason for answer in checked(label, episode, found=item).unchecked)


def test_findings_without_raw_arrays_and_arrays_of_another_length() -> None:
    episode = recorded(slip())
    bare = replace(findings(episode), arrays={})
    assert not said(failure("missed_grasp"), episode, found=bare)
    cut = replace(bare, arrays={"grasp.state": np.full(3, 2.0), "grasp.tared_force_n": np.zeros(0)})
    assert not said(failure("missed_grasp"), episode, found=cut)


def test_asking_all_rules_takes_no_time_that_anybody_feels() -> None:
    """Below 5 ms for an episode of 1,000 frames, once its signals were looked at."""
    episode = make_episode(1000, ())
    evidence = evidence_of(episode)
    labels = [failure(item.id, 500, attribution=Attribution.OPERATOR_ERROR)
              for category in TAXONOMY.categories for item in category.subcategories]  # fmt: skip
    taken_s = []
    for label in labels:
        for _ in range(5):
            begin_s = time.perf_counter()
            check_label(label, evidence)
            taken_s.append(time.perf_counter() - begin_s)
    assert np.median(taken_s) < 0.005


def test_kinds_that_rules_ask_for_are_kinds_of_the_detectors() -> None:
    """A kind that is renamed must not silence a rule."""
    folder = Path(catalogue.__file__).parents[1] / "quality"
    text = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*_rules.py"))
    asked = {kind for kind in DETECTION_KINDS if f'"{kind}"' in text}
    assert {"collision.contact", "grasp.slip", "grasp.drop", "workspace.joint_limit", "tracking.error"} <= asked
