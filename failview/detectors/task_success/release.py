"""Where the object was set down or let go, and where it came to rest.

The vertical is the third axis of the positions, as in every world or base frame of a robot on a table.
"""

from dataclasses import dataclass

import numpy as np

from failview.detectors.detector import Case
from failview.detectors.grasping.grasp_story import GraspAttempt, GraspEnd, GraspState, GraspStory
from failview.model.roles import Role
from failview.model.signals import Values

_ALOFT_M = 0.01
"""Higher above its last height than this, a held object is in the air: pressed down, it tilts by some millimetres."""
_TOUCH_M = 0.0005
"""As low as it ends up to this, or up to three sigmas of its pose's noise, an object touches its support."""
_AT_REST_M = 0.005
"""Nearer to its last position than this, an object has come to rest; pose trackers jitter by 1 to 2 mm."""
_CLEAR_M = 0.002
"""Fingers this much wider than the object touch it no more, whatever pads give way."""


Interval = tuple[int, int]
"""(first, last) row."""


@dataclass(frozen=True)
class Release:
    """How an object was left. Rows of the working clock.

    Attributes:
        start_row: It touches down, or is let go, or begins to leave where it was.
        obvious_row: The fingers are clear of it and it rests; None when they never were on it.
    """

    start_row: int
    obvious_row: int | None


def last_hold(story: GraspStory) -> GraspAttempt | None:
    """The last attempt in which something was held."""
    held = [attempt for attempt in story.attempts if attempt.hold_row is not None]
    return held[-1] if held else None


def clear_row(case: Case, attempt: GraspAttempt) -> int:
    """First row where the fingers have opened around what they held; the row of the opening when nothing tells."""
    aperture_m = case.story.aperture_m
    if aperture_m is None or not np.isfinite(attempt.hold_aperture_m):
        return attempt.end_row
    step_m = case.conditioned.quantum.get(Role.GRIPPER_APERTURE, 0.0)
    wide = np.flatnonzero(aperture_m[attempt.end_row :] > attempt.hold_aperture_m + _CLEAR_M + step_m)
    if not wide.size:
        return attempt.end_row
    clear = attempt.end_row + int(wide[0])
    opened = np.flatnonzero(case.story.states[clear:] == GraspState.OPEN)
    return clear + int(opened[0]) if opened.size else clear


def left_away(case: Case, object_m: Values, end_row: int) -> Release:
    """Onset and obvious row of an object that ended away from its goal.

    Args:
        case: The episode.
        object_m: (rows, 3) positions of the object.
        end_row: Last row where its position is known.
    """
    rest = resting_from(object_m, end_row)
    attempt = last_hold(case.story)
    if attempt is None or attempt.hold_row is None or attempt.end is not GraspEnd.RELEASED:
        return Release(rest, None)
    released = min(attempt.end_row, end_row)
    start = _touchdown(object_m[:, 2], (attempt.hold_row, released), end_row, rest)
    return Release(start, min(max(clear_row(case, attempt), start, rest), end_row))


def resting_from(object_m: Values, end_row: int) -> int:
    """First row from which the object stays where it ends; the last row when it never moved at all."""
    away_m = np.linalg.norm(object_m[: end_row + 1] - object_m[end_row], axis=1)
    moving = np.flatnonzero(away_m > _AT_REST_M)
    return min(int(moving[-1]) + 1, end_row) if moving.size else end_row


def _touchdown(height_m: Values, attempt: Interval, end_row: int, rest_row: int) -> int:
    """First row where a held object, after having been in the air, is as low as it ends; else the release."""
    hold_row, release_row = attempt
    steps_m = np.diff(height_m[rest_row : end_row + 1])
    noise_m = float(np.sqrt(np.mean(steps_m**2) / 2)) if steps_m.size else 0.0
    last_m = float(np.median(height_m[rest_row : end_row + 1]))
    raised_m = height_m[hold_row : release_row + 1] - last_m
    aloft = np.flatnonzero(raised_m > min(_ALOFT_M, float(raised_m.max()) / 2))
    first = hold_row + int(aloft[-1]) + 1 if aloft.size else release_row
    low = np.flatnonzero(height_m[first : release_row + 1] <= last_m + max(_TOUCH_M, 3 * noise_m))
    return first + int(low[0]) if low.size else release_row
