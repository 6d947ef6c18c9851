"""Torque of contacts per joint, estimated twice: with accelerations and without.

At 20 Hz the acceleration of a dead stop cannot be had by differentiation: the residual of the inverse dynamics then
swings to both sides for a sample or two. The balance of momentum errs at such a place too, but not at the same
sample with the same sign. What both say is contact; what only one says is not.
"""

from dataclasses import dataclass

import numpy as np

from failview.detectors.collision.dynamics import ArmDynamics, DynamicsError, arm_dynamics
from failview.detectors.collision.expected_contact import TaskPhases
from failview.detectors.collision.friction_fit import fitted_resistance, offset
from failview.detectors.collision.momentum_observer import interval_torque, observe
from failview.detectors.collision.sampling_doubt import sampling_doubt
from failview.detectors.conditioning.conditioned import ConditionedEpisode, Flags
from failview.detectors.conditioning.derivatives import derivative
from failview.detectors.conditioning.measured import beside, measured_rows
from failview.detectors.conditioning.medians import column_medians, median, quantile
from failview.model.roles import Role
from failview.model.signals import Values

_WINDOW_S = 0.05
"""Window of the derivatives: three samples at 20 Hz, five at 100 Hz. A longer one would blur short contacts."""

_LARGEST_KG = 15.0
"""No arm for a table lifts more."""

_SPARE = 1.5
_SPARE_KG = 0.3
"""What is held may weigh this much more than its median in the hand, for a moment, while it is swung."""

_EXPLAINED = 0.8
"""A model that leaves this share of the torque's variation unexplained does not belong to the torque."""

_RARELY, _WILD_NM = 0.8, 10.0
"""No contact lasts a fifth of an episode at twice the torque that defines one; a torque that does is not understood."""

_NEAR_LIMIT_RAD = float(np.radians(1.0))
"""A joint this near to its stop (the taxonomy's definition) may lean on it; that torque is no contact of the arm."""

_SATURATED = 0.99
"""Share of the largest torque from which a motor is at its limit."""


@dataclass(frozen=True, eq=False)
class ContactTorque:
    """Torque of contacts, all (rows, joints) in Nm; positive along the joint.

    Attributes:
        joints: Name per joint.
        direct: By inverse dynamics (or as recorded).
        balance: By momentum, mean over the interval before each row.
        observed: By the momentum observer.
        doubt: How far sampling alone may move the estimate where the motion changes fast.
        judged: (rows, joints) False where the joint cannot be judged: no measurement, at its stop, motor at its limit.
        payload_kg: Median weight of what is held; 0 without.
        recorded: True when the robot's own estimate was taken.
    """

    joints: tuple[str, ...]
    direct: Values
    balance: Values
    observed: Values
    doubt: Values
    judged: Flags
    payload_kg: float
    recorded: bool

    @property
    def agreed(self) -> Values:
        """(rows, joints) what both ways agree on, Nm: 0 where their signs differ."""
        same = np.sign(self.direct) == np.sign(self.observed)
        least = np.minimum(np.abs(self.direct), np.abs(self.observed))
        return np.where(same & self.judged, np.sign(self.direct) * least, 0.0)


def contact_torque(conditioned: ConditionedEpisode, phases: TaskPhases) -> ContactTorque | str:
    """The torque of contacts, or why there is none, as a clause."""
    if conditioned.get(Role.EXTERNAL_TORQUE) is not None:
        return _recorded(conditioned, phases)
    try:
        return _estimated(conditioned, phases)
    except DynamicsError as error:
        return str(error)


def _recorded(conditioned: ConditionedEpisode, phases: TaskPhases) -> ContactTorque:
    role = Role.EXTERNAL_TORQUE
    values = conditioned.signals[role]
    values = values - offset(values, phases.free)
    if phases.holding.any():
        # without a model the weight of what is held is its median
        values = values - np.where(phases.holding[:, None], column_medians(values[phases.holding]), 0.0)
    judged = np.broadcast_to(measured_rows(conditioned, role)[:, None], values.shape)
    labels = conditioned.episode.signals[role].labels
    names = tuple(f"joint {label}" if label.isdigit() else label for label in labels)
    return ContactTorque(names, values, values, values, np.zeros_like(values), judged, 0.0, recorded=True)


def _estimated(conditioned: ConditionedEpisode, phases: TaskPhases) -> ContactTorque:
    arm, torque_columns = _fitted_arm(conditioned)
    position = np.ascontiguousarray(conditioned.signals[Role.JOINT_POSITION][:, arm.columns])
    tau = np.ascontiguousarray(conditioned.signals[Role.JOINT_TORQUE][:, torque_columns])
    rate_hz = conditioned.clock.rate_hz
    velocity, acceleration = _motion(conditioned, arm, position)
    rigid = arm.rigid_torque(position, velocity, acceleration)
    momentum, changing = arm.momentum(position, velocity)
    free = phases.free & measured_rows(conditioned, Role.JOINT_TORQUE)
    if arm.has_friction:
        lost = arm.resistance(velocity)
        lost = lost + offset(tau - rigid - lost, free)
    else:
        lost = fitted_resistance(tau - rigid, velocity, phases.free)
    direct = rigid + lost - tau
    _require_fit(direct[free], tau[free])
    balance = interval_torque(momentum, tau + changing - lost, rate_hz)
    payload_kg = 0.0
    if phases.holding.any():
        rows = phases.holding
        per_kg = arm.loaded_torque(position[rows], velocity[rows], acceleration[rows]) - rigid[rows]
        payload_kg = max(0.0, median(_weight_kg(direct[rows], per_kg)))
        for torque in (direct, balance):
            carried = np.clip(_weight_kg(torque[rows], per_kg), 0.0, _SPARE * payload_kg + _SPARE_KG)
            torque[rows] += carried[:, None] * per_kg
    return ContactTorque(
        joints=_names(conditioned, arm),
        direct=direct,
        balance=balance,
        observed=observe(balance, rate_hz),
        doubt=sampling_doubt(rigid),
        judged=_judged(conditioned, arm, tau),
        payload_kg=payload_kg,
        recorded=False,
    )


def _fitted_arm(conditioned: ConditionedEpisode) -> tuple[ArmDynamics, list[int]]:
    """(dynamics of the joints with torque, column of the torque per joint)."""
    robot = conditioned.episode.robot
    for role in (Role.JOINT_POSITION, Role.JOINT_TORQUE):
        if conditioned.get(role) is None:
            raise DynamicsError(conditioned.unusable.get(role, f"{role.value} is missing"))
    if robot is None:
        raise DynamicsError("the profile names no robot model (robot.model)")
    positions, torques = (conditioned.episode.signals[role] for role in (Role.JOINT_POSITION, Role.JOINT_TORQUE))
    width = torques.values.shape[1]
    if width == positions.values.shape[1]:
        place = {column: column for column in range(width)}
    else:
        place = {k: torques.labels.index(name) for k, name in enumerate(positions.labels) if name in torques.labels}
        if not place or all(label.isdigit() for label in torques.labels):
            raise DynamicsError(f"joint_torque has {width} columns, joint_position {positions.values.shape[1]}")
    arm = arm_dynamics(robot, sorted(place))
    return arm, [place[column] for column in arm.columns]


def _motion(conditioned: ConditionedEpisode, arm: ArmDynamics, position: Values) -> tuple[Values, Values]:
    """(velocity in rad/s, acceleration in rad/s2)."""
    rate_hz = conditioned.clock.rate_hz
    recorded = conditioned.get(Role.JOINT_VELOCITY)
    if recorded is not None and recorded.shape[1] == conditioned.signals[Role.JOINT_POSITION].shape[1]:
        velocity = np.ascontiguousarray(recorded[:, arm.columns])
        return velocity, derivative(velocity, rate_hz, window_s=_WINDOW_S)
    twice = derivative(position, rate_hz, window_s=_WINDOW_S, order=2)
    return derivative(position, rate_hz, window_s=_WINDOW_S), twice


def _weight_kg(torque: Values, per_kg: Values) -> Values:
    """(rows,) mass at the end effector that explains most of the torque, kg."""
    size = np.einsum("ij,ij->i", per_kg, per_kg)
    mass = -np.einsum("ij,ij->i", torque, per_kg) / np.maximum(size, 1e-9)
    return np.asarray(np.clip(mass, -_LARGEST_KG, _LARGEST_KG))


def _judged(conditioned: ConditionedEpisode, arm: ArmDynamics, tau: Values) -> Flags:
    robot = conditioned.episode.robot
    assert robot is not None
    columns = list(arm.columns)
    position = conditioned.signals[Role.JOINT_POSITION][:, columns]
    lower, upper = robot.lower[columns], robot.upper[columns]
    at_stop = (position < lower + _NEAR_LIMIT_RAD) | (position > upper - _NEAR_LIMIT_RAD)
    saturated = np.abs(tau) > _SATURATED * arm.effort_limit
    used = [role for role in (Role.JOINT_POSITION, Role.JOINT_VELOCITY, Role.JOINT_TORQUE) if role in conditioned.known]
    measured = np.logical_and.reduce([measured_rows(conditioned, role) for role in used])
    # a derivative beside a gap is one across the gap
    whole = beside(measured, 1)
    return np.asarray(whole[:, None] & ~at_stop & ~saturated)


def _require_fit(left: Values, tau: Values) -> None:
    """Refuse a torque that has nothing to do with the model: compensated for gravity, a current, another order.

    Raises:
        DynamicsError: The model explains too little.
    """
    if len(left) < 2:
        return
    explained_nm, told_nm = _spread(left), _spread(tau - column_medians(tau))
    level_nm = float(np.sqrt(np.mean(column_medians(tau) ** 2)))
    if explained_nm > max(_EXPLAINED * max(told_nm, level_nm / 4), 1.0):
        raise DynamicsError(
            f"joint_torque does not fit the robot model ({explained_nm:.1f} Nm unexplained of {told_nm:.1f} Nm): "
            "is it compensated for gravity, or in another unit or order?"
        )
    often_nm = quantile(np.abs(left).max(axis=1), _RARELY)
    if often_nm > _WILD_NM:
        raise DynamicsError(
            f"joint_torque does not fit the robot model (more than {often_nm:.0f} Nm off in a fifth of the motion): "
            "is it what a controller asked for, or cut off?"
        )


def _spread(values: Values) -> float:
    return float(np.sqrt(np.mean(column_medians(np.abs(values)) ** 2)) * 1.4826)


def _names(conditioned: ConditionedEpisode, arm: ArmDynamics) -> tuple[str, ...]:
    robot = conditioned.episode.robot
    assert robot is not None
    return tuple(robot.joint_names[column] for column in arm.columns)
