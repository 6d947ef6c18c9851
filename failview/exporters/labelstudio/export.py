"""`failview export labelstudio`: a folder from which a Label Studio project is made."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from failview.errors import ExportError, FailviewError
from failview.exporters.export_report import ExportReport, notes_about_left_out
from failview.exporters.labelstudio.labelling_config import labelling_config
from failview.exporters.labelstudio.tasks import local_file, task_of
from failview.exporters.overlay.episode_video import WriteVideo
from failview.exporters.whole_output import whole_folder
from failview.loaders.kept_open import kept_open
from failview.model.taxonomy import Taxonomy
from failview.proposals.labelled_dataset import LabelledDataset, LabelledSet, labelled_in_this_process
from failview.proposals.spreading import DIED, Workers, spread
from failview.sidecars.file_names import episode_part

Progress = Callable[[str, Iterable[Any], int], Iterable[Any]]
"""Shows how far something is: (what is done, the steps, how many there are) gives the steps."""

CONFIG, TASKS = "config.xml", "tasks.json"

_README = """# Label Studio project

Made by failview. `videos/` holds a video per episode (camera left, signals and detections right), `config.xml` the
labelling configuration, `tasks.json` the tasks with what the detectors propose.

1. Start Label Studio in the folder above this one, so that it may serve these videos, on this machine alone:

       LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT=$PWD \\
       label-studio start --internal-host 127.0.0.1

2. Make a project, and paste `config.xml` under Settings, Labeling Interface, Code.
3. Under Settings, Cloud Storage add a source storage of the type Local files with the absolute path of `videos/`. Do
   not synchronise it: it only lets the videos be served.
4. Import `tasks.json`. Under Settings, Annotation let the predictions be shown.
5. When the work is done, export as JSON and bring it back:

       failview import labelstudio DATASET EXPORT.json

Frames in Label Studio are counted from 1, in failview from 0; export and import take care of that.
"""


@dataclass(frozen=True)
class LabelStudioRequest:
    """What is asked for.

    Attributes:
        taxonomy: The vocabulary.
        episode_ids: Which episodes.
        camera: Which one is on the left; the first by default.
        address: Address of the folder with the videos; empty where Label Studio serves local files.
        force: Replace what is there.
        workers: Who makes the videos.
    """

    taxonomy: Taxonomy
    episode_ids: Sequence[str]
    camera: str = ""
    address: str = ""
    force: bool = False
    workers: Workers = field(default_factory=Workers)


def export_labelstudio(
    labelled: LabelledDataset, which: LabelledSet, target: Path, request: LabelStudioRequest, progress: Progress
) -> ExportReport:
    """Write the folder; the source is only read.

    Args:
        labelled: The dataset with its labels, open.
        which: The same, as other processes open it.
        target: The folder.
        request: What is asked for.
        progress: Shows how far it is.

    Raises:
        ExportError: It cannot be written there, or no episode can be shown.
        ClusterError: The cluster cannot be used.
    """
    with whole_folder(target, labelled.dataset.path, kind="labelstudio", force=request.force) as part:
        videos = part / "videos"
        videos.mkdir()
        names = {key: f"{episode_part(key)}.mp4" for key in request.episode_ids}
        address = request.address.rstrip("/")
        jobs = [
            _Job(key, videos / name, f"{address}/{name}" if address else local_file(target.name, name))
            for key, name in names.items()
        ]
        results = spread(
            _Work(which, request.taxonomy, request.camera), jobs, request.workers, lambda _: _Done(problem=DIED)
        )
        done: dict[str, _Done] = {job.episode_id: item for job, item in progress("rendering", results, len(jobs))}
        tasks = [done[key].task for key in names if not done[key].problem]
        notes = notes_about_left_out({key: done[key].problem for key in names if done[key].problem})
        if not tasks:
            raise ExportError(f"no episode can be shown; the first reason: {done[request.episode_ids[0]].problem}")
        (part / TASKS).write_text(json.dumps(tasks, indent=2, ensure_ascii=True) + "\n", encoding="utf-8")
        (part / CONFIG).write_text(labelling_config(request.taxonomy), encoding="utf-8")
        (part / "README.md").write_text(_README, encoding="utf-8")
    without = sum("predictions" not in task for task in tasks)
    if without:
        notes.append(f"{without} episodes have no proposal of the detectors (failview detect makes them)")
    exported = [key for key in names if not done[key].problem]
    return ExportReport(target, len(tasks), sum(key in labelled.records for key in exported), tuple(notes))


@dataclass(frozen=True)
class _Job:
    episode_id: str
    video: Path
    address: str


@dataclass(frozen=True)
class _Done:
    task: dict[str, Any] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class _Work:
    which: LabelledSet
    taxonomy: Taxonomy
    camera: str

    def __call__(self, jobs: Sequence[_Job]) -> list[_Done]:
        """One result per job; a broken episode is one of them."""
        with kept_open():
            return [self._one(job) for job in jobs]

    def _one(self, job: _Job) -> _Done:
        try:
            labelled = labelled_in_this_process(self.which).read(job.episode_id)
            WriteVideo(self.camera, show_label=False)(labelled, job.video)
        except FailviewError as error:
            job.video.unlink(missing_ok=True)
            return _Done(problem=str(error))
        return _Done(task_of(labelled, job.address, self.taxonomy))
