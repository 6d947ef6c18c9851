"""Contact torque by the balance of generalized momentum, which needs no acceleration.

The momentum p = M(q) dq changes by dp/dt = tau + C(q, dq)^T dq - g(q) - friction + tau_ext. The observer integrates
what is known and takes what is missing for the contact:

    r(t) = K (p(t) - integral of (tau + C^T dq - g - friction + r) dt - p(0)),

which follows tau_ext with the time constant 1/K (A. De Luca and R. Mattone, Sensorless robot collision detection and
hybrid force/motion control, ICRA 2005). Between two samples the integral is taken by the trapezoid rule; the
differential equation of r is then solved exactly for each interval.
"""

from itertools import accumulate

import numpy as np

from failview.model.signals import Values

_FASTEST_PER_S = 50.0
"""Gain K for fast records: contacts of a gripper take tens of milliseconds, and noise grows with K."""

_PER_SAMPLE = 2.0
"""K at low rates: the mean over one interval then passes almost unchanged (1 - exp(-2) = 86 %)."""


def gain_per_s(rate_hz: float) -> float:
    """The gain K for a rate."""
    return min(_FASTEST_PER_S, _PER_SAMPLE * rate_hz)


def interval_torque(momentum: Values, known_torque: Values, rate_hz: float) -> Values:
    """(rows, joints) mean contact torque between each row and the one before, Nm; 0 in the first row.

    Args:
        momentum: (rows, joints) p, Nms.
        known_torque: (rows, joints) tau + C^T dq - g - friction, Nm.
        rate_hz: Rows per second.
    """
    torque = np.zeros_like(momentum)
    torque[1:] = np.diff(momentum, axis=0) * rate_hz - (known_torque[1:] + known_torque[:-1]) / 2
    return torque


def observe(mean_torque: Values, rate_hz: float, gain: float | None = None) -> Values:
    """(rows, joints) residual r of the observer, Nm.

    Args:
        mean_torque: (rows, joints) mean contact torque of the interval before each row, Nm.
        rate_hz: Rows per second.
        gain: K in 1/s; that of the rate when None.
    """
    keep = float(np.exp(-(gain or gain_per_s(rate_hz)) / rate_hz))
    # numbers of Python's own: one row is too short for numpy to be quick
    joints = ((1.0 - keep) * mean_torque).T.tolist()
    smoothed = [list(accumulate(joint, lambda before, added: keep * before + added)) for joint in joints]
    return np.ascontiguousarray(np.array(smoothed).T).reshape(mean_torque.shape)
