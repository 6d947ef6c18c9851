"""`failview export robomimic`: one HDF5 file with data, labels, findings and filter keys."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from failview.errors import ExportError
from failview.exporters.export_report import ExportReport, notes_about
from failview.exporters.robomimic.converted_file import DEMO, Converted, ConvertTask, ConvertWork
from failview.exporters.robomimic.copied_file import (
    SourceDemo,
    complete_attributes,
    copy_demo,
    copy_top,
    demos_of,
    sources,
)
from failview.exporters.robomimic.filter_keys import filter_keys
from failview.exporters.robomimic.metadata import write_metadata
from failview.exporters.robomimic.observations import Pictures, summed
from failview.exporters.whole_output import scratch_beside, whole_file
from failview.model.taxonomy import Taxonomy
from failview.proposals.labelled_dataset import LabelledDataset, LabelledSet
from failview.proposals.spreading import Spreader, Workers

Progress = Callable[[str, Iterable[Any], int], Iterable[Any]]
"""Shows how far something is: (what is done, the steps, how many there are) gives the steps."""

ACTION_LIMIT = 1.0
"""robomimic's policies and get_dataset_info take actions from -1 to 1."""


@dataclass(frozen=True)
class RobomimicRequest:
    """What is asked for.

    Attributes:
        taxonomy: The vocabulary of the labels.
        splits: Episodes by the name of a split or mix, to write as filter keys.
        only_labelled: Leave out episodes without a finished label.
        pictures: How pictures are carried where the source is of another format.
        force: Replace what is there.
        workers: Who converts.
    """

    taxonomy: Taxonomy
    splits: Mapping[str, Sequence[str]] = field(default_factory=dict)
    only_labelled: bool = False
    pictures: Pictures = field(default_factory=Pictures)
    force: bool = False
    workers: Workers = field(default_factory=Workers)


def export_robomimic(
    labelled: LabelledDataset, which: LabelledSet, target: Path, request: RobomimicRequest, progress: Progress
) -> ExportReport:
    """Write the file; the source is only read.

    Args:
        labelled: The dataset with its labels, open.
        which: The same, as other processes open it.
        target: The file to write.
        request: What is asked for.
        progress: Shows how far it is.

    Raises:
        ExportError: It cannot be written there, or no episode can be read.
        ClusterError: The cluster cannot be used.
    """
    entries = labelled.labelled_entries if request.only_labelled else labelled.entries
    ids = [entry.episode_id for entry in entries]
    demos = demos_of(labelled.dataset, ids)
    with whole_file(target, labelled.dataset.path, force=request.force) as part, h5py.File(part, "w") as file:
        if demos is None:
            notes, episodes = _convert(file, which, ids, request, progress)
        else:
            notes, episodes = _copy(file, labelled, demos, progress)
        data = file["data"]
        if not episodes:
            raise ExportError("no episode can be read", where=labelled.dataset.path, hint="; ".join(notes))
        complete_attributes(data, labelled.dataset.path.name)
        notes += _about_actions(data)
        keys = keys_of(labelled, episodes, request.splits)
        replaced = write_metadata(file, request.taxonomy, episodes, keys)
    notes += [f"filter key {name} of the source is replaced" for name in replaced]
    count = sum(episode_id in labelled.records for episode_id in episodes.values())
    more = {"filter_keys": {name: len(names) for name, names in keys.items()}}
    return ExportReport(target, len(episodes), count, (*notes_about(labelled), *notes), more)


def keys_of(
    labelled: LabelledDataset, episodes: Mapping[str, str], splits: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """Filter keys of a file with these episodes, by demo."""
    demo_of = {episode_id: demo for demo, episode_id in episodes.items()}
    labels = {
        demo: None if (record := labelled.records.get(key)) is None else record.annotation
        for demo, key in episodes.items()
    }
    return filter_keys(
        labels, {name: [demo_of[key] for key in keys if key in demo_of] for name, keys in splits.items()}
    )


def _copy(
    file: h5py.File, labelled: LabelledDataset, demos: Sequence[SourceDemo], progress: Progress
) -> tuple[list[str], dict[str, str]]:
    """(notes, episode id by demo)."""
    notes: dict[str, list[str]] = {}
    with sources() as opened:
        told = copy_top(opened.file(demos[0].file), file, demos)
        for demo in progress("copying episodes", demos, len(demos)):
            source = opened.file(demo.file)
            notes[demo.episode_id] = copy_demo(source, demo, file["data"], labelled.read(demo.episode_id))
    told += summed(notes)
    if len(labelled.dataset.parts) > 1:
        told.append("demos of several files: attributes and env_args are those of the first")
    return told, {demo.name: demo.episode_id for demo in demos}


def _convert(
    file: h5py.File,
    which: LabelledSet,
    ids: Sequence[str],
    request: RobomimicRequest,
    progress: Progress,
) -> tuple[list[str], dict[str, str]]:
    """(notes, episode id by demo)."""
    data = file.create_group("data")
    results: dict[str, Converted] = {}
    with scratch_beside(Path(file.filename)) as folder:
        tasks = [ConvertTask(key, folder / f"{number}.hdf5") for number, key in enumerate(ids)]
        with Spreader(request.workers) as spreader:
            found = spreader.spread(ConvertWork(which, request.pictures), tasks, _lost)
            for task, result in progress("converting episodes", found, len(tasks)):
                results[task.episode_id] = result
        done = [task for task in tasks if not results[task.episode_id].problem]
        for number, task in enumerate(progress("putting them together", done, len(done))):
            with h5py.File(task.file, "r") as source:
                source.copy(source[DEMO], data, name=f"demo_{number}")
            task.file.unlink()
    problems = [f"{key} is left out: {result.problem}" for key, result in results.items() if result.problem]
    notes = summed({task.episode_id: list(results[task.episode_id].notes) for task in done})
    return problems + notes, {f"demo_{number}": task.episode_id for number, task in enumerate(done)}


def _lost(task: ConvertTask) -> Converted:
    return Converted(problem=f"the process that converted {task.episode_id} died (out of memory?)")


def _about_actions(data: h5py.Group) -> list[str]:
    """What robomimic will not like about the actions."""
    low, high = np.inf, -np.inf
    for demo in data:
        actions = data[demo].get("actions")
        if isinstance(actions, h5py.Dataset) and actions.size and actions.dtype.kind in "fiu":
            low, high = min(low, float(np.nanmin(actions))), max(high, float(np.nanmax(actions)))
    if low < -ACTION_LIMIT or high > ACTION_LIMIT:
        return [
            f"actions run from {low:.3g} to {high:.3g}: robomimic's policies give -1 to 1; scale them before training"
        ]
    return []
