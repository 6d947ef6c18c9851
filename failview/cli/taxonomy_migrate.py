"""`failview taxonomy migrate`: sidecars from one version of the taxonomy to the next."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from failview.cli.progress_bar import progress_bar
from failview.cli.sidecar_check import location_of
from failview.errors import TaxonomyError
from failview.loaders import open_dataset
from failview.model.annotation import ChangedField
from failview.sidecars.location import SidecarLocation
from failview.sidecars.migration_run import MigrationPlan, PlannedSidecar, apply_plan, plan_migration
from failview.sidecars.re_review_json import changed_field_to_json
from failview.sidecars.taxonomy_file import load_taxonomy, released_taxonomy_path
from failview.sidecars.taxonomy_mapping import TaxonomyMapping, load_mapping

_VERSION = re.compile(r"\d+\.\d+\.\d+")


def migrate(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="The dataset whose sidecars are moved.")],
    to: Annotated[str, typer.Option("--to", metavar="VERSION|FILE", help="A released version, or a taxonomy file.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change and write nothing.")] = False,
    profile: Annotated[
        Path | None, typer.Option("--profile", metavar="FILE", help="Profile in place of the one beside the data.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON for programs.")] = False,
) -> None:
    """Move the sidecars of a dataset, of all annotators, to the next version of their taxonomy.

    The way is a mapping file beside the new version (mine.toml: mine.migration.toml). Labels whose meaning changed go
    back for re-review. With --dry-run exit 1 says that something stands in the way.
    """
    taxonomy_path = released_taxonomy_path(to) if _VERSION.fullmatch(to) else Path(to)
    mapping = load_mapping(taxonomy_path, load_taxonomy(taxonomy_path))
    opened = open_dataset(dataset, profile, progress=progress_bar)
    try:
        location = location_of(opened)
    finally:
        opened.close()
    asked_at = datetime.now(UTC).isoformat(timespec="seconds")
    plan = plan_migration(location, mapping, asked_at, progress_bar)
    warnings = [] if dry_run else _applied(plan, location)
    if as_json:
        typer.echo(json.dumps(_as_json(plan, mapping, dry_run=dry_run), indent=2, ensure_ascii=False))
    else:
        _print(plan, mapping, dry_run=dry_run)
    for warning in warnings:
        typer.echo(warning, err=True)
    if dry_run and plan.problems:
        raise typer.Exit(1)


def _applied(plan: MigrationPlan, location: SidecarLocation) -> list[str]:
    if plan.problems:
        first = plan.problems[0]
        more = f" (and {len(plan.problems) - 1} more)" if len(plan.problems) > 1 else ""
        raise TaxonomyError(
            f"{first.message}{more}; nothing was changed", where=first.path, hint="--dry-run lists everything"
        )
    return apply_plan(plan, location, progress_bar)


def _as_json(plan: MigrationPlan, mapping: TaxonomyMapping, *, dry_run: bool) -> dict[str, Any]:
    return {
        "from": mapping.source,
        "to": mapping.destination,
        "mapping": str(mapping.path),
        "dry_run": dry_run,
        "sidecars": [_sidecar_json(item) for item in plan.planned],
        "already": plan.already,
        "left": [{"path": str(item.path), "reason": item.message} for item in plan.left],
        "problems": [{"path": str(item.path), "message": item.message} for item in plan.problems],
    }


def _sidecar_json(item: PlannedSidecar) -> dict[str, Any]:
    to_decide = item.migrated.to_decide
    return {
        "path": str(item.path),
        "episode_id": item.before.episode_id,
        "annotator": item.before.annotator,
        "re_review": bool(to_decide),
        "changes": [
            {**changed_field_to_json(change), "re_review": change in to_decide} for change in item.migrated.changes
        ],
    }


def _print(plan: MigrationPlan, mapping: TaxonomyMapping, *, dry_run: bool) -> None:
    console = Console(highlight=False)
    console.print(f"[bold]{mapping.source}[/bold] → [bold]{mapping.destination}[/bold]  [dim]{mapping.path}[/dim]")
    for item in plan.planned:
        if item.migrated.changes:
            console.print(f"\n{escape(item.before.episode_id)}  [dim]by {escape(item.before.annotator)}[/dim]")
        for change in item.migrated.changes:
            console.print(_in_words(change, looks_again=change in item.migrated.to_decide), soft_wrap=True)
    for remark in plan.left:
        console.print(f"[dim]left as it is:[/dim] {escape(str(remark.path))}: {escape(remark.message)}", soft_wrap=True)
    for remark in plan.problems:
        console.print(f"[red]✗[/red] {escape(str(remark.path))}: {escape(remark.message)}", soft_wrap=True)
    console.print(f"\n{_summary(plan, dry_run=dry_run)}", soft_wrap=True)


def _in_words(change: ChangedField, *, looks_again: bool) -> str:
    after = "cleared" if change.after is None else change.after
    step = f"{change.before} → {after}" if change.before != change.after else f"{change.before} means something else"
    choice = f" (of {', '.join(change.candidates)})" if change.candidates else ""
    mark = "  [yellow]re-review:[/yellow]" if looks_again else " "
    return f"    {escape(change.field)}: {escape(step + choice)}{mark} {escape(change.reason)}".rstrip()


def _summary(plan: MigrationPlan, *, dry_run: bool) -> str:
    changed = sum(bool(item.migrated.changes) for item in plan.planned)
    asked = sum(bool(item.migrated.to_decide) for item in plan.planned)
    stamped = len(plan.planned) - changed
    verb = "would move" if dry_run else "moved"
    parts = [
        f"{_count(len(plan.planned))} {verb}: {changed} with changes, {stamped} with a new version number only",
        f"{_count(asked)} for re-review",
    ]
    if plan.already:
        parts.append(f"{plan.already} of the new version already")
    if plan.problems:
        parts.append(f"nothing can be written before {len(plan.problems)} of the above are mended")
    return "; ".join(parts)


def _count(number: int) -> str:
    return f"{number} sidecar{'' if number == 1 else 's'}"
