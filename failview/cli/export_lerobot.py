"""`failview export lerobot`."""

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
    open_labelled,
    print_report,
    taxonomy_of,
)
from failview.cli.progress_bar import step_bar
from failview.exporters.lerobot.export import LeRobotRequest, export_lerobot
from failview.exporters.overlay.video_file import Codec
from failview.proposals.spreading import Workers


def lerobot(
    dataset: DatasetPath,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder of the new dataset.")],
    codec: Annotated[Codec, typer.Option("--codec", help="Of videos that must be made.")] = Codec.AV1,
    force: Force = False,
    profile: ProfilePath = None,
    taxonomy: TaxonomyPath = None,
    jobs: Jobs = 0,
    cluster: Cluster = "",
    as_json: AsJson = False,
) -> None:
    """Write a LeRobot v3.0 dataset: a copy with labels, or a conversion. Videos of LeRobot stay as they are."""
    with open_labelled(dataset, profile) as labelled:
        request = LeRobotRequest(taxonomy_of(taxonomy), codec, force, Workers(jobs, cluster))
        place = out.absolute() if cluster else out
        report = export_lerobot(labelled, labelled_set(dataset, profile, cluster), place, request, step_bar)
    print_report(report, as_json=as_json)
