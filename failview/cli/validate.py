"""`failview validate`: check sidecars against schema, taxonomy, rules and episodes."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from failview.cli.progress_bar import progress_bar
from failview.cli.sidecar_check import SidecarToCheck, problems_of, sidecars_by_themselves, sidecars_of_dataset
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
    sidecars = [sidecar for path in paths for sidecar in _sidecars_at(path, profile)]
    looked_at = progress_bar(sidecars, "checking sidecars")
    checked = [(sidecar.path, problems_of(sidecar, vocabulary)) for sidecar in looked_at]
    if as_json:
        typer.echo(json.dumps(_as_json(checked), indent=2, ensure_ascii=False))
    else:
        _print(checked)
    if any(problems for _, problems in checked):
        raise typer.Exit(1)


def _sidecars_at(path: Path, profile: Path | None) -> Sequence[SidecarToCheck]:
    by_themselves = sidecars_by_themselves(path)
    if by_themselves is not None:
        return by_themselves
    dataset = open_dataset(path, profile, progress=progress_bar)
    try:
        return sidecars_of_dataset(dataset)
    finally:
        dataset.close()


def _as_json(checked: list[tuple[Path, list[Problem]]]) -> dict[str, object]:
    return {
        "files": [
            {
                "path": str(path),
                "valid": not problems,
                "errors": [{"field": problem.field, "message": problem.message} for problem in problems],
            }
            for path, problems in checked
        ]
    }


def _print(checked: list[tuple[Path, list[Problem]]]) -> None:
    console = Console(highlight=False)
    wrong = [(path, problems) for path, problems in checked if problems]
    for path, problems in wrong:
        console.print(f"[red]✗[/red] {escape(str(path))}", soft_wrap=True)
        for problem in problems:
            console.print(f"    {escape(str(problem))}", soft_wrap=True)
    if not checked:
        console.print("no sidecars found")
    else:
        console.print(f"{len(checked)} checked, {len(checked) - len(wrong)} valid, {len(wrong)} with problems")
