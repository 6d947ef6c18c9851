"""Force of contacts at the wrist: what the sensor reads beyond the weight and inertia of what hangs on it.

    F = A R(q)^T (a - g) + b

is what the gripper alone makes the sensor read: R the orientation of the hand, a its acceleration, g gravity, b the
sensor's bias. A is the gripper's mass times the turn between the axes of the hand and those of the sensor (the sign
too: some sensors tell the reaction); its nine numbers and the bias are fitted where nothing is touched. Where the
orientation never changes, weight and bias are one number, and that is enough. Such calibration by poses is usual
(D. Kubus et al., On-line rigid object recognition and pose estimation based on inertial parameters, IROS 2007).
"""

from dataclasses import dataclass

import numpy as np

from failview.detectors.collision.expected_contact import TaskPhases
from failview.detectors.collision.sampling_doubt import sampling_doubt
from failview.detectors.conditioning.conditioned import ConditionedEpisode, Flags
from failview.detectors.conditioning.derivatives import derivative
from failview.detectors.conditioning.lengths import lengths
from failview.detectors.conditioning.measured import measured_rows
from failview.detectors.conditioning.medians import column_medians, median
from failview.detectors.conditioning.rotations import cross
from failview.model.roles import Role
from failview.model.signals import Values

_GRAVITY = 9.81
_WINDOW_S = 0.15
_LEAST_ROWS = 10
_ROUNDS = 2
_OUTLIER = 4.0
_PRIOR_KG = 0.05
"""How little a turn of the hand must tell before A is left at zero: as if seen by a noise of 0.05 kg times 1 m/s2."""

_SPARE = 1.5

_DRIFT_S = 1.5
"""Drift of the sensor is followed at this pace: slower than contacts, faster than its warming up."""


@dataclass(frozen=True, eq=False)
class WristForce:
    """Force of contacts at the wrist.

    Attributes:
        force_n: (rows, 3) in the sensor's axes, N.
        size_n: (rows,) its length, N.
        doubt_n: (rows,) how far sampling alone may move it, N.
        judged: (rows,) False where the file has no measurement.
    """

    force_n: Values
    size_n: Values
    doubt_n: Values
    judged: Flags


def wrist_force(conditioned: ConditionedEpisode, phases: TaskPhases) -> WristForce | None:
    """The force of contacts; None when no wrench is recorded."""
    wrench = conditioned.get(Role.WRENCH)
    if wrench is None:
        return None
    judged = measured_rows(conditioned, Role.WRENCH)
    force = wrench[:, :3]
    free = phases.free & judged
    free = free if int(free.sum()) >= _LEAST_ROWS else judged
    gripper = _carried_gripper(conditioned, force, free)
    left, doubt = force - gripper, lengths(sampling_doubt(gripper))
    if phases.holding.any():
        left[phases.holding] = _without_weight(left[phases.holding])
    left = left - _drift(left, judged & ~phases.expected, conditioned.clock.rows(_DRIFT_S))
    return WristForce(left, lengths(left), doubt, judged)


def _carried_gripper(conditioned: ConditionedEpisode, force: Values, free: Flags) -> Values:
    """(rows, 3) what weight, inertia and bias make the sensor read, N."""
    pull = _specific_force(conditioned)
    if not free.any():
        return np.broadcast_to(column_medians(force), force.shape)
    if pull is None:
        return np.broadcast_to(column_medians(force[free]), force.shape)
    chosen = free.copy()
    predicted = np.broadcast_to(column_medians(force[free]), force.shape)
    for _ in range(_ROUNDS):
        miss = lengths(force - predicted)
        typical = median(miss[free])
        chosen = free & (miss <= _OUTLIER * max(typical, 1e-6))
        centre, level = pull[chosen].mean(axis=0), force[chosen].mean(axis=0)
        inputs = pull[chosen] - centre
        prior = len(inputs) * _PRIOR_KG**2 * np.eye(3)
        mapping = np.linalg.solve(inputs.T @ inputs + prior, inputs.T @ (force[chosen] - level))
        predicted = (pull - centre) @ mapping + level
    return np.asarray(predicted)


def _specific_force(conditioned: ConditionedEpisode) -> Values | None:
    """(rows, 3) R^T (a - g) in the hand's axes, m/s2; None without orientation."""
    turn = conditioned.get(Role.EE_ORIENTATION)
    if turn is None:
        return None
    rate_hz = conditioned.clock.rate_hz
    position = conditioned.get(Role.EE_POSITION)
    pull = np.zeros((conditioned.rows, 3))
    if position is not None and conditioned.clock.timed:
        pull += derivative(position, rate_hz, window_s=_window_s(conditioned), order=2)
    pull[:, 2] += _GRAVITY
    x, y, z, w = turn.T
    axis = -np.stack([x, y, z], axis=1)
    across = 2.0 * cross(axis, pull)
    return np.asarray(pull + w[:, None] * across + cross(axis, across))


def _window_s(conditioned: ConditionedEpisode) -> float:
    """Wide enough for the rate at which the position was recorded, which may be lower than the clock's."""
    rate_hz = conditioned.episode.signals[Role.EE_POSITION].rate_hz(conditioned.episode.clock)
    return max(_WINDOW_S, 3.0 / (rate_hz or conditioned.clock.rate_hz))


def _without_weight(force: Values) -> Values:
    """The force without the weight of what is held: what pulls along its median, up to a little more than that."""
    weight = column_medians(force)
    size = float(np.linalg.norm(weight))
    if size <= 0:
        return force
    along = weight / size
    carried = np.clip(force @ along, 0.0, _SPARE * size)
    return np.asarray(force - carried[:, None] * along)


def _drift(force: Values, calm: Flags, block: int) -> Values:
    """(rows, 3) what changes over seconds, N: medians of blocks of calm rows, joined by lines."""
    size = lengths(force)
    calm = calm & (size <= _OUTLIER * median(size[calm])) if calm.any() else calm
    rows = np.flatnonzero(calm)
    if len(rows) < 2 * block:
        return np.zeros_like(force)
    blocks = np.array_split(rows, len(rows) // block)
    centres = np.array([part.mean() for part in blocks])
    medians = np.array([column_medians(force[part]) for part in blocks])
    return np.stack([np.interp(np.arange(len(force)), centres, column) for column in medians.T], axis=1)
