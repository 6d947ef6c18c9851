"""Whose failure it was, as far as command and execution tell.

A hand that was where it was told to be, and grasped or set down beside the mark, was told wrongly: the operator. A hand
that was not where it was told to be before the failure, or a grip that faded while closing was commanded, is the robot.
Where neither shows nothing is proposed.
"""

from collections.abc import Sequence

from failview.detectors.suggestion.candidates import Candidate
from failview.detectors.suggestion.facts import EpisodeFacts
from failview.model.annotation import Attribution
from failview.model.detection import Detection, FieldProposal

_FOLLOWS_M = 0.01
"""A hand within 1 cm of its command did what it was told."""

_SHORTLY_S = 1.0
"""A hand that was late, but caught up longer before, was where it was told to be."""

_BY_COMMAND = frozenset({"missed_grasp", "missed_target", "object_knocked_over"})
_BY_GRIP = frozenset({"slip_during_lift", "dropped_in_transport"})


def attribution(chosen: Candidate, detections: Sequence[Detection], facts: EpisodeFacts) -> FieldProposal | None:
    """Operator or robot; None when the signals do not tell."""
    onset = chosen.detection.start_frame
    recent = onset - _SHORTLY_S * facts.rate_hz
    late = [item for item in detections if item.kind == "tracking.error" and item.start_frame <= onset]
    late = [item for item in late if item.end_frame >= recent]
    if late:
        return FieldProposal(Attribution.ROBOT_FAILURE.value, 0.7 * late[0].confidence, late[0].evidence, "tracking")
    if chosen.subcategory in _BY_COMMAND and facts.command_known and facts.usual_error_m < _FOLLOWS_M:
        told = f"the hand followed its command within {facts.usual_error_m * 1e3:.0f} mm"
        return FieldProposal(Attribution.OPERATOR_ERROR.value, 0.7, told, "tracking")
    if chosen.subcategory in _BY_GRIP:
        ended = [grasp for grasp in facts.grasps if grasp.hold is not None and grasp.end >= onset]
        if ended and ended[0].commanded is False:
            told = "the hold ended although the gripper was told to stay closed"
            return FieldProposal(Attribution.ROBOT_FAILURE.value, 0.65, told, "grasp")
        if ended and ended[0].commanded:
            return FieldProposal(Attribution.OPERATOR_ERROR.value, 0.6, "the opening was commanded", "grasp")
    return None
