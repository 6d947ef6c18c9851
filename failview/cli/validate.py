"""`failview validate`: check sidecars against schema, taxonomy, rules and episodes."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from failview.cli.progress_bar import progress_bar
from failview.cli.sidecar_check import (
    Note,
    SidecarToCheck,
    leftovers_at,
    location_of,
    problems_of,
    sidecars_by_themselves,
    sidecars_of_dataset,
)
from failview.cli.taxonomy import AsJson, TaxonomyFile
from failview.loaders import open_dataset
from failview.sidecars.taxonomy_file import load_default_taxonomy, load_taxonomy
from failview.sidecars.validation import Problem

app = typer.Typer(add_completion=False)


@app.command()
def validate(
    paths: Annotated[list[Path], typer.Argument(metavar="DATASET|FILES…", help="A dataset, or sidecar files.")],
    taxonomy: TaxonomyFile = None,
    profile: Annotated[
        Path | None, typer.Option("--profile", metavar="FILE", help="Profile in place of the one beside the data.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check every sidecar of a dataset, or the files given; exit 1 when something is wrong.

    A draft may be incomplete. A stage that a sidecar calls finished must be complete.
    """
    vocabulary = load_default_taxonomy() if taxonomy is None else load_taxonomy(taxonomy)
    found = [_found_at(path, profile) for path in paths]
    sidecars = [sidecar for some, _ in found for sidecar in some]
    notes = [note for _, some in found for note in some]
    looked_at = progress_bar(sidecars, "checking sidecars")
    checked = [(sidecar.path, problems_of(sidecar, vocabulary)) for sidecar in looked_at]
    if as_json:
        typer.echo(json.dumps(_as_json(checked, notes), indent=2, ensure_ascii=False))
    else:
        _print(checked, notes)
    if any(problems for _, problems in checked):
        raise typer.Exit(1)


def _found_at(path: Path, profile: Path | None) -> tuple[Sequence[SidecarToCheck], Sequence[Note]]:
    """(sidecars, what lies beside them) at one of the paths given."""
    by_themselves = sidecars_by_themselves(path)
    if by_themselves is not None:
        return by_themselves, leftovers_at(path, None)
    dataset = open_dataset(path, profile, progress=progress_bar)
    try:
        location = location_of(dataset)
        return sidecars_of_dataset(dataset, location), leftovers_at(path, location)
    finally:
        dataset.close()


def _as_json(checked: list[tuple[Path, list[Problem]]], notes: Sequence[Note]) -> dict[str, object]:
    return {
        "files": [
            {
                "path": str(path),
                "valid": not problems,
                "errors": [{"field": problem.field, "message": problem.message} for problem in problems],
            }
            for path, problems in checked
        ],
        "notes": [{"path": str(note.path), "message": note.message} for note in notes],
    }


def _print(checked: list[tuple[Path, list[Problem]]], notes: Sequence[Note]) -> None:
    console = Console(highlight=False)
    wrong = [(path, problems) for path, problems in checked if problems]
    for path, problems in wrong:
        console.print(f"[red]✗[/red] {escape(str(path))}", soft_wrap=True)
        for problem in problems:
            console.print(f"    {escape(str(problem))}", soft_wrap=True)
    for note in notes:
        console.print(f"[dim]note:[/dim] {escape(str(note.path))}: {escape(note.message)}", soft_wrap=True)
    if not checked:
        console.print("no sidecars found")
    else:
        console.print(f"{len(checked)} checked, {len(checked) - len(wrong)} valid, {len(wrong)} with problems")
