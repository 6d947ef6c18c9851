"""Labelled episodes for training code, with or without torch."""

from failview.model.frame_phases import PHASES
from failview.trajectory_dataset.trajectory import Filter, Trajectory
from failview.trajectory_dataset.trajectory_dataset import TrajectoryDataset

__all__ = ["PHASES", "Filter", "Trajectory", "TrajectoryDataset"]
