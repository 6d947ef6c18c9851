"""`failview export table`."""

from pathlib import Path
from typing import Annotated

import typer

from failview.cli.export_options import (
    AsJson,
    DatasetPath,
    Force,
    OnlyLabelled,
    ProfilePath,
    open_labelled,
    print_report,
)
from failview.cli.progress_bar import progress_bar
from failview.exporters.tables.export import export_tables


def table(
    dataset: DatasetPath,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder for the tables.")],
    only_labelled: OnlyLabelled = False,
    force: Force = False,
    profile: ProfilePath = None,
    as_json: AsJson = False,
) -> None:
    """Write the labels as tables: episodes and failures, each as CSV and as Parquet."""
    with open_labelled(dataset, profile) as labelled:
        report = export_tables(labelled, out, only_labelled=only_labelled, force=force, progress=progress_bar)
    print_report(report, as_json=as_json)
