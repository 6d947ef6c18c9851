"""Where the object is in the hand: slides and turns between the fingers, from the recorded poses."""

import math
from dataclasses import dataclass

import numpy as np

from failview.detectors.conditioning.conditioned import ConditionedEpisode, Flags
from failview.detectors.conditioning.lengths import lengths
from failview.detectors.conditioning.measured import native_step
from failview.detectors.conditioning.medians import quantile
from failview.detectors.conditioning.rotations import Rotations
from failview.model.roles import Role
from failview.model.signals import Values

_CALMEST = 0.25
_STILL = 1.8
"""Two places of an object at rest differ by less than this times the lower quartile of their second differences: that
quartile is 2.7 sigma of one axis, and 99 % of the differences of two places are shorter than 4.8 sigma."""

_CARRIES_M = 0.03
_FROZEN_M = 0.0001
"""A hand that has gone 3 cm has moved what it gripped by more, even when it slid out at once."""

_FAR_M = 0.2
"""Farther than the half of anything that a hand picks up by an end."""

_LONGEST_S = 0.3
"""Time over which a slide may be sought: longer would see one that has come to rest."""


@dataclass(frozen=True, eq=False)
class ObjectPoses:
    """The object and the hand, in the world.

    Attributes:
        known: (rows,) True where both are recorded, and not bridged across a long gap.
        position_m: (rows, 3) object.
        hand_m: (rows, 3) end effector.
        in_hand_m: (rows, 3) object as seen from the hand: turned with it where its orientation is recorded.
        orientation: (rows,) object; None without.
        hand_orientation: (rows,) end effector; None without.
        sample_rows: Rows of the working clock from one recorded pose to the next; lines join them.
    """

    known: Flags
    position_m: Values
    hand_m: Values
    in_hand_m: Values
    orientation: Rotations | None
    hand_orientation: Rotations | None
    sample_rows: int

    @property
    def turns_known(self) -> bool:
        """Whether both orientations are recorded."""
        return self.orientation is not None and self.hand_orientation is not None

    def tells_of(self, hold_row: int, end_row: int) -> bool:
        """Whether the pose is that of what is held: recorded all the while, between the fingers, and not frozen."""
        held = slice(hold_row, end_row + 1)
        if not self.known[held].all():
            return False
        if float(lengths(self.position_m[hold_row] - self.hand_m[hold_row])) > _FAR_M:
            return False
        hand_moved_m = float(lengths(self.hand_m[held] - self.hand_m[hold_row]).max())
        moved_m = float(lengths(self.position_m[held] - self.position_m[hold_row]).max())
        return hand_moved_m < _CARRIES_M or moved_m > _FROZEN_M

    def slide_start(self, lost_row: int, hold_row: int, rate_hz: float, speed_m_s: float) -> int:
        """First row of the slide in the hand that goes on until the object is lost.

        Args:
            lost_row: First row without contact.
            hold_row: The hold is established.
            rate_hz: Rows per second.
            speed_m_s: Slower is no slide.
        """
        place_m = self.in_hand_m[hold_row : lost_row + 1]
        noise_m = _noise_m(place_m, self.sample_rows)
        # noisy poses are compared over more rows, until the slowest slide stands out
        widest = max(1, min(round(_LONGEST_S * rate_hz), len(place_m) - 1))
        width = min(max(self.sample_rows, math.ceil(noise_m * rate_hz / speed_m_s)), widest)
        moved_m = lengths(place_m[width:] - place_m[:-width])
        still = np.flatnonzero(moved_m < max(noise_m, speed_m_s * width / rate_hz))
        begin = hold_row + width + int(still[-1]) + 1 if still.size else hold_row + 1
        return min(begin, lost_row)

    def turn_deg(self, reference_row: int, rows: slice) -> Values | None:
        """Angle, in degrees, by which the object has turned in the hand since a row; None without orientations."""
        if self.orientation is None or self.hand_orientation is None:
            return None
        relative = self.hand_orientation[rows].inv() * self.orientation[rows]
        reference = self.hand_orientation[reference_row].inv() * self.orientation[reference_row]
        return np.asarray(np.degrees((reference.inv() * relative).magnitude()))


def object_poses(conditioned: ConditionedEpisode) -> ObjectPoses | None:
    """The poses of an episode; None when object or hand are not recorded."""
    position, hand = conditioned.get(Role.OBJECT_POSITION), conditioned.get(Role.EE_POSITION)
    if position is None or hand is None:
        return None
    orientation, hand_orientation = conditioned.object_rotations, conditioned.hand_rotations
    offset = position - hand
    in_hand = offset if hand_orientation is None else np.asarray(hand_orientation.inv().apply(offset))
    step = max(native_step(conditioned, role) for role in (Role.OBJECT_POSITION, Role.EE_POSITION))
    known = conditioned.known[Role.OBJECT_POSITION] & conditioned.known[Role.EE_POSITION]
    return ObjectPoses(known, position, hand, in_hand, orientation, hand_orientation, step)


def _noise_m(in_hand_m: Values, step: int) -> float:
    bends_m = lengths(in_hand_m[2 * step :] - 2.0 * in_hand_m[step : len(in_hand_m) - step] + in_hand_m[: -2 * step])
    return _STILL * quantile(bends_m, _CALMEST) if bends_m.size else 0.0
