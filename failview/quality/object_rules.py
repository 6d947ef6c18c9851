"""Rules about where the object ended and how it stands: outcome, placement, topples, what was seen."""

import numpy as np

from failview.detectors.task_success.verdict import NOT_REACHED, REACHED, Way
from failview.model.annotation import Annotation
from failview.model.roles import Role
from failview.quality.rule import Answer, CannotTell, Rule, Said
from failview.quality.signal_evidence import LEAN, Peak, SignalEvidence

_GOAL, _SUCCESS_AT = "success.goal_distance_m", "label.goal_distance_m"
_SURE_FLAG = 0.8
"""A recorded flag that the other episodes speak against is none to hold up to a person."""


def _ended_away(_label: Annotation, evidence: SignalEvidence) -> Answer:
    end, flagged = evidence.end_distance, _flag(evidence, NOT_REACHED)
    if end is None:
        if flagged is None:
            return CannotTell(evidence.why_not("task_success", "object_position with goal_position"))
        return Said("the recorded success flag says that the task was not done, to the last frame, {}", (flagged,))
    limit_m = max(evidence.settings[_SUCCESS_AT], evidence.settings[_GOAL])
    if end.value <= limit_m:
        return None
    return Said(f"the object ended {_length(end.value)} from the goal at {{}} (limit {_length(limit_m)})", (end.frame,))


def _ended_there(label: Annotation, evidence: SignalEvidence) -> Answer:
    """A failure with the object at the goal; what fell there, or is still in the hand, may be one."""
    if label.failure_subcategory == "tipped_after_release":
        return None
    end = evidence.end_distance
    if end is None:
        return CannotTell(evidence.why_not("task_success", "object_position with goal_position"))
    reached = [item for item in evidence.events(REACHED) if item.measures.get("way") == Way.GOAL_POSE]
    if not reached or end.value > evidence.settings[_GOAL]:
        return None
    return Said(
        f"the object was let go at the goal by {{}} and ended {_length(end.value)} from it: success, or partial?",
        (reached[0].start_frame,),
    )


def _never_moved(_label: Annotation, evidence: SignalEvidence) -> Answer:
    """A partial success has done a part: the object came nearer, or was held, or is where it should be."""
    distance, holds = evidence.goal_distance, evidence.holds
    known = np.zeros(0) if distance is None else distance[np.isfinite(distance)]
    if not known.size or holds is None:
        return CannotTell("object_position with goal_position, or the gripper, is not recorded")
    nearer_m = float(known[0] - known.min())
    if holds or nearer_m > evidence.settings["label.moved_m"] or known.min() <= evidence.settings[_GOAL]:
        return None
    return Said(f"nothing was ever held, and the object came no nearer to the goal than {_length(float(known.min()))}")


def _at_goal(_label: Annotation, evidence: SignalEvidence) -> Answer:
    end = evidence.end_distance
    if end is None:
        return CannotTell(evidence.why_not("task_success", "object_position with goal_position"))
    limit_m = evidence.settings[_GOAL]
    if end.value > limit_m:
        return None
    return Said(f"the object ended {_length(end.value)} from the goal at {{}} (limit {_length(limit_m)})", (end.frame,))


def _never_fell(label: Annotation, evidence: SignalEvidence) -> Answer:
    """The object of the task stood. What was knocked over may be another one, where a contact is felt."""
    there = evidence.around(label.failure_onset_frame)
    if label.failure_subcategory == "object_knocked_over" and evidence.events("collision.contact", within=there):
        return None
    peak = evidence.peak(LEAN)
    if peak is None:
        return CannotTell("object_orientation is not recorded")
    limit_deg = evidence.settings["workspace.toppled_deg"]
    if peak.value >= limit_deg:
        return None
    other = ": another one?" if label.failure_subcategory == "object_knocked_over" else ""
    words = f"the object of the task never leaned more than {peak.value:.0f}°, at {{}} (limit {limit_deg:.0f}°){other}"
    return Said(words, (peak.frame,))


def _found_it(_label: Annotation, evidence: SignalEvidence) -> Answer:
    """The hand went to the object without waiting: it was detected."""
    nearest = _nearest(evidence)
    if nearest is None:
        return CannotTell("ee_position with object_position is not recorded")
    waited_s = _longest_wait_s(evidence, nearest.frame)
    if nearest.value > evidence.settings["label.near_object_m"] or waited_s > evidence.settings["label.wait_s"]:
        return None
    return Said(
        f"the hand came within {_length(nearest.value)} of the object at {{}} and never stood still for longer "
        f"than {waited_s:.1f} s before",
        (nearest.frame,),
    )


def _right_object(_label: Annotation, evidence: SignalEvidence) -> Answer:
    """The object of the task was held and carried: it was not the wrong one."""
    position, holds = evidence.per_frame(Role.OBJECT_POSITION), evidence.holds
    if position is None or holds is None:
        return CannotTell("object_position, or the gripper, is not recorded")
    for span in holds:
        way_m = float(np.linalg.norm(position[span.last] - position[span.first]))
        if way_m > evidence.settings["grasp.carried_m"]:
            return Said(
                f"the object of the task was held from {{}} and carried {_length(way_m)} by {{}}",
                (span.first, span.last),
            )
    return None


def _nearest(evidence: SignalEvidence) -> Peak | None:
    hand, held = evidence.per_frame(Role.EE_POSITION), evidence.per_frame(Role.OBJECT_POSITION)
    if hand is None or held is None:
        return None
    apart_m = np.linalg.norm(hand - held, axis=1)
    if not np.isfinite(apart_m).any():
        return None
    frame = int(np.nanargmin(apart_m))
    return Peak(float(apart_m[frame]), frame)


def _longest_wait_s(evidence: SignalEvidence, before: int) -> float:
    """Longest time that the hand stood still before a frame, s."""
    hand = evidence.per_frame(Role.EE_POSITION)
    if hand is None or before < 1:
        return 0.0
    speed_m_s = np.linalg.norm(np.diff(hand[: before + 1], axis=0), axis=1) * evidence.rate_hz
    moving = np.flatnonzero(np.concatenate([[True], speed_m_s >= evidence.settings["label.stands_m_s"], [True]]))
    return float(np.diff(moving).max() - 1) / evidence.rate_hz


def _flag(evidence: SignalEvidence, kind: str) -> int | None:
    """Last frame of what a recorded flag says, where it is to be believed."""
    told = [item for item in evidence.events(kind) if item.measures.get("way") == Way.FLAG]
    return told[0].end_frame if told and told[0].confidence >= _SURE_FLAG else None


def _length(length_m: float) -> str:
    return f"{1e3 * length_m:.0f} mm" if length_m < 0.01 else f"{1e2 * length_m:.1f} cm"


OBJECT_RULES = (
    Rule(
        "success_away_from_goal",
        "outcome",
        frozenset({"success"}),
        "distance between object and goal at the end",
        (_SUCCESS_AT, _GOAL),
        _ended_away,
    ),
    Rule(
        "partial_success_without_progress",
        "outcome",
        frozenset({"partial_success"}),
        "distance between object and goal over the episode, stretches in which something is held",
        ("label.moved_m", _GOAL),
        _never_moved,
    ),
    Rule(
        "failure_at_goal",
        "outcome",
        frozenset({"failure"}),
        "distance between object and goal at the end",
        (_GOAL,),
        _ended_there,
    ),
    Rule(
        "missed_target_but_at_goal",
        "failure_subcategory",
        frozenset({"missed_target"}),
        "distance between object and goal at the end",
        (_GOAL,),
        _at_goal,
    ),
    Rule(
        "topple_but_never_leaned",
        "failure_subcategory",
        frozenset({"tipped_after_release", "object_knocked_over"}),
        "lean of the object",
        ("workspace.toppled_deg",),
        _never_fell,
    ),
    Rule(
        "not_detected_but_reached",
        "failure_subcategory",
        frozenset({"object_not_detected"}),
        "distance between hand and object, speed of the hand",
        ("label.near_object_m", "label.wait_s", "label.stands_m_s"),
        _found_it,
    ),
    Rule(
        "wrong_object_but_carried_the_right_one",
        "failure_subcategory",
        frozenset({"wrong_object_identity"}),
        "movement of the task's object while something is held",
        ("grasp.carried_m",),
        _right_object,
    ),
)
