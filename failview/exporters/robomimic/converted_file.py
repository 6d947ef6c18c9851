"""Episodes of any format written as demos, each into a file of its own, in parallel; then put together."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import h5py

from failview.errors import FailviewError
from failview.exporters.robomimic.annotated_demo import write_annotations
from failview.exporters.robomimic.observations import (
    Pictures,
    put_pictures,
    put_rewards_and_dones,
    put_signals,
    put_times,
)
from failview.proposals.labelled_dataset import LabelledSet, labelled_in_this_process

DEMO = "demo"
"""The group in a file of one demo."""


@dataclass(frozen=True)
class ConvertTask:
    """One episode to convert.

    Attributes:
        episode_id: The episode.
        file: Where its demo is written.
    """

    episode_id: str
    file: Path


@dataclass(frozen=True)
class Converted:
    """What became of an episode.

    Attributes:
        notes: What was changed or could not be carried, one line each.
        problem: Why there is no demo; empty when there is one.
    """

    notes: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class ConvertWork:
    """Writes demos.

    Attributes:
        labelled: The dataset with its labels.
        pictures: How pictures are carried.
    """

    labelled: LabelledSet
    pictures: Pictures

    def __call__(self, tasks: Sequence[ConvertTask]) -> list[Converted]:
        """One result per task; a broken episode is one of them."""
        return [self._one(task) for task in tasks]

    def _one(self, task: ConvertTask) -> Converted:
        try:
            labelled = labelled_in_this_process(self.labelled).read(task.episode_id)
            episode = labelled.episode
            with h5py.File(task.file, "w") as file:
                demo = file.create_group(DEMO)
                demo.attrs["num_samples"] = episode.num_frames
                demo.attrs["episode_id"] = episode.episode_id
                demo.attrs["language_instruction"] = episode.task
                put_times(demo, episode)
                notes = put_signals(demo, episode)
                notes += put_pictures(demo, episode, self.pictures)
                put_rewards_and_dones(demo, episode, labelled.annotation)
                if "actions" not in demo:
                    notes.append("no actions: robomimic's policies cannot learn from these episodes")
                write_annotations(demo, labelled)
        except FailviewError as error:
            return Converted(problem=str(error))
        return Converted(tuple(notes))
