"""`failview inspect`: what a dataset holds, which stream plays which role, and what is doubtful."""

import json as json_text
import os
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from failview.cli.inspect_json import as_json_object
from failview.cli.inspect_tables import print_tables
from failview.cli.inspection import inspect_dataset
from failview.cli.progress_bar import progress_bar
from failview.errors import ProfileError
from failview.loaders import open_dataset
from failview.loaders.profiles.profile import profile_path_for
from failview.loaders.profiles.profile_writer import write_profile as profile_text

app = typer.Typer(add_completion=False)

_WIDTH_IN_A_FILE = 160


@app.command()
def inspect(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="File or folder with episodes.")],
    json: Annotated[bool, typer.Option("--json", help="JSON for programs, alone on stdout.")] = False,
    profile: Annotated[
        Path | None, typer.Option("--profile", metavar="FILE", help="Profile in place of the one beside the data.")
    ] = None,
    write_profile: Annotated[
        bool, typer.Option("--write-profile", help="Write what was found to <DATASET>.failview.toml, to be edited.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a profile that is there.")] = False,
) -> None:
    """Say what a dataset holds: episodes, clock, cameras, streams, roles and why, and what is doubtful."""
    opened = open_dataset(dataset, profile, progress=progress_bar)
    try:
        inspection = inspect_dataset(opened, partial(progress_bar, what="reading episodes"))
        if write_profile:
            # One for each file of a folder: what is true of one robot need not be true of the next.
            for part in opened.parts:
                _write(profile_path_for(part.path), profile_text(part), force)
    finally:
        opened.close()
    if json:
        typer.echo(json_text.dumps(as_json_object(inspection), indent=2, ensure_ascii=False))
    else:
        print_tables(inspection, Console(highlight=False, width=_width()))


def _width() -> int | None:
    """Tables that go into a file are not squeezed into the 80 columns of no terminal."""
    return None if sys.stdout.isatty() or "COLUMNS" in os.environ else _WIDTH_IN_A_FILE


def _write(path: Path, text: str, force: bool) -> None:
    if path.exists() and not force:
        raise ProfileError("there is a profile already", where=path, hint="Edit it, or replace it with --force")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ProfileError(
            f"the profile cannot be written ({error.strerror})",
            where=path,
            hint="Copy the data to a folder of yours",
        ) from error
    sys.stderr.write(f"profile written: {path}\n")
