"""What the imports from other programs share: options, and what they print when they are done."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from failview.errors import ExportError
from failview.exporters.foreign_labels import Imported

FOUND_WRONG = 1

Annotator = Annotated[
    str, typer.Option("--annotator", metavar="NAME", help="Whose labels they are; the accounts' without.")
]
ForceLabels = Annotated[bool, typer.Option("--force", help="Replace other labels of the same annotator.")]


def print_imported(file: Path, result: Imported, not_understood: Sequence[tuple[str, str]], *, as_json: bool) -> int:
    """Say what became of the labels; gives the exit code.

    Args:
        file: What was read.
        result: What became of the labels in it.
        not_understood: (where, why) of those that could not even be read.
        as_json: For programs.

    Raises:
        ExportError: Not a single one was taken.
    """
    refused = [*not_understood, *result.refused]
    if refused and not result.written and not result.unchanged:
        where, why = refused[0]
        what = f"{where}: {why}" if len(refused) == 1 else f"none of {len(refused)} labels was taken; {where}: {why}"
        raise ExportError(what, where=file)
    if as_json:
        typer.echo(json.dumps(_plain(result, refused), indent=2, ensure_ascii=False))
    else:
        _print(result, refused)
    return FOUND_WRONG if refused else 0


def _plain(result: Imported, refused: Sequence[tuple[str, str]]) -> dict[str, Any]:
    return {
        "written": [str(path) for path in result.written],
        "unchanged": result.unchanged,
        "incomplete": [{"where": where, "missing": what} for where, what in result.incomplete],
        "refused": [{"where": where, "reason": why} for where, why in refused],
        "notes": list(result.notes),
    }


def _print(result: Imported, refused: Sequence[tuple[str, str]]) -> None:
    console = Console(highlight=False)
    lines = [f"{len(result.written)} labels written, {result.unchanged} were there already, {len(refused)} refused"]
    lines += [f"note: {note}" for note in result.notes]
    lines += [f"incomplete: {where}: {what}" for where, what in result.incomplete]
    lines += [f"refused: {where}: {why}" for where, why in refused]
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
