"""What the gripper did: the attempts to grasp, and how each ended."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

import numpy as np

from failview.detectors.conditioning.conditioned import Flags
from failview.detectors.grasping.taring import TaredForce
from failview.model.signals import Values


class GraspState(IntEnum):
    """State of the gripper at one row; the numbers are what the plots show."""

    OPEN = 0
    CLOSING = 1
    HOLDING = 2
    EMPTY = 3
    """Closed on nothing."""
    LOST = 4
    """Closed, after what was held got out."""
    RELEASED = 5
    """Opening after a hold."""


class GraspEnd(StrEnum):
    """How an attempt to grasp ended."""

    EMPTY = "empty"
    """The fingers closed on nothing."""
    LOST = "lost"
    """Something was held and got out of closed fingers."""
    RELEASED = "released"
    """The fingers opened."""
    HELD = "held"
    """Still held when the episode ends."""


@dataclass(frozen=True)
class GraspAttempt:
    """One closing of the gripper and what came of it. Rows of the working clock.

    Attributes:
        close_row: Last row before the fingers begin to close.
        stop_row: First row at which they have stopped closing: on something, or on each other.
        hold_row: The hold is established; None when nothing was ever held.
        end_row: First row of the loss or of the opening; the last row when held to the end.
        end: How it ended.
        hold_aperture_m: Aperture while holding; NaN without aperture or hold.
        hold_force_n: Median force while holding; NaN without force or hold.
        commanded_end: Whether the end was commanded; None when nothing tells.
        confidence: That this reading of the signals is right, 0 to 1.
    """

    close_row: int
    stop_row: int
    hold_row: int | None
    end_row: int
    end: GraspEnd
    hold_aperture_m: float
    hold_force_n: float
    commanded_end: bool | None
    confidence: float


@dataclass(frozen=True, eq=False)
class GraspStory:
    """All attempts in order.

    Attributes:
        attempts: In order of time; empty when the gripper never closed, or cannot be judged.
        not_judged: Why nothing can be said; empty when it can.
        states: (rows,) GraspState by number.
        aperture_m: (rows,) aperture; None without.
        force: Tared grip force; None without.
        command: (rows,) +1 where closing is commanded, -1 where opening; None when the actions do not tell.
        scaled: True when the aperture's scale is unknown, and its range was taken for that of a common gripper.
    """

    attempts: Sequence[GraspAttempt] = field(default_factory=tuple)
    not_judged: str = ""
    states: Values = field(default_factory=lambda: np.zeros(0))
    aperture_m: Values | None = None
    force: TaredForce | None = None
    command: Values | None = None
    scaled: bool = False

    def holding(self, rows: int) -> Flags:
        """(rows,) True while something is held."""
        flags = np.zeros(rows, dtype=np.bool_)
        for attempt in self.attempts:
            if attempt.hold_row is not None:
                flags[attempt.hold_row : attempt.end_row] = True
        return flags

    def grasping(self, rows: int) -> Flags:
        """(rows,) True from the moment the fingers begin to close until they have let go: contact is expected."""
        flags = np.zeros(rows, dtype=np.bool_)
        for attempt in self.attempts:
            flags[attempt.close_row : attempt.end_row + 1] = True
        return flags
