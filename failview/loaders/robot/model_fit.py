"""Which joints of a robot model an episode's columns are, and whether both have the end effector in the same place."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from failview.errors import DatasetError
from failview.loaders.robot.agreement import Agreement, compare
from failview.loaders.robot.joint_matching import JointMatch, joints_by_name, match_joints
from failview.loaders.robot.kinematics import Kinematics
from failview.loaders.robot.more_joints import with_more_joints
from failview.model.episode import Episode
from failview.model.robot import Frames, Values
from failview.model.roles import ARBITRARY_UNIT, Role
from failview.model.signals import Signal

_COMPARED_SAMPLES = 200
_FIRST_SAMPLES = 40
"""Enough to see that the end effector is where it should be; why it is not takes more of them, and all frames."""


@dataclass(frozen=True, eq=False)
class ModelFit:
    """A model and the columns of its joints in one episode.

    Attributes:
        kinematics: The model.
        match: Column per joint.
        joints: The columns.
        frame: Frame of the end effector.
        frame_guessed: Nobody named it, or named one that is not there.
        frame_problem: What is wrong with the one that was named.
    """

    kinematics: Kinematics
    match: JointMatch
    joints: Signal
    frame: str
    frame_guessed: bool
    frame_problem: str


def fit_model(
    episode: Episode, joints: Signal, kinematics: Kinematics, ee_frame: str, likely: str = ""
) -> ModelFit | str:
    """The joints of a model among the columns of an episode; why there are none, in words.

    Args:
        episode: The episode.
        joints: Its joint positions.
        kinematics: The model.
        ee_frame: Frame of the end effector as somebody named it; "" for nobody.
        likely: The frame to begin with in that case; "" for the one with the most telling name.
    """
    table = with_more_joints(episode, joints, kinematics.joints)
    named = joints_by_name(table.labels, kinematics.joints)
    frame, problem = (likely, "") if likely and not ee_frame else _frame(kinematics, ee_frame, named)
    match = match_joints(joints.labels, kinematics.joints, kinematics.chain(frame), named)
    if isinstance(match, str):
        return f"{problem}; {match}" if problem else match
    return ModelFit(kinematics, match, table, frame, not ee_frame or bool(problem), problem)


def _frame(kinematics: Kinematics, wanted: str, named: Collection[str]) -> tuple[str, str]:
    """(frame of the end effector, what is wrong with the one wanted)."""
    if not wanted:
        return kinematics.likely_ee_frame(named), ""
    try:
        return kinematics.require_frame(wanted), ""
    except DatasetError as error:
        return kinematics.likely_ee_frame(named), str(error)


def agreement_of(episode: Episode, fit: ModelFit) -> Agreement:
    """Whether the recorded end effector is where the model has it; it does not agree where nothing is recorded."""
    recorded = episode.signals.get(Role.EE_POSITION)
    if recorded is None or recorded.unit == ARBITRARY_UNIT or not episode.num_frames:
        return Agreement(agrees=False, frame=fit.frame)
    kinematics, columns = fit.kinematics, fit.match.columns
    frames = _some_frames(episode, _FIRST_SAMPLES)
    position_m, orientation = kinematics.frame_poses(rows_at(episode, fit.joints, frames), columns, fit.frame)
    poses = {fit.frame: np.concatenate([position_m, orientation], axis=1)}
    first = compare(rows_at(episode, recorded, frames), poses, fit.frame, kinematics.base_from_model)
    if first.agrees and not first.warning:
        return first
    frames = _some_frames(episode, _COMPARED_SAMPLES)
    poses = kinematics.all_frame_poses(rows_at(episode, fit.joints, frames), columns)
    return compare(rows_at(episode, recorded, frames), poses, fit.frame, kinematics.base_from_model)


def _some_frames(episode: Episode, most: int) -> Frames:
    return np.unique(np.linspace(0, episode.num_frames - 1, most).round().astype(np.int64))


def rows_at(episode: Episode, signal: Signal, frames: Frames) -> Values:
    """(frames, columns) the last samples at or before the frames."""
    rows, times_ns = frames, episode.clock.times_ns
    if signal.times_ns is not None and times_ns is not None:
        rows = np.searchsorted(signal.times_ns, times_ns[frames], side="right") - 1
    inside = (rows >= 0) & (rows < signal.num_samples)
    values = np.full((len(rows), signal.values.shape[1]), np.nan)
    values[inside] = signal.values[rows[inside]]
    return values
