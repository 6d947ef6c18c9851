"""What torque and wrist say about contact, each in units of its own limit.

The limit of a joint comes from the episode's own noise: a multiple of the robust deviation (1.4826 times the median
absolute deviation) of the residual, which a contact of less than half of the time does not move; never above the
definition's limit unless noise asks for it. Limits learnt from successes take its place. Where the motion changes
between samples, what sampling may hide is added. Contact that belongs to the task has limits of its own.
"""

from dataclasses import dataclass

import numpy as np

from failview.detectors.collision.contact_torque import ContactTorque
from failview.detectors.collision.expected_contact import TaskPhases
from failview.detectors.collision.wrist_contact import WristForce
from failview.detectors.conditioning.conditioned import Flags
from failview.detectors.conditioning.medians import column_medians
from failview.model.signals import Values
from failview.settings.thresholds import DetectorSettings

_SIGMA = 1.4826

_NEVER_BELOW = 4.0
"""Sigmas below which every limit would be crossed by noise within one episode (1 of 16,000 samples)."""

_USUAL = 3.0
"""Sigmas within which a residual is at its usual level."""

_UNKNOWN_TASK_N = 15.0
"""The weight of 1 kg and the touching down of what is held stay below it; without a gripper nothing tells when they
are due."""

_LEAST_NM = 0.15
_LEAST_N = 0.7
"""Usual levels no narrower than this: friction at rest, and the sensors' steps."""


@dataclass(frozen=True, eq=False)
class Witness:
    """One way to see contact.

    Attributes:
        ratio: (rows,) what is seen, in units of the limit.
        size: (rows,) what is seen, in Nm or N.
        limit: (rows,) the limit of what is seen most.
        unusual: (rows,) True where it leaves its usual level; where a contact begins.
        judged: (rows,) False where it sees nothing.
        source: (rows,) number of the joint seen most; 0 for the wrist.
    """

    ratio: Values
    size: Values
    limit: Values
    unusual: Flags
    judged: Flags
    source: Values


def blind(rows: int) -> Witness:
    """One who sees nothing: no such signal is recorded."""
    nothing, never = np.zeros(rows), np.zeros(rows, dtype=np.bool_)
    return Witness(nothing, nothing, nothing, never, never, nothing)


def torque_witness(torque: ContactTorque, phases: TaskPhases, settings: DetectorSettings) -> Witness:
    """What the joints' torques say."""
    calm = torque.judged & ~phases.expected[:, None]
    base = joint_limits(torque, calm, settings)
    if not phases.known:
        base = np.maximum(base, settings["collision.residual_nm"])
    limits = base + torque.doubt
    limits = np.where(phases.expected[:, None], np.maximum(limits, settings["collision.task_contact_nm"]), limits)
    seen = np.abs(torque.agreed)
    ratios = seen / limits
    most = ratios.argmax(axis=1)
    rows = np.arange(len(ratios))
    usual = np.maximum(_USUAL * _deviation(torque.balance, calm), _LEAST_NM)
    return Witness(
        ratio=ratios[rows, most],
        size=seen[rows, most],
        limit=limits[rows, most],
        unusual=np.asarray(((np.abs(torque.balance) > usual) & torque.judged).any(axis=1)),
        judged=np.asarray(torque.judged.any(axis=1)),
        source=most.astype(np.float64),
    )


def joint_limits(torque: ContactTorque, calm: Flags, settings: DetectorSettings) -> Values:
    """(joints,) limit of each joint, Nm."""
    # what both agree on is no larger than either
    sigma = np.minimum(_deviation(torque.direct, calm), _deviation(torque.observed, calm))
    learnt = settings.joint_residual_nm
    if len(learnt) == torque.direct.shape[1]:
        return np.asarray(np.maximum(np.array(learnt), _NEVER_BELOW * sigma))
    wanted = np.maximum(settings["collision.sigmas"] * sigma, settings["collision.least_residual_nm"])
    capped = np.minimum(wanted, settings["collision.residual_nm"])
    return np.asarray(np.maximum(capped, _NEVER_BELOW * sigma))


def wrist_witness(wrist: WristForce, phases: TaskPhases, settings: DetectorSettings) -> Witness:
    """What the wrist says."""
    calm = np.broadcast_to((wrist.judged & ~phases.expected)[:, None], wrist.force_n.shape)
    sigma = float(_deviation(wrist.force_n, calm).max())
    least_n = settings["collision.least_force_n"] if phases.known else _UNKNOWN_TASK_N
    base = max(settings["collision.sigmas"] * sigma, least_n)
    limit = np.where(phases.expected, max(base, settings["collision.task_contact_n"]), base) + wrist.doubt_n
    size = np.where(wrist.judged, wrist.size_n, 0.0)
    return Witness(
        ratio=size / limit,
        size=size,
        limit=limit,
        unusual=np.asarray(size > max(2.0 * _USUAL * sigma, _LEAST_N)),
        judged=wrist.judged,
        source=np.zeros(len(size)),
    )


def _deviation(values: Values, calm: Flags) -> Values:
    """(columns,) robust standard deviation over calm rows; over all where there are none."""
    chosen = calm.any(axis=1)
    picked = np.abs(values[chosen] if chosen.any() else values)
    return np.asarray(_SIGMA * column_medians(picked))
