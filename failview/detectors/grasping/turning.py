"""Unstable grasps: the object turns against the hand while it is in the air."""

import numpy as np

from failview.detectors.confidence import from_margin
from failview.detectors.detector import Case
from failview.detectors.grasping.grasp_story import GraspEnd
from failview.detectors.grasping.object_in_hand import ObjectPoses
from failview.model.detection import Detection

UNSTABLE = "grasp.unstable"

_ALOFT_M = 0.005
"""Above where it was gripped: the support no longer turns it."""

_PLACING_S = 0.3
"""Before a release the support may turn it in the hand again."""

_TURN_START_DEG = 3.0
"""The taxonomy's rule: the turn begins about 3 degrees into it."""

_SPREAD_DEG = 2.0
"""Uncertainty of two recorded orientations against each other."""


def turn(case: Case, poses: ObjectPoses, number: int) -> Detection | None:
    """The turn of an object in the hand beyond what is stable; None when there is none."""
    attempt, clock = case.story.attempts[number], case.conditioned.clock
    if attempt.hold_row is None:
        return None
    end = attempt.end_row - (clock.rows(_PLACING_S) if attempt.end is GraspEnd.RELEASED else 0)
    height = poses.position_m[attempt.hold_row : max(end, attempt.hold_row), 2]
    aloft = np.flatnonzero(height > poses.position_m[attempt.hold_row, 2] + _ALOFT_M)
    if not aloft.size:
        return None
    # fingers that close align the object; what it does before it leaves the support is part of the grip
    lifted = attempt.hold_row + int(aloft[0])
    reference = max(attempt.hold_row, lifted - 1)
    angles = poses.turn_deg(reference, slice(lifted, end))
    limit = case.settings["grasp.turn_deg"]
    if angles is None or float(angles.max()) <= limit:
        return None
    over = int(np.argmax(angles > limit))
    before = np.flatnonzero(angles[:over] < _TURN_START_DEG)
    onset = lifted + (int(before[-1]) + 1 if before.size else 0)
    peak = float(angles.max())
    return Detection(
        "grasp",
        UNSTABLE,
        clock.frame_from(onset),
        clock.frame_from(lifted + int(np.argmax(angles))),
        from_margin(peak, limit, _SPREAD_DEG),
        f"object turned {peak:.0f}° in the hand, past {limit:.0f}° at frame {clock.frame_from(lifted + over)}",
        obvious_frame=clock.frame_from(lifted + over),
        measures={"attempt": number, "turned_deg": peak},
    )
