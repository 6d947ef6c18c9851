"""Adds the robot's model to an assembled episode: its end effector where none is recorded, its limits, its shape."""

import threading
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from failview.errors import DatasetError
from failview.loaders.profiles.profile import Profile
from failview.loaders.robot.agreement import Agreement, compare
from failview.loaders.robot.joint_matching import JointMatch, joints_by_name, match_joints
from failview.loaders.robot.kinematics import Kinematics
from failview.loaders.robot.more_joints import with_more_joints
from failview.model.episode import Episode, RoleAssignment
from failview.model.robot import Frames, LinkPoses, Robot, Values
from failview.model.roles import ARBITRARY_UNIT, ROLE_SPECS, Role
from failview.model.signals import Signal

_COMPARED_SAMPLES = 200
_EE_ROLES = (Role.EE_POSITION, Role.EE_ORIENTATION)


class RobotSource:
    """The model that a profile names, read when the first episode needs it. Thread-safe."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._lock = threading.Lock()
        self._kinematics: Kinematics | None = None
        self._problem = ""

    def fitted_to(self, episode: Episode) -> Episode:
        """The episode with the robot; with a warning in its place when the model does not fit."""
        if self._profile.robot.path is None:
            return episode
        kinematics = self._read()
        if kinematics is None:
            return _warned(episode, f"profile, robot.model: {self._problem}")
        return _fitted(episode, kinematics, self._profile)

    def _read(self) -> Kinematics | None:
        with self._lock:
            path = self._profile.robot.path
            if self._kinematics is None and not self._problem and path is not None:
                try:
                    self._kinematics = Kinematics(path, self._profile.robot.base)
                except DatasetError as error:
                    self._problem = str(error)
            return self._kinematics


@dataclass(frozen=True, eq=False)
class _Fit:
    """A model and the columns of its joints in one episode."""

    kinematics: Kinematics
    match: JointMatch
    joints: Signal
    frame: str
    frame_guessed: bool
    frame_known: bool


def _warned(episode: Episode, *warnings: str) -> Episode:
    """A warning is one line, and stands there once."""
    return replace(episode, warnings=tuple(dict.fromkeys((*episode.warnings, *(text for text in warnings if text)))))


def _fitted(episode: Episode, kinematics: Kinematics, profile: Profile) -> Episode:
    joints = episode.signals.get(Role.JOINT_POSITION)
    if joints is None or joints.unit == ARBITRARY_UNIT:
        why = "no stream plays joint_position" if joints is None else "joint_position has no known unit"
        return _warned(episode, f"profile, robot.model: {why}: nothing is computed from the model")
    table = with_more_joints(episode, joints, kinematics.joints)
    named = joints_by_name(table.labels, kinematics.joints)
    frame, problem = _frame(kinematics, profile.robot.ee_frame, named)
    match = match_joints(joints.labels, kinematics.joints, kinematics.chain(frame), named)
    if isinstance(match, str):
        return _warned(episode, problem, f"profile, robot.model: {match}: nothing is computed from the model")
    fit = _Fit(kinematics, match, table, frame, not profile.robot.ee_frame or bool(problem), not problem)
    agreement = _agreement(episode, fit)
    if fit.frame_guessed and agreement.frame != frame:
        # nobody named a frame, so the one that the recording fits is the better guess
        fit, agreement = replace(fit, frame=agreement.frame), Agreement(agrees=True, frame=agreement.frame)
    shown = replace(episode, robot=_robot(episode, fit, agreement))
    if fit.frame_known:
        shown = _with_end_effector(shown, fit, profile, agreement)
    return _warned(shown, problem, agreement.warning and f"profile, robot: {agreement.warning}")


def _frame(kinematics: Kinematics, wanted: str, named: Collection[str]) -> tuple[str, str]:
    """(frame of the end effector, what is wrong with the one wanted)."""
    if not wanted:
        return kinematics.likely_ee_frame(named), ""
    try:
        return kinematics.require_frame(wanted), ""
    except DatasetError as error:
        return kinematics.likely_ee_frame(named), f"profile, robot.ee_frame: {error}"


def _agreement(episode: Episode, fit: _Fit) -> Agreement:
    recorded = episode.signals.get(Role.EE_POSITION)
    if recorded is None or recorded.unit == ARBITRARY_UNIT or not episode.num_frames:
        return Agreement(agrees=False, frame=fit.frame)
    frames = np.unique(np.linspace(0, episode.num_frames - 1, _COMPARED_SAMPLES).round().astype(np.int64))
    poses = fit.kinematics.all_frame_poses(_at(episode, fit.joints, frames), fit.match.columns)
    return compare(_at(episode, recorded, frames), poses, fit.frame, fit.kinematics.base_from_model)


def _at(episode: Episode, signal: Signal, frames: Frames) -> Values:
    """(frames, columns) the last samples at or before the frames."""
    rows = [signal.at_frame(episode.clock, int(frame)) for frame in frames]
    return np.stack(rows) if rows else np.empty((0, signal.values.shape[1]))


def _robot(episode: Episode, fit: _Fit, agreement: Agreement) -> Robot:
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
    )


def _link_poses(episode: Episode, fit: _Fit, frames: Frames) -> LinkPoses:
    values = _at(episode, fit.joints, frames)
    columns = dict(fit.match.columns)
    fingers = fit.kinematics.fingers(columns)
    aperture = episode.signals.get(Role.GRIPPER_APERTURE)
    if fingers and aperture is not None and aperture.unit == ROLE_SPECS[Role.GRIPPER_APERTURE].unit:
        opening_m = np.nan_to_num(_at(episode, aperture, frames))
        for finger in fingers:
            columns[finger] = values.shape[1]
            values = np.concatenate([values, _finger_m(opening_m / 2, *fit.kinematics.limits(finger))], axis=1)
    return fit.kinematics.link_poses(values, columns)


def _finger_m(travel_m: Values, low: float, high: float) -> Values:
    """A finger opens towards the farther of its limits."""
    return np.clip(travel_m if abs(high) >= abs(low) else -travel_m, low, high)


def _with_end_effector(episode: Episode, fit: _Fit, profile: Profile, agreement: Agreement) -> Episode:
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
