"""Limits of the joints learnt from episodes that succeeded.

Of each success: the largest residual per joint that lasts as long as a contact, outside of what the task asks for.
The limit is the median over the successes plus four robust sigmas: a success that hit something does not move it.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from failview.detectors.collision.contact_torque import ContactTorque
from failview.detectors.collision.expected_contact import TaskPhases
from failview.detectors.conditioning.windows import sliding_max
from failview.detectors.conditioning.working_clock import WorkingClock
from failview.model.signals import Values

SUSTAINED = "collision.sustained_nm"
LIMITS = "collision.joint_limits_nm"

_LASTING_S = 0.1
_LEAST_SUCCESSES = 8
"""Fewer tell nothing about the spread."""

_SIGMAS = 4.0
_MARGIN = 1.2
_SIGMA = 1.4826


def sustained(torque: ContactTorque, phases: TaskPhases, clock: WorkingClock) -> Values:
    """(joints,) the largest residual that lasts, outside of what the task asks for, Nm."""
    rows = max(1, int(np.ceil(_LASTING_S * clock.rate_hz - 1e-6)))
    seen = np.where(phases.expected[:, None], 0.0, np.abs(torque.agreed))
    return np.asarray((-sliding_max(-seen, before=rows // 2, after=(rows - 1) // 2)).max(axis=0))


def learnt_limits(summaries: Sequence[Mapping[str, Values]], succeeded: Sequence[bool]) -> Mapping[str, Values]:
    """(joints,) limits in Nm by name; nothing when too few episodes succeeded."""
    told = [
        summary[SUSTAINED] for summary, good in zip(summaries, succeeded, strict=True) if good and SUSTAINED in summary
    ]
    if len(told) < _LEAST_SUCCESSES or len({len(values) for values in told}) != 1:
        return {}
    values = np.stack(told)
    middle = np.median(values, axis=0)
    spread = _SIGMA * np.median(np.abs(values - middle), axis=0)
    return {LIMITS: _MARGIN * (middle + _SIGMAS * spread)}
