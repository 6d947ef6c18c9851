"""An episode whose signals are fit to be judged."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from failview.detectors.conditioning.derivatives import derivative
from failview.detectors.conditioning.lengths import lengths
from failview.detectors.conditioning.rotations import Rotations
from failview.detectors.conditioning.working_clock import WorkingClock
from failview.model.episode import Episode
from failview.model.roles import Role
from failview.model.signals import Values

_SPEED_WINDOW_S = 0.15
"""Short enough for a hand that is stopped, long enough for the noise of positions at 20 Hz."""

_NO_QUATERNION = 0.5

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ConditionedEpisode:
    """Signals by role on one even clock.

    Attributes:
        episode: As loaded, untouched.
        clock: The working clock; row i of every signal is at its time i.
        signals: (rows, columns) by role, in SI units, gaps filled in by lines; only roles that can be judged.
        known: (rows,) by role: False where the file has nothing near (a long gap).
        unusable: Why a role that the file has cannot be judged.
        quantum: Step in which a signal is quantised, in its unit; 0 where it is not.
        notes: What was done, one line each.
    """

    episode: Episode
    clock: WorkingClock
    signals: Mapping[Role, Values]
    known: Mapping[Role, Flags]
    unusable: Mapping[Role, str]
    quantum: Mapping[Role, float]
    notes: tuple[str, ...] = ()

    def get(self, role: Role) -> Values | None:
        """(rows, columns) of a role; None when it cannot be judged."""
        return self.signals.get(role)

    def column(self, role: Role) -> Values | None:
        """(rows,) of a role of one column; None when it cannot be judged."""
        values = self.signals.get(role)
        return None if values is None else values[:, 0]

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.clock.times_s)

    @cached_property
    def hand_rotations(self) -> Rotations | None:
        """Orientation of the end effector at every row; None when it cannot be judged."""
        return self._rotations(Role.EE_ORIENTATION)

    @cached_property
    def object_rotations(self) -> Rotations | None:
        """Orientation of the object at every row; None when it cannot be judged."""
        return self._rotations(Role.OBJECT_ORIENTATION)

    @cached_property
    def hand_speed_m_s(self) -> Values | None:
        """(rows,) speed of the end effector, m/s; None when its position cannot be judged."""
        hand = self.get(Role.EE_POSITION)
        return None if hand is None else lengths(derivative(hand, self.clock.rate_hz, window_s=_SPEED_WINDOW_S))

    def _rotations(self, role: Role) -> Rotations | None:
        values = self.get(role)
        # filled with zeros where the file has nothing
        return Rotations.of(values) if values is not None and bool((lengths(values) > _NO_QUATERNION).all()) else None
