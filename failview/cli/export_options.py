"""Options that the exports share, and what they print when they are done."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from failview.cli.progress_bar import progress_bar
from failview.exporters.export_report import ExportReport
from failview.model.taxonomy import Taxonomy
from failview.proposals.labelled_dataset import LabelledDataset, LabelledSet
from failview.sidecars.taxonomy_file import load_default_taxonomy, load_taxonomy

DatasetPath = Annotated[Path, typer.Argument(metavar="DATASET", help="File or folder with episodes.")]
Force = Annotated[bool, typer.Option("--force", help="Replace an export that is there already.")]
OnlyLabelled = Annotated[bool, typer.Option("--only-labelled", help="Leave out episodes without a finished label.")]
ProfilePath = Annotated[
    Path | None, typer.Option("--profile", metavar="FILE", help="Profile in place of the one beside the data.")
]
TaxonomyPath = Annotated[
    Path | None, typer.Option("--taxonomy", metavar="FILE", help="The taxonomy of the labels; the default one without.")
]
Jobs = Annotated[int, typer.Option("--jobs", min=0, metavar="N", help="Processes; 0 takes one per core.")]
Cluster = Annotated[
    str, typer.Option("--cluster", metavar="ADDRESS", help="A Dask scheduler (tcp://HOST:8786) to work on.")
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON for programs, alone on stdout.")]


def open_labelled(dataset: Path, profile: Path | None) -> LabelledDataset:
    """The dataset with its labels, at least one of them finished.

    Raises:
        FailviewError: It cannot be read, or nothing is finished yet.
    """
    labelled = LabelledDataset.open(dataset, profile, progress=progress_bar)
    try:
        labelled.require_labels()
    except BaseException:
        labelled.dataset.close()
        raise
    return labelled


def labelled_set(dataset: Path, profile: Path | None, cluster: str) -> LabelledSet:
    """The dataset as other processes open it; workers of a cluster have working folders of their own."""
    profile = profile.absolute() if profile is not None and cluster else profile
    return LabelledSet(str(dataset.absolute()) if cluster and "://" not in str(dataset) else str(dataset), profile)


def taxonomy_of(path: Path | None) -> Taxonomy:
    """The taxonomy in a file; the default one without.

    Raises:
        TaxonomyError: It is not usable.
    """
    return load_default_taxonomy() if path is None else load_taxonomy(path)


def print_report(report: ExportReport, *, as_json: bool) -> None:
    """Say what was exported, and what a reader must know about it."""
    if as_json:
        plain = {
            "path": str(report.path),
            "episodes": report.episodes,
            "labelled": report.labelled,
            "notes": list(report.notes),
            **report.more,
        }
        typer.echo(json.dumps(plain, indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace").decode())
        return
    console = Console(highlight=False)
    console.print(
        f"{report.path}: {report.episodes} episodes, {report.labelled} with a finished label",
        markup=False,
        soft_wrap=True,
    )
    for note in report.notes:
        console.print(f"note: {note}", markup=False, soft_wrap=True)
