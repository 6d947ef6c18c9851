"""`failview taxonomy`: show or check a failure taxonomy, print its schema."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from failview.model.taxonomy import Category, Cause, Subcategory, Taxonomy
from failview.sidecars.annotation_schema import annotation_schema
from failview.sidecars.taxonomy_file import check_taxonomy, load_default_taxonomy, load_taxonomy

app = typer.Typer(no_args_is_help=True)

TaxonomyFile = Annotated[
    Path | None, typer.Option("--taxonomy", metavar="FILE", help="Your own taxonomy in place of the default one.")
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON for programs.")]


@app.callback()
def _group() -> None:
    """Show or check a failure taxonomy, print its schema."""


@app.command()
def show(taxonomy: TaxonomyFile = None, as_json: AsJson = False) -> None:
    """Show categories, subcategories and causes with their definitions."""
    chosen = _chosen(taxonomy)
    if as_json:
        typer.echo(json.dumps(asdict(chosen), indent=2, ensure_ascii=False))
        return
    console = Console()
    console.print(f"[bold]{escape(chosen.title)}[/bold]  {chosen.id} {chosen.version}")
    for category in chosen.categories:
        console.print(_category_table(category))
    console.print(_cause_table("Proximal causes: the immediate physical event", chosen.proximal_causes))
    console.print(_cause_table("Distal causes: the upstream decision or condition", chosen.distal_causes))


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A taxonomy file (TOML).")], as_json: AsJson = False
) -> None:
    """Say everything that is wrong with a taxonomy file; exit 1 when something is."""
    problems = check_taxonomy(file)
    if as_json:
        typer.echo(json.dumps({"path": str(file), "valid": not problems, "problems": problems}, indent=2))
    else:
        for problem in problems:
            typer.echo(f"{file}: {problem}")
        if not problems:
            typer.echo(f"{file}: a usable taxonomy")
    if problems:
        raise typer.Exit(1)


@app.command()
def schema(taxonomy: TaxonomyFile = None) -> None:
    """Print the JSON Schema of a sidecar, with the ids of the taxonomy in it."""
    typer.echo(json.dumps(annotation_schema(_chosen(taxonomy)), indent=2, ensure_ascii=False))


def _chosen(path: Path | None) -> Taxonomy:
    return load_default_taxonomy() if path is None else load_taxonomy(path)


def _category_table(category: Category) -> Table:
    table = Table(
        title=escape(f"{category.digit} {category.name}: {category.definition}"), title_justify="left", show_lines=True
    )
    table.add_column("Key", no_wrap=True)
    table.add_column("Subcategory", style="bold", min_width=16, overflow="fold")
    for heading in ("It is when", "Onset", "Obvious"):
        table.add_column(heading, ratio=1)
    for item in category.subcategories:
        rules = (escape(text) for text in (item.definition, item.onset_rule, item.obvious_rule))
        table.add_row(f"{category.digit} {item.digit}", _named(item), *rules)
    return table


def _cause_table(title: str, causes: tuple[Cause, ...]) -> Table:
    table = Table(title=title, title_justify="left", show_lines=True)
    table.add_column("Cause", style="bold", min_width=24, overflow="fold")
    table.add_column("It is when", ratio=1)
    for cause in causes:
        table.add_row(_named(cause), escape(cause.definition))
    return table


def _named(item: Subcategory | Cause) -> str:
    return f"{escape(item.name)}\n[dim]{item.id}[/dim]"
