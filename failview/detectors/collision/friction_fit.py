"""Friction and offset of each joint, fitted to the motion itself where the model names none.

What torque sensors measure beyond the rigid model is mostly dry and viscous friction and an offset (C. Gaz et al.,
Dynamic Identification of the Franka Emika Panda Robot With Retrieval of Feasible Parameters, RA-L 2019). They are
linear in three numbers per joint, found by least absolute deviations: a contact that takes less than half of the
time does not move them.
"""

import numpy as np

from failview.detectors.collision.dynamics import STILL_RAD_S
from failview.detectors.conditioning.conditioned import Flags
from failview.detectors.conditioning.medians import column_medians
from failview.model.signals import Values

_STEPS = 8
_LEAST_ROWS = 30
_LEAST_NM = 0.02
"""Deviations below this weigh alike: no joint sensor resolves them."""


def fitted_resistance(missing: Values, velocity: Values, rows: Flags) -> Values:
    """(rows, joints) torque of friction and offset, Nm.

    Args:
        missing: (rows, joints) measured torque beyond the rigid model, Nm.
        velocity: (rows, joints) rad/s.
        rows: (rows,) True where nothing should touch the arm; all are taken where these are too few.
    """
    chosen = rows if int(rows.sum()) >= _LEAST_ROWS else np.ones(len(rows), dtype=np.bool_)
    columns = np.stack([np.ones_like(velocity), velocity, np.tanh(velocity / STILL_RAD_S)], axis=2)
    inputs, wanted = columns[chosen].transpose(1, 0, 2), missing[chosen].T
    weights = np.ones_like(wanted)
    numbers = np.zeros((missing.shape[1], 3))
    for _ in range(_STEPS):
        weighted = inputs * weights[:, :, None]
        normal = weighted.transpose(0, 2, 1) @ inputs + 1e-6 * np.eye(3) * len(wanted[0])
        numbers = np.linalg.solve(normal, (weighted.transpose(0, 2, 1) @ wanted[:, :, None]))[:, :, 0]
        left = wanted - (inputs @ numbers[:, :, None])[:, :, 0]
        weights = 1.0 / np.maximum(np.abs(left), _LEAST_NM)
    # friction brakes; a fit that finds it driving has found something else
    numbers[:, 1:] = np.maximum(numbers[:, 1:], 0.0)
    return np.asarray(np.einsum("njk,jk->nj", columns, numbers))


def offset(missing: Values, rows: Flags) -> Values:
    """(joints,) offset of the torque sensors, Nm: the median over contact-free rows, 0 where these are too few."""
    if int(rows.sum()) < _LEAST_ROWS:
        return np.zeros(missing.shape[1])
    return column_medians(missing[rows])
