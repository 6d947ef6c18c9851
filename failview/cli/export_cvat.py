"""`failview export cvat`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from failview.cli.export_options import (
    AsJson,
    Cluster,
    DatasetPath,
    Force,
    Jobs,
    ProfilePath,
    TaxonomyPath,
    labelled_set,
    print_report,
    taxonomy_of,
)
from failview.cli.progress_bar import progress_bar, step_bar
from failview.exporters.cvat.annotation_file import WriteAnnotations
from failview.exporters.cvat.names import labels_json
from failview.exporters.episode_files import plan_files, write_files
from failview.exporters.export_report import ExportReport
from failview.exporters.overlay.episode_video import WriteVideo
from failview.exporters.whole_output import whole_file
from failview.proposals.labelled_dataset import LabelledDataset
from failview.proposals.spreading import Workers

_LABELS = "labels.json"


def cvat(
    dataset: DatasetPath,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder for videos, annotations and labels.")],
    episode: Annotated[
        list[str] | None, typer.Option("--episode", metavar="ID", help="Only this episode; may be repeated.")
    ] = None,
    camera: Annotated[str, typer.Option("--camera", metavar="NAME", help="Which camera; the first without.")] = "",
    force: Force = False,
    profile: ProfilePath = None,
    taxonomy: TaxonomyPath = None,
    jobs: Jobs = 0,
    cluster: Cluster = "",
    as_json: AsJson = False,
) -> None:
    """Write for CVAT: a video and an annotation file (CVAT for images 1.1) per episode, and the labels of a project."""
    vocabulary, workers = taxonomy_of(taxonomy), Workers(jobs, cluster)
    which, place = labelled_set(dataset, profile, cluster), out.absolute()
    with LabelledDataset.open(dataset, profile, progress=progress_bar) as labelled:
        videos = plan_files(labelled, place, ".mp4", episode or ())
        done = write_files(
            which, videos, WriteVideo(camera, show_label=False), workers, step_bar, what="rendering", force=force
        )
        shown = {task.episode_id for task in (*done.written, *done.kept)}
        files = [task for task in plan_files(labelled, place, ".xml", episode or ()) if task.episode_id in shown]
        write_files(
            which, files, WriteAnnotations(vocabulary), Workers(1), step_bar, what="writing annotations", force=force
        )
        if force or not (place / _LABELS).exists():
            with whole_file(place / _LABELS, labelled.dataset.path, force=force) as part:
                part.write_text(json.dumps(labels_json(vocabulary), indent=2) + "\n", encoding="utf-8")
        report = ExportReport(out, done.count, done.count_in(labelled.records), tuple(done.notes()))
    print_report(report, as_json=as_json)
