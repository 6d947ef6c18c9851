"""Joints of a model that are recorded beside the arm's: its gripper, its torso, its wheels."""

import re
from collections.abc import Collection
from dataclasses import replace

import numpy as np

from failview.model.episode import Episode
from failview.model.roles import Role
from failview.model.signals import Signal

_POSITIONS = frozenset({"position", "positions", "pos", "qpos", "q"})


def with_more_joints(episode: Episode, joints: Signal, wanted: Collection[str]) -> Signal:
    """The joint positions with columns behind them for further joints, found by their exact names.

    Args:
        episode: The episode; a further joint must be recorded at the same moments.
        joints: Its joint positions.
        wanted: Names of the model's joints.
    """
    assignment = episode.assignments.get(Role.JOINT_POSITION)
    if assignment is None or assignment.unit != joints.unit:
        return joints
    labels, values = list(joints.labels), [joints.values]
    for name, signal in episode.other_signals.items():
        if not _POSITIONS & set(re.findall(r"[a-z]+", name.lower())) or not _same_moments(signal, joints):
            continue
        for column, label in enumerate(signal.labels):
            if label in wanted and label not in labels:
                labels.append(label)
                values.append(signal.values[:, column : column + 1])
    return replace(joints, labels=tuple(labels), values=np.concatenate(values, axis=1))


def _same_moments(signal: Signal, joints: Signal) -> bool:
    if signal.num_samples != joints.num_samples:
        return False
    if signal.times_ns is None or joints.times_ns is None:
        return signal.times_ns is joints.times_ns
    return bool(np.array_equal(signal.times_ns, joints.times_ns))
