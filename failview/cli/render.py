"""`failview render`: videos of episodes with their labels and signals drawn beside the picture."""

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
    labelled_set,
    print_report,
)
from failview.cli.progress_bar import progress_bar, step_bar
from failview.exporters.episode_files import plan_files, write_files
from failview.exporters.export_report import ExportReport, notes_about
from failview.exporters.overlay.episode_video import WriteVideo
from failview.exporters.overlay.video_file import Codec
from failview.proposals.labelled_dataset import LabelledDataset
from failview.proposals.spreading import Workers

app = typer.Typer(add_completion=False)


@app.command()
def render(
    dataset: DatasetPath,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder for the videos, or an .mp4 for one episode.")],
    episode: Annotated[
        list[str] | None, typer.Option("--episode", metavar="ID", help="Only this episode; may be repeated.")
    ] = None,
    camera: Annotated[str, typer.Option("--camera", metavar="NAME", help="Which camera; the first without.")] = "",
    codec: Annotated[Codec, typer.Option("--codec", help="How the videos are packed.")] = Codec.H264,
    jobs: Jobs = 0,
    cluster: Cluster = "",
    profile: ProfilePath = None,
    force: Force = False,
    json: AsJson = False,
) -> None:
    """Render overlay videos: camera and label on the left, signals and detections on the right."""
    which = labelled_set(dataset, profile, cluster)
    write = WriteVideo(camera, codec)
    with LabelledDataset.open(dataset, profile, progress=progress_bar) as labelled:
        tasks = plan_files(labelled, out.absolute(), ".mp4", episode or ())
        workers = Workers(jobs, cluster)
        done = write_files(which, tasks, write, workers, step_bar, what="rendering", force=force)
        notes = (*done.notes(), *notes_about(labelled))
        report = ExportReport(out, done.count, done.count_in(labelled.records), notes)
    print_report(report, as_json=json)
