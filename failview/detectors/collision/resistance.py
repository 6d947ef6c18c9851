"""Whether what was hit gave way, or held the hand up."""

import numpy as np

from failview.detectors.collision.contact_spans import Span
from failview.detectors.conditioning.conditioned import ConditionedEpisode
from failview.detectors.conditioning.derivatives import derivative
from failview.model.roles import Role
from failview.model.signals import Values

_BEFORE_S = 0.3
_WINDOW_S = 0.15

_HELD_UP_M = 0.01
"""A hand that falls this much farther behind its command than before is held up: half of a tracking error."""

_SLOWED = 0.5
"""Without a command: share of the speed before that tells a hand that goes on."""

_MOVES_M_S = 0.02


def gave_way(conditioned: ConditionedEpisode, span: Span) -> bool | None:
    """True when the hand went on; None where neither command nor position tell."""
    position, command = conditioned.get(Role.EE_POSITION), conditioned.get(Role.EE_COMMAND)
    if position is None:
        return None
    before = slice(max(0, span.onset_row - conditioned.clock.rows(_BEFORE_S)), span.onset_row + 1)
    during = slice(span.onset_row, span.last_row + 1)
    if command is not None:
        apart_m = _length(command - position)
        return bool(apart_m[during].max() - np.median(apart_m[before]) < _HELD_UP_M)
    speed_m_s = _length(derivative(position, conditioned.clock.rate_hz, window_s=_WINDOW_S))
    earlier = float(speed_m_s[before].max())
    return None if earlier < _MOVES_M_S else bool(np.median(speed_m_s[during]) > _SLOWED * earlier)


def _length(values: Values) -> Values:
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", values, values)))
