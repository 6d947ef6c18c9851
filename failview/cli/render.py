"""`failview render`: videos of episodes with their labels and signals drawn beside the picture."""

from pathlib import Path
from typing import Annotated

import typer

from failview.cli.export_options import AsJson, Cluster, DatasetPath, Force, Jobs, ProfilePath, print_report
from failview.cli.progress_bar import progress_bar, steps_bar
from failview.exporters.episode_files import Origin, plan_files, write_files
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
    if cluster:  # its workers have working folders of their own
        out, profile = out.absolute(), profile.absolute() if profile else None
        dataset = dataset if "://" in str(dataset) else dataset.absolute()
    with LabelledDataset.open(dataset, profile, progress=progress_bar) as labelled:
        tasks = plan_files(labelled, out, ".mp4", episode or ())
        done = write_files(
            labelled,
            Origin(str(dataset), profile),
            tasks,
            WriteVideo(camera, codec),
            Workers(jobs, cluster),
            steps_bar,
            what="rendering",
            force=force,
        )
        count = sum(task.episode_id in labelled.records for task in (*done.written, *done.kept))
        notes = (*done.notes(), *notes_about(labelled))
    report = ExportReport(out, len(done.written) + len(done.kept), count, notes)
    print_report(report, as_json=json)
