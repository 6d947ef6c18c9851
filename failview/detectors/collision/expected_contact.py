"""When a contact belongs to the task: the fingers meet the object, the object meets its support, the hand lets go."""

from dataclasses import dataclass

import numpy as np

from failview.detectors.conditioning.conditioned import Flags
from failview.detectors.grasping.grasp_story import GraspAttempt, GraspEnd, GraspStory

_AFTER_S = 0.3
"""Fingers settle on an object, and come off it, within this time."""

_PLACING_S = 1.0
"""An object touches its support within this time before it is released."""

_LIFTING_S = 1.0
"""An object leaves its support, and hangs in the hand with all its weight, within this time after the grasp."""


@dataclass(frozen=True, eq=False)
class TaskPhases:
    """Rows by what touches what.

    Attributes:
        free: (rows,) nothing is being grasped.
        holding: (rows,) something hangs in the hand: its weight is part of what is measured.
        expected: (rows,) contact belongs to the task.
        known: Whether the gripper tells all this; without it, weights and touches of the task look like contacts.
    """

    free: Flags
    holding: Flags
    expected: Flags
    known: bool


def task_phases(story: GraspStory, rows: int, rate_hz: float) -> TaskPhases:
    """The phases of an episode; all free when nothing is known of the gripper."""
    expected = np.zeros(rows, dtype=np.bool_)
    holding = np.zeros(rows, dtype=np.bool_)
    after = max(1, round(_AFTER_S * rate_hz))
    for attempt in story.attempts:
        for begin, end in _expected(attempt, rate_hz):
            expected[max(begin, 0) : end + after] = True
        if attempt.hold_row is not None:
            holding[attempt.stop_row : attempt.end_row + after] = True
    free = ~(story.grasping(rows) | expected)
    return TaskPhases(free, holding, expected, known=not story.not_judged)


def _expected(attempt: GraspAttempt, rate_hz: float) -> list[tuple[int, int]]:
    closed = attempt.stop_row if attempt.hold_row is None else attempt.hold_row
    if attempt.hold_row is not None:
        closed = min(closed + round(_LIFTING_S * rate_hz), attempt.end_row)
    spans = [(attempt.close_row, closed)]
    if attempt.end is GraspEnd.RELEASED:
        spans.append((attempt.end_row - round(_PLACING_S * rate_hz), attempt.end_row))
    elif attempt.end is GraspEnd.LOST:
        spans.append((attempt.end_row, attempt.end_row))
    return spans
