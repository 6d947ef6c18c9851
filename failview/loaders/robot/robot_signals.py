"""Adds the robot's model to an assembled episode: its end effector where none is recorded, its limits, its shape."""

from dataclasses import replace

import numpy as np

from failview.loaders.profiles.profile import Profile
from failview.loaders.robot.agreement import Agreement
from failview.loaders.robot.kinematics import Kinematics
from failview.loaders.robot.model_fit import ModelFit, agreement_of, fit_model, rows_at
from failview.model.episode import Episode, RoleAssignment
from failview.model.robot import Frames, LinkPoses, Robot, Values
from failview.model.roles import ARBITRARY_UNIT, ROLE_SPECS, Role
from failview.model.signals import Signal

_EE_ROLES = (Role.EE_POSITION, Role.EE_ORIENTATION)


def warned(episode: Episode, *warnings: str) -> Episode:
    """A warning is one line, and stands there once."""
    return replace(episode, warnings=tuple(dict.fromkeys((*episode.warnings, *(text for text in warnings if text)))))


def with_robot(episode: Episode, kinematics: Kinematics, profile: Profile, *, found: str, likely: str = "") -> Episode:
    """The episode with the robot; with a warning in its place when the model does not fit.

    Args:
        episode: Without one.
        kinematics: The model.
        profile: What it says of the robot.
        found: Why this model is taken where nobody named one; empty when the profile does. It then warns of nothing
            but of where the end effector is: a guess that does not fit an episode is simply not used there.
        likely: Frame of the end effector to begin with, where nobody named one.
    """
    source = "robot model beside the data" if found else "profile, robot"
    joints = episode.signals.get(Role.JOINT_POSITION)
    if joints is None or joints.unit == ARBITRARY_UNIT:
        why = "no stream plays joint_position" if joints is None else "joint_position has no known unit"
        return episode if found else _not_used(episode, why)
    fit = fit_model(episode, joints, kinematics, profile.robot.ee_frame, likely)
    if isinstance(fit, str):
        return episode if found else _not_used(episode, fit)
    agreement = agreement_of(episode, fit)
    if fit.frame_guessed and agreement.frame != fit.frame:
        # nobody named a frame, so the one that the recording fits is the better guess
        fit, agreement = replace(fit, frame=agreement.frame), Agreement(agrees=True, frame=agreement.frame)
    shown = replace(episode, robot=_robot(episode, fit, agreement, found))
    if not fit.frame_problem:
        shown = _with_end_effector(shown, fit, profile, agreement)
    problem = fit.frame_problem and f"profile, robot.ee_frame: {fit.frame_problem}"
    return warned(shown, problem, agreement.warning and f"{source}: {agreement.warning}")


def _not_used(episode: Episode, why: str) -> Episode:
    return warned(episode, f"profile, robot.model: {why}: nothing is computed from the model")


def _robot(episode: Episode, fit: ModelFit, agreement: Agreement, found: str) -> Robot:
    names = {column: joint for joint, column in fit.match.columns.items()}
    width = episode.signals[Role.JOINT_POSITION].values.shape[1]
    limits = [fit.kinematics.limits(names[column]) if column in names else (-np.inf, np.inf) for column in range(width)]
    return Robot(
        path=fit.kinematics.path,
        ee_frame=fit.frame,
        joint_names=tuple(names.get(column, "") for column in range(width)),
        lower=np.array([low for low, _ in limits]),
        upper=np.array([high for _, high in limits]),
        guessed=not agreement.agrees and (fit.match.guessed or fit.frame_guessed),
        links=fit.kinematics.links,
        shapes=fit.kinematics.shapes,
        link_poses=lambda frames: _link_poses(episode, fit, frames),
        found=found,
    )


def _link_poses(episode: Episode, fit: ModelFit, frames: Frames) -> LinkPoses:
    values = rows_at(episode, fit.joints, frames)
    columns = dict(fit.match.columns)
    fingers = fit.kinematics.fingers(columns)
    aperture = episode.signals.get(Role.GRIPPER_APERTURE)
    if fingers and aperture is not None and aperture.unit == ROLE_SPECS[Role.GRIPPER_APERTURE].unit:
        opening_m = np.nan_to_num(rows_at(episode, aperture, frames))
        for finger in fingers:
            columns[finger] = values.shape[1]
            values = np.concatenate([values, _finger_m(opening_m / 2, *fit.kinematics.limits(finger))], axis=1)
    return fit.kinematics.link_poses(values, columns)


def _finger_m(travel_m: Values, low: float, high: float) -> Values:
    """A finger opens towards the farther of its limits."""
    return np.clip(travel_m if abs(high) >= abs(low) else -travel_m, low, high)


def _with_end_effector(episode: Episode, fit: ModelFit, profile: Profile, agreement: Agreement) -> Episode:
    """Computed where nothing is recorded; an orientation beside a recorded position only where the two agree."""
    override = profile.robot.ee_from_joints
    wanted = [role for role in _EE_ROLES if override or role not in {**episode.signals, **profile.roles}]
    if not override and Role.EE_POSITION in episode.signals and not agreement.agrees:
        wanted = []
    if not wanted:
        return episode
    position, orientation = fit.kinematics.frame_poses(fit.joints.values, fit.match.columns, fit.frame)
    values = {Role.EE_POSITION: position, Role.EE_ORIENTATION: orientation}
    source = episode.assignments[Role.JOINT_POSITION]
    doubts = [fit.match.reason, "frame guessed" if fit.frame_guessed else ""]
    reason = f"computed from joint_position by {fit.kinematics.path.name}, frame {fit.frame}"
    signals, assignments = dict(episode.signals), dict(episode.assignments)
    for role in wanted:
        spec = ROLE_SPECS[role]
        guessed = not agreement.agrees and (source.guessed or fit.match.guessed or fit.frame_guessed)
        signals[role] = Signal(
            fit.joints.stream, values[role], spec.unit, spec.labels, fit.joints.times_ns, guessed_unit=guessed
        )
        assignments[role] = RoleAssignment(
            fit.joints.stream, spec.unit, guessed, "; ".join([reason, *filter(None, doubts)]), dead=source.dead
        )
    return replace(
        episode,
        signals={role: signals[role] for role in Role if role in signals},
        assignments={role: assignments[role] for role in Role if role in assignments},
    )
