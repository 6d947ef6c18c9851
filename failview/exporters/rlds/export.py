"""`failview export rlds`: a TFDS dataset of episodes with steps, which `tfds.builder_from_directory` loads."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from failview.errors import ExportError, FailviewError
from failview.exporters.export_report import ExportReport, notes_about, notes_about_left_out
from failview.exporters.rlds.episode_example import example, metadata_features, observed, step_features
from failview.exporters.rlds.features import Leaf, dataset_info_json, features_json
from failview.exporters.rlds.pictures import JPEG_QUALITY, PictureStyle
from failview.exporters.step_columns import notes_about_columns, step_columns
from failview.exporters.survey import Progress, survey
from failview.exporters.whole_output import whole_folder
from failview.loaders.kept_open import kept_open
from failview.model.episode import Episode
from failview.model.roles import Role
from failview.proposals.labelled_dataset import LabelledDataset, LabelledSet, labelled_in_this_process
from failview.proposals.spreading import DIED, Spreader, Workers

VERSION = "1.0.0"
_SHARD_BYTES = 512 * 2**20
_DESCRIPTION = (
    "Robot episodes with labelled failures, exported by failview. episode_metadata holds the label; every step has "
    "is_failure_onset and failure_phase. A frame of -1 and an empty text mean: not said."
)


@dataclass(frozen=True)
class RldsRequest:
    """What is asked for.

    Attributes:
        name: Name of the dataset, in lower case with underscores.
        splits: Episodes by the name of the split ("train").
        style: How pictures are carried.
        force: Replace what is there.
        workers: Who does the work.
    """

    name: str
    splits: Mapping[str, Sequence[str]]
    style: PictureStyle = field(default_factory=PictureStyle)
    force: bool = False
    workers: Workers = field(default_factory=Workers)


def export_rlds(
    labelled: LabelledDataset, which: LabelledSet, target: Path, request: RldsRequest, progress: Progress
) -> ExportReport:
    """Write a TFDS data folder that holds NAME/1.0.0; the source is only read.

    Args:
        labelled: The dataset with its labels, open.
        which: The same, as other processes open it.
        target: The data folder.
        request: What is asked for.
        progress: Shows how far it is.

    Raises:
        ExportError: It cannot be written there, or no episode can be read.
        ClusterError: The cluster cannot be used.
    """
    ids = [episode_id for episodes in request.splits.values() for episode_id in episodes]
    with whole_folder(target, labelled.dataset.path, kind="rlds", force=request.force) as part:
        folder = part / request.name / VERSION
        folder.mkdir(parents=True)
        with Spreader(request.workers) as spreader:
            common = survey(spreader, which, ids, Look(request.style), progress)
            tasks = [ExampleTask(key, folder / f"{number}.record") for number, key in enumerate(common.readable)]
            problems = _written(spreader, ExampleWork(which, common.columns), tasks, progress)
        files = {task.episode_id: task.file for task in tasks if task.episode_id not in problems}
        splits = _put_together(folder, request, files)
        _write_json(folder / "features.json", features_json(_episode_features(), step_features(common.columns)))
        _write_json(folder / "dataset_info.json", dataset_info_json(request.name, VERSION, _DESCRIPTION, splits))
    left_out = {**common.problems, **problems}
    notes = notes_about_left_out(left_out)
    notes += [*common.notes, *_about(common.columns)]
    count = sum(key in labelled.records for key in files)
    more = {
        "name": request.name,
        "builder_dir": str(target / request.name / VERSION),
        "splits": {one["name"]: one["episodes"] for one in splits},
    }
    return ExportReport(target, len(files), count, (*notes_about(labelled), *notes), more)


@dataclass(frozen=True)
class Look:
    """Looks what an episode has to offer."""

    style: PictureStyle

    def __call__(self, episode: Episode) -> tuple[Mapping[str, Leaf], Sequence[str]]:
        """Its features, and what cannot be carried as it is."""
        notes = notes_about_columns(episode, step_columns(episode))
        if Role.SUCCESS in episode.signals:
            notes.append("success: left out: the recorded flag is no label, and would give one away to a policy")
        return observed(episode, self.style), notes


@dataclass(frozen=True)
class ExampleTask:
    """One episode to write into a file of its own."""

    episode_id: str
    file: Path


@dataclass(frozen=True)
class ExampleWork:
    """Writes records of episodes with the columns that all of them have."""

    which: LabelledSet
    common: Mapping[str, Leaf]

    def __call__(self, tasks: Sequence[ExampleTask]) -> list[str]:
        """Why there is no record, for each task; empty where there is one."""
        with kept_open():
            return [self._one(task) for task in tasks]

    def _one(self, task: ExampleTask) -> str:
        try:
            labelled = labelled_in_this_process(self.which).read(task.episode_id)
            task.file.write_bytes(example(labelled, self.common))
        except FailviewError as error:
            return str(error)
        return ""


def _written(spreader: Spreader, work: ExampleWork, tasks: Sequence[ExampleTask], progress: Progress) -> dict[str, str]:
    """Why an episode has no record, by id."""
    results = spreader.spread(work, tasks, lambda _: DIED)
    return {task.episode_id: problem for task, problem in progress("writing episodes", results, len(tasks)) if problem}


def _put_together(folder: Path, request: RldsRequest, files: Mapping[str, Path]) -> list[dict[str, Any]]:
    """Files of many records each, as TFDS names them; describes each split."""
    splits = []
    for split, episodes in request.splits.items():
        records = [files[key] for key in episodes if key in files]
        if not records:
            raise ExportError(f"no episode of the split {split} can be written")
        shards = _shards(records)
        for number, shard in enumerate(shards):
            path = folder / f"{request.name}-{split}.tfrecord-{number:05d}-of-{len(shards):05d}"
            with path.open("xb") as whole:
                for item in shard:
                    with item.open("rb") as single:
                        shutil.copyfileobj(single, whole, 2**20)
        size = sum(item.stat().st_size for item in records)
        lengths = [len(shard) for shard in shards]
        splits.append({"name": split, "bytes": size, "shard_lengths": lengths, "episodes": len(records)})
    for item in files.values():
        item.unlink()
    return splits


def _shards(records: Sequence[Path]) -> list[list[Path]]:
    shards: list[list[Path]] = [[]]
    size = 0
    for item in records:
        length = item.stat().st_size
        if shards[-1] and size + length > _SHARD_BYTES:
            shards.append([])
            size = 0
        shards[-1].append(item)
        size += length
    return shards


def _episode_features() -> dict[str, Any]:
    return {"episode_metadata": metadata_features()}


def _about(common: Mapping[str, Leaf]) -> list[str]:
    notes = [] if "action" in common else ["no action in common: policies cannot learn from these episodes"]
    if any(getattr(leaf, "encoding", "") == "jpeg" for leaf in common.values()):
        notes.append(f"pictures are JPEG of quality {JPEG_QUALITY} (--png keeps every bit)")
    return notes


def _write_json(path: Path, plain: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(plain, indent=2, sort_keys=True) + "\n", encoding="utf-8")
