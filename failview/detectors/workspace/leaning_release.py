"""Objects that probably tipped, where no pose tells: set down leaning, or touched by the hand that leaves.

A held object leans as much as the hand has turned from the vertical since it gripped. Set down like this it stands on
its edge, and topples when its middle is beyond that edge: for a can twice as tall as wide beyond 26 degrees, for
taller things sooner. Fingers that have let go and meet a force again have touched what they left.
"""

from collections.abc import Iterator

import numpy as np

from failview.detectors.confidence import from_margin
from failview.detectors.detector import Case
from failview.detectors.grasping.grasp_story import GraspAttempt, GraspEnd
from failview.detectors.intervals import intervals
from failview.detectors.workspace.toppling import TIPPED
from failview.model.detection import Detection

_LEAN_DEG = 18.0
_SPREAD_DEG = 4.0
_MOST_LEANING = 0.7
_BRUSHED = 0.45
"""Fingers brush what they release more often than they push it over."""

_LEAVING_S = 1.5
_CLEAR_S = 0.3
_NOISES = 8.0
_LEAST_N = 0.5


def leaning_releases(case: Case) -> Iterator[Detection]:
    """Releases after which the object has probably tipped."""
    for attempt in case.story.attempts:
        if attempt.hold_row is None or attempt.end is not GraspEnd.RELEASED:
            continue
        lean = _lean_deg(case, attempt)
        if lean is not None and lean > _LEAN_DEG:
            yield _leaning(case, attempt, lean)
            continue
        yield from _brushed(case, attempt)


def _lean_deg(case: Case, attempt: GraspAttempt) -> float | None:
    """By how much the hand leans more at the release than when it gripped, degrees."""
    hand = case.conditioned.hand_rotations
    if hand is None or attempt.hold_row is None:
        return None
    released = hand[min(attempt.end_row, len(hand) - 1)]
    upright = (released * hand[attempt.hold_row].inv()).apply(np.array([0.0, 0.0, 1.0]))
    return float(np.degrees(np.arccos(np.clip(upright[2], -1.0, 1.0))))


def _leaning(case: Case, attempt: GraspAttempt, lean_deg: float) -> Detection:
    clock = case.conditioned.clock
    frame = clock.frame_from(attempt.end_row)
    return Detection(
        "workspace",
        TIPPED,
        frame,
        len(clock.frame_times_s) - 1,
        from_margin(lean_deg, _LEAN_DEG, _SPREAD_DEG, most=_MOST_LEANING),
        f"let go at frame {frame} with the hand leaning {lean_deg:.0f}° more than when it gripped",
        measures={"hand_lean_deg": lean_deg, "released_frame": float(frame)},
    )


def _brushed(case: Case, attempt: GraspAttempt) -> Iterator[Detection]:
    force, clock = case.story.force, case.conditioned.clock
    if force is None or not force.tared:
        return
    begin = attempt.end_row + clock.rows(_CLEAR_S)
    nexts = [item.close_row for item in case.story.attempts if item.close_row > attempt.end_row]
    stop = min([begin + clock.rows(_LEAVING_S), *nexts])
    touched = intervals(force.force_n[begin:stop] > max(_LEAST_N, _NOISES * force.noise_n))
    if touched:
        first = begin + touched[0][0]
        peak_n = float(force.force_n[first : begin + touched[0][1] + 1].max())
        frame = clock.frame_from(first)
        yield Detection(
            "workspace",
            TIPPED,
            frame,
            clock.frame_from(begin + touched[-1][1]),
            _BRUSHED,
            f"the open fingers met {peak_n:.1f} N at frame {frame}, after they had let go",
            measures={"released_frame": float(clock.frame_from(attempt.end_row))},
        )
