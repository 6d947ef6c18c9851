"""`failview taxonomy`: show, check or print a failure taxonomy; move labels to its next version."""

import difflib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from failview.cli.taxonomy_card import card, card_problems
from failview.cli.taxonomy_migrate import migrate
from failview.detectors.detection_kinds import DETECTION_KINDS
from failview.model.taxonomy import Category, Cause, Taxonomy
from failview.sidecars.annotation_schema import annotation_schema
from failview.sidecars.mapping_gaps import mapping_gaps
from failview.sidecars.taxonomy_file import (
    check_taxonomy,
    load_default_taxonomy,
    load_taxonomy,
    released_taxonomies,
)
from failview.sidecars.taxonomy_mapping import check_mapping, load_mapping, mapping_path

app = typer.Typer(no_args_is_help=True, add_completion=False)

_CATEGORY_INDENT = 2
_ENTRY_INDENT = 6

TaxonomyFile = Annotated[
    Path | None, typer.Option("--taxonomy", metavar="FILE", help="Your own taxonomy in place of the default one.")
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON for programs.")]


@app.callback()
def _group() -> None:
    """Show, check or print a failure taxonomy; move labels to a new version of it."""


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
        _print_category(console, category)
    _print_causes(console, "Proximal causes: the immediate physical event", chosen.proximal_causes)
    _print_causes(console, "Distal causes: the upstream decision or condition", chosen.distal_causes)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A taxonomy file (TOML).")], as_json: AsJson = False
) -> None:
    """Say everything that is wrong with a taxonomy file, and with the mapping beside it; exit 1 when something is."""
    problems = check_taxonomy(file)
    if not problems:
        taxonomy = load_taxonomy(file)
        problems = [*_unknown_kinds(taxonomy), *card_problems(taxonomy)]
        problems += [f"{mapping_path(file).name}: {problem}" for problem in _mapping_problems(file, taxonomy)]
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


app.command()(card)
app.command()(migrate)


def _mapping_problems(file: Path, taxonomy: Taxonomy) -> list[str]:
    """What is wrong with the mapping beside a taxonomy, and what it forgets when it leads from a released version."""
    problems = check_mapping(file, taxonomy)
    if problems or not mapping_path(file).exists():
        return problems
    mapping = load_mapping(file, taxonomy)
    old = [item for item in released_taxonomies().values() if f"{item.id} {item.version}" == mapping.source]
    return [gap for item in old for gap in mapping_gaps(mapping, item)]


def _unknown_kinds(taxonomy: Taxonomy) -> Iterator[str]:
    """Detector kinds that no detector finds: a subcategory would never be proposed for them."""
    for sub in (sub for category in taxonomy.categories for sub in category.subcategories):
        for kind in (kind for kind in sub.detector_kinds if kind not in DETECTION_KINDS):
            meant = difflib.get_close_matches(kind, sorted(DETECTION_KINDS), n=1)
            advice = f'did you mean "{meant[0]}"?' if meant else f"known are {', '.join(sorted(DETECTION_KINDS))}"
            yield f"subcategory {sub.id}: no detector finds {kind!r}; {advice}"


def _chosen(path: Path | None) -> Taxonomy:
    return load_default_taxonomy() if path is None else load_taxonomy(path)


def _print_category(console: Console, category: Category) -> None:
    console.print(f"\n[bold]{category.digit} {escape(category.name)}[/bold]  [dim]{category.id}[/dim]")
    _print_indented(console, category.definition, _CATEGORY_INDENT)
    for item in category.subcategories:
        console.print(
            f"\n  {category.digit} {item.digit} [bold]{escape(item.name)}[/bold]  [dim]{item.id}[/dim]", highlight=False
        )
        for text in (item.definition, f"Onset: {item.onset_rule}", f"Obvious: {item.obvious_rule}"):
            _print_indented(console, text, _ENTRY_INDENT)


def _print_causes(console: Console, title: str, causes: tuple[Cause, ...]) -> None:
    console.print(f"\n[bold]{escape(title)}[/bold]")
    for cause in causes:
        console.print(f"\n  [bold]{escape(cause.name)}[/bold]  [dim]{cause.id}[/dim]", highlight=False)
        _print_indented(console, cause.definition, _ENTRY_INDENT)


def _print_indented(console: Console, text: str, columns: int) -> None:
    console.print(Padding(Text(text), (0, 0, 0, columns)))
