"""`failview export rrd`: one Rerun recording per episode, to send to people who have only Rerun."""

import importlib
from pathlib import Path
from typing import Annotated

import typer

from failview.cli.export_options import (
    AsJson,
    Cluster,
    DatasetPath,
    Force,
    Jobs,
    OnlyLabelled,
    ProfilePath,
    labelled_set,
    print_report,
)
from failview.cli.progress_bar import progress_bar, step_bar
from failview.exporters.episode_files import plan_files, write_files
from failview.exporters.export_report import ExportReport, notes_about
from failview.proposals.labelled_dataset import LabelledDataset
from failview.proposals.spreading import Workers


def rrd(
    dataset: DatasetPath,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder for the files, or an .rrd for one episode.")],
    episode: Annotated[
        list[str] | None, typer.Option("--episode", metavar="ID", help="Only this episode; may be repeated.")
    ] = None,
    only_labelled: OnlyLabelled = False,
    jobs: Jobs = 0,
    cluster: Cluster = "",
    profile: ProfilePath = None,
    force: Force = False,
    json: AsJson = False,
) -> None:
    """One Rerun recording per episode: data, detections, label and layout. Plain `rerun FILE.rrd` opens it."""
    write = importlib.import_module("failview.viewer.recording_file").WriteRecording()
    which = labelled_set(dataset, profile, cluster)
    with LabelledDataset.open(dataset, profile, progress=progress_bar) as labelled:
        tasks = plan_files(labelled, out.absolute(), ".rrd", episode or (), only_labelled=only_labelled)
        done = write_files(
            which, tasks, write, Workers(jobs, cluster), step_bar, what="writing recordings", force=force
        )
        notes = (*done.notes(), *notes_about(labelled))
        report = ExportReport(out, done.count, done.count_in(labelled.records), notes)
    print_report(report, as_json=json)
