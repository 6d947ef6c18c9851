"""Where the object is in the hand: slides and turns between the fingers, from the recorded poses."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from failview.detectors.conditioning.conditioned import ConditionedEpisode
from failview.model.roles import Role
from failview.model.signals import Values


@dataclass(frozen=True, eq=False)
class ObjectPoses:
    """The object and the hand, in the world.

    Attributes:
        position_m: (rows, 3) object.
        hand_m: (rows, 3) end effector.
        in_hand_m: (rows, 3) object as seen from the hand: turned with it where its orientation is recorded.
        orientation: (rows,) object; None without.
        hand_orientation: (rows,) end effector; None without.
    """

    position_m: Values
    hand_m: Values
    in_hand_m: Values
    orientation: Rotation | None
    hand_orientation: Rotation | None

    @property
    def turns_known(self) -> bool:
        """Whether both orientations are recorded."""
        return self.orientation is not None and self.hand_orientation is not None

    def slide_start(self, lost_row: int, hold_row: int, rate_hz: float, speed_m_s: float) -> int:
        """First row of the slide in the hand that goes on until the object is lost."""
        steps = np.linalg.norm(np.diff(self.in_hand_m[hold_row : lost_row + 1], axis=0), axis=1) * rate_hz
        still = np.flatnonzero(steps < speed_m_s)
        # step k leads from row hold_row + k to the next
        begin = hold_row + int(still[-1]) + 2 if still.size else hold_row + 1
        return min(begin, lost_row)

    def turn_deg(self, reference_row: int, rows: slice) -> Values | None:
        """Angle, in degrees, by which the object has turned in the hand since a row; None without orientations."""
        if self.orientation is None or self.hand_orientation is None:
            return None
        relative = self.hand_orientation[rows].inv() * self.orientation[rows]
        reference = self.hand_orientation[reference_row].inv() * self.orientation[reference_row]
        return np.asarray(np.degrees((reference.inv() * relative).magnitude()))


def object_poses(conditioned: ConditionedEpisode) -> ObjectPoses | None:
    """The poses of an episode; None when object or hand are not recorded, or the object never moves."""
    position, hand = conditioned.get(Role.OBJECT_POSITION), conditioned.get(Role.EE_POSITION)
    if position is None or hand is None:
        return None
    orientation = _rotations(conditioned, Role.OBJECT_ORIENTATION)
    hand_orientation = _rotations(conditioned, Role.EE_ORIENTATION)
    offset = position - hand
    in_hand = offset if hand_orientation is None else np.asarray(hand_orientation.inv().apply(offset))
    return ObjectPoses(position, hand, in_hand, orientation, hand_orientation)


def _rotations(conditioned: ConditionedEpisode, role: Role) -> Rotation | None:
    values = conditioned.get(role)
    if values is None or not (np.linalg.norm(values, axis=1) > 0.5).all():
        return None
    return Rotation.from_quat(values)
