"""How far sampling alone may move an estimate where the motion changes between two samples.

An arm that is stopped dead between two samples has no acceleration at either, yet a difference of its velocities says
-dv/dt at both: the estimate is wrong by all of the inertial force. The second difference of that force has just this
size there, and next to nothing where the motion is resolved. A contact outlasts the stop that it causes.
"""

import numpy as np

from failview.detectors.conditioning.medians import column_medians
from failview.detectors.conditioning.windows import sliding_max
from failview.model.signals import Values

_LEAST_ROWS = 3
_NOISE = 3.0
"""Medians that noise alone reaches: 2 sigmas of its own."""


def sampling_doubt(computed: Values) -> Values:
    """(rows, columns) largest second difference within a row to both sides, in the unit of the values.

    Args:
        computed: (rows, columns) force or torque that the motion is computed to take.
    """
    if len(computed) < _LEAST_ROWS:
        return np.zeros_like(computed)
    doubt = np.zeros_like(computed)
    doubt[1:-1] = np.abs(computed[2:] - 2 * computed[1:-1] + computed[:-2])
    # what is there all the time is noise, and counted as such
    doubt = np.maximum(doubt - _NOISE * column_medians(doubt), 0.0)
    return sliding_max(doubt, before=1, after=1)
