"""Rules about contact, reach, depth, attribution and the onset."""

from collections.abc import Sequence

import numpy as np

from failview.detectors.task_success.verdict import NOT_REACHED, REACHED
from failview.model.annotation import Annotation
from failview.model.detection import Detection
from failview.model.roles import Role
from failview.quality.rule import Answer, CannotTell, Rule, Said
from failview.quality.signal_evidence import RESIDUAL, TRACKING, WRIST, Peak, SignalEvidence, Span

_CONTACT, _TRACKING_ERROR, _DEPTH = "collision.contact", "tracking.error", "workspace.depth_invalid"
_RESIDUAL_NM, _WRIST_N, _ERROR_M = "collision.residual_nm", "label.contact_force_n", "tracking.error_m"
_AT_HAND = 0.5
_BY_COMMAND = frozenset({"missed_grasp", "missed_target", "object_knocked_over"})
"""Failures that a hand that goes where it is told owes to who told it."""

_SIDE_EFFECTS = frozenset({"motion.jerk", "motion.stop", REACHED})
"""Events of which good episodes have many: they count where the taxonomy says that they bear on the subcategory."""


def _no_contact(label: Annotation, evidence: SignalEvidence) -> Answer:
    there = evidence.around(label.failure_onset_frame)
    if evidence.events(_CONTACT, within=there):
        return None
    torque, wrist = evidence.peak(RESIDUAL, there), evidence.peak(WRIST, there)
    if torque is None and wrist is None:
        return CannotTell(evidence.why_not("collision", "external_torque, wrench, or joint_torque"))
    if torque is not None and torque.value >= evidence.settings[_RESIDUAL_NM]:
        return None
    if wrist is not None and wrist.value >= evidence.settings[_WRIST_N]:
        return None
    felt = [f"torque residual at most {torque.value:.1f} Nm, at {{}}"] if torque is not None else []
    felt += [f"wrist force at most {wrist.value:.1f} N, at {{}}"] if wrist is not None else []
    frames = [peak.frame for peak in (torque, wrist) if peak is not None]
    elsewhere = _nearest_event(evidence.events(_CONTACT), label.failure_onset_frame)
    if elsewhere is not None:
        felt.append("the nearest contact begins at {}")
        frames.append(elsewhere.start_frame)
    where = "near the onset" if label.failure_onset_frame is not None else "in the whole episode"
    return Said(f"no contact {where}: {'; '.join(felt)}", tuple(frames))


def _at_hand_or_arm(label: Annotation, evidence: SignalEvidence) -> Answer:
    contacts = evidence.events(_CONTACT, within=evidence.around(label.failure_onset_frame))
    told = [item for item in contacts if "at_hand" in item.measures]
    if not told:
        return CannotTell("no contact near the onset tells whether it was at the hand")
    at_hand = told[0].measures["at_hand"] > _AT_HAND
    if at_hand is (label.failure_subcategory == "gripper_obstacle"):
        return None
    felt = "the contact at {} was felt at the hand: gripper?" if at_hand else "the hand felt nothing at {}: the arm?"
    return Said(felt, (told[0].start_frame,))


def _hard_contact(label: Annotation, evidence: SignalEvidence) -> Answer:
    """A path through an obstacle ends before a contact; a harder one is a collision."""
    if "collision" in evidence.findings.not_judged:
        return CannotTell(evidence.why_not("collision", "torque"))
    limit_nm = evidence.settings[_RESIDUAL_NM]
    contacts = evidence.events(_CONTACT, within=evidence.around(label.failure_onset_frame))
    hard = [item for item in contacts if item.measures.get("peak_nm", 0.0) > limit_nm]
    if not hard:
        return None
    return Said(
        f"a contact of {hard[0].measures['peak_nm']:.0f} Nm at {{}} (limit {limit_nm:.0f} Nm): a collision?",
        (hard[0].start_frame,),
    )


def _reached_pose(label: Annotation, evidence: SignalEvidence) -> Answer:
    """A hand that was never short of its command was never stopped on its way."""
    peak = evidence.peak(TRACKING, evidence.around(label.failure_onset_frame))
    if peak is None:
        return CannotTell(evidence.why_not("tracking", "ee_command with ee_position"))
    limit_m = evidence.settings[_ERROR_M]
    if peak.value >= limit_m or evidence.events("workspace.stalled"):
        return None
    return Said(
        f"the hand was never more than {1e3 * peak.value:.0f} mm from its command near the onset, at {{}} "
        f"(limit {1e3 * limit_m:.0f} mm)",
        (peak.frame,),
    )


def _not_at_limit(_label: Annotation, evidence: SignalEvidence) -> Answer:
    if evidence.events("workspace.joint_limit"):
        return None
    nearest = _nearest_to_limit(evidence)
    if nearest is None:
        return CannotTell("joint_position with a robot model is not there")
    limit_deg = evidence.settings["label.joint_limit_deg"]
    if nearest.value <= limit_deg:
        return None
    return Said(
        f"no joint came nearer to its limit than {nearest.value:.0f}°, at {{}} (limit {limit_deg:.0f}°)",
        (nearest.frame,),
    )


def _nearest_to_limit(evidence: SignalEvidence) -> Peak | None:
    """Smallest distance of any turning joint from its limits, deg."""
    positions, episode = evidence.per_frame(Role.JOINT_POSITION), evidence.episode
    robot = None if episode is None else episode.robot
    if positions is None or robot is None or positions.shape[1] > len(robot.lower):
        return None
    width = positions.shape[1]
    lower, upper = robot.lower[:width], robot.upper[:width]
    turns = np.isfinite(upper - lower) & (upper - lower > np.radians(10.0))
    if not turns.any() or not np.isfinite(positions[:, turns]).all():
        return None
    margin = np.minimum(positions - lower, upper - positions)[:, turns].min(axis=1)
    frame = int(np.argmin(margin))
    return Peak(float(np.degrees(margin[frame])), frame)


def _depth_fine(_label: Annotation, evidence: SignalEvidence) -> Answer:
    if evidence.events(_DEPTH):
        return None
    episode = evidence.episode
    if episode is None or not any(camera.is_depth for camera in episode.cameras.values()):
        return CannotTell("no depth camera is recorded")
    if "workspace" in evidence.findings.not_judged:
        return CannotTell(evidence.findings.not_judged["workspace"])
    share = evidence.settings["workspace.invalid_depth_share"]
    return Said(f"no depth picture lacked more than {share:.0%} of its middle, or twice as much as usual")


def _robot_was_late(label: Annotation, evidence: SignalEvidence) -> Answer:
    """A hand that was not where it was told to be speaks for the robot."""
    if "tracking" in evidence.findings.not_judged:
        return CannotTell(evidence.findings.not_judged["tracking"])
    onset = label.failure_onset_frame
    until = evidence.num_frames - 1 if onset is None else onset
    since = 0 if onset is None else evidence.around(onset).first
    late = evidence.events(_TRACKING_ERROR, within=Span(since, until))
    if not late:
        return None
    first = late[0]
    peak = evidence.peak(TRACKING, Span(first.start_frame, first.end_frame))
    far_m = first.measures.get("peak_m", 0.0) if peak is None else peak.value
    at = first.start_frame if peak is None else peak.frame
    return Said(f"the tracking error reached {1e3 * far_m:.0f} mm at {{}}: robot failure?", (at,))


def _robot_followed(label: Annotation, evidence: SignalEvidence) -> Answer:
    """A hand that went where it was told, and missed there, was told wrongly."""
    if label.failure_subcategory not in _BY_COMMAND:
        return None
    onset = label.failure_onset_frame
    peak = evidence.peak(TRACKING, None if onset is None else Span(0, onset))
    if peak is None:
        return CannotTell(evidence.why_not("tracking", "ee_command with ee_position"))
    if peak.value > evidence.settings["label.follows_m"]:
        return None
    return Said(
        f"the hand was never more than {1e3 * peak.value:.0f} mm from its command until then, at {{}}: operator error?",
        (peak.frame,),
    )


def _far_from_events(label: Annotation, evidence: SignalEvidence) -> Answer:
    """An onset where nothing happens, while something happens elsewhere."""
    onset = label.failure_onset_frame
    assert onset is not None
    nearest = _nearest_event(_bearing_events(label, evidence), onset)
    if nearest is None:
        return CannotTell("no detector found an event")
    if nearest.kind == NOT_REACHED and onset < nearest.start_frame:
        return CannotTell("only the end tells that the task failed, and not since when")
    away = _frames_away(nearest, onset)
    far_s = evidence.settings["label.onset_far_s"]
    if away <= far_s * evidence.rate_hz:
        return None
    what = nearest.kind.partition(".")[2].replace("_", " ")
    return Said(
        f"the nearest event ({what}) begins at {{}}, {away} frames from the onset (limit {far_s:.1f} s)",
        (nearest.start_frame,),
    )


def _bearing_events(label: Annotation, evidence: SignalEvidence) -> Sequence[Detection]:
    """Events that bear on the subcategory; where there are none, all that a failure may begin with."""
    subcategory_id = label.failure_subcategory or ""
    category = evidence.taxonomy.category_of(subcategory_id)
    subcategory = None if category is None else category.subcategory(subcategory_id)
    kinds = () if subcategory is None else subcategory.detector_kinds
    others = [item for item in evidence.findings.detections if item.kind not in _SIDE_EFFECTS]
    return evidence.events(*kinds) or others


def _nearest_event(events: Sequence[Detection], frame: int | None) -> Detection | None:
    if frame is None:
        return events[0] if events else None
    return min(events, key=lambda item: _frames_away(item, frame), default=None)


def _frames_away(event: Detection, frame: int) -> int:
    """Frames between a frame and the nearest of the event's own: its beginning, its obvious frame, or in between."""
    last = max(event.start_frame, event.obvious_frame or event.start_frame)
    return max(event.start_frame - frame, frame - last, 0)


MOTION_RULES = (
    Rule(
        "collision_without_contact",
        "failure_subcategory",
        frozenset({"gripper_obstacle", "arm_environment"}),
        "torque residual and wrist force near the onset",
        (_RESIDUAL_NM, _WRIST_N, "label.near_s"),
        _no_contact,
    ),
    Rule(
        "hand_or_arm",
        "failure_subcategory",
        frozenset({"gripper_obstacle", "arm_environment"}),
        "whether the contact near the onset was felt at the hand",
        ("label.near_s",),
        _at_hand_or_arm,
    ),
    Rule(
        "through_obstacle_but_hard_contact",
        "failure_subcategory",
        frozenset({"trajectory_through_obstacle"}),
        "peak torque of contacts near the onset",
        (_RESIDUAL_NM, "label.near_s"),
        _hard_contact,
    ),
    Rule(
        "infeasible_but_followed",
        "failure_subcategory",
        frozenset({"infeasible_approach"}),
        "distance of the hand from its command near the onset",
        (_ERROR_M, "label.near_s"),
        _reached_pose,
    ),
    Rule(
        "joint_limit_but_none_near",
        "failure_subcategory",
        frozenset({"joint_limit"}),
        "smallest distance of a joint from its limits",
        ("label.joint_limit_deg",),
        _not_at_limit,
    ),
    Rule(
        "invalid_depth_but_fine",
        "failure_subcategory",
        frozenset({"invalid_depth"}),
        "share of depth pictures that was not measured",
        ("workspace.invalid_depth_share",),
        _depth_fine,
    ),
    Rule(
        "operator_error_but_robot_late",
        "attribution",
        frozenset({"operator_error"}),
        "distance of the hand from its command before the onset",
        (_ERROR_M, "label.near_s"),
        _robot_was_late,
    ),
    Rule(
        "robot_failure_but_followed",
        "attribution",
        frozenset({"robot_failure"}),
        "distance of the hand from its command before the onset",
        ("label.follows_m",),
        _robot_followed,
    ),
    Rule(
        "onset_far_from_events",
        "failure_onset_frame",
        frozenset(),
        "distance of the onset from the nearest event of a detector",
        ("label.onset_far_s",),
        _far_from_events,
    ),
)
