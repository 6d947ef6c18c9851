"""The ways of telling success, weighed against each other and against the dataset."""

from pathlib import Path

import numpy as np
import pytest

from failview.detectors.detector import Findings
from failview.detectors.task_success.task_success import DISTANCE_ARRAY, TaskSuccess
from failview.detectors.task_success.verdict import NOT_REACHED, REACHED, Way
from failview.model.detection import Detection
from failview.model.episode import Episode
from failview.model.roles import Role
from failview.settings.success_criterion import SuccessCriterion
from failview.settings.thresholds import DetectorSettings
from tests.contracts.detector_contract import DetectorContract
from tests.detectors.task_success import drawn
from tests.detectors.task_success import pick_and_place as planted
from tests.detectors.task_success.pick_and_place import FRAMES, Pick
from tests.detectors.task_success.test_yolo_boxes import write_model


class TestContract(DetectorContract):
    @pytest.fixture
    def detector(self) -> TaskSuccess:
        return TaskSuccess()

    @pytest.fixture
    def episode(self) -> Episode:
        return planted.with_flag(planted.episode(Pick(aside_m=0.08)), FALSE)


TRUE, FALSE = np.ones(FRAMES), np.zeros(FRAMES)
REGION = (0.55, 0.2, 0.75, 0.6)
INSIDE, OUTSIDE = (210, 90), (80, 150)


def conclude(episodes: list[Episode], settings: DetectorSettings | None = None) -> list[Findings]:
    settings = settings or DetectorSettings()
    detector = TaskSuccess()
    found = [detector.judge(planted.case(episode, settings)) for episode in episodes]
    learnt = detector.learn([item.summary for item in found], [True] * len(found))
    return [detector.refine(item, learnt, settings) for item in found]


def only(findings: Findings) -> Detection:
    assert len(findings.detections) == 1, findings
    return findings.detections[0]


def way(detection: Detection) -> Way:
    return Way(int(detection.measures["way"]))


def blind(pick: Pick | None = None) -> Episode:
    return planted.without_poses(planted.episode(pick))


def test_the_pose_decides_over_the_flag() -> None:
    episode = planted.with_flag(planted.episode(Pick(aside_m=0.1)), TRUE)
    found = only(conclude([episode])[0])
    assert (found.kind, way(found)) == (NOT_REACHED, Way.GOAL_POSE)
    assert found.end_frame == FRAMES - 1


def test_a_flag_that_tells_lowers_the_confidence_of_a_pose_that_it_contradicts() -> None:
    flagged = [planted.with_flag(planted.episode(), flag) for flag in (TRUE, TRUE, TRUE, FALSE)]
    believed, doubted = (only(conclude(flagged)[index]) for index in (0, 3))
    assert believed.kind == doubted.kind == REACHED
    assert doubted.confidence < believed.confidence
    assert "but success is never true" in doubted.evidence


def test_a_flag_that_is_always_true_says_nothing() -> None:
    """DATA 7."""
    picks = [Pick(holds=False), Pick(), Pick(), Pick()]
    found = only(conclude([planted.with_flag(blind(pick), TRUE) for pick in picks])[0])
    assert (found.kind, way(found)) == (NOT_REACHED, Way.STORY)
    assert "recorded success is true in all 4 episodes: no evidence" in found.evidence


def test_a_flag_that_varies_decides_without_poses() -> None:
    flagged = [planted.with_flag(blind(), flag) for flag in (TRUE, TRUE, FALSE)]
    yes, no = (only(conclude(flagged)[index]) for index in (0, 2))
    assert (yes.kind, no.kind) == (REACHED, NOT_REACHED)
    assert way(yes) is Way.FLAG
    assert yes.confidence > 0.9 > no.confidence > 0.5


def test_a_flag_that_the_profile_trusts_stands_before_the_pose() -> None:
    episode = planted.with_flag(planted.episode(Pick(aside_m=0.1)), TRUE)
    found = only(conclude([episode] * 4, DetectorSettings(success=SuccessCriterion(criterion="flag")))[0])
    assert (found.kind, way(found)) == (REACHED, Way.FLAG)


def test_nothing_at_all_is_not_judged_and_every_reason_is_given() -> None:
    findings = conclude([planted.with_signals(blind(), {Role.GRIPPER_APERTURE: None})])[0]
    assert findings.detections == ()
    assert "object_position is not recorded" in findings.not_judged
    assert "no success flag" in findings.not_judged


def test_where_nobody_grips_anything_the_gripper_says_nothing() -> None:
    findings = conclude([blind(Pick(holds=False))] * 4)[0]
    assert findings.detections == ()
    assert "not to be one of grasping" in findings.not_judged


def test_where_all_end_with_the_object_held_that_is_the_task() -> None:
    found = only(conclude([blind(Pick(releases=False))] * 4)[0])
    assert found.kind == REACHED
    assert found.confidence < 0.6


def test_where_all_end_held_at_the_goal_that_is_success() -> None:
    found = only(conclude([planted.episode(Pick(releases=False))] * 4)[0])
    assert (found.kind, way(found)) == (REACHED, Way.GOAL_POSE)


def test_a_height_that_is_off_in_all_episodes_is_the_goals_point() -> None:
    off = [planted.episode(Pick(goal_height_m=-0.04)) for _ in range(6)]
    away = planted.episode(Pick(goal_height_m=-0.04, aside_m=0.1))
    findings = conclude([*off, away])
    assert [only(item).kind for item in findings] == [REACHED] * 6 + [NOT_REACHED]


def test_a_height_that_is_off_in_one_episode_stays_a_failure() -> None:
    others = [planted.episode() for _ in range(6)]
    found = only(conclude([planted.episode(Pick(goal_height_m=-0.04)), *others])[0])
    assert found.kind == NOT_REACHED


def test_nothing_learnt_changes_nothing() -> None:
    detector = TaskSuccess()
    findings = detector.judge(planted.case(planted.episode()))
    assert detector.refine(findings, {}, DetectorSettings()) is findings
    assert findings.arrays[DISTANCE_ARRAY].shape == (FRAMES,)


def test_an_episode_alone_has_one_verdict_too() -> None:
    detector = TaskSuccess()
    findings = detector.judge(planted.case(planted.with_flag(blind(Pick(holds=False)), TRUE)))
    assert len(findings.detections) == 2
    found = only(detector.refine(findings, {}, DetectorSettings()))
    assert way(found) is Way.FLAG
    assert found.confidence < 0.65


def pictured(centre: tuple[int, int] | None) -> tuple[Episode, drawn.Shown]:
    last = drawn.table() if centre is None else drawn.with_object(centre)
    shown = drawn.Shown(last, last)
    return planted.without_poses(planted.episode(None, front=shown.camera())), shown


def by_template(tmp_path: Path, **more: object) -> DetectorSettings:
    path = drawn.write_picture(tmp_path / "cup.png", drawn.cup())
    return DetectorSettings(success=SuccessCriterion(template=path, **more))  # type: ignore[arg-type]


def picture_verdict(tmp_path: Path, centre: tuple[int, int] | None, **more: object) -> Detection:
    episode, _ = pictured(centre)
    return only(conclude([episode], by_template(tmp_path, **more))[0])


def test_no_picture_is_decoded_without_a_visual_criterion() -> None:
    episode, shown = pictured(INSIDE)
    conclude([episode])
    assert shown.frames == []


def test_no_picture_is_decoded_where_the_pose_tells(tmp_path: Path) -> None:
    shown = drawn.Shown(drawn.table(), drawn.table())
    only(conclude([planted.episode(None, front=shown.camera())], by_template(tmp_path, region=REGION))[0])
    assert shown.frames == []


def test_the_object_in_the_region_is_a_success(tmp_path: Path) -> None:
    found = picture_verdict(tmp_path, INSIDE, region=REGION)
    assert (found.kind, way(found)) == (REACHED, Way.TEMPLATE)
    assert found.confidence > 0.8
    assert "inside the goal's region" in found.evidence


def test_the_object_elsewhere_is_a_failure(tmp_path: Path) -> None:
    found = picture_verdict(tmp_path, OUTSIDE, region=REGION)
    assert (found.kind, way(found)) == (NOT_REACHED, Way.TEMPLATE)
    assert "outside" in found.evidence


def test_an_absent_object_is_a_failure_of_less_certainty(tmp_path: Path) -> None:
    found = picture_verdict(tmp_path, None, region=REGION)
    assert (found.kind, way(found)) == (NOT_REACHED, Way.TEMPLATE)
    assert "not found" in found.evidence
    assert found.confidence < 0.8


def test_an_object_hidden_in_the_last_picture_is_found_before(tmp_path: Path) -> None:
    shown = drawn.Shown(drawn.with_object(INSIDE), drawn.table())
    episode = planted.without_poses(planted.episode(None, front=shown.camera()))
    found = only(conclude([episode], by_template(tmp_path, region=REGION))[0])
    assert found.kind == REACHED
    assert shown.frames == [FRAMES - 1, FRAMES - 11]
    assert shown.closed == 1


@pytest.mark.parametrize(
    ("more", "said"), [({"camera": "side"}, "no camera side"), ({"camera": "front", "min_score": 1.0}, "not found")]
)
def test_what_the_profile_says_is_used(tmp_path: Path, more: dict[str, object], said: str) -> None:
    episode, _ = pictured(INSIDE)
    settings = by_template(tmp_path, **more)
    findings = TaskSuccess().judge(planted.case(planted.with_signals(episode, {Role.GRIPPER_APERTURE: None}), settings))
    told = [findings.not_judged, *(item.evidence for item in findings.detections)]
    assert any(said in text for text in told)


@pytest.mark.parametrize(("centre", "kind"), [((420.0, 240.0), REACHED), ((100.0, 500.0), NOT_REACHED)])
def test_a_detector_of_the_users_finds_the_object(tmp_path: Path, centre: tuple[float, float], kind: str) -> None:
    model = write_model(tmp_path / "cup.onnx", [(*centre, 60.0, 60.0, 0.1, 0.9)], "{0: 'hand', 1: 'cup'}")
    episode, _ = pictured(None)
    success = SuccessCriterion(onnx=model, onnx_class="cup", region=REGION)
    found = only(conclude([episode], DetectorSettings(success=success))[0])
    assert (found.kind, way(found)) == (kind, Way.ONNX)
    assert "score 0.90" in found.evidence
