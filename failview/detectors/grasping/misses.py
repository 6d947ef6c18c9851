"""Missed grasps: the fingers close on nothing."""

import math
from dataclasses import replace

import numpy as np

from failview.detectors.conditioning.medians import median
from failview.detectors.detector import Case
from failview.detectors.grasping.grasp_story import GraspAttempt, GraspEnd
from failview.detectors.grasping.gripper_states import PRESSED_M
from failview.detectors.grasping.object_in_hand import ObjectPoses
from failview.model.detection import Detection

MISSED = "grasp.missed"

_USUAL_SHARE = 0.5
"""Share of the opening at which closing fingers pass what they should have met, when nothing is known of its width:
half open is the middle of what a gripper can hold."""

_AFTER_RELEASE = 0.3
"""Confidence of an empty closing after something was carried and let go on purpose: often the gripper being parked."""

_SURE = 0.95
_WITHOUT_FORCE = 0.9
_STANDS_S = 0.2
"""Time over which the closed aperture is read."""

_NARROW = 0.6
"""Without a force sensor, when the fingers stop apart by more than they give: something thin, or a worn zero."""

_UNKNOWN_SCALE = 0.6
"""An aperture of unknown scale is taken as closed at its own minimum, which may be the width of an object."""


def missed_grasp(case: Case, poses: ObjectPoses | None, number: int) -> Detection:
    """The missed grasp of an attempt that ended empty."""
    story, clock = case.story, case.conditioned.clock
    attempt = story.attempts[number]
    aperture = story.aperture_m
    assert aperture is not None
    close, stop = clock.frame_from(attempt.close_row), clock.frame_from(attempt.stop_row)
    widths = [item.hold_aperture_m for item in story.attempts if math.isfinite(item.hold_aperture_m)]
    from_m = float(aperture[attempt.close_row])
    to_m = median(aperture[attempt.stop_row : attempt.stop_row + clock.rows(_STANDS_S)])
    words = [f"fingers closed to {max(to_m, 0.0) * 1e3:.1f} mm by frame {stop}"]
    if story.force is not None:
        peak_n = float(story.force.force_n[attempt.close_row : attempt.stop_row + 1].max())
        words.append(f"grip force stayed below {max(peak_n, 0.1):.1f} N")
    if poses is not None:
        away_m = float(np.linalg.norm(poses.in_hand_m[attempt.stop_row]))
        words.append(f"object {away_m * 1e3:.0f} mm from the fingers")
    before = story.attempts[:number]
    parked = any(item.end is GraspEnd.RELEASED for item in before)
    confidence = _SURE
    if story.force is None:
        apart_m = to_m - (case.settings.aperture_min_m or 0.0)
        confidence = _UNKNOWN_SCALE if story.scaled else _NARROW if apart_m > PRESSED_M else _WITHOUT_FORCE
    if parked:
        confidence = min(confidence, _AFTER_RELEASE)
    found = Detection(
        "grasp",
        MISSED,
        close,
        stop,
        confidence,
        "; ".join(words),
        obvious_frame=stop,
        measures={
            "close_frame": close,
            "stop_frame": stop,
            "from_m": from_m,
            "to_m": to_m,
            "attempt": number,
            "width_known": float(bool(widths)),
        },
    )
    return with_onset(found, median(np.array(widths)) if widths else _USUAL_SHARE * from_m)


def with_onset(found: Detection, width_m: float) -> Detection:
    """The same miss, beginning where the closing fingers pass the width of what they should have met, m."""
    measures = found.measures
    close, stop = measures["close_frame"], measures["stop_frame"]
    closed = measures["from_m"] - measures["to_m"]
    share = (measures["from_m"] - width_m) / closed if closed > 0 else 0.0
    onset = math.ceil(close + min(max(share, 0.0), 1.0) * (stop - close))
    return replace(found, start_frame=onset)


def empty(attempt: GraspAttempt) -> bool:
    """Whether an attempt closed on nothing."""
    return attempt.end is GraspEnd.EMPTY
