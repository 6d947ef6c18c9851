"""`failview status`: how far the work on a dataset is, and what to do next."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from failview.app.settings_file import load_user_settings
from failview.cli.annotator_option import annotator_option
from failview.cli.progress_bar import progress_bar
from failview.cli.status_json import status_json
from failview.cli.status_report import StatusRequest, status_of
from failview.cli.status_tables import print_status
from failview.loaders import open_dataset

app = typer.Typer(add_completion=False)


@app.command()
def status(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="File or folder with episodes.")],
    annotator: Annotated[str | None, annotator_option("Only this annotator; without, everybody.")] = None,
    profile: Annotated[
        Path | None, typer.Option("--profile", metavar="FILE", help="Profile in place of the one beside the data.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON for programs, alone on stdout.")] = False,
) -> None:
    """Say per stage what is done and left, how long it takes, and what to do next.

    Reads the sidecars, and no episode. Idle time is not counted.
    """
    settings = load_user_settings()
    request = StatusRequest(dataset, profile, annotator, settings.annotator, settings.work)
    opened = open_dataset(dataset, profile, progress=progress_bar)
    try:
        report = status_of(opened, request)
    finally:
        opened.close()
    if as_json:
        text = json.dumps(status_json(report), indent=2, ensure_ascii=False, allow_nan=False)
        # Names of files that are not UTF-8 reach us with lone surrogates; JSON can hold them escaped.
        typer.echo(text.encode("utf-8", "backslashreplace").decode())
    else:
        print_status(report, Console(highlight=False))
