"""Which failure each detection would mean, and which of them is the one to label.

The taxonomy's rule is to label the first thing that went wrong; what follows from it is a consequence. So among the
failures that are likely enough, the earliest is chosen. Two witnesses of the same event (a contact, and the hand that
it holds up) are one failure: the cause goes before the consequence when they begin within half a second.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from failview.detectors.grasping.grasp_story import GraspEnd
from failview.detectors.suggestion.facts import EpisodeFacts
from failview.detectors.task_success.verdict import Way
from failview.model.detection import Detection

LIKELY = 0.5
"""More likely than not."""

_SAME_EVENT_S = 0.5
_BY_STORY = 0.6
_LEAVING_S = 2.0
_LEFT_OBJECT = 0.7
"""What the leaving hand hits is the object it left, or the bin around it; no pose tells which, nor what it did."""


@dataclass(frozen=True)
class Candidate:
    """A failure that a detection speaks for.

    Attributes:
        category: Category id.
        subcategory: Subcategory id.
        detection: What speaks for it.
        confidence: 0 to 1.
        consequence: True for what other failures bring about: it gives way to them within half a second.
    """

    category: str
    subcategory: str
    detection: Detection
    confidence: float
    consequence: bool = False


def candidates(detections: Sequence[Detection], facts: EpisodeFacts) -> list[Candidate]:
    """Every failure that the detections speak for, earliest first."""
    found = [_MEANINGS[item.kind](item, detections, facts) for item in detections if item.kind in _MEANINGS]
    return sorted((item for item in found if item is not None), key=lambda item: item.detection.start_frame)


def primary(found: Sequence[Candidate], rate_hz: float) -> Candidate | None:
    """The failure to label: the first likely one; the most likely one when none is likely; None without any."""
    likely = [item for item in found if item.confidence >= LIKELY]
    if not likely:
        return max(found, key=lambda item: item.confidence, default=None)
    first = likely[0]
    if not first.consequence:
        return first
    near = first.detection.start_frame + _SAME_EVENT_S * rate_hz
    causes = [item for item in likely if not item.consequence and item.detection.start_frame <= near]
    return causes[0] if causes else first


_Meaning = Callable[[Detection, Sequence[Detection], EpisodeFacts], Candidate | None]


def _plain(category: str, subcategory: str) -> _Meaning:
    def meaning(item: Detection, _all: Sequence[Detection], _facts: EpisodeFacts) -> Candidate:
        return Candidate(category, subcategory, item, item.confidence)

    return meaning


def _not_reached(item: Detection, everything: Sequence[Detection], facts: EpisodeFacts) -> Candidate | None:
    """A placement failed only when something was carried and let go on purpose, and did not fall over."""
    if not facts.released or facts.held_at_end:
        return None
    if any(other.kind == "workspace.tipped" and other.confidence >= LIKELY for other in everything):
        return None
    if item.measures.get("way") == Way.FLAG:
        return _by_flag(item, facts)
    # what the gripper did tells little about where the goal was
    weight = _BY_STORY if item.measures.get("way") == Way.STORY else 1.0
    return Candidate("placement", "missed_target", item, weight * item.confidence, consequence=True)


def _by_flag(item: Detection, facts: EpisodeFacts) -> Candidate:
    """A flag tells that the goal was missed, or reached and left again, but not when: that is when it was let go."""
    let_go = next(grasp for grasp in reversed(facts.grasps) if grasp.ended is GraspEnd.RELEASED)
    if let_go.end <= item.start_frame < facts.num_frames - 1:
        # it was true after the release, and then no more: what stood there fell, or was pushed away
        return Candidate("placement", "tipped_after_release", item, _LEFT_OBJECT * item.confidence)
    opened = let_go.end if let_go.reopened is None else let_go.reopened
    at_release = replace(item, start_frame=let_go.end, obvious_frame=max(let_go.end, opened))
    return Candidate("placement", "missed_target", at_release, item.confidence, consequence=True)


def _contact(item: Detection, everything: Sequence[Detection], facts: EpisodeFacts) -> Candidate | None:
    """What was hit: an obstacle, or what fell over from it, which then is the failure to label."""
    soon = _SAME_EVENT_S * facts.rate_hz
    for other in everything:
        toppled = other.kind in {"workspace.tipped", "workspace.knocked_over"} and other.confidence >= LIKELY
        if toppled and item.start_frame - soon <= other.start_frame <= item.end_frame + soon:
            return None
    if not facts.object_known and _just_left(item, facts):
        return Candidate("placement", "tipped_after_release", item, _LEFT_OBJECT * item.confidence)
    if item.measures.get("yielded", 0.0) > LIKELY:
        return Candidate("collision", "object_knocked_over", item, item.confidence)
    if item.measures.get("at_hand", 1.0) < LIKELY:
        return Candidate("collision", "arm_environment", item, item.confidence)
    return Candidate("collision", "gripper_obstacle", item, item.confidence)


def _just_left(item: Detection, facts: EpisodeFacts) -> bool:
    """Whether the hand has let something go shortly before: what it then hits is most likely that."""
    recent = item.start_frame - _LEAVING_S * facts.rate_hz
    return any(grasp.ended is GraspEnd.RELEASED and recent <= grasp.end <= item.start_frame for grasp in facts.grasps)


def _stalled(item: Detection, everything: Sequence[Detection], _facts: EpisodeFacts) -> Candidate:
    at_limit = any(
        other.kind == "workspace.joint_limit"
        and other.start_frame <= item.end_frame
        and other.end_frame >= item.start_frame
        for other in everything
    )
    return Candidate(
        "planning", "joint_limit" if at_limit else "infeasible_approach", item, item.confidence, consequence=True
    )


def _joint_limit(item: Detection, everything: Sequence[Detection], _facts: EpisodeFacts) -> Candidate | None:
    """A joint at its limit while the hand is stalled is told by the stall, which begins earlier."""
    if any(other.kind == "workspace.stalled" for other in everything):
        return None
    return Candidate("planning", "joint_limit", item, item.confidence)


def _late(item: Detection, everything: Sequence[Detection], _facts: EpisodeFacts) -> Candidate | None:
    """A hand that lags: a failure of its own only when nothing holds it up."""
    stalled = any(
        other.kind == "workspace.stalled" and abs(other.start_frame - item.start_frame) <= 2 for other in everything
    )
    if stalled:
        return None
    return Candidate("planning", "other_planning", item, item.confidence, consequence=True)


def _no_depth(item: Detection, everything: Sequence[Detection], _facts: EpisodeFacts) -> Candidate | None:
    """Missing depth is a failure only when the robot then acts on it: misses, or stalls."""
    acted = [
        other
        for other in everything
        if other.kind in {"grasp.missed", "workspace.stalled"} and other.start_frame >= item.start_frame
    ]
    return Candidate("perception", "invalid_depth", item, item.confidence) if acted else None


_MEANINGS: dict[str, _Meaning] = {
    "grasp.missed": _plain("grasp", "missed_grasp"),
    "grasp.slip": _plain("grasp", "slip_during_lift"),
    "grasp.unstable": _plain("grasp", "unstable_grasp"),
    "grasp.drop": _plain("placement", "dropped_in_transport"),
    "workspace.tipped": _plain("placement", "tipped_after_release"),
    "workspace.knocked_over": _plain("collision", "object_knocked_over"),
    "task.not_reached": _not_reached,
    "collision.contact": _contact,
    "workspace.stalled": _stalled,
    "workspace.joint_limit": _joint_limit,
    "tracking.error": _late,
    "workspace.depth_invalid": _no_depth,
}
