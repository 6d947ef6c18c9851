"""Whether what was hit gave way, or resisted.

A fixed thing holds the hand up behind its command, or pushes back for as long as the hand stays against it. A loose one
is pushed along, or falls away: the hand goes on, or the contact is soon over.
"""

import numpy as np

from failview.detectors.collision.contact_spans import Span
from failview.detectors.conditioning.conditioned import ConditionedEpisode
from failview.detectors.conditioning.lengths import lengths
from failview.detectors.conditioning.medians import median
from failview.model.roles import Role
from failview.model.signals import Values

_BEFORE_S = 0.3
_HELD_UP_M = 0.01
"""A hand that falls this much farther behind its command than before is held up: half of a tracking error."""

_BRIEF_S = 0.3
_GOES_ON_M = 0.02
"""A hand that stays within this way of a contact for longer than a touch is pressing against something."""

_SLIDES_N = 5.0
"""What slides over a table resists by less: 1 kg with a friction of 0.5."""

_SLOWED = 0.5
"""Without a command: share of the speed before that tells a hand that goes on."""

_MOVES_M_S = 0.02


def gave_way(conditioned: ConditionedEpisode, span: Span, felt_n: Values | None = None) -> bool | None:
    """True when what was hit moved or fell; None where neither command nor position tell.

    Args:
        conditioned: The episode.
        span: The contact.
        felt_n: (rows,) force at the wrist, N; None without.
    """
    position, command = conditioned.get(Role.EE_POSITION), conditioned.get(Role.EE_COMMAND)
    speed_m_s = conditioned.hand_speed_m_s
    if position is None or speed_m_s is None:
        return None
    before = slice(max(0, span.onset_row - conditioned.clock.rows(_BEFORE_S)), span.onset_row + 1)
    during = slice(span.onset_row, span.last_row + 1)
    if command is not None:
        apart_m = lengths(command - position)
        if apart_m[during].max() - median(apart_m[before]) >= _HELD_UP_M:
            return False
        went_on_m = float(np.linalg.norm(position[span.last_row] - position[span.onset_row]))
        brief = span.last_row - span.onset_row + 1 <= conditioned.clock.rows(_BRIEF_S)
        pressing = felt_n is not None and median(felt_n[during]) > _SLIDES_N
        return brief or (went_on_m > _GOES_ON_M and not pressing)
    earlier = float(speed_m_s[before].max())
    return None if earlier < _MOVES_M_S else median(speed_m_s[during]) > _SLOWED * earlier
