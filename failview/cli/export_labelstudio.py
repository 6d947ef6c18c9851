"""`failview export labelstudio`."""

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
from failview.exporters.labelstudio.export import LabelStudioRequest, export_labelstudio
from failview.loaders.dataset import unknown_episode
from failview.proposals.labelled_dataset import LabelledDataset
from failview.proposals.spreading import Workers


def labelstudio(
    dataset: DatasetPath,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder for videos, configuration and tasks.")],
    episode: Annotated[
        list[str] | None, typer.Option("--episode", metavar="ID", help="Only this episode; may be repeated.")
    ] = None,
    camera: Annotated[str, typer.Option("--camera", metavar="NAME", help="Which camera; the first without.")] = "",
    address: Annotated[
        str, typer.Option("--address", metavar="URL", help="Where the videos will be served; local files without.")
    ] = "",
    force: Force = False,
    profile: ProfilePath = None,
    taxonomy: TaxonomyPath = None,
    jobs: Jobs = 0,
    cluster: Cluster = "",
    as_json: AsJson = False,
) -> None:
    """Write a Label Studio project: videos beside their signals, configuration, tasks with the detectors' proposals."""
    with LabelledDataset.open(dataset, profile, progress=progress_bar) as labelled:
        known = [entry.episode_id for entry in labelled.entries]
        for episode_id in episode or ():
            if episode_id not in known:
                raise unknown_episode(labelled.dataset, episode_id)
        chosen = [key for key in known if not episode or key in episode]
        request = LabelStudioRequest(taxonomy_of(taxonomy), chosen, camera, address, force, Workers(jobs, cluster))
        place = out.absolute() if cluster else out
        report = export_labelstudio(labelled, labelled_set(dataset, profile, cluster), place, request, step_bar)
    print_report(report, as_json=as_json)
